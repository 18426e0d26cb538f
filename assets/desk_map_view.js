/* What surrounds the desk's map: the pin of what is open, the overview of what is in view, the splits between the parts.

   opsCenter.DeskPin, opsCenter.DeskOverview, opsCenter.deskSplits(page, onMoved). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (key, ...more) => center.alarmText.say(`desk_${key}`, ...more);
  const el = (...more) => center.el(...more);
  const AGAIN_MS = 10000;
  const REST_MS = 350; // after the view has moved
  const STEP_REM = 1;
  const WIDTHS = { list: [16, 27, 60], side: [18, 26, 46] }; // rem: least, at first, most

  center.DeskPin = class {
    constructor(view, holder) {
      Object.assign(this, { view, at: null });
      this.node = el("i", "desk-pin", { hidden: "", "aria-hidden": "true" });
      holder.append(this.node);
      view.on("move", () => this.place());
    }

    put(at) {
      this.at = at;
      this.node.hidden = !at;
      this.place();
    }

    place() {
      if (!this.at || !this.view.map) return;
      const { x, y } = this.view.map.project(this.at);
      this.node.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    }
  };

  /* What stands beside the map while nothing is open: how what is in view is, by kind. */
  center.DeskOverview = class {
    constructor(view, holder, config, onKind) {
      Object.assign(this, { view, holder, config });
      view.on("moveend", () => this.soon());
      view.on("ready", () => this.soon());
      setInterval(() => this.read(), AGAIN_MS);
      holder.addEventListener("click", (event) => {
        const row = event.target.closest("[data-kind]");
        if (row) onKind(row.dataset.kind);
      });
    }

    soon() {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.read(), REST_MS);
    }

    /* What is in view as an address writes it; null before there is a view. */
    area() {
      if (!this.view.map) return null;
      const bounds = this.view.map.getBounds();
      const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
      return `box:${box.map((degrees) => degrees.toFixed(5)).join(",")}`;
    }

    async read() {
      const area = this.area();
      if (!area || this.holder.offsetParent === null) return;
      let data = null;
      try {
        const answer = await fetch(`/api/selection?${new URLSearchParams({ area, limit: "0" })}`);
        if (answer.ok) data = await answer.json();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the server is away: what was known stays, and is said to be old
      }
      this.failed = data === null;
      if (data) this.data = data;
      this.paint();
    }

    paint() {
      const text = center.alarmText;
      const head = [el("h2", "", {}, say("in_view")), el("p", "quiet", {}, say("in_view_hint"))];
      if (!this.data) return this.holder.replaceChildren(...head, el("p", "quiet", {}, this.failed ? say("select_failed", "—") : say("reading")));
      const { states, kinds, count } = this.data;
      const tiles = Object.entries(states).map(([state, many]) => el("div", `desk-tile ${state}${many ? "" : " none"}`, {}, el("b", "num", {}, many.toLocaleString("en-US")), el("span", "", {}, text.of(this.config.states[state]))));
      const rows = kinds.map(({ kind, label, count: of, states: by }) => {
        const bars = Object.keys(states).filter((state) => by[state]).map((state) => el("i", state, { style: `flex-grow: ${by[state]}`, title: `${text.of(this.config.states[state])} ${by[state]}` }));
        return el("button", "desk-count", { type: "button", "data-kind": kind }, el("span", "", {}, text.of(label)), el("b", "num", {}, of.toLocaleString("en-US")), el("span", "desk-share", {}, ...bars));
      });
      this.holder.classList.toggle("aged", Boolean(this.failed));
      const look = JSON.stringify([this.data.states, kinds, text.language()]);
      if (look === this.look) return;
      this.look = look;
      const focused = this.holder.contains(document.activeElement) ? document.activeElement.dataset.kind : null;
      this.holder.replaceChildren(...head, el("div", "desk-tiles", {}, ...tiles), el("p", "desk-total", {}, say("things", count.toLocaleString("en-US"))), el("div", "desk-counts", {}, ...rows));
      if (focused) this.holder.querySelector(`[data-kind="${focused}"]`)?.focus();
    }
  };

  /* Bars between the parts: dragged, or moved by arrow keys; remembered by the browser. */
  center.deskSplits = function (page, onMoved) {
    const widths = {};
    const put = (name, rem) => {
      const [least, , most] = WIDTHS[name];
      widths[name] = Math.min(most, Math.max(least, rem));
      page.style.setProperty(`--${name}-width`, `${widths[name].toFixed(2)}rem`);
      page.querySelector(`[data-split="${name}"]`).setAttribute("aria-valuenow", String(Math.round(widths[name])));
    };
    const settle = (name) => {
      center.remember(`desk-${name}`, widths[name].toFixed(2));
      onMoved();
    };
    for (const bar of page.querySelectorAll("[data-split]")) {
      const name = bar.dataset.split;
      const sign = name === "list" ? 1 : -1;
      bar.tabIndex = 0;
      bar.setAttribute("aria-valuemin", String(WIDTHS[name][0]));
      bar.setAttribute("aria-valuemax", String(WIDTHS[name][2]));
      put(name, Number(center.remembered(`desk-${name}`)) || WIDTHS[name][1]);
      bar.addEventListener("pointerdown", (down) => {
        const [from, x] = [widths[name], down.clientX];
        bar.setPointerCapture(down.pointerId);
        bar.onpointermove = (event) => put(name, from + (sign * (event.clientX - x)) / center.rootPx());
        bar.onpointerup = bar.onpointercancel = () => {
          bar.onpointermove = bar.onpointerup = bar.onpointercancel = null;
          settle(name);
        };
      });
      bar.addEventListener("dblclick", () => {
        put(name, WIDTHS[name][1]);
        settle(name);
      });
      bar.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -STEP_REM, ArrowRight: STEP_REM }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        put(name, widths[name] + sign * step);
        settle(name);
      });
    }
  };
})();
