/* The head of a room: what it is, where it stands, for how long, who leads it, and what can be decided now. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const STEPS = [["reported", "reported_us"], ["verified", "verified_us"], ["open", "opened_us"], ["contained", "contained_us"], ["resolved", "resolved_us"], ["closed", "closed_us"]];
  const STEP_OF = { reported: 0, verified: 1, open: 2, reopened: 2, contained: 3, resolved: 4, closed: 5 };
  /* What can be decided in a state; the first is what usually comes next. */
  const ACTS = {
    reported: ["open", "verify", "dismiss"],
    verified: ["open", "dismiss"],
    open: ["contain", "resolve", "hand_over"],
    reopened: ["contain", "resolve", "hand_over"],
    contained: ["resolve", "reopen", "hand_over"],
    resolved: ["close", "reopen"],
    closed: ["reopen"],
  };
  const MORE = ["give_task", "open_plan", "link", "merge", "split"];

  center.IncidentHead = class {
    constructor(room) {
      this.room = room;
      this.place = byId("incident-head");
      this.acts = new center.IncidentActs(room);
      this.place.addEventListener("click", (event) => this.clicked(event));
      byId("incident-report").addEventListener("click", ({ currentTarget }) => (currentTarget.search = `?language=${t.isEnglish ? "en" : "zh"}`));
      room.on("changed", (standing) => this.show(standing));
      room.on("tick", () => this.tick());
    }

    clicked(event) {
      const button = event.target.closest("[data-act-name]");
      if (!button) return;
      const menu = button.closest("details");
      if (menu) menu.open = false;
      this.acts.ask(button.dataset.actName, button);
    }

    show(standing) {
      if (!standing) return this.unknown();
      const { incident } = standing;
      const look = JSON.stringify([incident, standing.may_change]);
      if (look === this.look) return;
      this.look = look;
      byId("incident-columns").hidden = false;
      byId("incident-room").dataset.drill = standing.drill ? "yes" : "no";
      center.incidentPut(this.place, el("a", "incident-back", { href: "/incidents", ...t.titled("back_to_board") }, "‹"), center.incidentLevel(incident.level), this.title(incident), this.steps(incident), el("span", "spring"), this.commander(incident), ...this.buttons(incident));
      const report = byId("incident-report");
      if (report) report.href = `/incidents/${incident.id}/report`;
      this.tick();
    }

    unknown() {
      const { status } = this.room.refusal;
      const gone = status === 403 || status === 404;
      const back = el("a", "", { href: "/incidents" }, ...t.both("back_to_board"));
      byId("incident-columns").hidden = true;
      this.place.replaceChildren(center.incidentState(gone ? "forbidden" : "failed", t.label(this.room.refusal), back));
    }

    title(incident) {
      const more = [t.label(t.type(incident.type)), incident.district ? t.label(t.named("districts", incident.district)) : [], [`#${incident.id}`], incident.outcome === "handled" ? [el("a", "", { href: `/cases/${incident.id}` }, ...t.both("to_case"))] : []].filter((one) => one.length);
      const line = el("span", "quiet", {}, ...(this.room.standing.drill ? [el("em", "incident-drill", {}, ...t.both("drill"))] : []), ...more.flatMap((part, place) => (place ? [" · ", ...part] : part)));
      return el("div", "incident-title", {}, el("h1", "", { title: incident.title }, incident.title), line);
    }

    steps(incident) {
      const now = STEP_OF[incident.state];
      const items = STEPS.map(([state, when], place) => {
        const name = place === now && incident.state === "reopened" ? "reopened" : state;
        return el("li", place < now ? "past" : place === now ? "now" : "", place === now ? { "aria-current": "step" } : {}, el("span", "", {}, ...t.both(`state_of_${name}`)), el("time", "num", {}, place <= now && incident[when] ? t.moment(incident[when]) : ""));
      });
      return el("ol", "incident-steps", t.titled("steps"), ...items);
    }

    commander(incident) {
      const clock = el("div", "incident-clock", t.titled("since_reported"), el("b", "num", { id: "incident-elapsed" }), el("span", "quiet", {}, ...t.both("since_reported")));
      const who = el("div", "incident-who", {}, el("b", "", {}, ...(incident.commander ? t.label(t.person(incident.commander)) : t.both("no_commander"))), el("span", "quiet", {}, ...(incident.lead_department ? t.label(t.named("departments", incident.lead_department)) : t.both("commander"))));
      return el("div", "incident-lead", {}, clock, who);
    }

    buttons(incident) {
      if (!this.room.mayChange) return [el("span", "quiet incident-read-only", {}, ...t.both("read_only"))];
      const [first, ...others] = ACTS[incident.state];
      const button = (name, main = false) => el("button", main ? "act main" : "act", { type: "button", "data-act-name": name, "data-key": `act-${name}` }, ...t.both(`do_${name}`));
      const closed = incident.state === "closed";
      const wall = this.room.config.steers ? [el("button", "act", { type: "button", "data-wall-send": "incident", "data-subject": String(incident.id) }, "▣ ", ...t.both("send_to_wall"))] : [];
      const more = el("details", "incident-menu", { "data-key": "menu" }, el("summary", "act", t.titled("more"), "⋯"), el("div", "", {}, ...others.map((name) => button(name)), ...(closed ? [button("link")] : MORE.map((name) => button(name))), ...wall));
      return [button(first, true), ...others.slice(0, 1).map((name) => button(name)), more];
    }

    tick() {
      const { incident } = this.room;
      const place = byId("incident-elapsed");
      if (!incident || !place) return;
      const said = t.clockOf((incident.closed_us || center.incidentClock.nowUs()) - incident.reported_us);
      if (place.textContent !== said) place.textContent = said;
    }
  };

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".incident-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
})();
