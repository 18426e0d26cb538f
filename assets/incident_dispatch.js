/* Who goes: what tasks want, who could do it and why, one click sends; how those come along who were sent. A proposal for
   all led incidents at once. Listens to the room (assets/incident_room.js); other questions are in incident_around.js. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const FOLLOWED_MS = 15000; // how often arrivals are asked for while they are looked at
  const t = center.incidentText;

  center.IncidentDispatch = class {
    constructor(room, root) {
      Object.assign(this, { room, root, wanted: [], arrivals: [], kind: "", candidates: null, proposal: null, fails: null, askedAt: -FOLLOWED_MS, version: -1 });
      this.map = new center.DispatchMap(room.map, byId("incident-over"));
      this.head = root.appendChild(el("div", "dispatch-head"));
      this.list = root.appendChild(el("div", "dispatch-list"));
      this.follow = root.appendChild(el("div", "dispatch-follow"));
      this.around = new center.IncidentAround(this, root.appendChild(el("div", "dispatch-around")));
      this.kinds = new Map();
      this.readKinds();
      room.on("changed", (standing) => standing && standing.incident.version !== this.version && this.changed(standing));
      room.on("tab", (name) => name === "units" && this.ask());
      room.on("tick", () => this.isSeen && performance.now() - this.askedAt > FOLLOWED_MS && this.ask());
      root.addEventListener("click", (event) => this.act(event));
      for (const name of ["pointerover", "focusin"]) root.addEventListener(name, (event) => this.point(event));
      root.addEventListener("pointerleave", () => this.map.way(null));
      if (room.standing) this.changed(room.standing);
    }

    get isSeen() {
      return this.room.tabNow === "units" && !document.hidden;
    }

    changed({ incident }) {
      this.version = incident.version;
      this.around.show(incident);
      if (this.room.tabNow === "units") this.ask();
    }

    /* Kinds that the city has, for who is wanted beyond the tasks. */
    async readKinds() {
      const found = await center.dispatchAsk("GET", "/units");
      for (const unit of found.ok ? found.body : []) this.kinds.set(unit.kind, unit.kind_label);
      this.paint();
    }

    async ask() {
      this.askedAt = performance.now();
      const found = await center.dispatchAsk("GET", `/incidents/${this.room.id}/dispatch`);
      this.fails = found.ok ? null : found;
      if (found.ok) [this.wanted, this.arrivals] = [found.body.wanted, found.body.units];
      const wanted = this.wanted.map(({ kind }) => kind);
      if (!this.kind && wanted.length) this.kind = wanted[0];
      if (this.kind) await this.rank();
      this.paint();
    }

    async rank() {
      const asked = this.kind;
      if (!this.room.incident || !this.room.incident.places.length) return (this.candidates = null);
      const found = await center.dispatchAsk("GET", `/incidents/${this.room.id}/candidates?kind=${asked}`);
      if (asked !== this.kind) return null;
      this.fails = found.ok ? null : found;
      return (this.candidates = found.ok ? found.body : null);
    }

    /* ---- what is seen ---- */

    paint() {
      if (!this.room.incident) return;
      center.incidentPut(this.head, ...this.kindsNode());
      center.incidentPut(this.list, ...(this.proposal ? this.proposalNodes() : this.candidateNodes()));
      center.incidentPut(this.follow, ...this.followNodes());
    }

    kindsNode() {
      const counts = new Map();
      for (const { kind, label } of this.wanted) counts.set(kind, { label, many: (counts.get(kind) || { many: 0 }).many + 1 });
      const chip = ([kind, { label, many }]) => el("button", "chip", { type: "button", "data-kind": kind, "data-key": `kind-${kind}`, "aria-pressed": String(kind === this.kind) }, ...t.label(label), el("b", "num", {}, ` ×${many}`));
      const other = el("select", "", { "data-key": "kind-other", "aria-label": t.say("dispatch_kind") });
      other.append(t.option(t.pair("dispatch_other"), ""), ...[...this.kinds].map(([kind, label]) => t.option(label, kind, kind === this.kind && !counts.has(kind))));
      other.addEventListener("change", () => other.value && this.choose(other.value));
      const share = el("button", "act", { type: "button", "data-share": "ask", "data-key": "share", ...t.titled("dispatch_share_hint") }, ...t.both("dispatch_share"));
      const said = counts.size ? t.both("dispatch_wanted") : t.both("dispatch_all_sent");
      return [el("h3", "", {}, ...t.both("dispatch_title")), el("span", "quiet", {}, ...said), ...[...counts].map(chip), other, el("span", "spring"), ...(this.room.mayChange ? [share] : [])];
    }

    candidateNodes() {
      const quiet = (key) => [el("p", "quiet dispatch-none", {}, ...t.both(key))];
      if (!this.room.incident.places.length) return quiet("dispatch_no_place");
      if (this.fails) return [center.incidentState(this.fails.status === 403 ? "forbidden" : "failed", t.label(this.fails))];
      if (!this.kind) return quiet("dispatch_choose");
      if (!this.candidates) return [center.incidentState("loading", [])];
      if (!this.candidates.length) return quiet("dispatch_nobody");
      return [el("ol", "", {}, ...this.candidates.map((one, place) => this.candidate(one, place)))];
    }

    candidate({ unit, travel_min: travel, reasons, route }, place) {
      const free = unit.status === "free";
      const facts = [...t.label(unit.kind_label), " · ", ...t.both("dispatch_type", "ⅠⅡⅢⅣ"[unit.type - 1]), " · ", ...t.both("dispatch_people", unit.members), ...(unit.at_us ? [] : [" · ", ...t.both("dispatch_based")])];
      const against = reasons.slice(1).map((reason) => el("span", "dispatch-reason", {}, ...t.label(reason.label), el("b", "num", {}, ` +${Math.round(reason.minutes)}′`)));
      const busy = free ? [] : [el("span", "dispatch-busy", {}, ...t.both("dispatch_busy", unit.incident))];
      const send = this.room.mayChange && free ? [el("button", place ? "copy" : "act primary", { type: "button", "data-send": unit.id, "data-key": `send-${unit.id}` }, ...t.both("dispatch_send"))] : [];
      const see = el("button", "copy", { type: "button", "data-way": unit.id, "data-key": `way-${unit.id}` }, ...t.both("dispatch_way"));
      return el("li", free ? "" : "busy", { "data-unit-row": unit.id, "data-drawn": route ? "yes" : "no" }, el("b", "dispatch-rank num", {}, String(place + 1)), el("div", "dispatch-who", {}, el("b", "", {}, ...t.label(unit.label)), el("span", "quiet", {}, ...facts)), el("b", "dispatch-minutes num", {}, ...t.both("dispatch_minutes", Math.round(travel))), el("div", "dispatch-reasons", {}, ...busy, ...against), see, ...send);
    }

    proposalNodes() {
      const { sent, unmet } = this.proposal;
      const accept = el("button", "act primary", { type: "button", "data-share": "accept", "data-key": "accept" }, ...t.both("dispatch_accept", sent.length));
      const discard = el("button", "copy", { type: "button", "data-share": "discard", "data-key": "discard" }, ...t.both("dispatch_discard"));
      const line = (one) => el("li", "", {}, el("a", "", { href: `/incidents/${one.incident}` }, ...t.both("dispatch_incident", one.incident)), el("div", "dispatch-who", {}, el("b", "", {}, ...t.label(one.unit.label)), el("span", "quiet", {}, ...t.label(one.unit.kind_label))), el("b", "dispatch-minutes num", {}, ...t.both("dispatch_minutes", Math.round(one.minutes))));
      const missing = unmet.map(({ label }) => label);
      const said = (language) => [...new Set(missing.map((label) => label[language]))].join(language === "zh" ? "、" : ", ");
      const none = missing.length ? [el("p", "wrong", {}, ...t.label({ zh: t.pair("dispatch_unmet", said("zh"))[0], en: t.pair("dispatch_unmet", said("en"))[1] }))] : [];
      const empty = sent.length || missing.length ? [] : [el("p", "quiet dispatch-none", {}, ...t.both("dispatch_nothing_wanted"))];
      return [el("div", "dispatch-proposal", {}, el("h3", "", {}, ...t.both("dispatch_proposal")), el("span", "spring"), ...(sent.length ? [accept] : []), discard), ...empty, el("ol", "", {}, ...sent.map(line)), ...none];
    }

    followNodes() {
      if (!this.arrivals.length) return [];
      const line = ({ unit, planned_us: planned, expected_us: expected, arrived, late }) => {
        const when = expected ? t.both(arrived ? "dispatch_arrived" : "dispatch_expected", t.time(expected)) : t.both("dispatch_unknown");
        const minutes = Math.round((expected - planned) / 6e7);
        return el("li", late ? "late" : "", { "data-unit-row": unit.id }, el("i", "", { "aria-hidden": "true" }, arrived ? "●" : late ? "▲" : "◑"), el("b", "", {}, ...t.label(unit.label)), el("span", "quiet num", {}, ...t.both("dispatch_planned", planned ? t.time(planned) : "—")), el("span", "num", {}, ...when), ...(late ? [el("b", "dispatch-late", {}, ...t.both("dispatch_late", minutes))] : []));
      };
      return [el("h3", "", {}, ...t.both("dispatch_arrivals")), el("ul", "", {}, ...this.arrivals.map(line))];
    }

    /* ---- what is done ---- */

    async choose(kind) {
      Object.assign(this, { kind, candidates: null, proposal: null });
      this.paint();
      await this.rank();
      this.paint();
    }

    act(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const { kind, send, way, share } = button.dataset;
      if (kind) this.choose(kind);
      else if (send) this.send(send, button);
      else if (way) this.see(way);
      else if (share) this.shared(share, button);
    }

    async send(unit, button) {
      button.disabled = true;
      const want = this.wanted.find(({ kind }) => kind === this.kind);
      await this.room.attempt({ do: "assign_unit", unit, task: want ? want.task : 0 });
      button.disabled = false;
      this.map.way(null);
      this.ask();
    }

    async shared(act, button) {
      if (act === "discard") return [(this.proposal = null), this.paint()];
      button.disabled = true;
      if (act === "ask") await this.propose();
      else await this.accept();
      button.disabled = false;
      return this.paint();
    }

    async propose() {
      const found = await center.dispatchAsk("POST", "/dispatch/share-out", { incidents: [] });
      if (found.ok) this.proposal = found.body;
      else this.room.tell(t.label(found), true);
    }

    /* Each unit by a command of its own: who was sent meanwhile is refused, the others go. */
    async accept() {
      for (const one of this.proposal.sent) {
        const command = { do: "assign_unit", unit: one.unit.id, task: one.task };
        const answer = one.incident === this.room.id ? await this.room.do(command) : await center.dispatchAsk("POST", `/incidents/${one.incident}/commands`, command);
        if (answer.code) this.room.tell([...t.label(one.unit.label), " ", ...t.label(answer)], true);
      }
      this.proposal = null;
      await this.ask();
    }

    /* ---- ways on the map ---- */

    point(event) {
      const row = event.target.closest("[data-unit-row]");
      if (row && row.dataset.drawn === "yes") this.draw(row.dataset.unitRow);
    }

    draw(unit) {
      const found = (this.candidates || []).find((one) => one.unit.id === unit);
      if (found && found.route) this.map.way(found.route.coordinates);
    }

    async see(unit) {
      const found = (this.candidates || []).find((one) => one.unit.id === unit);
      if (!found) return;
      const [longitude, latitude] = this.around.place;
      if (!found.route) {
        const { unit: from } = found;
        const answer = await center.dispatchAsk("GET", `/routing/route?from_longitude=${from.longitude}&from_latitude=${from.latitude}&to_longitude=${longitude}&to_latitude=${latitude}`);
        if (!answer.ok) return this.room.tell(t.label(answer), true);
        found.route = answer.body;
      }
      this.draw(unit);
      center.dispatchFit(this.room.map, found.route.coordinates);
    }
  };

  /* Ask the open interfaces; as incidentAsk, of any path. */
  center.dispatchAsk = async (method, path, body) => {
    try {
      const answer = await fetch(`/api${path}`, { method, cache: "no-store", headers: body ? { "content-type": "application/json" } : {}, body: body && JSON.stringify(body) });
      const found = await answer.json().catch(() => ({}));
      if (answer.ok) return { ok: true, status: answer.status, body: found };
      const [zh, en] = found.zh ? [found.zh, found.en] : t.pair(`fails_${{ 401: "signed_out", 403: "forbidden", 404: "unknown", 503: "database_away" }[answer.status] || "failed"}`);
      return { ok: false, status: answer.status, code: found.code || String(answer.status), zh, en };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const [zh, en] = t.pair("fails_no_answer");
      return { ok: false, status: 0, code: "no_answer", zh, en };
    }
  };

  center.dispatchFit = (view, points) => {
    const [lons, lats] = [0, 1].map((axis) => points.map((point) => point[axis]));
    view.fit([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], 400);
  };

  document.addEventListener("ops-center-incident-room", ({ detail: room }) => {
    const root = byId("incident-dispatch");
    if (root) center.incidentDispatch = new center.IncidentDispatch(room, root);
  });
})();
