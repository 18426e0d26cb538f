/* What else an incident holds, in the dock below its map: units, links, people, cameras, charts. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const CHARTS_MS = 15000;
  const CAMERAS_MS = 20000;
  const SPAN_MS = 2 * 3600e3;

  center.IncidentSides = class {
    constructor(room) {
      Object.assign(this, { room, asked: 0 });
      this.charts = new Charts(room);
      byId("incident-units").addEventListener("click", (event) => this.unitAct(event));
      byId("incident-links").addEventListener("click", (event) => this.unlink(event));
      room.on("changed", (standing) => standing && this.show(standing));
      room.on("tab", (name) => this.opened(name));
      room.on("tick", () => this.tick());
      this.readUnits();
    }

    show({ incident, tasks }) {
      this.units(incident);
      this.links(incident);
      this.participants(incident, tasks);
      this.count("units", incident.units.filter((one) => !one.released_us).length);
      this.count("links", incident.alarms.length + incident.links.length + incident.cameras.length);
      this.opened(this.room.tabNow);
    }

    count(tab, number) {
      const place = document.querySelector(`#incident-tabs [data-tab="${tab}"] .incident-tab-count`);
      if (place) place.textContent = number ? String(number) : "";
    }

    /* ---- units ---- */

    async readUnits() {
      await center.incidentUnits();
      if (this.room.incident) this.units(this.room.incident, true);
    }

    units(incident, again = false) {
      const place = byId("incident-units");
      const look = JSON.stringify([incident.units, this.room.mayChange]);
      if (place.dataset.look === look && !again) return;
      place.dataset.look = look;
      const held = [...incident.units].sort((a, b) => Number(Boolean(a.released_us)) - Number(Boolean(b.released_us)) || b.assigned_us - a.assigned_us);
      if (!held.length) return place.replaceChildren(el("p", "quiet incident-none", {}, ...t.both("no_units")));
      center.incidentPut(place, ...held.map((unit) => this.unit(unit)));
      center.incidentCount(center.incidentClock.nowUs(), place);
    }

    unit(one) {
      const stage = one.released_us ? "released" : one.arrived_us ? "arrived" : one.under_way_us ? "under_way" : "assigned";
      const since = { released: one.released_us, arrived: one.arrived_us, under_way: one.under_way_us, assigned: one.assigned_us }[stage];
      const task = this.room.tasks.find(({ id }) => id === one.task);
      const next = { assigned: "unit_under_way", under_way: "unit_arrived", arrived: "release_unit" }[stage];
      const acts = this.room.mayChange && next ? [next, ...(next === "release_unit" ? [] : ["release_unit"])].map((name) => el("button", "copy", { type: "button", "data-unit": one.unit, "data-do": name, "data-key": `${name}-${one.unit}` }, ...t.both(`do_${name}`))) : [];
      const due = one.eta_us && !one.arrived_us && !one.released_us ? [center.incidentCountdown(one.eta_us)] : [];
      return el("div", `incident-unit ${stage}`, {}, el("i", "incident-unit-sign", { "aria-hidden": "true" }, { assigned: "○", under_way: "◑", arrived: "●", released: "–" }[stage]), el("div", "", {}, el("b", "", {}, ...center.incidentUnit(one.unit)), el("span", "quiet", {}, ...t.both(`unit_${stage}`), " ", el("span", "num", {}, t.moment(since)), ...(task ? [" · ", ...t.label(task.title)] : []))), ...due, el("span", "spring"), ...acts);
    }

    unitAct(event) {
      const button = event.target.closest("[data-unit]");
      if (button) this.room.attempt({ do: button.dataset.do, unit: button.dataset.unit });
    }

    /* ---- links ---- */

    links(incident) {
      const place = byId("incident-links");
      const look = JSON.stringify([incident.alarms, incident.links, incident.cameras, incident.merged_into, incident.split_from, this.room.mayChange]);
      if (place.dataset.look === look) return;
      place.dataset.look = look;
      const may = this.room.mayChange;
      const group = (kind, items) => {
        const wall = (what) => (kind === "cameras" && this.room.config.steers ? [el("button", "close", { type: "button", "data-wall-send": "camera", "data-subject": what, ...t.titled("camera_to_wall") }, "▣")] : []);
        const line = (what) => el("li", "", {}, ...center.incidentLink(kind, what), ...wall(what), ...(may && incident.state !== "closed" ? [el("button", "close", { type: "button", "data-unlink": kind, "data-what": String(what), ...t.titled("unlink") }, "✕")] : []));
        return el("section", "", {}, el("h3", "", {}, ...t.both(`link_${kind}`), el("span", "quiet num", {}, String(items.length))), items.length ? el("ul", "", {}, ...items.map(line)) : el("p", "quiet", {}, "—"));
      };
      const add = may ? [center.incidentButton("copy", "do_link", (event) => new center.IncidentActs(this.room).ask("link", event.currentTarget))] : [];
      const from = [incident.merged_into && ["merged_into", incident.merged_into], incident.split_from && ["split_from", incident.split_from]].filter(Boolean).map(([key, id]) => el("p", "", {}, ...t.both(key), " ", ...center.incidentLink("links", id)));
      center.incidentPut(place, ...from, el("div", "incident-link-groups", {}, ...["alarms", "links", "cameras"].map((kind) => group(kind, incident[kind]))), ...add);
    }

    unlink(event) {
      const button = event.target.closest("[data-unlink]");
      if (!button) return;
      const { unlink: kind, what } = button.dataset;
      this.room.attempt({ do: "unlink", kind, what: [["alarms", "links"].includes(kind) ? Number(what) : what] });
    }

    /* ---- people ---- */

    participants(incident, tasks) {
      const roles = new Map();
      const put = (account, role) => account && roles.set(account, [...(roles.get(account) || []), role]);
      put(incident.commander, "commander");
      put(incident.reported_by, "reporter");
      for (const task of tasks) put(task.person, "task_person");
      for (const line of this.room.lines) put(line.who, "writer");
      const people = [...roles].map(([account, held]) => el("li", "", {}, el("b", "", {}, ...t.label(t.person(account))), el("span", "quiet", {}, account), el("span", "", {}, ...[...new Set(held)].flatMap((role, place) => (place ? [" · ", ...t.both(`role_${role}`)] : t.both(`role_${role}`))))));
      const departments = [...new Set([incident.lead_department, ...incident.departments, ...tasks.map((task) => task.department)])].filter(Boolean);
      const bodies = departments.map((code) => el("li", "", {}, el("b", "", {}, ...t.label(t.named("departments", code))), el("span", "quiet", {}, ...(code === incident.lead_department ? t.both("leads") : t.both("takes_part")))));
      byId("incident-people").replaceChildren(el("section", "", {}, el("h3", "", {}, ...t.both("people")), el("ul", "", {}, ...people)), el("section", "", {}, el("h3", "", {}, ...t.both("organisations")), el("ul", "", {}, ...bodies)));
    }

    /* ---- what the server lays out: cameras and series, asked for while they are looked at ---- */

    opened(name) {
      if (!this.room.incident) return;
      if (name === "alike") this.readAlike(this.room.incident);
      const { places, alarms } = this.room.incident;
      if (name === "cameras") this.askCameras(JSON.stringify(places) !== this.camerasOf);
      if (name === "charts") this.charts.ask(JSON.stringify(alarms));
    }

    tick() {
      if (document.hidden) return;
      if (this.room.tabNow === "cameras" && performance.now() - this.camerasAt > CAMERAS_MS) this.askCameras(true);
      if (this.room.tabNow === "charts" && performance.now() - this.charts.askedAt > CHARTS_MS) this.charts.ask(null);
    }

    /* ---- cases like it, asked for again when what they are found by has changed ---- */

    async readAlike({ id, type, title, description, places }) {
      const of = JSON.stringify([type, title, description, places]);
      if (of === this.alikeOf) return;
      this.alikeOf = of;
      const place = byId("incident-alike");
      place.replaceChildren(center.incidentState("loading", t.both("alike_reading")));
      const found = await center.incidentAsk("GET", `/${id}/alike`);
      if (of !== this.alikeOf) return;
      if (!found.ok) return [(this.alikeOf = ""), place.replaceChildren(center.incidentState("failed", t.label(found)))];
      if (!found.body.length) return place.replaceChildren(center.incidentState("empty", t.both("alike_none")));
      place.replaceChildren(...found.body.map((one) => this.case_(one)));
    }

    case_({ id, title, likeness, parts, lessons, closed_us: closed }) {
      const share = (part) => `${Math.round(100 * part)} %`;
      const made = Object.entries(parts || {}).map(([name, part]) => el("span", "", {}, ...t.both(`alike_${name}`), " ", el("b", "num", {}, share(part))));
      return el("article", "incident-case", {}, el("a", "", { href: `/cases/${id}` }, title), el("b", "num incident-likeness", {}, share(likeness)), el("p", "quiet incident-parts", {}, ...(closed ? [el("span", "num", {}, t.moment(closed))] : []), ...made), lessons ? el("p", "", {}, lessons) : "");
    }

    askCameras(now) {
      if (!now) return;
      this.camerasAt = performance.now();
      this.camerasOf = JSON.stringify(this.room.incident.places);
      dash_clientside.set_props("incident-cameras-ask", { data: { id: this.room.id, n: ++this.asked } });
    }
  };

  /* What units are called, once they were asked for. */
  const names = new Map();
  center.incidentUnit = (id) => (names.has(id) ? t.label(names.get(id)) : [id]);
  center.incidentUnits = async function () {
    let answer;
    try {
      answer = await fetch("/api/units");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the center is away: names stay what they are
      return;
    }
    if (!answer.ok) return;
    const found = await answer.json();
    for (const { id, label } of found.units || found) if (label) names.set(id, label);
  };

  /* The series that the alarms of the incident are about, the last two hours. */
  class Charts {
    constructor(room) {
      Object.assign(this, { room, asked: 0, askedAt: -CHARTS_MS, of: "" });
      center.incidentCharts = this;
    }

    ask(of) {
      if (of !== null && of === this.of) return;
      const again = of === null;
      if (!again) this.of = of;
      this.askedAt = performance.now();
      const now = Math.round(center.incidentClock.nowUs() / 1000);
      const width = Math.max(100, Math.min(2000, byId("incident-chart").clientWidth || 600));
      dash_clientside.set_props("incident-charts-ask", { data: { id: this.room.id, since: now - SPAN_MS, until: now + 1000, width, n: ++this.asked, again } });
    }

    draw(shown) {
      const holder = byId("incident-chart");
      if (!holder || shown.n !== this.asked) return;
      byId("incident-chart-none").hidden = shown.series.length > 0;
      holder.hidden = !shown.series.length;
      if (!shown.series.length) return;
      this.chart = this.chart || new center.SeriesChart(holder, { zone: holder.dataset.zone, words: JSON.parse(holder.dataset.words), onSpan: () => this.chart.drop && this.chart.drop() });
      this.chart.show(shown);
    }
  }
})();
