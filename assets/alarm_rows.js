/* The list itself: a few dozen elements for any number of rows, and a place that stays where the operator works.

   new opsCenter.AlarmRows(holder, {find, childrenOf, isUnfolded, onMoved, onPick, onOpen, onUnfold}).
   `show(entries)` takes another order: the row under the cursor (else under the pointer, else the first in sight)
   keeps its place on the screen. `paint()` draws what changed, once per animation frame, cell by cell. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SPARE = 6; // rows drawn beyond both edges
  const COLUMNS = ["mark", "priority", "state", "raised", "what", "where", "value", "owner", "flags"];
  const REST_MS = 30000; // a pointer that rests longer works no more

  center.AlarmRows = class {
    constructor(holder, handlers) {
      this.holder = holder;
      this.handlers = handlers;
      this.entries = [];
      this.at = new Map(); // id → place in entries
      this.cursor = null;
      this.hovered = null;
      this.movedAt = -REST_MS;
      this.selected = new Set();
      this.pool = [];
      this.scheduled = false;
      this.body = center.el("div", "alarm-body", { role: "rowgroup" });
      holder.append(this.body);
      holder.addEventListener("scroll", () => this.schedule(), { passive: true });
      holder.addEventListener("pointermove", (event) => this.hover(event), { passive: true });
      holder.addEventListener("pointerleave", () => (this.hovered = null));
      holder.addEventListener("click", (event) => this.click(event));
      holder.addEventListener("dblclick", (event) => this.rowOf(event) && handlers.onOpen(this.rowOf(event)));
      new ResizeObserver(() => this.measure()).observe(holder);
      this.measure();
    }

    measure() {
      this.height = Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize) * 2.5);
      this.body.style.height = `${this.entries.length * this.height}px`;
      for (const row of this.pool) row.drawn = row.place = null;
      this.handlers.onMeasured(this.holder.offsetWidth - this.holder.clientWidth);
      this.schedule();
    }

    get pointed() {
      return performance.now() - this.movedAt < REST_MS ? this.hovered : null;
    }

    /* Take another order without moving what is looked at. */
    show(entries) {
      const anchor = this.anchor();
      this.entries = entries;
      this.at = new Map(entries.map((entry, place) => [entry.id, place]));
      for (const id of this.selected) if (!this.at.has(id)) this.selected.delete(id);
      if (this.cursor !== null && !this.at.has(this.cursor)) this.cursor = null;
      this.body.style.height = `${entries.length * this.height}px`;
      if (anchor && this.at.has(anchor.id)) this.holder.scrollTop = this.at.get(anchor.id) * this.height - anchor.offset;
      this.paint(); // at once: rows and scroll position belong together
    }

    anchor() {
      const top = this.holder.scrollTop;
      const inSight = (id) => id !== null && this.at.has(id) && this.isInSight(this.at.get(id));
      const first = this.entries[Math.ceil(top / this.height)];
      const id = [this.cursor, this.pointed].find(inSight) ?? (top > 0 && first ? first.id : null);
      return id === null ? null : { id, offset: this.at.get(id) * this.height - top };
    }

    isInSight(place) {
      const top = this.holder.scrollTop;
      return (place + 1) * this.height > top && place * this.height < top + this.holder.clientHeight;
    }

    /* ---- cursor and selection ---- */

    move(steps, extend) {
      if (!this.entries.length) return;
      const now = this.at.has(this.cursor) ? this.at.get(this.cursor) : steps > 0 ? Math.ceil(this.holder.scrollTop / this.height) - 1 : 0;
      const next = Math.max(0, Math.min(this.entries.length - 1, now + steps));
      if (extend) for (let i = Math.min(now, next); i <= Math.max(now, next); i++) if (i >= 0) this.selected.add(this.entries[i].id);
      this.put(this.entries[next].id);
    }

    put(id) {
      this.cursor = id;
      const place = this.at.get(id);
      const top = place * this.height;
      if (top < this.holder.scrollTop) this.holder.scrollTop = top;
      else if (top + this.height > this.holder.scrollTop + this.holder.clientHeight) this.holder.scrollTop = top + this.height - this.holder.clientHeight;
      this.handlers.onMoved();
      this.schedule();
    }

    page() {
      return Math.max(1, Math.floor(this.holder.clientHeight / this.height) - 1);
    }

    toggle(id) {
      if (!this.selected.delete(id)) this.selected.add(id);
      this.handlers.onMoved();
      this.schedule();
    }

    hover(event) {
      this.movedAt = performance.now();
      this.hovered = this.rowOf(event);
    }

    rowOf(event) {
      const row = event.target.closest(".alarm-row");
      return row ? Number(row.dataset.id) : null;
    }

    click(event) {
      const id = this.rowOf(event);
      if (id === null) return;
      if (event.shiftKey && this.at.has(this.cursor)) {
        const [from, to] = [this.at.get(this.cursor), this.at.get(id)].sort((a, b) => a - b);
        for (let i = from; i <= to; i++) this.selected.add(this.entries[i].id);
      } else if (event.target.closest(".mark") || event.ctrlKey || event.metaKey) this.toggle(id);
      else if (event.target.closest(".fold")) this.handlers.onUnfold(id);
      this.put(id);
      if (!event.target.closest(".mark, .fold")) this.handlers.onPick(id);
    }

    /* ---- drawing ---- */

    schedule() {
      if (this.scheduled) return;
      this.scheduled = true;
      requestAnimationFrame(() => {
        this.scheduled = false;
        this.paint();
      });
    }

    paint() {
      const first = Math.max(0, Math.floor(this.holder.scrollTop / this.height) - SPARE);
      const last = Math.min(this.entries.length, Math.ceil((this.holder.scrollTop + this.holder.clientHeight) / this.height) + SPARE);
      while (this.pool.length < last - first) this.pool.push(this.makeRow());
      const used = new Set();
      for (let place = first; place < last; place++) {
        const element = this.pool[place % this.pool.length];
        used.add(element);
        this.draw(element, place);
      }
      for (const element of this.pool) if (!used.has(element)) this.hide(element);
    }

    hide(element) {
      element.node.hidden = true;
      element.node.dataset.id = "";
      element.drawn = null;
    }

    makeRow() {
      const node = center.el("div", "alarm-row", { role: "row" });
      const cells = {};
      for (const name of COLUMNS) node.append((cells[name] = center.el("span", name, { role: "cell" })));
      cells.shape = center.el("i", "shape");
      cells.priority.append(cells.shape);
      cells.fold = center.el("button", "fold");
      cells.fold.tabIndex = -1;
      cells.title = center.el("span", "title");
      cells.what.append(cells.title, cells.fold);
      this.body.append(node);
      return { node, cells, drawn: null };
    }

    draw(element, place) {
      const entry = this.entries[place];
      const row = this.handlers.find(entry.id);
      const { node } = element;
      node.hidden = !row;
      if (!row) return;
      const children = this.handlers.childCount(entry.id);
      const unfolded = this.handlers.isUnfolded(entry.id);
      const minute = Math.floor(center.alarmNowUs() / 1e6 / (center.alarmNowUs() - row.raised_us < 60e6 ? 1 : 60));
      const look = [entry.id, entry.depth, row.aside, children, unfolded, entry.id === this.cursor, this.selected.has(entry.id), entry.gone, minute, center.alarmText.language()].join();
      if (element.place !== place) node.style.transform = `translateY(${place * this.height}px)`;
      element.place = place;
      if (element.drawn === row && element.look === look) return;
      Object.assign(element, { drawn: row, look });
      this.fill(element.node, element.cells, row, entry, children, unfolded);
    }

    fill(node, cells, row, entry, children, unfolded) {
      const text = center.alarmText;
      node.dataset.id = row.id;
      const chosen = this.selected.has(row.id);
      node.setAttribute("aria-selected", String(chosen));
      const classes = ["alarm-row", `p${row.priority}`, row.waits ? "waits" : "", row.aside, entry.depth ? "child" : "", entry.id === this.cursor ? "cursor" : "", chosen ? "chosen" : "", entry.gone ? "gone" : ""];
      set(node, "className", classes.filter(Boolean).join(" "));
      set(cells.shape, "textContent", String(row.priority));
      set(cells.state, "textContent", text.say(entry.gone ? "normal" : row.aside || row.state));
      set(cells.raised, "textContent", `${text.time(row.raised_us)}\u2002${text.span((center.alarmNowUs() - row.raised_us) / 1e6)}`);
      set(cells.title, "textContent", text.of(row.label));
      cells.fold.hidden = !children;
      if (children) set(cells.fold, "textContent", `${unfolded ? "▾" : "▸"} ${children}`);
      const place = row.district ? text.of(text.named("districts", row.district)) : "";
      set(cells.where, "textContent", [text.of(row.name), place].filter(Boolean).join(" · "));
      set(cells.value, "textContent", row.value === null ? "" : `${text.number(row.value)} / ${text.number(row.limit)}${row.unit ? ` ${row.unit}` : ""}`);
      set(cells.owner, "textContent", row.assigned_person || text.of(text.named("departments", row.assigned_department || row.department)));
      set(cells.flags, "textContent", flags(row, text));
    }
  };

  function flags(row, text) {
    const said = [];
    if (row.aside === "shelved") said.push(`${text.say("until")} ${text.time(row.aside_until_us)}`);
    if (row.parent) said.push(text.say(`why_${row.explained_by}`));
    if (row.escalated) said.push(text.say("escalated", row.escalated));
    if (row.chattering) said.push(text.say("chattering"));
    if (row.times > 1) said.push(`×${row.times}`);
    return said.join(" · ");
  }

  const set = (element, property, value) => element[property] !== value && (element[property] = value);

  /* Return an element; attributes as they are written. */
  center.el = function (tag, className, attributes, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
})();
