/* One case (/cases/<id>): what happened in short, how long it took, what was late, what it taught, and cases like it.

   Its lessons may be written anew: what is typed is kept by the browser until it is saved or dropped, also when the page goes.
   Who was passed sees what the other wrote beside their own text, and saves again if they mean it. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const MINUTES = ["verify", "arrive", "contain", "resolve", "close"];
  const LONGEST = "4000";
  const between = (parts, sign = " · ") => parts.flatMap((part, place) => (place ? [sign, ...part] : part));
  const section = (name, ...children) => el("section", `case-part case-${name}`, {}, el("h2", "", {}, ...t.both(`case_${name}`)), ...children);

  center.CaseView = class {
    constructor(place, on) {
      Object.assign(this, { place, on, id: null, case: null, draft: null });
      place.addEventListener("click", (event) => this.clicked(event));
      this.show(null);
    }

    show(id, into = false) {
      if (id === this.id && this.case) return into && this.place.focus();
      Object.assign(this, { id, case: null, draft: null, told: null, theirs: null });
      this.place.scrollTop = 0;
      if (!id) return this.place.replaceChildren(center.incidentState("empty", t.both("choose_case")));
      this.place.replaceChildren(center.incidentState("loading", t.both("case_reading")));
      this.renew(into);
    }

    /* Ask for it again; what is typed stays. Returns whether what it says is new. */
    async renew(into = false) {
      const { id } = this;
      const [found] = await Promise.all([center.askCenter("GET", `/api/cases/${id}`), center.incidentUnits()]);
      if (id !== this.id) return false;
      if (!found.ok) {
        if (!this.case) this.fail(found);
        return false;
      }
      const first = !this.case;
      if (!first && found.body.version < this.case.version) return true; // asked for earlier, answered later
      this.case = found.body;
      if (first) this.draft = this.kept();
      if (first && this.draft) this.told = ["good", "lessons_kept"];
      this.draw();
      if (into) this.place.focus();
      return true;
    }

    fail(refusal) {
      const again = center.incidentButton("act", "cases_again", () => this.renew());
      const said = { 403: ["forbidden", t.label(refusal)], 404: ["empty", t.both("case_unknown"), el("a", "", { href: `/incidents/${this.id}` }, ...t.both("case_room"))] }[refusal.status] || ["failed", t.label(refusal), again];
      this.place.replaceChildren(center.incidentState(...said));
    }

    clicked(event) {
      const link = event.target.closest("[data-case]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      this.on.open(Number(link.dataset.case));
    }

    /* ---- what it says ---- */

    draw() {
      const one = this.case;
      this.lessons = el("section", "case-part case-lessons");
      center.incidentPut(this.place, this.head(one), this.figures(one), el("div", "case-columns", {}, el("div", "", {}, this.lessons, this.story(one)), el("div", "", {}, this.late(one), this.alike(one))));
      this.drawLessons();
    }

    head(one) {
      const where = [[`#${one.id}`], t.label(t.type(one.type)), ...(one.district ? [t.label(t.named("districts", one.district))] : []), ...(one.place ? [[one.place]] : []), [t.dated(one.occurred_us)]];
      const marks = [...(one.simulated ? [el("em", "badge notice", {}, ...t.both("simulated"))] : []), ...(one.reopened ? [el("em", "badge", {}, ...t.both("case_reopened", one.reopened))] : [])];
      const reports = one.reports.length ? one.reports.slice(0, 3).map(({ number }) => this.link(`/incidents/${one.id}/report?number=${number}`, t.both("case_report_n", number))) : [this.link(`/incidents/${one.id}/report`, t.both("case_report"))];
      return el("header", "case-head", {}, center.incidentLevel(one.level), el("div", "", {}, el("h1", "", {}, one.title), el("p", "quiet", {}, ...between(where), ...marks)), el("nav", "", t.titled("case_heading"), this.link(`/incidents/${one.id}`, t.both("case_room")), ...reports));
    }

    link(href, text) {
      const language = href.includes("/report") ? `${href.includes("?") ? "&" : "?"}language=${t.isEnglish ? "en" : "zh"}` : "";
      return el("a", "act", { href: href + language }, ...text);
    }

    figures(one) {
      const tile = (name, value, more = []) => el("div", `case-figure${value ? "" : " none"}`, {}, el("span", "quiet", {}, ...t.both(name)), el("b", "num", {}, ...(value || t.both("not_noted"))), ...more);
      const count = (name, late, all) => el("div", `case-figure${late ? " late" : ""}`, {}, el("span", "quiet", {}, ...t.both(name)), el("b", "num", {}, ...(late ? [el("i", "", { "aria-hidden": "true" }, "△ ")] : []), String(late)), el("span", "quiet num", {}, ...t.both("of_n", all)));
      const tiles = MINUTES.map((name) => tile(`minutes_${name}`, one.minutes[name] === null ? null : t.label(t.span(one.minutes[name]))));
      return el("section", "case-figures", t.titled("case_figures"), ...tiles, count("late_tasks_n", one.late_tasks.length, one.tasks), count("late_units_n", one.late_units.length, one.units));
    }

    story(one) {
      const people = Object.entries(one.casualties).filter(([, count]) => count).map(([name, count]) => [...t.both(`casualties_${name}`), ` ${count}`]);
      const who = [
        ...(one.lead_department ? [[...t.both("case_leads"), " ", ...t.label(t.named("departments", one.lead_department))]] : []),
        ...(one.commander ? [[...t.both("case_commanded"), " ", ...t.label(t.person(one.commander))]] : []),
        ...(one.plan ? [t.label((t.plans && t.plans[one.plan]) || one.plan)] : []),
        ...people,
      ];
      const described = one.description ? [el("p", "case-said", {}, one.description)] : [];
      return section("story", ...described, el("p", "quiet", {}, ...between(who)), el("ol", "case-turns", t.titled("case_turns"), ...one.turns.map((turn) => this.turn(turn, one))));
    }

    turn({ what, at_us: atUs, who, text, unit }, one) {
      const name = what === "arrived" ? [...t.both("turn_arrived"), ": ", ...center.incidentUnit(unit)] : t.both(`act_${what}`);
      const after = atUs > one.reported_us ? [el("span", "quiet num", {}, ...t.both("case_after", t.span((atUs - one.reported_us) / 6e7)))] : [];
      const by = who ? [el("span", "quiet", {}, ...t.label(t.person(who)))] : [];
      const said = text && what !== "closed" ? [el("p", "case-said", {}, text)] : []; // what closed it stands above, as its lessons
      return el("li", `case-turn at-${what}`, {}, el("span", "num case-at", {}, t.dated(atUs)), el("div", "", {}, el("b", "", {}, ...name), " ", ...after, " ", ...by, ...said));
    }

    late({ late_tasks: tasks, late_units: units }) {
      const by = (key, minutes) => t.label(center.labelled(key, t.span(minutes)));
      const task = ({ title, department, accepted_late_min: accepted, done_late_min: done }) =>
        el("li", "", {}, el("b", "", {}, ...t.label(title)), el("span", "quiet", {}, ...t.label(t.named("departments", department))), el("span", "incident-late", {}, "△ ", ...between([...(accepted ? [by("late_accepted", accepted)] : []), ...(done ? [by("late_done", done)] : [])])));
      const unit = ({ unit: id, late_min: minutes }) => el("li", "", {}, el("b", "", {}, ...center.incidentUnit(id)), el("span", "incident-late", {}, "△ ", ...by("late_arrived", minutes)));
      if (!tasks.length && !units.length) return section("late", el("p", "quiet", {}, "✓ ", ...t.both("case_all_in_time")));
      return section("late", el("ul", "", {}, ...tasks.map(task), ...units.map(unit)));
    }

    alike({ alike }) {
      const share = (part) => `${Math.round(100 * part)} %`;
      const line = ({ id, title, likeness, parts, occurred_us: occurredUs }) =>
        el("li", "", {}, el("a", "", { href: `/cases/${id}`, "data-case": String(id) }, title), el("span", "quiet num", {}, t.dated(occurredUs), " · ", ...t.both("alike_all", share(likeness))), el("span", "quiet", {}, ...between(Object.entries(parts).map(([name, part]) => [...t.both(`alike_${name}`), " ", el("b", "num", {}, share(part))]))));
      return section("alike", alike.length ? el("ul", "", {}, ...alike.map(line)) : el("p", "quiet", {}, ...t.both("case_no_alike")));
    }

    /* ---- its lessons ---- */

    kept() {
      const found = keptOf(this.id);
      return found && found.text !== this.case.lessons ? found : null;
    }

    edit() {
      if (!this.case || !this.case.may_write) return;
      this.draft = this.draft || { seen: this.case.version, text: this.case.lessons };
      this.told = null;
      this.drawLessons();
      this.lessons.querySelector("textarea").focus();
    }

    drawLessons() {
      const { may_write: may, versions } = this.case;
      const edit = may && !this.draft ? [center.incidentButton("copy case-edit", "lessons_edit", () => this.edit(), { "data-key": "lessons-edit" })] : [];
      if (edit.length) edit[0].append(" ", el("kbd", "", {}, "E"));
      const told = this.told ? [el("p", `answer ${this.told[0]}`, { role: "status" }, ...(typeof this.told[1] === "string" ? t.both(this.told[1]) : t.label(this.told[1])))] : [];
      const body = this.draft ? [this.form()] : [el("p", "case-said", {}, this.case.lessons)];
      const first = el("h2", "", {}, ...t.both("lessons"), el("span", "spring"), ...edit);
      center.incidentPut(this.lessons, first, ...body, ...told, ...(versions.length > 1 ? [this.versions(versions)] : versions.map((one) => this.by(one))));
    }

    by({ who, at_us: atUs }, ...more) {
      return el("p", "quiet case-by", {}, ...t.label(center.labelled("lessons_by", named(who), { zh: t.dated(atUs), en: t.dated(atUs) })), ...more);
    }

    versions(versions) {
      const older = versions.map((one, place) => el("li", "", {}, this.by(one, ...(place ? [] : [" · ", ...t.both("lessons_now")])), ...(place ? [el("p", "case-said", {}, one.text)] : [])));
      return el("details", "case-versions", { "data-key": "versions" }, el("summary", "", { "data-key": "versions-summary" }, ...t.both("lessons_versions", versions.length)), el("ol", "", {}, ...older));
    }

    form() {
      const text = el("textarea", "", { rows: "8", maxlength: LONGEST, required: "", "data-key": "lessons-text", ...t.titled("lessons") });
      text.value = this.draft.text;
      text.addEventListener("input", () => this.typed(text.value));
      text.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) [event.preventDefault(), this.save()];
      });
      const save = el("button", "act main", { type: "submit" }, ...t.both("lessons_save"), el("kbd", "", {}, "Ctrl ↵"));
      const form = el("form", "case-form", {}, ...this.passed(), text, el("div", "case-acts", {}, save, center.incidentButton("act", "lessons_drop", () => this.drop())));
      form.addEventListener("submit", (event) => [event.preventDefault(), this.save()]);
      return form;
    }

    /* What somebody else wrote meanwhile. */
    passed() {
      if (!this.theirs) return [];
      const { who, at_us: atUs, text } = this.theirs;
      const said = center.labelled("lessons_passed", named(who), { zh: t.dated(atUs), en: t.dated(atUs) });
      return [el("div", "case-theirs", { role: "alert" }, el("b", "", {}, ...t.label(said)), el("blockquote", "case-said", {}, text), el("p", "", {}, ...t.both("lessons_over")), center.incidentButton("copy", "lessons_take", () => this.drop()))];
    }

    typed(text) {
      this.draft = { ...this.draft, text };
      center.remember(keyOf(this.id), text === this.case.lessons ? "" : JSON.stringify(this.draft));
    }

    drop() {
      center.remember(keyOf(this.id), "");
      Object.assign(this, { draft: null, theirs: null, told: null });
      this.drawLessons();
      const edit = this.lessons.querySelector(".case-edit");
      if (edit) edit.focus();
    }

    async save() {
      const { id, draft } = this;
      if (this.saving || !draft) return;
      this.saving = true;
      this.tell("", "lessons_saving");
      const found = await center.incidentAsk("POST", `/${id}/commands`, { do: "rewrite_lessons", seen: draft.seen, lessons: draft.text });
      const saved = found.ok || found.code === "same";
      const kept = keptOf(id);
      if (saved && kept && kept.text === draft.text) center.remember(keyOf(id), "");
      const renewed = id === this.id && (await this.renew()); // as it is now: whoever was passed saves over what they see
      this.saving = false;
      if (id !== this.id || !this.case) return;
      if (saved) return this.saved(draft.text, found.ok ? found.body.incident.version : draft.seen, renewed);
      if (found.code === "passed" && this.draft && this.case.versions.length) {
        this.theirs = this.case.versions[0];
        this.draft = { ...this.draft, seen: this.case.version };
      }
      this.tell("wrong", found);
    }

    /* What was typed since stays, and so does the form while what stands behind it is old. */
    saved(text, seen, renewed) {
      this.theirs = null;
      if (this.draft) this.draft = { ...this.draft, seen };
      if (this.draft && this.draft.text !== text) this.typed(this.draft.text);
      else if (renewed) this.draft = null;
      this.tell("good", "lessons_saved");
      this.on.changed();
    }

    tell(kind, said) {
      this.told = [kind, said];
      this.drawLessons();
    }
  };

  const keyOf = (id) => `case-lessons.${t.account}.${id}`;

  /* What somebody here typed for a case and has not saved. */
  const keptOf = (id) => {
    try {
      const found = JSON.parse(center.remembered(keyOf(id)) || "null");
      return found && typeof found.text === "string" ? found : null;
    } catch (error) {
      return null;
    }
  };

  const named = (account) => {
    const one = t.person(account);
    return typeof one === "string" ? { zh: one, en: one } : one;
  };
})();
