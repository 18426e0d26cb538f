/* The incident board (/incidents): everything that is open, the gravest first, overdue before what is in time.

   Rows follow /live. While somebody works in the list (a key, a pointer over it) its order stands still: rows change where
   they are, what has left is struck out, and what is new waits behind a bar that says how much it is. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const CALM_MS = 8000;
  const REST_MS = 30000; // a pointer that rests longer works no more
  const FOUND_MOST = 200;
  const STEPS = ["reported", "verified", "open", "contained", "resolved"];
  const STEP_OF = { reported: 0, verified: 1, open: 2, reopened: 2, contained: 3, resolved: 4, closed: 5 };
  const COLUMNS = ["level", "what", "state", "since", "tasks", "units", "alarms", "command"];

  center.IncidentBoard = class {
    constructor(config) {
      this.config = config;
      this.rows = new Map();
      this.seq = null;
      this.shown = []; // ids as they stand in the list
      this.nodes = new Map();
      this.cursor = null;
      this.workedAt = -CALM_MS;
      this.pointedAt = -REST_MS;
      this.connected = false;
      this.filter = this.read();
      this.build(byId("incident-board"));
      this.leave = center.page.live.add({
        wanted: () => ({ incidents: true, ...(this.seq === null ? {} : { incidents_seq: this.seq }) }),
        onIncidents: (frame) => this.take(frame),
        onHeartbeat: (heartbeat) => center.incidentClock.hear(heartbeat),
        onState: (connected) => this.connection(connected),
      });
      document.addEventListener("keydown", (this.onKey = (event) => this.key(event)));
      this.ticking = setInterval(() => this.tick(), 1000);
      new MutationObserver(() => this.speak()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      if (this.filter.show === "closed") this.search();
      this.summarise();
    }

    /* ---- the page ---- */

    build(page) {
      const part = (className, ...children) => el("div", className, {}, ...children);
      this.strip = part("board-strip");
      this.lost = el("p", "board-lost", { role: "status" });
      this.lost.hidden = true;
      this.bar = el("button", "board-bar", { type: "button" });
      this.bar.hidden = true;
      this.bar.addEventListener("click", () => this.release());
      this.head = el("div", "board-head", { "aria-hidden": "true" }, ...COLUMNS.map((name) => el("span", `at-${name}`, {}, ...t.both(`column_${name}`))));
      this.list = el("ul", "board-rows", { id: "board-rows" });
      this.empty = part("board-empty");
      this.count = el("span", "count-text", { role: "status" });
      page.replaceChildren(part("board-top", this.strip, el("span", "spring"), ...this.reporting()), this.filters(), this.lost, part("board-table", this.head, this.bar, this.list, this.empty), part("board-foot", this.count));
      this.list.addEventListener("pointermove", () => (this.pointedAt = performance.now()), { passive: true });
      this.list.addEventListener("pointerleave", () => (this.pointedAt = -REST_MS));
      this.list.addEventListener("focusin", (event) => this.focused(event.target.closest("[data-id]")));
      this.speak();
    }

    reporting() {
      if (!this.config.may_report) return [];
      const button = center.incidentButton("act main", "report_new", () => center.incidentOpen.open({}));
      button.append(el("kbd", "", {}, "I"));
      return [button];
    }

    filters() {
      const { filter } = this;
      this.find = el("input", "search", { type: "search", maxlength: "100", id: "board-find" });
      this.find.value = filter.text;
      this.find.addEventListener("input", () => this.set({ text: this.find.value.trim().toLowerCase() }));
      const levels = [1, 2, 3, 4].map((level) => this.chip(center.incidentLevel(level), "levels", level, `level_${level}`));
      const states = STEPS.map((state) => this.chip(el("span", "", {}, ...t.both(`state_of_${state}`)), "states", state));
      this.district = this.choice("every_district", Object.entries(t.names.districts).map(([code, label]) => [label, code]), "district");
      this.department = this.choice("every_department", Object.entries(t.names.departments).map(([code, label]) => [label, code]), "department");
      this.late = this.chip(el("span", "", {}, ...t.both("only_overdue")), "late", true);
      this.mine = this.chip(el("span", "", {}, ...t.both("only_mine")), "mine", true);
      const shows = ["open", "closed"].map((show) => this.chip(el("span", "", {}, ...t.both(`show_${show}`)), "show", show));
      return el("div", "board-filter", { role: "search" }, el("div", "segments", {}, ...shows), this.find, el("div", "chips", {}, ...levels), el("div", "chips board-states", {}, ...states), this.district, this.department, this.late, this.mine);
    }

    chip(content, name, value, title) {
      const chip = el("button", "chip", { type: "button", "data-filter": name, "data-value": String(value), ...(title ? t.titled(title) : {}) }, content);
      chip.addEventListener("click", () => this.toggle(name, value));
      return chip;
    }

    choice(every, options, name) {
      const select = el("select", "", t.titled(every));
      select.append(t.option(t.pair(every), ""), ...options.map(([label, code]) => t.option(label, code)));
      select.value = this.filter[name];
      select.addEventListener("change", () => this.set({ [name]: select.value }));
      return select;
    }

    /* ---- the filter and its address ---- */

    read() {
      const given = new URLSearchParams(location.search);
      const many = (name) => (given.get(name) || "").split(",").filter(Boolean);
      return { show: given.get("show") === "closed" ? "closed" : "open", text: given.get("text") || "", levels: many("level").map(Number), states: many("state"), district: given.get("district") || "", department: given.get("department") || "", late: given.has("late"), mine: given.has("mine") };
    }

    write() {
      const { show, text, levels, states, district, department, late, mine } = this.filter;
      const asked = Object.entries({ show: show === "closed" ? show : "", text, level: levels.join(), state: states.join(), district, department, late: late ? "yes" : "", mine: mine ? "yes" : "" }).filter(([, value]) => value);
      const query = String(new URLSearchParams(asked));
      history.replaceState(history.state, "", location.pathname + (query ? `?${query}` : ""));
    }

    toggle(name, value) {
      const held = this.filter[name];
      if (Array.isArray(held)) this.set({ [name]: held.includes(value) ? held.filter((one) => one !== value) : [...held, value] });
      else this.set({ [name]: typeof value === "boolean" ? !held : value });
    }

    set(changes) {
      Object.assign(this.filter, changes);
      this.write();
      if (this.filter.show === "closed") this.search();
      this.refresh(true);
    }

    fits(row) {
      const { text, levels, states, district, department, late, mine } = this.filter;
      const state = row.state === "reopened" ? "open" : row.state;
      return (
        (!text || this.textOf(row).includes(text)) &&
        (!levels.length || levels.includes(row.level)) &&
        (!states.length || state === "closed" || states.includes(state)) &&
        (!district || row.district === district) &&
        (!department || row.lead_department === department || (row.departments || []).includes(department)) &&
        (!late || row.tasks.overdue > 0) &&
        (!mine || row.commander === t.account)
      );
    }

    textOf(row) {
      const labels = [t.type(row.type), t.named("districts", row.district), t.named("departments", row.lead_department)];
      return [row.id, row.title, row.commander, ...labels.flatMap(({ zh, en }) => [zh, en])].join("\n").toLowerCase();
    }

    /* ---- closed ones, by search ---- */

    search() {
      clearTimeout(this.searching);
      this.searching = setTimeout(() => this.ask(), 200);
    }

    async ask() {
      const { text, levels, district, department } = this.filter;
      const query = new URLSearchParams({ state: "closed", limit: String(FOUND_MOST) });
      if (text) query.set("text", text);
      if (levels.length) query.set("level", String(Math.max(...levels)));
      if (district) query.set("district", district);
      if (department) query.set("department", department);
      const number = (this.asked = (this.asked || 0) + 1);
      const found = await center.incidentAsk("GET", `?${query}`);
      if (number !== this.asked) return;
      this.refusal = found.ok ? null : found;
      this.closed = new Map((found.ok ? found.body.incidents || found.body : []).map((row) => [row.id, row]));
      this.refresh(true);
    }

    /* ---- what stands, and in which order ---- */

    take(frame) {
      if (frame.complete) {
        for (const id of this.rows.keys()) this.keep(id);
        this.rows = new Map();
      }
      for (const row of frame.set) this.rows.set(row.id, row);
      for (const id of frame.gone) {
        this.keep(id);
        this.rows.delete(id);
      }
      this.seq = frame.seq;
      this.refresh(false);
      document.documentElement.dataset.incidents = String(this.rows.size);
    }

    keep(id) {
      if (this.nodes.has(id) && this.rows.has(id)) (this.ghosts = this.ghosts || new Map()).set(id, this.rows.get(id));
    }

    get working() {
      const now = performance.now();
      return now - this.workedAt < CALM_MS || now - this.pointedAt < REST_MS;
    }

    order() {
      const held = this.filter.show === "closed" ? this.closed || new Map() : this.rows;
      const late = (row) => (row.tasks.overdue > 0 ? 0 : 1);
      const gravity = this.filter.show === "closed" ? (a, b) => b.id - a.id : (a, b) => a.level - b.level || late(a) - late(b) || b.reported_us - a.reported_us || b.id - a.id;
      return [...held.values()].filter((row) => this.fits(row)).sort(gravity);
    }

    find_(id) {
      return this.rows.get(id) || (this.closed && this.closed.get(id)) || (this.ghosts && this.ghosts.get(id));
    }

    refresh(now) {
      const fresh = this.order();
      const ids = fresh.map(({ id }) => id);
      if (!now && this.working && this.shown.length) {
        const there = new Set(ids);
        for (const id of this.shown) this.draw(id, !there.has(id));
        this.waiting = ids.filter((id) => !this.nodes.has(id)).length;
        this.gone = this.shown.filter((id) => !there.has(id)).length;
      } else this.put(ids);
      this.showBar();
      this.summarise();
    }

    put(ids) {
      const kept = this.cursor !== null && !ids.includes(this.cursor) && this.ghosts && this.ghosts.has(this.cursor) && document.activeElement === this.nodes.get(this.cursor);
      if (kept) ids.splice(Math.min(this.shown.indexOf(this.cursor), ids.length), 0, this.cursor);
      else this.ghosts = new Map();
      const anchor = this.nodes.get(this.cursor);
      const before = anchor && anchor.getBoundingClientRect().top;
      const focused = anchor && document.activeElement === anchor;
      for (const [id, node] of this.nodes) if (!ids.includes(id)) [node.parentElement.remove(), this.nodes.delete(id)];
      ids.forEach((id, place) => {
        this.draw(id, !this.rows.has(id) && !(this.closed && this.closed.has(id)));
        const item = this.nodes.get(id).parentElement;
        if (this.list.children[place] !== item) this.list.insertBefore(item, this.list.children[place] || null);
      });
      this.shown = ids;
      this.waiting = this.gone = 0;
      if (this.cursor === null || !this.nodes.has(this.cursor)) this.point(ids.length ? ids[0] : null, false);
      if (anchor && anchor.isConnected) {
        this.list.scrollTop += anchor.getBoundingClientRect().top - before;
        if (focused && document.activeElement !== anchor) anchor.focus({ preventScroll: true });
      }
    }

    release() {
      this.workedAt = -CALM_MS;
      this.pointedAt = -REST_MS;
      this.refresh(true);
      const node = this.nodes.get(this.cursor);
      if (node) node.focus({ preventScroll: true });
    }

    showBar() {
      const { waiting = 0, gone = 0 } = this;
      this.bar.hidden = !waiting && !gone;
      if (this.bar.hidden) return;
      const parts = [...(waiting ? [el("b", "", {}, ...t.both("bar_new", waiting))] : []), ...(gone ? [el("span", "quiet", {}, ...t.both("bar_gone", gone))] : [])];
      this.bar.replaceChildren(...parts, el("span", "spring"), ...t.both("bar_take_in"), el("kbd", "", {}, "."));
    }

    summarise() {
      const all = [...this.rows.values()];
      const of = (level) => all.filter((row) => row.level === level).length;
      const late = all.reduce((sum, row) => sum + row.tasks.overdue, 0);
      const tiles = [1, 2, 3, 4].map((level) => el("div", `board-tile${of(level) ? "" : " none"}`, {}, center.incidentLevel(level), el("b", "num", {}, String(of(level)))));
      const overdue = el("div", `board-tile late${late ? "" : " none"}`, {}, el("i", "incident-late", { "aria-hidden": "true" }, "△"), el("b", "num", {}, String(late)), el("span", "words", {}, ...t.both("tile_overdue")));
      this.strip.replaceChildren(...tiles, overdue);
      for (const chip of document.querySelectorAll("#incident-board [data-filter]")) {
        const { filter: name, value } = chip.dataset;
        const held = this.filter[name];
        chip.setAttribute("aria-pressed", String(Array.isArray(held) ? held.map(String).includes(value) : String(held) === value));
      }
      this.head.querySelector(".at-since").replaceChildren(...t.both(this.filter.show === "closed" ? "column_lasted" : "column_since"));
      document.querySelector(".board-states").hidden = this.filter.show === "closed";
      this.late.hidden = this.mine.hidden = this.filter.show === "closed";
      this.count.replaceChildren(...t.both(this.filter.show === "closed" ? "listed_closed" : "listed", this.shown.length, this.filter.show === "closed" ? FOUND_MOST : this.rows.size));
      this.sayEmpty();
    }

    sayEmpty() {
      const closed = this.filter.show === "closed";
      const reading = closed ? !this.closed : this.seq === null;
      this.empty.hidden = this.shown.length > 0;
      if (this.empty.hidden) return;
      if (closed && this.refusal) return this.empty.replaceChildren(center.incidentState(this.refusal.status === 403 ? "forbidden" : "failed", t.label(this.refusal)));
      if (reading) return this.empty.replaceChildren(center.incidentState("loading", t.both("board_reading")));
      const filtered = !closed && this.rows.size > 0;
      this.empty.replaceChildren(center.incidentState("empty", t.both(closed ? "board_no_closed" : filtered ? "board_filtered" : "board_calm")));
    }

    /* ---- a row ---- */

    draw(id, gone) {
      const row = this.find_(id);
      if (!row) return;
      let link = this.nodes.get(id);
      if (!link) {
        link = el("a", "", { href: `/incidents/${id}`, "data-id": String(id), tabindex: "-1" });
        el("li", "", {}, link);
        this.nodes.set(id, link);
      }
      const look = JSON.stringify([row, gone]);
      if (link.dataset.look === look) return;
      link.dataset.look = look;
      link.className = `board-row l${row.level}${row.tasks.overdue ? " late" : ""}${gone ? " gone" : ""}${id === this.cursor ? " cursor" : ""}`;
      link.replaceChildren(...COLUMNS.map((name) => el("span", `at-${name}`, {}, ...CELLS[name](row))));
      this.tickRow(link, row);
    }

    tickRow(link, row) {
      const until = row.closed_us || center.incidentClock.nowUs();
      const said = t.clockOf(until - row.reported_us);
      const place = link.querySelector(".board-elapsed");
      if (place && place.textContent !== said) place.textContent = said;
    }

    tick() {
      if (!byId("incident-board")) return this.close();
      for (const [id, link] of this.nodes) this.tickRow(link, this.find_(id));
      if (!this.working && (this.waiting || this.gone)) this.refresh(false);
    }

    close() {
      clearInterval(this.ticking);
      document.removeEventListener("keydown", this.onKey);
      this.leave();
    }

    connection(connected) {
      this.connected = connected;
      if (!connected && !this.lostAt) this.lostAt = center.incidentClock.nowUs();
      if (connected) this.lostAt = null;
      this.lost.hidden = connected;
      if (!connected) this.lost.replaceChildren(...t.both("board_lost", t.time(this.lostAt, true)));
      document.documentElement.dataset.stream = connected ? "ok" : "lost";
    }

    speak() {
      this.find.placeholder = t.say("find");
      this.find.setAttribute("aria-label", t.say("find"));
      this.list.setAttribute("aria-label", t.say("board_list"));
    }

    /* ---- keys ---- */

    focused(link) {
      if (!link) return;
      this.workedAt = performance.now();
      this.point(Number(link.dataset.id), false);
    }

    point(id, focus = true) {
      const [was, now] = [this.nodes.get(this.cursor), this.nodes.get(id)];
      if (was) [was.classList.remove("cursor"), (was.tabIndex = -1)];
      this.cursor = id;
      if (!now) return;
      now.classList.add("cursor");
      now.tabIndex = 0;
      if (focus) now.focus();
    }

    move(steps) {
      if (!this.shown.length) return;
      const focused = document.activeElement === this.nodes.get(this.cursor);
      const now = this.shown.indexOf(this.cursor);
      this.point(this.shown[Math.max(0, Math.min(this.shown.length - 1, focused ? now + steps : Math.max(now, 0)))]);
      this.workedAt = performance.now();
    }

    key(event) {
      if (!byId("incident-board")) return this.close();
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (typing && event.key === "Escape") return this.move(0);
      if (typing && event.key === "Enter" && event.target === this.find) return this.move(0);
      if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const page = Math.max(1, Math.floor(this.list.clientHeight / (this.list.firstChild ? this.list.firstChild.offsetHeight : 48)) - 1);
      const acts = { j: () => this.move(1), k: () => this.move(-1), ArrowDown: () => this.move(1), ArrowUp: () => this.move(-1), PageDown: () => this.move(page), PageUp: () => this.move(-page), Home: () => this.move(-Infinity), End: () => this.move(Infinity), "/": () => this.find.select(), ".": () => this.release(), c: () => this.set({ show: this.filter.show === "closed" ? "open" : "closed" }), l: () => this.set({ late: !this.filter.late }) };
      if (!acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
    }
  };

  const CELLS = {
    level: (row) => [center.incidentLevel(row.level)],
    what: (row) => [
      el("b", "", {}, row.title),
      el("span", "quiet", {}, ...(row.drill ? [el("em", "incident-drill", {}, ...t.both("drill"))] : []), ...t.label(t.type(row.type)), " · ", ...(row.district ? [...t.label(t.named("districts", row.district)), " · "] : []), `#${row.id}`),
    ],
    state: (row) => [el("b", "", {}, ...t.both(`state_of_${row.state}`)), el("span", "board-steps", { "aria-hidden": "true" }, ...STEPS.map((_, place) => el("i", place <= STEP_OF[row.state] ? "on" : "")))],
    since: (row) => [el("b", "num board-elapsed"), el("span", "quiet num", {}, t.moment(row.reported_us))],
    tasks: ({ tasks }) => {
      if (!tasks.all) return [el("span", "quiet", {}, ...t.both("no_tasks"))];
      const share = el("span", "board-share", { "aria-hidden": "true" }, el("i", "done", { style: `flex-grow:${tasks.done}` }), el("i", "late", { style: `flex-grow:${tasks.overdue}` }), el("i", "", { style: `flex-grow:${Math.max(0, tasks.all - tasks.done - tasks.overdue)}` }));
      const late = tasks.overdue ? [el("span", "incident-late", {}, "△ ", ...t.both("overdue_n", tasks.overdue))] : [];
      return [el("span", "num", {}, ...t.both("tasks_done", tasks.done, tasks.all), ...late), share];
    },
    units: (row) => [el("b", `num${row.units ? "" : " quiet"}`, {}, String(row.units))],
    alarms: (row) => [el("b", `num${row.alarms ? "" : " quiet"}`, {}, String(row.alarms))],
    command: (row) => [row.commander ? el("b", "", {}, ...t.label(t.person(row.commander))) : el("b", "quiet", {}, ...t.both("no_commander")), el("span", "quiet", {}, ...(row.lead_department ? t.label(t.named("departments", row.lead_department)) : ["—"]))],
  };
})();
