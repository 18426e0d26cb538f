/* Opening an incident: `I` on an alarm or a place, and Enter accepts what the center proposes. On every page for a desk.

   opsCenter.incidentOpen.open({alarm: id} | {lon, lat} | {}) asks /api/incidents/context what is known there and fills in the
   form with it. A button with data-incident-open="alarm|place" and data-alarm-id or data-lon and data-lat opens it, too. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const configured = () => {
    const place = document.getElementById("incident-open-said");
    if (place && !t.timezone) t.configure(JSON.parse(place.dataset.said));
    return Boolean(place && place.dataset.may === "yes");
  };

  class Opening {
    constructor(what) {
      this.what = what;
      this.from = document.activeElement;
      this.dialog = el("dialog", "incident-open", { "aria-labelledby": "incident-open-title" });
      this.form = el("form", "", { method: "dialog" });
      this.dialog.append(this.form);
      this.dialog.addEventListener("cancel", (event) => [event.preventDefault(), this.close()]);
      this.dialog.addEventListener("keydown", (event) => this.key(event));
      this.form.addEventListener("submit", (event) => [event.preventDefault(), this.send(true)]);
      (document.getElementById("desk") || document.body).append(this.dialog);
      this.build();
      this.dialog.showModal();
      this.main.focus();
      this.ask();
    }

    key(event) {
      event.stopPropagation(); // the page has keys of its own
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.send(true);
    }

    close() {
      this.dialog.close();
      this.dialog.remove();
      center.incidentOpen.now = null;
      if (this.from && this.from.isConnected) this.from.focus();
    }

    /* ---- the form ---- */

    build() {
      const departments = Object.entries(t.names.departments).map(([code, label]) => [label, code]);
      const select = (options) => {
        const made = el("select", "");
        for (const [label, code] of options) made.append(t.option(label, code));
        return made;
      };
      this.inputs = {
        title: el("input", "", { maxlength: "200", required: "", autocomplete: "off" }),
        type: select([[t.pair("choose"), ""], ...center.incidentTypes()]),
        level: el("div", "incident-levels", { role: "radiogroup", ...t.titled("fact_level") }, ...[1, 2, 3, 4].map((level) => this.level(level))),
        plan: select([[t.pair("no_plan"), ""]]),
        lead_department: select([[t.pair("nobody"), ""], ...departments]),
        description: el("textarea", "", { rows: "2", maxlength: "4000" }),
      };
      this.inputs.type.required = true;
      this.inputs.type.addEventListener("change", () => this.typeChosen());
      const rows = Object.entries(this.inputs).map(([name, input]) => el(name === "level" ? "div" : "label", `incident-open-row at-${name}`, {}, el("span", "", {}, ...t.both(name === "plan" ? "plan" : `fact_${name}`)), input));
      this.known = el("div", "incident-known", { "aria-live": "polite" });
      this.refusal = el("p", "incident-refusal", { role: "alert" });
      this.refusal.hidden = true;
      const no = el("button", "plain", { type: "button" }, ...t.both("cancel"), el("kbd", "", {}, "Esc"));
      no.addEventListener("click", () => this.close());
      this.only = el("button", "plain", { type: "button" }, ...t.both("open_only_report"));
      this.only.addEventListener("click", () => this.form.reportValidity() && this.send(false));
      this.main = el("button", "main", { type: "submit" }, ...t.both("open_now"), el("kbd", "", {}, "↵"));
      this.form.replaceChildren(el("h2", "", { id: "incident-open-title" }, ...t.both("open_title")), el("div", "incident-open-body", {}, el("div", "incident-open-fields", {}, ...rows), this.known), this.refusal, el("div", "buttons-row", {}, no, this.only, this.main));
    }

    level(level) {
      const input = el("input", "", { type: "radio", name: "incident-level", value: String(level), ...t.titled(`level_${level}`) });
      const [zh, en] = t.pair(`level_${level}`).map((name) => (name.match(/[（(](.+)[)）]/) || [name, name])[1]); // the numeral stands above
      return el("label", `incident-level-choice l${level}`, {}, input, center.incidentLevel(level), el("span", "", {}, ...t.label({ zh, en })));
    }

    typeChosen() {
      const known = t.types[this.inputs.type.value];
      if (known && !this.levelTouched) this.setLevel(known.level);
      this.offerPlans();
    }

    setLevel(level) {
      const input = this.inputs.level.querySelector(`input[value="${level}"]`);
      if (input) input.checked = true;
    }

    /* The plans for the type that is chosen, the most special first; the first is proposed. */
    offerPlans() {
      const lineage = [];
      for (let code = this.inputs.type.value; code; code = (t.types[code] || {}).parent) lineage.push(code);
      const found = lineage.flatMap((code) => (t.plans_of[code] || []).map((name) => [t.plans[name], name]));
      const proposed = this.context && this.inputs.type.value === this.context.suggested_type ? this.context.plans.map(({ name, label }) => [label, name]) : found;
      const plans = proposed.length ? proposed : found;
      this.inputs.plan.replaceChildren(...plans.map(([label, name]) => t.option(label, name)), t.option(t.pair("no_plan"), ""));
    }

    /* ---- what is known there ---- */

    async ask() {
      const { alarm, lon, lat } = this.what;
      if (alarm === undefined && lon === undefined) {
        this.known.replaceChildren(center.incidentState("empty", t.both("open_nowhere")));
        this.inputs.title.focus();
        return this.setLevel(4);
      }
      this.main.disabled = this.only.disabled = true;
      this.known.replaceChildren(center.incidentState("loading", t.both("open_asking")));
      const query = alarm !== undefined ? { alarm: String(alarm) } : { lon: String(lon), lat: String(lat) };
      const found = await center.incidentAsk("GET", `/context?${new URLSearchParams(query)}`);
      this.main.disabled = this.only.disabled = false;
      if (!found.ok) {
        this.known.replaceChildren(center.incidentState(found.status === 403 || found.status === 404 ? "forbidden" : "failed", t.label(found)));
        return this.inputs.title.focus();
      }
      this.fill(found.body);
    }

    fill(context) {
      this.context = context;
      const { inputs } = this;
      const title = context.title && context.title.zh ? context.title[t.isEnglish ? "en" : "zh"] : context.title;
      if (!inputs.title.value) inputs.title.value = title || "";
      if (!inputs.type.value && context.suggested_type) inputs.type.value = context.suggested_type;
      this.setLevel(context.suggested_level || (t.types[inputs.type.value] || { level: 4 }).level);
      if (context.lead_department) inputs.lead_department.value = context.lead_department;
      this.offerPlans();
      this.known.replaceChildren(...this.facts(context));
      document.documentElement.dataset.incidentProposal = "ready";
      if (inputs.type.value && inputs.title.value) this.main.focus();
      else (inputs.title.value ? inputs.type : inputs.title).focus();
    }

    facts(context) {
      const { cameras, on_duty: duty, alike, facilities } = context;
      const line = (key, ...value) => (value.length ? [el("dt", "", {}, ...t.both(key)), el("dd", "", {}, ...value)] : []);
      const list = (items, look = "") => (items.length ? [el("ul", look, {}, ...items)] : [el("span", "quiet", {}, "—")]);
      const people = context.people ? [el("b", "num", {}, ...t.both("people_n", context.people.toLocaleString("en-US"))), ...(facilities && facilities.length ? [" · ", ...facilities.slice(0, 4).flatMap((one, place) => [place ? " · " : "", ...t.label(one.name || one)])] : [])] : [];
      const already = (context.already || []).length ? [el("p", "incident-already", { role: "alert" }, "△ ", ...t.both("already_in"), ...context.already.flatMap((id) => [" ", el("a", "", { href: `/incidents/${id}` }, `#${id}`)]))] : [];
      return [
        ...already,
        el("dl", "", {}, ...line("known_place", ...t.label(context.place)), ...line("known_people", ...people), ...line("known_weather", ...t.label(context.weather)), ...line("known_roads", ...t.label(context.roads)), ...line("known_cameras", ...list((cameras || []).map(camera), "incident-in-line")), ...line("known_duty", ...list((duty || []).slice(0, 5).map(dutyLine))), ...line("known_alike", ...list((alike || []).map(alikeLine)))),
      ];
    }

    /* ---- opening ---- */

    async send(open) {
      if (this.main.disabled || this.sending || !this.form.reportValidity()) return;
      const { inputs, context, what } = this;
      const level = inputs.level.querySelector("input:checked");
      const department = inputs.lead_department.value;
      if (open && !department) return this.refuse(t.pair("open_needs_lead"), inputs.lead_department);
      const place = context && context.longitude !== undefined && context.longitude !== null ? [{ kind: "point", coordinates: [[context.longitude, context.latitude]], name: placeName(context).slice(0, 200) }] : [];
      const report = {
        type: inputs.type.value, level: level ? Number(level.value) : 4, title: inputs.title.value.trim(), description: inputs.description.value.trim(),
        source: what.alarm !== undefined ? `alarm:${what.alarm}` : what.lon !== undefined ? "map" : "call",
        places: place, district: (context && context.district) || "", lead_department: department, departments: department ? [department] : [],
        alarms: (context && context.alarms) || (what.alarm !== undefined ? [what.alarm] : []), cameras: ((context && context.cameras) || []).map((one) => one.id), open, plan: open ? inputs.plan.value : "",
      };
      this.sending = true;
      this.main.classList.add("waits");
      const found = await center.incidentAsk("POST", "", report);
      this.sending = false;
      this.main.classList.remove("waits");
      if (!found.ok) return this.refuse([found.zh, found.en]);
      location.assign(`/incidents/${found.body.incident.id}`);
    }

    refuse([zh, en], field) {
      this.refusal.hidden = false;
      this.refusal.replaceChildren(...t.label({ zh, en }));
      if (field) field.focus();
    }
  }

  const placeName = ({ place }) => (place && place.zh ? (t.isEnglish && place.en) || place.zh : typeof place === "string" ? place : "");
  const camera = (one) => el("li", "", {}, el("a", "", { href: `/things/${one.id}`, target: "_blank", rel: "noopener" }, ...t.label(one.name || one.label || one.id)), el("span", "quiet num", {}, one.distance_m === undefined ? "" : ` ${Math.round(one.distance_m)} m`));
  const dutyLine = (one) => el("li", "", {}, el("b", "", {}, ...t.label(one.organisation && t.names.departments[one.organisation] ? t.names.departments[one.organisation] : one.organisation || "")), " ", ...t.label(one.person || one.name || ""), one.phone ? ` ${one.phone}` : "");
  const alikeLine = (one) => el("li", "incident-alike-line", {}, el("a", "", { href: `/cases/${one.id}`, target: "_blank", rel: "noopener", title: one.title }, one.title), el("span", "quiet num", {}, `${Math.round(100 * one.likeness)} %`));

  const said = ({ incidentOpen, alarmId, lon, lat }) => (incidentOpen === "alarm" ? { alarm: Number(alarmId) } : incidentOpen === "place" ? { lon: Number(lon), lat: Number(lat) } : {});

  /* What is chosen on this page: the place or alarm whose card is open, the alarm under the cursor, the thing on the map. */
  function chosen() {
    const { desk, alarms } = center;
    const atDesk = desk && document.getElementById("desk-page");
    if (atDesk && desk.state.here) return { lon: desk.state.here[0], lat: desk.state.here[1] };
    const button = [...document.querySelectorAll("[data-incident-open]")].find((one) => one.offsetParent !== null);
    if (button) return said(button.dataset);
    if (atDesk && desk.state.thing && desk.pin.at) return { lon: desk.pin.at[0], lat: desk.pin.at[1] };
    const id = alarms && document.getElementById("alarm-page") && (alarms.opened || alarms.rows.cursor);
    return id ? { alarm: id } : {};
  }

  center.incidentOpen = {
    now: null,
    open(what) {
      if (!configured() || this.now) return;
      delete document.documentElement.dataset.incidentProposal;
      this.now = new Opening(what);
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "I" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || document.querySelector("dialog[open]")) return;
    if (!configured()) return;
    event.preventDefault();
    center.incidentOpen.open(chosen());
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-incident-open]");
    if (!button) return;
    center.incidentOpen.open(said(button.dataset));
  });
})();
