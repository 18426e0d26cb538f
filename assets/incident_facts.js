/* The facts of an incident, and changing them. Only what somebody changed is sent, as of the version on which they began.

   Where somebody else was faster, both values are said, nothing that was typed is lost, and whoever typed it chooses. What
   others change meanwhile appears at once in the fields that nobody here has touched. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const PEOPLE = ["dead", "injured", "missing", "trapped", "evacuated"];
  const FIELDS = ["title", "type", "level", "occurred_us", "district", "lead_department", "departments", "description", "casualties"];
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  center.IncidentFacts = class {
    constructor(room) {
      Object.assign(this, { room, time: new center.ChartTime(t.timezone), typed: {}, seen: 0, conflicts: new Map() });
      this.place = byId("incident-facts");
      this.people = byId("incident-casualties");
      this.inputs = {};
      this.place.addEventListener("input", (event) => this.touched(event));
      room.on("changed", (standing) => standing && this.show(standing.incident));
      room.on("place", (changes) => this.put(changes));
    }

    /* ---- what is so ---- */

    show(incident) {
      this.people.replaceChildren(...PEOPLE.map((name) => el("span", `incident-count${incident.casualties[name] ? "" : " none"}`, {}, el("b", "num", {}, String(incident.casualties[name])), el("span", "", {}, ...t.both(`casualties_${name}`)))));
      const fixed = !this.room.mayChange || incident.state === "closed";
      if (!this.form || this.fixed !== fixed) this.build(incident, fixed);
      this.meanwhile(incident);
      this.was = incident;
      if (!Object.keys(this.typed).length) this.seen = incident.version;
      this.say();
    }

    build(incident, fixed) {
      this.fixed = fixed;
      const departments = Object.entries(t.names.departments).map(([code, label]) => [label, code]);
      const districts = [[t.pair("no_district"), ""], ...Object.entries(t.names.districts).map(([code, label]) => [label, code])];
      const make = {
        title: () => el("input", "", { maxlength: "200" }),
        type: () => this.choice(center.incidentTypes()),
        level: () => this.choice([1, 2, 3, 4].map((level) => [t.pair(`level_${level}`), String(level)])),
        occurred_us: () => el("input", "", { type: "datetime-local", step: "1" }),
        district: () => this.choice(districts),
        lead_department: () => this.choice([[t.pair("nobody"), ""], ...departments]),
        departments: () => center.incidentChooser(departments, "department_add"),
        description: () => el("textarea", "", { rows: "3", maxlength: "4000" }),
        casualties: () => el("div", "incident-people-counts", {}, ...PEOPLE.map((name) => el("label", "", {}, ...t.both(`casualties_${name}`), el("input", "num", { type: "number", min: "0", max: "100000000", "data-part": name })))),
      };
      const rows = FIELDS.map((name) => {
        const input = (this.inputs[name] = make[name]());
        input.dataset.fact = name;
        const tag = ["casualties", "departments"].includes(name) ? "fieldset" : "label";
        const label = el(tag === "fieldset" ? "legend" : "span", "", {}, ...t.both(`fact_${name}`));
        return el(tag, `incident-field at-${name}`, { "data-field": name }, label, input, el("span", "incident-told"));
      });
      for (const control of rows.flatMap((row) => [...row.querySelectorAll("input, select, textarea")])) control.disabled = fixed;
      this.foot = el("div", "incident-facts-foot");
      this.form = el("form", "incident-form", {}, ...rows, this.places(incident), this.foot);
      this.form.addEventListener("submit", (event) => [event.preventDefault(), this.save()]);
      this.place.replaceChildren(this.form);
      for (const name of FIELDS) this.fill(name, name in this.typed ? this.typed[name] : incident[name]);
    }

    choice(options) {
      const select = el("select", "");
      for (const [label, code] of options) select.append(t.option(label, code));
      return select;
    }

    places() {
      this.where = el("span", "");
      const acts = this.fixed ? [] : [center.incidentButton("copy", "place_set", () => this.room.emit("draw-place", "point")), center.incidentButton("copy", "area_set", () => this.room.emit("draw-place", "area"))];
      return el("div", "incident-field at-places", { "data-field": "places" }, el("span", "", {}, ...t.both("fact_places")), el("div", "incident-places", {}, this.where, ...acts), el("span", "incident-told"));
    }

    /* ---- what fields hold ---- */

    fill(name, value) {
      const input = this.inputs[name];
      if (name === "casualties") for (const part of input.querySelectorAll("input")) part.value = String(value[part.dataset.part]);
      else if (name === "departments") input.values = value;
      else if (name === "occurred_us") input.value = value ? this.time.typed(value / 1000) : "";
      else input.value = String(value);
    }

    read(name) {
      const input = this.inputs[name];
      if (name === "casualties") return Object.fromEntries([...input.querySelectorAll("input")].map((part) => [part.dataset.part, Math.max(0, Math.round(Number(part.value) || 0))]));
      if (name === "departments") return input.values;
      if (name === "level") return Number(input.value);
      if (name !== "occurred_us") return input.value;
      const ms = this.time.read(input.value);
      const held = this.room.incident.occurred_us;
      return ms === null || Math.floor(held / 1e6) === Math.floor(ms / 1000) ? held : Math.round(ms * 1000);
    }

    touched(event) {
      const field = event.target.closest("[data-fact]");
      if (field) this.put({ [field.dataset.fact]: this.read(field.dataset.fact) });
    }

    /* Somebody wants facts to be so. */
    put(changes) {
      for (const [name, value] of Object.entries(changes)) {
        if (same(value, this.room.incident[name])) delete this.typed[name];
        else this.typed[name] = value;
      }
      this.refusal = null;
      this.say();
    }

    /* Others changed facts: shown where nobody here has touched them, said where somebody has. */
    meanwhile(incident) {
      for (const name of [...FIELDS, "places", "area"]) {
        const mine = name in this.typed;
        if (mine && same(this.typed[name], incident[name])) delete this.typed[name];
        if (!(name in this.typed)) {
          this.conflicts.delete(name);
          if (this.inputs[name] && !same(this.read(name), incident[name])) this.fill(name, incident[name]);
        } else if ((incident.touched[name] || 0) > this.seen) this.conflicts.set(name, incident[name]);
      }
    }

    /* ---- what is said ---- */

    say() {
      const { incident } = this.room;
      for (const row of this.form.querySelectorAll("[data-field]")) {
        const name = row.dataset.field;
        const conflict = this.conflicts.has(name) || (name === "places" && this.conflicts.has("area"));
        row.classList.toggle("typed", name in this.typed || (name === "places" && "area" in this.typed));
        row.classList.toggle("conflict", conflict);
        this.tell(row.querySelector(".incident-told"), conflict && (this.conflicts.has(name) ? name : "area"));
      }
      const places = this.typed.places || incident.places;
      const at = places.length ? places[0].coordinates[0].map((degree) => degree.toFixed(5)).join(", ") : "";
      const name = places.length ? places[0].name : "";
      this.where.replaceChildren(...(places.length ? [name ? `${name} · ` : "", el("span", "num", {}, at), ...(places.length > 1 ? [" · ", ...t.both("places_n", places.length)] : [])] : t.both("no_place")), " · ", ...t.both((this.typed.area || incident.area) ? "area_is" : "area_none"));
      this.sayFoot();
    }

    /* Drawn again when it says something else only: a button that is replaced under the hand is never clicked. */
    tell(told, name) {
      const by = name && this.room.lines.filter((line) => line.act === "changed" && name in line.detail).pop();
      const drawn = JSON.stringify(name ? [name, this.conflicts.get(name), by && by.id] : null);
      if (told.drawn === drawn) return;
      told.drawn = drawn;
      told.replaceChildren(...(name ? this.conflict(name, by) : []));
    }

    /* What the other has made of it, beside what stands in the field, and the choice. */
    conflict(name, by) {
      const theirs = el("b", "", {}, ...center.incidentValue(name, this.conflicts.get(name)));
      const who = by ? [...t.label(t.person(by.who)), " ", el("span", "num", {}, t.time(by.at_us, true)), " "] : [];
      const mine = center.incidentButton("copy", "keep_mine", () => this.keepMine(name), { "data-key": `mine-${name}` });
      const other = center.incidentButton("copy", "take_theirs", () => this.takeTheirs(name), { "data-key": `theirs-${name}` });
      return ["△ ", ...who, ...t.both("changed_it_to"), " ", theirs, el("span", "spring"), mine, other];
    }

    keepMine(name) {
      this.conflicts.delete(name);
      if (!this.conflicts.size) this.seen = this.room.incident.version;
      this.refusal = null;
      this.say();
    }

    takeTheirs(name) {
      delete this.typed[name];
      this.conflicts.delete(name);
      if (!this.conflicts.size) this.seen = this.room.incident.version;
      if (this.inputs[name]) this.fill(name, this.room.incident[name]);
      this.refusal = null;
      this.say();
    }

    sayFoot() {
      const count = Object.keys(this.typed).length;
      this.foot.hidden = this.fixed || (!count && !this.refusal);
      const drawn = JSON.stringify([this.foot.hidden, count, this.conflicts.size, this.saving, this.refusal]);
      if (this.foot.drawn === drawn) return; // as above
      this.foot.drawn = drawn;
      if (this.foot.hidden) return;
      const save = el("button", "act main", { type: "submit", "data-key": "save" }, ...t.both("facts_save", count));
      save.disabled = this.conflicts.size > 0 || this.saving;
      const drop = center.incidentButton("act", "facts_drop", () => this.drop(), { "data-key": "drop" });
      const why = this.conflicts.size ? [el("span", "wrong", { role: "alert" }, "△ ", ...t.both("conflict", this.conflicts.size))] : this.refusal ? [el("span", "wrong", { role: "alert" }, ...t.label(this.refusal))] : [];
      center.incidentPut(this.foot, ...why, el("span", "spring"), drop, save);
    }

    drop() {
      this.typed = {};
      this.conflicts.clear();
      this.refusal = null;
      this.seen = this.room.incident.version;
      for (const name of FIELDS) this.fill(name, this.room.incident[name]);
      this.room.emit("place-dropped", null);
      this.say();
    }

    async save() {
      if (!Object.keys(this.typed).length || this.conflicts.size || this.saving) return;
      const facts = { ...this.typed };
      this.saving = true;
      this.sayFoot();
      const answer = await this.room.do({ do: "change", seen: this.seen, facts });
      this.saving = false;
      this.refusal = answer.code !== undefined ? answer : null;
      if (answer.code === "passed") {
        this.refusal = null;
        await this.room.refresh();
        this.meanwhile(this.room.incident);
      } else if (answer.code === undefined) {
        for (const [name, value] of Object.entries(facts)) if (same(this.typed[name], value)) delete this.typed[name];
        this.seen = this.room.incident.version;
        this.room.tell(t.both("facts_saved"));
      }
      this.say();
    }
  };

  /* Types as choices, each below the one above it. */
  center.incidentTypes = function () {
    const below = (parent, depth) => Object.entries(t.types).filter(([, type]) => (type.parent || "") === parent).flatMap(([code, { label }]) => [[["zh", "en"].map((language) => `${"\u2003".repeat(depth)}${label[language]}`), code], ...below(code, depth + 1)]);
    return below("", 0);
  };
})();
