/* The room of one incident (/incidents/<id>): what everybody in it sees, and what one does there.

   opsCenter.incidentRoom = {id, standing, lines, map, me, mayChange, roster, on("changed" | "log" | "tick", fn), do(command)}
   is there for whatever else the page shows; the event `ops-center-incident-room` of the document says that it is.
   `standing` is {incident, tasks, may_change, may_take_part, drill} as GET /api/incidents/<id> says it. `do` answers the standing that the command
   made, or {code, zh, en}: why not. /live says when anything has changed; the room then asks for what is new. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const t = center.incidentText;
  const AGAIN_MS = 3000; // after a question that nobody answered
  const TOLD_MS = 6000;
  const LOG_MOST = 1000;
  const TABS = ["facts", "units", "cameras", "charts", "links", "files", "people", "alike"];

  center.IncidentRoom = class extends center.Emitter {
    constructor(config, id) {
      super();
      Object.assign(this, { config, id, standing: null, lines: [], seq: null, refusal: null });
      center.alarmText.configure(config);
      this.me = t.account;
      this.root = byId("incident-room");
      this.root.hidden = false;
      this.parts();
      this.tabs();
      this.leave = center.page.live.add({
        wanted: () => ({ incidents: true, ...(this.seq === null ? {} : { incidents_seq: this.seq }) }),
        onIncidents: (frame) => this.take(frame),
        onHeartbeat: (heartbeat) => center.incidentClock.hear(heartbeat),
        onState: (connected) => this.connection(connected),
      });
      this.ticking = setInterval(() => (byId("incident-room") ? this.emit("tick", center.incidentClock.nowUs()) : this.close()), 1000);
      document.addEventListener("keydown", (this.onKey = (event) => this.key(event)));
      this.refresh();
    }

    parts() {
      this.board = new center.IncidentMap(this, byId("incident-map-holder"), byId("incident-over"));
      this.map = this.board.view;
      for (const Part of [center.IncidentHead, center.IncidentLog, center.IncidentTasks, center.IncidentFacts, center.IncidentSides, center.IncidentFiles]) new Part(this);
    }

    close() {
      clearInterval(this.ticking);
      document.removeEventListener("keydown", this.onKey);
      this.leave();
      this.map.close();
    }

    get incident() {
      return this.standing && this.standing.incident;
    }

    get tasks() {
      return this.standing ? this.standing.tasks : [];
    }

    get mayChange() {
      return Boolean(this.standing && this.standing.may_change);
    }

    /* A department that takes part writes and draws, though it does not decide. */
    get takesPart() {
      return this.mayChange || Boolean(this.standing && this.standing.may_take_part);
    }

    /* Accounts that can be meant: those whom the incident names, then everybody who works with incidents. */
    get roster() {
      const { incident } = this;
      const named = incident ? [incident.commander, incident.reported_by, ...this.tasks.map((task) => task.person), ...this.lines.map((line) => line.who)] : [];
      return [...new Set([...named, ...Object.keys(t.people)])].filter(Boolean);
    }

    /* ---- what is so ---- */

    take(frame) {
      this.seq = frame.seq;
      const row = frame.set.find((one) => one.id === this.id);
      const known = this.incident ? this.incident.version : 0;
      if ((row && row.version > known) || (frame.gone.includes(this.id) && this.incident && this.incident.state !== "closed")) this.refresh();
    }

    /* Ask for what is so now, and for the lines behind the last one; one question at a time, the newest wish counts. */
    async refresh() {
      if (this.asking) return (this.again = true);
      this.asking = true;
      clearTimeout(this.retrying);
      try {
        await this.read();
      } finally {
        this.asking = false;
      }
      if (this.again) [(this.again = false), this.refresh()];
    }

    async read() {
      const found = await center.incidentAsk("GET", `/${this.id}`);
      if (!found.ok) return this.failed(found);
      this.refusal = null;
      this.put(found.body);
      await this.readLog();
    }

    async readLog() {
      const after = this.lines.length ? this.lines[this.lines.length - 1].id : 0;
      const found = await center.incidentAsk("GET", `/${this.id}/log?after=${after}`);
      if (!found.ok) return this.failed(found);
      const lines = (found.body.lines || found.body).filter((line) => line.id > after);
      this.lines.push(...lines);
      this.emit("log", lines);
      if (lines.length >= LOG_MOST) await this.readLog();
    }

    put(standing) {
      if (this.incident && standing.incident.version < this.incident.version) return;
      this.standing = { ...(this.standing || {}), ...standing };
      document.title = `${standing.incident.title} · ${document.title.split("·").pop().trim()}`;
      document.documentElement.dataset.incident = String(standing.incident.version);
      this.emit("changed", this.standing);
    }

    failed(refusal) {
      this.refusal = refusal;
      if (!this.standing) this.emit("changed", null);
      const away = refusal.status === 0 || refusal.status >= 500;
      if (away) this.retrying = setTimeout(() => this.refresh(), AGAIN_MS);
      this.say();
    }

    connection(connected) {
      this.connected = connected;
      if (connected) this.lostUs = 0;
      else this.lostUs = this.lostUs || center.incidentClock.nowUs();
      document.documentElement.dataset.stream = connected ? "ok" : "lost";
      this.say();
      if (connected && this.standing) this.refresh();
    }

    /* What is wrong with the page as a whole, over all of it. */
    say() {
      const place = byId("incident-lost");
      if (!place) return;
      const { refusal, lostUs } = this;
      place.hidden = !(refusal && this.standing) && !lostUs;
      if (place.hidden) return;
      place.replaceChildren(...(lostUs ? t.both("room_lost", t.time(lostUs, true)) : t.label(refusal)));
    }

    /* ---- what is done ---- */

    async do(command) {
      const found = await center.incidentAsk("POST", `/${this.id}/commands`, command);
      if (!found.ok) return found;
      this.put(found.body);
      this.refresh();
      return this.standing;
    }

    /* Do it, and say at the foot of the page why it wasn't; returns whether it was done. */
    async attempt(command) {
      const answer = await this.do(command);
      if (answer.code !== undefined) this.tell(t.label(answer), true);
      return answer.code === undefined;
    }

    tell(words, wrong = false) {
      const place = byId("incident-said");
      place.replaceChildren(center.el("span", wrong ? "wrong" : "", {}, ...words));
      clearTimeout(this.telling);
      this.telling = setTimeout(() => place.replaceChildren(), TOLD_MS);
    }

    /* ---- tabs of the dock, kept in the address ---- */

    tabs() {
      this.root.addEventListener("click", (event) => {
        const tab = event.target.closest("[data-tab]");
        if (tab) this.tab(tab.dataset.tab);
      });
      byId("incident-tabs").addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        this.tab(TABS[(TABS.indexOf(this.tabNow) + step + TABS.length) % TABS.length], true);
      });
      const asked = new URLSearchParams(location.search).get("tab");
      this.tab(TABS.includes(asked) ? asked : "facts", false, true);
    }

    tab(name, focus = false, first = false) {
      this.tabNow = name;
      for (const tab of byId("incident-tabs").querySelectorAll("[data-tab]")) {
        const on = tab.dataset.tab === name;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        if (on && focus) tab.focus();
        byId(`incident-panel-${tab.dataset.tab}`).hidden = !on;
      }
      const address = location.pathname + (name === "facts" ? "" : `?tab=${name}`);
      if (!first) history.replaceState(history.state, "", address);
      this.emit("tab", name);
    }

    /* ---- keys ---- */

    key(event) {
      if (!byId("incident-room")) return this.close();
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (this.board.key(event)) return event.preventDefault();
      const acts = { n: () => byId("incident-text").focus(), d: () => this.board.openMenu(), "?": () => this.keys() };
      TABS.forEach((name, place) => (acts[String(place + 1)] = () => this.tab(name)));
      if (!acts[event.key]) return;
      event.preventDefault();
      acts[event.key]();
    }

    keys() {
      const tabs = TABS.map((name, place) => [String(place + 1), t.say(`tab_${name}`)]);
      center.showKeys([["n", t.say("key_note")], ["d", t.say("draw")], ...tabs, ["I", t.say("report_new")], ["?", t.say("keys")]]);
    }
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.incidents = {
    /* The page is there: the board, or the room of the incident that the address names. */
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      center.incidentText.configure(config);
      const id = Number(location.pathname.split("/")[2]);
      requestAnimationFrame(() => {
        if (!Number.isInteger(id) || id < 1) {
          byId("incident-board").hidden = false;
          center.incidentBoard = new center.IncidentBoard(config);
        } else {
          center.incidentRoom = new center.IncidentRoom(config, id);
          document.dispatchEvent(new CustomEvent("ops-center-incident-room", { detail: center.incidentRoom }));
        }
      });
      return true;
    },
    cameras: () => window.dash_clientside.no_update,
    charts: (shown) => (shown && center.incidentCharts && center.incidentCharts.draw(shown), window.dash_clientside.no_update),
  };
})();
