/* The editor of plans (/plans), by draft_editor.js: steps, and what is typed. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const TYPED_MS = 1200;
  const byId = (id) => document.getElementById(id);

  class PlanEditor extends center.DraftEditor {
    constructor(data) {
      super(data, { name: "plan", list: "plans", parts: "steps", page: "/plans" });
      Object.assign(this, { level: 0, compared: 0 });
      byId("plan-form").addEventListener("input", (event) => this.typed(event));
      this.open(this.asked);
    }

    /* ---- the draft ---- */

    open(name, chosen = null) {
      const row = this.row(name);
      if (!row) return this.list();
      this.flush();
      const said = this.takeUp(row);
      Object.assign(this, { compared: 0, chosen: chosen !== null && chosen < this.form.steps.length ? chosen : null });
      if (said) this.told = { ok: true, said };
      this.changed({ fresh: true });
      this.say("history-of", name);
    }

    changeStep(place, step) {
      const before = this.form.steps[place].id;
      const renamed = (one) => ({ ...one, after: (one.after || []).map((id) => (id === before ? step.id : id)) });
      const steps = this.form.steps.map((one, at) => (at === place ? step : one));
      this.change({ ...this.form, steps: step.id === before ? steps : steps.map(renamed) });
    }

    addStep() {
      const ids = new Set(this.form.steps.map(({ id }) => id));
      let n = this.form.steps.length + 1;
      while (ids.has(`step_${n}`)) n += 1;
      const before = this.form.steps[this.chosen === null ? this.form.steps.length - 1 : this.chosen];
      const step = { id: `step_${n}`, title: { zh: "新步骤", en: "new step" }, text: { zh: "做什么", en: "what to do" }, department: before.department, accept_minutes: 10, done_minutes: 60, after: [before.id], levels: [1, 2, 3, 4], faster: {}, units: [] };
      this.chosen = this.form.steps.length;
      this.change({ ...this.form, steps: [...this.form.steps, step] });
    }

    removeStep(place) {
      if (this.form.steps.length < 2) return this.tell(false, ["预案至少要有一个步骤。", "A plan has at least one step."]);
      const { id } = this.form.steps[place];
      const steps = this.form.steps.filter((_, at) => at !== place).map((one) => ({ ...one, after: (one.after || []).filter((other) => other !== id) }));
      this.chosen = null;
      this.change({ ...this.form, steps });
    }

    undo(from, to) {
      const { chosen } = this;
      const there = (this[from][this[from].length - 1] || this.form).steps.length;
      if (chosen !== null && chosen >= there) this.chosen = null;
      super.undo(from, to);
    }

    changed({ fresh = false }) {
      if (!fresh) this.keep();
      this.paint();
      this.judge(fresh);
    }

    judged(said) {
      super.judged(said);
      if (said.seq === this.seq) center.planParts.marks(this);
    }

    /* ---- what is being typed ---- */

    typed(event) {
      if (event.isComposing || !event.target.matches("input:not([type=checkbox]), textarea")) return;
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.flush(), TYPED_MS);
    }

    choose(place) {
      this.flush();
      this.chosen = place;
      this.paint();
    }

    /* ---- drawing ---- */

    get faulty() {
      return new Set(this.faultyPlaces);
    }

    paint({ keepForm = false } = {}) {
      if (!this.form) return;
      this.list();
      center.planParts.bar(this);
      center.planGraph(byId("plan-graph"), this);
      this.foot();
      if (!keepForm) this.paintForm();
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  const nothing = () => window.dash_clientside.no_update;
  window.dash_clientside.plans = {
    known(data) {
      if (!data) return nothing();
      if (data.fault) byId("plan-foot").replaceChildren(center.el("p", "answer wrong", {}, ...center.both(...data.fault)));
      else if (center.planEditor) center.planEditor.known(data);
      else if (data.types) center.planEditor = new PlanEditor(data);
      return nothing();
    },
    ...center.hearDrafts(() => byId("plan-list") && center.planEditor),
  };
})();
