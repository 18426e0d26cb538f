/* An incident on the wall: the one that was sent, the one that the scene names, or the gravest that is open.

   All panels of a page that show the same incident share one follower, which hears /live and asks for what is new. A panel
   that leads brings the largest map of its scene there and draws on it what was drawn in the room.
   opsCenter.incidentOnWall(id): the wall shows this one until it is told 0. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const painters = (center.painters = center.painters || {});
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const FLY_MS = 1200;
  const AGAIN_MS = 4000;
  const CLOSER = 3.4; // zoom levels from the whole city
  const LOG_MOST = 1000;
  const PEOPLE = ["dead", "injured", "missing", "trapped", "evacuated"];
  const HIDDEN = new Set(["linked", "unlinked", "erased"]); // nothing to be read from eight metres
  const followers = new Map(); // incident asked for (0: the gravest) → Follower
  let sent = Number(new URLSearchParams(location.search).get("incident")) || 0;

  class Follower {
    constructor(asked) {
      Object.assign(this, { asked, rows: new Map(), seq: null, id: 0, standing: null, lines: [], panels: new Set(), refusal: null });
      this.leave = center.page.live.add({
        wanted: () => ({ incidents: true, ...(this.seq === null ? {} : { incidents_seq: this.seq }) }),
        onIncidents: (frame) => this.take(frame),
        onHeartbeat: (heartbeat) => center.incidentClock.hear(heartbeat),
      });
      this.ticking = setInterval(() => this.tell("tick"), 1000);
      center.incidentUnits().then(() => this.tell("show"));
    }

    close() {
      this.leave();
      clearInterval(this.ticking);
      clearTimeout(this.retrying);
      followers.delete(this.asked);
    }

    take(frame) {
      if (frame.complete) this.rows = new Map();
      for (const row of frame.set) this.rows.set(row.id, row);
      for (const id of frame.gone) this.rows.delete(id);
      this.seq = frame.seq;
      this.choose(frame.gone.includes(this.id));
    }

    /* Which one: graver before less grave, led before not yet led, then the newest. */
    choose(again = false) {
      const led = (row) => (["open", "reopened", "contained"].includes(row.state) ? 0 : 1);
      const gravest = [...this.rows.values()].sort((a, b) => a.level - b.level || led(a) - led(b) || b.reported_us - a.reported_us)[0];
      const id = sent || this.asked || (gravest ? gravest.id : 0);
      const row = this.rows.get(id);
      if (id !== this.id) Object.assign(this, { id, standing: null, lines: [], refusal: null });
      const known = this.standing ? this.standing.incident.version : 0;
      if (id && (again || !this.standing || (row && row.version > known))) this.read(id);
      else this.tell("show");
    }

    async read(id) {
      if (this.reading === id) return (this.wishes = true);
      this.reading = id;
      const found = await center.incidentAsk("GET", `/${id}`);
      const after = this.lines.length ? this.lines[this.lines.length - 1].id : 0;
      const log = found.ok ? await center.incidentAsk("GET", `/${id}/log?after=${after}`) : found;
      this.reading = 0;
      if (id !== this.id) return;
      this.refusal = log.ok ? null : log;
      if (log.ok) {
        this.standing = found.body;
        const lines = (log.body.lines || log.body).filter((line) => line.id > after);
        this.lines.push(...lines);
        if (lines.length >= LOG_MOST) this.wishes = true;
      } else this.retrying = setTimeout(() => this.read(id), AGAIN_MS);
      this.tell("show");
      if (this.wishes) [(this.wishes = false), this.read(id)];
    }

    tell(what) {
      for (const panel of this.panels) panel[what]();
    }
  }

  class IncidentPanel {
    constructor(element, said, panel) {
      Object.assign(this, { element, said, panel });
      this.follower = followers.get(said.incident) || new Follower(said.incident);
      followers.set(said.incident, this.follower);
      this.follower.panels.add(this);
      if (this.follower.seq !== null) this.follower.choose();
      this.show();
    }

    close() {
      this.follower.panels.delete(this);
      if (!this.follower.panels.size) this.follower.close();
      if (this.shapes) this.shapes.close();
    }

    show() {
      const { follower, said, element } = this;
      const { standing } = follower;
      if (!standing) {
        const calm = said.part === "head" ? t.both("board_calm") : ["—"]; // said once, not by each part
        const words = follower.refusal ? t.label(follower.refusal) : follower.seq === null || follower.id ? t.both("wall_reading") : calm;
        element.replaceChildren(el("p", "spi-none", {}, ...words));
      } else {
        element.replaceChildren(...PARTS[said.part](standing, follower, said.most));
        center.incidentCount(center.incidentClock.nowUs(), element);
      }
      if (said.leads) this.lead(standing && standing.incident);
      this.tick();
      document.documentElement.dataset.wallIncident = String(follower.id);
    }

    tick() {
      const nowUs = center.incidentClock.nowUs();
      center.incidentCount(nowUs, this.element);
      const clock = this.element.querySelector("[data-since]");
      const said = clock && t.clockOf(nowUs - Number(clock.dataset.since));
      if (clock && clock.textContent !== said) clock.textContent = said;
    }

    /* The largest map of the scene goes there, once for each incident, and shows what was drawn. */
    lead(incident) {
      const maps = [...this.panel.maps.values()];
      const view = maps.sort((a, b) => size(b) - size(a))[0];
      if (!view) return void (incident && setTimeout(() => this.element.isConnected && this.show(), 500));
      if (!view.map) return void (this.waiting = this.waiting || view.on("ready", () => this.show()));
      if (!this.shapes) this.shapes = new center.IncidentShapes(view, view.element);
      this.shapes.show(incident);
      const at = incident && incident.places.length ? middle(incident.places[0].coordinates) : null;
      const place = JSON.stringify(at);
      if (place === this.place) return;
      this.place = place;
      if (at) view.setView({ longitude: at[0], latitude: at[1], zoom: view.homeZoom + CLOSER }, FLY_MS);
    }
  }

  const size = (view) => (view.element ? view.element.clientWidth * view.element.clientHeight : 0);
  const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);

  const PARTS = {
    head({ incident, tasks, drill }) {
      const nowUs = center.incidentClock.nowUs();
      const late = tasks.filter((task) => center.incidentDue.isLate(task, nowUs)).length;
      const done = tasks.filter((task) => ["reported", "verified"].includes(task.stage)).length;
      const place = incident.places.length ? incident.places[0].name : "";
      const counts = PEOPLE.filter((name) => incident.casualties[name]).map((name) => el("span", "spi-count", {}, el("b", "num", {}, String(incident.casualties[name])), ...t.both(`casualties_${name}`)));
      return [
        el("div", "spi-head", {}, center.incidentLevel(incident.level), el("div", "", {}, el("b", "spi-title", {}, incident.title), el("span", "spi-place", {}, ...(drill ? [el("em", "incident-drill", {}, ...t.both("drill"))] : []), ...t.label(t.type(incident.type)), ...(place ? [" · ", place] : [])))),
        el("div", "spi-facts", {}, el("div", "", {}, el("b", "", {}, ...t.both(`state_of_${incident.state}`)), el("span", "", {}, ...t.both("wall_state"))), el("div", "", {}, el("b", "num", { "data-since": String(incident.reported_us) }), el("span", "", {}, ...t.both("since_reported"))), el("div", "", {}, el("b", "num", {}, `${done}/${tasks.length}`), el("span", "", {}, ...t.both("tasks"))), el("div", late ? "late" : "", {}, el("b", "num", {}, late ? `△ ${late}` : "0"), el("span", "", {}, ...t.both("wall_overdue")))),
        el("div", "spi-line", {}, el("span", "", {}, ...t.both("commander"), " ", el("b", "", {}, ...(incident.commander ? t.label(t.person(incident.commander)) : t.both("no_commander")))), ...counts),
      ];
    },
    tasks({ tasks }, follower, most) {
      const nowUs = center.incidentClock.nowUs();
      const { dueUs, isLate, SIGNS } = center.incidentDue;
      const open = tasks.filter((task) => !["verified", "cancelled"].includes(task.stage)).sort((a, b) => (dueUs(a) || Infinity) - (dueUs(b) || Infinity) || a.id - b.id);
      if (!tasks.length) return [el("p", "spi-none", {}, ...t.both("no_tasks"))];
      const line = (task) => el("li", `spi-task${isLate(task, nowUs) ? " late" : ""}`, {}, el("i", "", { "aria-hidden": "true" }, SIGNS[task.stage]), el("div", "", {}, el("b", "", {}, ...t.label(task.title)), el("span", "", {}, ...t.label(t.named("departments", task.department)), " · ", ...t.both(`stage_${task.stage}`))), ...(dueUs(task) ? [center.incidentCountdown(dueUs(task))] : []));
      const more = open.length > most ? [el("p", "spi-more", {}, ...t.both("wall_more", open.length - most))] : open.length ? [] : [el("p", "spi-none", {}, ...t.both("wall_all_done"))];
      return [el("ol", "spi-list", {}, ...open.slice(0, most).map(line)), ...more];
    },
    log(_standing, follower, most) {
      const lines = follower.lines.filter(({ act, detail }) => !HIDDEN.has(act) && detail.did !== "given").slice(-most).reverse();
      const line = (one) => {
        const words = center.incidentLine(one, { tasks: follower.standing.tasks });
        return el("li", "spi-entry", {}, el("span", "num", {}, t.time(one.at_us)), el("div", "", {}, el("b", "", {}, ...t.both(`act_${one.act}`), " ", ...words), one.text ? el("span", "", {}, one.text) : ""));
      };
      return [el("ol", "spi-list", {}, ...lines.map(line))];
    },
    units({ incident }, follower, most) {
      const held = incident.units.filter((one) => !one.released_us).sort((a, b) => Number(Boolean(a.arrived_us)) - Number(Boolean(b.arrived_us)) || a.eta_us - b.eta_us);
      if (!held.length) return [el("p", "spi-none", {}, ...t.both("no_units"))];
      const line = (one) => {
        const stage = one.arrived_us ? "arrived" : one.under_way_us ? "under_way" : "assigned";
        return el("li", "spi-task", {}, el("i", "", { "aria-hidden": "true" }, { assigned: "○", under_way: "◑", arrived: "●" }[stage]), el("div", "", {}, el("b", "", {}, ...center.incidentUnit(one.unit)), el("span", "", {}, ...t.both(`unit_${stage}`))), ...(one.eta_us && !one.arrived_us ? [center.incidentCountdown(one.eta_us)] : []));
      };
      const more = held.length > most ? [el("p", "spi-more", {}, ...t.both("wall_more", held.length - most))] : [];
      return [el("ol", "spi-list", {}, ...held.slice(0, most).map(line)), ...more];
    },
  };

  painters.incident_part = {
    paint(element, said, panel) {
      if (element.panel) element.panel.close();
      element.panel = new IncidentPanel(element, said, panel);
    },
    gone(element) {
      if (element.panel) element.panel.close();
      element.panel = null;
    },
  };

  center.incidentOnWall = (id) => {
    sent = Number(id) || 0;
    for (const follower of followers.values()) if (follower.seq !== null) follower.choose();
  };
})();
