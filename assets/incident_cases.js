/* The page of cases (/cases): closed incidents, found by words, type, level, district and time; one opened at /cases/<id>.

   What is looked for stands in the address, what is open too: both can be passed on, and "back" leads to what was open before.
   The list is asked for again when the center says that something closed has changed (/live). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const MOST = 200;
  const TYPING_MS = 200;
  const AGAIN_MS = 1000;
  const ASKED = ["q", "type", "level", "district", "since", "until"];

  center.CasesPage = class {
    constructor() {
      this.filter = this.read();
      this.cases = null; // what was found last; null: nothing yet
      this.refusal = null;
      this.asked = 0;
      this.cursor = null; // id of the row that has the focus, or had it last
      this.build(byId("cases-side"));
      this.view = new center.CaseView(byId("case-view"), { changed: () => this.ask(), back: () => this.back(), open: (id) => this.open(id, true) });
      window.addEventListener("popstate", (this.onPop = () => this.show(this.opened)));
      document.addEventListener("keydown", (this.onKey = (event) => this.key(event)));
      new MutationObserver(() => this.speak()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      this.leave = center.page.live.add({ wanted: () => ({ incidents: true }), onIncidents: (frame) => this.heard(frame), onHeartbeat: (heartbeat) => center.incidentClock.hear(heartbeat) });
      this.ask();
      this.show(this.opened);
    }

    get opened() {
      const id = Number(location.pathname.split("/")[2]);
      return Number.isInteger(id) && id > 0 ? id : null;
    }

    /* ---- the page ---- */

    build(side) {
      this.find = el("input", "search", { type: "search", maxlength: "100", id: "cases-find" });
      this.find.value = this.filter.q;
      this.find.addEventListener("input", () => [clearTimeout(this.typing), (this.typing = setTimeout(() => this.set({ q: this.find.value.trim() }), TYPING_MS))]);
      const level = [1, 2, 3, 4].map((one) => [t.pair(`level_${one}`), one]);
      const district = Object.entries(t.names.districts).map(([code, label]) => [label, code]);
      const choices = [this.choice("type", "cases_every_type", center.incidentTypes()), this.choice("level", "cases_every_level", level), this.choice("district", "every_district", district)];
      this.clear = center.incidentButton("link", "cases_clear", () => this.clearAll());
      this.count = el("span", "quiet", { role: "status" });
      this.list = el("ul", "cases-rows", { id: "cases-rows", tabindex: "-1" });
      this.list.addEventListener("click", (event) => this.clicked(event));
      this.list.addEventListener("focusin", (event) => this.point(event.target.closest("[data-id]")));
      this.state = el("div", "cases-state");
      this.aged = el("p", "state-line cases-aged", { role: "status" });
      this.aged.hidden = true;
      side.replaceChildren(el("div", "cases-filter", { role: "search" }, this.find, ...choices, this.day("since"), this.day("until")), el("div", "cases-foot", {}, this.count, el("span", "spring"), this.clear), this.aged, this.list, this.state);
      this.speak();
    }

    choice(name, every, options) {
      const select = el("select", "", { "data-filter": name, ...t.titled(every) });
      select.append(t.option(t.pair(every), ""), ...options.map(([label, value]) => t.option(label, value)));
      select.value = this.filter[name];
      select.addEventListener("change", () => this.set({ [name]: select.value }));
      return select;
    }

    day(name) {
      const input = el("input", "", { type: "date", min: "1970-01-01", max: "2199-12-31", "data-filter": name, ...t.titled(`cases_${name}`) });
      input.value = this.filter[name];
      input.addEventListener("change", () => this.set({ [name]: input.value }));
      return el("label", "cases-day", {}, el("span", "", { "aria-hidden": "true" }, ...t.both(`cases_${name}`)), input);
    }

    speak() {
      this.find.placeholder = t.say("cases_find");
      this.find.setAttribute("aria-label", t.say("cases_find"));
      this.list.setAttribute("aria-label", t.say("cases_list"));
    }

    /* ---- what is looked for ---- */

    read() {
      const given = new URLSearchParams(location.search);
      return Object.fromEntries(ASKED.map((name) => [name, given.get(name) || ""]));
    }

    get query() {
      return String(new URLSearchParams(Object.entries(this.filter).filter(([, value]) => value)));
    }

    address(id) {
      return `/cases${id ? `/${id}` : ""}${this.query ? `?${this.query}` : ""}`;
    }

    set(changes) {
      Object.assign(this.filter, changes);
      history.replaceState(history.state, "", this.address(this.opened));
      this.ask();
    }

    clearAll() {
      this.find.value = "";
      for (const input of byId("cases-side").querySelectorAll("[data-filter]")) input.value = "";
      this.set(Object.fromEntries(ASKED.map((name) => [name, ""])));
      this.find.focus();
    }

    heard({ gone, complete }) {
      if (complete || !gone.length || this.again) return;
      this.again = setTimeout(() => {
        this.again = null;
        this.ask();
        if (gone.includes(this.view.id)) this.view.renew();
      }, AGAIN_MS);
    }

    async ask() {
      const number = (this.asked += 1);
      this.clear.hidden = !this.query;
      const found = await center.askCenter("GET", `/api/cases?${new URLSearchParams([...new URLSearchParams(this.query), ["limit", MOST]])}`);
      if (number !== this.asked || !byId("cases-page")) return;
      this.refusal = found.ok ? null : found;
      if (found.ok) [this.cases, this.askedUs] = [found.body, center.incidentClock.nowUs()];
      this.draw();
    }

    /* ---- the list ---- */

    draw() {
      const rows = this.cases || [];
      const held = this.list.contains(document.activeElement);
      if (!rows.some(({ id }) => id === this.cursor)) this.cursor = rows.length ? rows[0].id : null;
      this.list.replaceChildren(...rows.map((one) => this.row(one)));
      if (held) this.focus();
      this.count.replaceChildren(...(this.cases ? t.both(rows.length === MOST ? "cases_most" : "cases_n", rows.length) : []));
      this.aged.hidden = !(this.refusal && this.cases);
      if (!this.aged.hidden) this.aged.replaceChildren(...t.both("cases_aged", t.moment(this.askedUs, true)));
      this.list.hidden = !rows.length;
      this.state.replaceChildren(...(rows.length ? [] : [this.nothing()]));
      document.documentElement.dataset.cases = String(rows.length);
    }

    nothing() {
      const again = () => center.incidentButton("act", "cases_again", () => this.ask());
      if (this.refusal) return this.refusal.status === 403 ? center.incidentState("forbidden", t.label(this.refusal)) : center.incidentState("failed", t.label(this.refusal), again());
      if (!this.cases) return center.incidentState("loading", t.both("cases_reading"));
      return center.incidentState("empty", t.both(this.query ? "cases_none_fit" : "cases_none"));
    }

    row(one) {
      const where = [t.label(t.type(one.type)), ...(one.district ? [t.label(t.named("districts", one.district))] : []), ...(one.place ? [[one.place]] : [])];
      const took = one.contained_us ? t.label(labelled("contained_in", t.span((one.contained_us - one.reported_us) / 6e7))) : t.both("never_contained");
      const link = el(
        "a", "cases-row", { href: this.address(one.id), "data-id": String(one.id), tabindex: one.id === this.cursor ? "0" : "-1", ...(one.id === this.opened ? { "aria-current": "true" } : {}) },
        center.incidentLevel(one.level),
        el("span", "cases-what", {}, el("b", "", {}, one.title), el("span", "quiet", {}, ...where.flatMap((part, place) => (place ? [" · ", ...part] : part)))),
        el("span", "cases-when", {}, ...(one.simulated ? [el("em", "badge notice", {}, ...t.both("simulated"))] : []), el("span", "num", {}, t.dated(one.occurred_us)), el("span", "quiet num", {}, ...took)),
      );
      return el("li", "", {}, link);
    }

    clicked(event) {
      const link = event.target.closest("[data-id]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.open(Number(link.dataset.id), event.detail === 0); // by Enter: on into the case
    }

    point(link) {
      if (!link) return;
      for (const other of this.list.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
      link.tabIndex = 0;
      this.cursor = Number(link.dataset.id);
    }

    focus() {
      const link = this.list.querySelector(`[data-id="${this.cursor}"]`);
      if (link) link.focus();
    }

    move(steps) {
      const rows = this.cases || [];
      if (!rows.length) return;
      const now = rows.findIndex(({ id }) => id === this.cursor);
      const there = this.list.contains(document.activeElement) ? now + steps : now;
      this.cursor = rows[Math.max(0, Math.min(rows.length - 1, there))].id;
      this.focus();
    }

    /* ---- one of them ---- */

    open(id, into) {
      if (id !== this.opened) history.pushState(history.state, "", this.address(id));
      this.show(id, into);
    }

    show(id, into = false) {
      if (!byId("cases-page")) return this.close();
      this.cursor = id || this.cursor;
      for (const link of this.list.querySelectorAll("[data-id]")) {
        const now = Number(link.dataset.id) === id;
        now ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
        if (now) [this.point(link), link.scrollIntoView({ block: "nearest" })];
      }
      this.view.show(id, into);
    }

    back() {
      this.focus();
    }

    close() {
      window.removeEventListener("popstate", this.onPop);
      document.removeEventListener("keydown", this.onKey);
      this.leave();
    }

    /* ---- keys ---- */

    key(event) {
      if (!byId("cases-page")) return this.close();
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (typing && event.target === this.find && ["Escape", "Enter", "ArrowDown"].includes(event.key)) return this.move(0);
      if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const inView = byId("case-view").contains(document.activeElement);
      const listed = { ArrowDown: () => this.move(1), ArrowUp: () => this.move(-1), Home: () => this.move(-Infinity), End: () => this.move(Infinity) };
      const acts = { j: () => this.move(1), k: () => this.move(-1), "/": () => this.find.select(), e: () => this.view.edit(), "?": () => this.keys(), ...(inView ? { Escape: () => this.back() } : this.list.contains(document.activeElement) ? listed : {}) };
      if (!acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
    }

    keys() {
      center.showKeys([["/", t.say("cases_key_find")], ["j k ↑ ↓", t.say("cases_key_move")], ["Enter", t.say("cases_key_open")], ["e", t.say("cases_key_edit")], ["Esc", t.say("cases_key_back")], ["?", t.say("keys")]]);
    }
  };

  /* A sentence with a label in it, as a label. */
  const labelled = (center.labelled = (key, ...labels) => ({ zh: t.pair(key, ...labels.map(({ zh }) => zh))[0], en: t.pair(key, ...labels.map(({ en }) => en))[1] }));

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.cases = {
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      t.configure(config);
      requestAnimationFrame(() => (center.casesPage = new center.CasesPage()));
      return true;
    },
  };
})();
