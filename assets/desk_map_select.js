/* The table of a selection, under the map: counts by kind and state, the things, copies of them.

   new opsCenter.DeskSelection(holder, config, {onThing, onClosed, onKinds, onSaid}); `show(area, kinds)`. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (key, ...more) => center.alarmText.say(`desk_${key}`, ...more);
  const LISTED = 500;
  const SYSTEMS = { wgs84: "WGS 84", cgcs2000: "CGCS2000", gcj02: "GCJ-02", bd09: "BD-09" };
  const el = (...more) => center.el(...more);

  center.DeskSelection = class {
    constructor(holder, config, handlers) {
      Object.assign(this, { holder, config, handlers });
      this.area = null;
      this.kinds = [];
      this.data = null;
      this.asked = 0;
      this.system = center.remembered("desk-crs") || "wgs84";
      holder.addEventListener("click", (event) => this.click(event));
      holder.addEventListener("change", (event) => event.target.matches("select") && this.choose(event.target.value));
    }

    get open() {
      return this.area !== null;
    }

    async show(area, kinds = []) {
      this.area = area;
      this.kinds = kinds;
      this.holder.hidden = area === null;
      if (area === null) return;
      const number = ++this.asked;
      if (!this.data || this.data.area !== area) this.say(say("reading"));
      const query = new URLSearchParams({ area, limit: String(LISTED) });
      kinds.forEach((kind) => query.append("kind", kind));
      let answer = null;
      try {
        answer = await fetch(`/api/selection?${query}`);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the server is away
      }
      if (number !== this.asked) return;
      if (!answer || !answer.ok) return this.say(say("select_failed", answer ? answer.status : "—"), "wrong");
      this.data = await answer.json();
      if (number === this.asked) this.paint();
    }

    say(words, tone = "quiet") {
      this.data = null;
      this.holder.replaceChildren(this.head(), el("p", `desk-drawer-said ${tone}`, {}, words));
    }

    paint() {
      const { things, count } = this.data;
      if (!count && !this.kinds.length) return this.say(say("select_nothing"));
      const more = count > things.length ? [el("p", "quiet", {}, say("more", things.length, count.toLocaleString("en-US")))] : [];
      const list = el("div", "desk-drawer-list", {}, this.table(things), ...more);
      this.holder.replaceChildren(this.head(), el("div", "desk-drawer-body", {}, this.counts(), list));
    }

    head() {
      const text = center.alarmText;
      const known = this.data;
      const states = known ? Object.entries(known.states).filter(([, count]) => count) : [];
      const badges = states.map(([state, count]) => el("span", `desk-state ${state}`, {}, `${text.of(this.config.states[state])} ${count.toLocaleString("en-US")}`));
      const choice = el("select", "", { "aria-label": say("crs"), title: say("crs") });
      for (const [code, name] of Object.entries(SYSTEMS)) choice.append(new Option(name, code, false, code === this.system));
      const copies = ["gpkg", "csv"].map((form) => el("a", "act", { href: this.address(form), download: "" }, form === "gpkg" ? "GeoPackage" : "CSV"));
      const close = el("button", "close", { type: "button", "data-drawer": "close", title: say("close"), "aria-label": say("close") }, "✕");
      const title = el("h2", "", {}, known ? say("things", known.count.toLocaleString("en-US")) : say("selection"));
      return el("div", "desk-drawer-head", {}, title, ...badges, el("span", "spring"), el("span", "quiet", {}, say("export")), choice, ...copies, el("button", "act", { type: "button", "data-drawer": "link" }, say("link")), close);
    }

    address(form) {
      const query = new URLSearchParams({ area: this.area, crs: this.system });
      this.kinds.forEach((kind) => query.append("kind", kind));
      return `/api/selection/export.${form}?${query}`;
    }

    counts() {
      const text = center.alarmText;
      const states = Object.keys(this.config.states);
      const row = (label, count, by, kind) => {
        const bars = states.filter((state) => by[state]).map((state) => el("i", state, { style: `flex-grow: ${by[state]}`, title: `${text.of(this.config.states[state])} ${by[state]}` }));
        const pressed = kind === null ? !this.kinds.length : this.kinds.includes(kind);
        return el("button", "desk-count", { type: "button", "data-kind": kind || "", "aria-pressed": String(pressed) }, el("span", "", {}, label), el("b", "num", {}, count.toLocaleString("en-US")), el("span", "desk-share", {}, ...bars));
      };
      const { kinds, count, states: all } = this.data;
      const shown = this.kinds.length ? [row(say("all_kinds"), "…", {}, null)] : [row(say("all_kinds"), count, all, null)];
      return el("div", "desk-counts", {}, ...shown, ...kinds.map(({ kind, label, count: of, states: by }) => row(text.of(label), of, by, kind)));
    }

    table(things) {
      const text = center.alarmText;
      const heads = ["state", "name", "kind", "district", "value", "when"];
      const head = el("tr", "", {}, ...heads.map((key) => el("th", `at-${key}`, { scope: "col" }, say(key))));
      const rows = things.map((one) => {
        const { value } = one;
        const name = value && this.config.properties[value.observed_property];
        const unit = value && (this.config.units[value.unit] ?? value.unit);
        const said = value ? `${text.of(name) || value.observed_property} ${text.number(value.value)} ${unit === "1" ? "" : unit}` : "—";
        const cells = [
          el("span", `desk-state ${one.state}`, {}, text.of(this.config.states[one.state])),
          text.of(one.name),
          text.of(this.config.kinds[one.kind]) || one.kind,
          one.district ? text.of(text.named("districts", one.district)) : "",
          said.trim(),
          value ? text.time(value.time_us) : "",
        ];
        return el("tr", value && value.aged ? "aged" : "", { "data-thing": one.id, tabindex: "0" }, ...cells.map((cell, i) => el("td", `at-${heads[i]}`, {}, cell)));
      });
      return el("table", "desk-table", {}, el("thead", "", {}, head), el("tbody", "", {}, ...rows));
    }

    click(event) {
      const button = event.target.closest("[data-drawer]");
      const kind = event.target.closest("[data-kind]");
      if (button && button.dataset.drawer === "close") this.handlers.onClosed();
      else if (button) this.handlers.onLink();
      else if (kind) this.handlers.onKinds(kind.dataset.kind ? this.toggled(kind.dataset.kind) : []);
    }

    toggled(kind) {
      const chosen = new Set(this.kinds);
      if (!chosen.delete(kind)) chosen.add(kind);
      return [...chosen];
    }

    choose(system) {
      this.system = system;
      center.remember("desk-crs", system);
      if (this.data) this.paint();
    }

    speak() {
      if (this.open && this.data) this.paint();
      else if (this.open) this.show(this.area, this.kinds);
    }
  };
})();
