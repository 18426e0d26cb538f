/* The editor of plans (/plans): which plan is opened, its draft, undo, what is asked of the server.

   A draft is kept by the browser, by account and plan, until it is saved or dropped: also what is being typed when the page
   goes. Nothing here decides what is right: the server judges the draft at every change (screens/version_acts.py). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const JUDGE_MS = 300;
  const TYPED_MS = 1200;
  const MOST_UNDONE = 200;
  const byId = (id) => document.getElementById(id);
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const TYPED = "input, select, textarea, button";

  class PlanEditor {
    constructor(data) {
      Object.assign(this, { data, name: null, chosen: null, level: 0, seq: Date.now(), faults: [], told: null, compared: 0 });
      document.addEventListener("keydown", (event) => this.key(event));
      window.addEventListener("pagehide", () => this.flush());
      byId("plan-form").addEventListener("input", (event) => this.typed(event));
      new MutationObserver(() => this.paint()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      const asked = new URLSearchParams(location.search).get("plan");
      this.open(this.row(asked) ? asked : (data.plans[0] || {}).name);
    }

    get disabled() {
      return !this.data.may_change;
    }

    row(name) {
      return this.data.plans.find((one) => one.name === name);
    }

    known(data) {
      const before = this.row(this.name);
      this.data = { ...this.data, ...data };
      const now = this.row(this.name);
      if (now && before && now.version !== before.version && (this.next === this.name || !this.differs(before))) {
        const { told, chosen } = this;
        this.open(this.name);
        Object.assign(this, { told, chosen: chosen !== null && chosen < this.form.steps.length ? chosen : null, next: null });
        this.paint();
      } else center.planParts.list(this);
    }

    /* ---- the draft ---- */

    key_(name) {
      return `plan-draft.${this.data.me}.${name}`;
    }

    open(name) {
      const row = this.row(name);
      if (!row) return center.planParts.list(this);
      this.flush();
      const kept = this.draftOf(name);
      Object.assign(this, { name, chosen: null, undone: [], redone: [], faults: [], told: null, versions: null, compared: 0, reason: "" });
      this.version = kept ? kept.version : row.version;
      this.form = kept ? kept.form : copy(row.form);
      if (kept) this.told = { ok: true, said: kept.version === row.version ? ["已恢复您未保存的草稿。", "Your draft that was not saved is back."] : [`已恢复您的草稿：它始于第 ${kept.version} 版，现在已是第 ${row.version} 版。`, `Your draft is back: it began with version ${kept.version}, and version ${row.version} is there now.`] };
      history.replaceState(history.state, "", `/plans?plan=${encodeURIComponent(name)}`);
      this.changed({ fresh: true });
      dash_clientside.set_props("plan-history-of", { data: name });
    }

    draftOf(name) {
      try {
        const kept = JSON.parse(center.remembered(this.key_(name)) || "null");
        return kept && kept.form && Array.isArray(kept.form.steps) ? kept : null;
      } catch (error) {
        return null;
      }
    }

    differs(row = this.row(this.name)) {
      return Boolean(row) && !same({ ...row.form, version: 0 }, { ...this.form, version: 0 });
    }

    change(form) {
      if (this.disabled || same(form, this.form)) return;
      this.undone = [...this.undone, this.form].slice(-MOST_UNDONE);
      this.redone = [];
      this.form = form;
      this.told = null;
      this.changed({});
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
      if (!this[from].length) return;
      this[to] = [...this[to], this.form];
      this.form = this[from][this[from].length - 1];
      this[from] = this[from].slice(0, -1);
      if (this.chosen !== null && this.chosen >= this.form.steps.length) this.chosen = null;
      this.changed({});
    }

    drop() {
      clearTimeout(this.typing);
      this.half = null;
      center.remember(this.key_(this.name), "");
      this.form = null;
      this.open(this.name);
    }

    changed({ fresh = false }) {
      if (!fresh) center.remember(this.key_(this.name), this.differs() ? JSON.stringify({ version: this.version, form: this.form, at: Date.now() }) : "");
      this.paint();
      clearTimeout(this.judging);
      this.judging = setTimeout(() => dash_clientside.set_props("plan-draft", { data: { seq: (this.seq += 1), form: this.form } }), fresh ? 0 : JUDGE_MS);
    }

    judged({ seq, faults }) {
      if (seq !== this.seq) return;
      this.faults = faults;
      this.paint({ keepForm: true });
      center.planParts.marks(this);
    }

    /* ---- what is being typed ---- */

    typed(event) {
      if (event.isComposing || !event.target.matches("input:not([type=checkbox]), textarea")) return;
      this.half = event.target;
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.flush(), TYPED_MS);
    }

    /* Takes what is typed but not left yet into the draft. */
    flush() {
      clearTimeout(this.typing);
      const element = this.half;
      this.half = null;
      if (element && element.isConnected) element.dispatchEvent(new Event("change"));
    }

    key(event) {
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || !(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) this.undo("undone", "redone");
      else if (key === "y" || (key === "z" && event.shiftKey)) this.undo("redone", "undone");
      else return;
      event.preventDefault();
    }

    choose(place) {
      this.flush();
      this.chosen = place;
      this.paint();
    }

    /* ---- what is asked ---- */

    act(act, more = {}) {
      this.flush();
      const data = { seq: (this.seq += 1), act, name: this.name, expected: this.version, reason: this.reason || "", ...more };
      dash_clientside.set_props("plan-act", { data });
    }

    save() {
      this.flush();
      this.act("save", { form: { ...this.form, name: this.name } });
    }

    answered({ ok, said, name, version, faults, act }) {
      this.tell(ok, said);
      if (!ok) {
        if (faults && faults.length) this.faults = faults;
        return this.paint({ keepForm: true });
      }
      this.reason = "";
      this.next = name;
      if (act !== "enable" && act !== "disable") center.remember(this.key_(name), "");
      const row = this.row(name);
      if (row && row.version >= version) this.known({});
    }

    tell(ok, said) {
      this.told = { ok, said };
      center.planParts.foot(this);
    }

    history({ name, versions }) {
      if (name !== this.name) return;
      this.versions = versions;
      if (this.chosen === null) this.paint();
    }

    /* ---- drawing ---- */

    get faulty() {
      const places = this.faults.map(([field]) => /^steps\[(\d+)\]/.exec(field)).filter(Boolean);
      return new Set(places.map(([, place]) => Number(place)));
    }

    paint({ keepForm = false } = {}) {
      if (!this.form) return;
      center.planParts.list(this);
      center.planParts.bar(this);
      center.planGraph(byId("plan-graph"), this);
      center.planParts.foot(this);
      if (!keepForm) this.paintForm();
    }

    /* Draws the form anew under the hands of who types: the same field stays in hand, with what stands in it. */
    paintForm() {
      const form = byId("plan-form");
      const active = form.contains(document.activeElement) ? document.activeElement : null;
      const place = active ? [...form.querySelectorAll(TYPED)].indexOf(active) : -1;
      const at = active && active.selectionStart;
      const raw = active && active.matches("input[type=text], textarea") ? active.value : null;
      const scrolled = form.scrollTop;
      center.planParts.form(this);
      form.scrollTop = scrolled;
      const next = place < 0 ? null : form.querySelectorAll(TYPED)[place];
      if (!next || next.tagName !== active.tagName) return;
      if (raw !== null && next.value === raw.trim()) next.value = raw;
      next.focus({ preventScroll: true });
      if (typeof at === "number" && next.setSelectionRange && next.type !== "number") next.setSelectionRange(at, at);
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  const nothing = () => window.dash_clientside.no_update;
  const heard = (fn) => (data) => {
    if (data && center.planEditor && byId("plan-list")) fn(center.planEditor, data);
    return nothing();
  };
  window.dash_clientside.plans = {
    known(data) {
      if (!data) return nothing();
      if (data.fault) byId("plan-foot").replaceChildren(center.el("p", "answer wrong", {}, ...center.both(...data.fault)));
      else if (center.planEditor) center.planEditor.known(data);
      else if (data.types) center.planEditor = new PlanEditor(data);
      return nothing();
    },
    faults: heard((editor, data) => editor.judged(data)),
    answer: heard((editor, data) => editor.answered(data)),
    history: heard((editor, data) => editor.history(data)),
  };
})();
