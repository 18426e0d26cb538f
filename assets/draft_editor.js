/* What editors of versioned documents (plans.js, scene_editor.js) share: the draft, undo, what is asked of the server.

   A draft is kept by the browser, by account and document, until it is saved or dropped. Nothing here decides what is
   right: the server judges the draft at every change (screens/version_acts.py). An editor says by `kind` how it is called
   ({name, list, parts, page}: "plan", the name of the list in its data, the form's field with its parts, its address), and
   has open(), changed({fresh}) and paint({keepForm}); what stands around its picture is drawn by center.planParts etc. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const JUDGE_MS = 300;
  const MOST_UNDONE = 200;
  const FIELDS = "input, select, textarea, button";
  const TYPED = "input:not([type=checkbox]), textarea";
  const REPLACE = ["revert", "shipped", "delete"]; // acts that take the place of what was drafted
  const copy = (value) => JSON.parse(JSON.stringify(value));
  /* By what they say: the database gives fields back in an order of its own. */
  const ordered = (_key, value) => (value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.keys(value).sort().map((name) => [name, value[name]])) : value);
  const same = (one, other) => JSON.stringify(one, ordered) === JSON.stringify(other, ordered);

  center.DraftEditor = class {
    constructor(data, kind) {
      Object.assign(this, { data, kind, name: null, chosen: null, undone: [], redone: [], seq: Date.now(), faults: [], told: null, next: null });
      window.addEventListener("pagehide", () => this.flush());
      document.addEventListener("keydown", (event) => this.key(event));
      new MutationObserver(() => this.paint()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
    }

    get disabled() {
      return !this.data.may_change;
    }

    get rows() {
      return this.data[this.kind.list];
    }

    row(name) {
      return this.rows.find((one) => one.name === name);
    }

    get drawn() {
      return center[`${this.kind.name}Parts`];
    }

    get fields() {
      return document.getElementById(`${this.kind.name}-form`);
    }

    /* The document that the address asks for, else the first. */
    get asked() {
      const asked = new URLSearchParams(location.search).get(this.kind.name);
      return this.row(asked) ? asked : (this.rows[0] || {}).name;
    }

    /* ---- what there is ---- */

    known(data) {
      const before = this.row(this.name);
      const anew = this.renewed(data);
      this.list();
      if (this.settle()) return;
      if (anew) this.reopen(this.name);
      else if (before && !this.row(this.name)) this.reopen((this.rows[0] || {}).name);
    }

    /* Take in what came; returns whether there is another version of what is opened, and nothing drafted against it. */
    renewed(data) {
      const before = this.row(this.name);
      this.data = { ...this.data, ...data };
      const now = this.row(this.name);
      if (!before || !now) return false;
      if (now.shipped !== before.shipped) this.drawVersions();
      if (now.version === before.version) return false;
      this.flush(); // what is being typed is drafted too
      if (!this.differs(before)) return true;
      if (!this.differs(now)) {
        // saved from here: this came before the answer, or the answer was lost
        this.version = now.version;
        this.keep();
        this.paint({ keepForm: true });
      }
      return false;
    }

    /* What an act made or brought back is opened as soon as the list has it; returns whether it was. */
    settle() {
      const row = this.next && this.row(this.next.name);
      if (!row || row.version < this.next.version) return false;
      this.reopen(row.name);
      return true;
    }

    /* Open what came anew; what was told stays told. */
    reopen(name) {
      const { told } = this;
      this.open(name, name === this.name ? this.chosen : null);
      this.told = this.told || told;
      this.foot();
    }

    /* ---- the draft ---- */

    key_(name) {
      return `${this.kind.name}-draft.${this.data.me}.${name}`;
    }

    /* Take up a document where it was left; returns what is said of a draft that is back, null: there was none. */
    takeUp(row) {
      const kept = this.draftOf(row.name);
      Object.assign(this, { name: row.name, chosen: null, undone: [], redone: [], faults: [], told: null, versions: null, reason: "", next: null });
      this.version = kept ? kept.version : row.version;
      this.form = kept ? kept.form : copy(row.form);
      history.replaceState(history.state, "", `${this.kind.page}?${this.kind.name}=${encodeURIComponent(row.name)}`);
      if (!kept) return null;
      return kept.version === row.version ? ["已恢复您未保存的草稿。", "Your draft that was not saved is back."] : [`已恢复您的草稿：它始于第 ${kept.version} 版，现在已是第 ${row.version} 版。`, `Your draft is back: it began with version ${kept.version}, and version ${row.version} is there now.`];
    }

    /* null: there is none, or it says what is saved. */
    draftOf(name) {
      try {
        const kept = JSON.parse(center.remembered(this.key_(name)) || "null");
        return kept && kept.form && Array.isArray(kept.form[this.kind.parts]) && this.differs(this.row(name), kept.form) ? kept : null;
      } catch (error) {
        return null;
      }
    }

    keep(name = this.name, { version, form } = this) {
      center.remember(this.key_(name), this.differs(this.row(name), form) ? JSON.stringify({ version, form, at: Date.now() }) : "");
    }

    forget(name = this.name) {
      center.remember(this.key_(name), "");
    }

    differs(row = this.row(this.name), form = this.form) {
      return Boolean(row) && !same({ ...row.form, version: 0 }, { ...form, version: 0 });
    }

    drop() {
      this.forget();
      this.form = null; // so that what is being typed goes too
      this.open(this.name);
    }

    /* Takes what is typed but not left yet into the draft. */
    flush() {
      clearTimeout(this.typing);
      const active = document.activeElement;
      if (this.form && active && active.matches(TYPED) && active.closest(`#${this.kind.name}-form`)) active.dispatchEvent(new Event("change"));
    }

    change(form) {
      if (this.disabled || same(form, this.form)) return;
      this.undone = [...this.undone, this.form].slice(-MOST_UNDONE);
      this.redone = [];
      this.form = form;
      this.told = null;
      this.changed({});
    }

    undo(from, to) {
      if (!this[from].length) return;
      this[to] = [...this[to], this.form];
      this.form = this[from][this[from].length - 1];
      this[from] = this[from].slice(0, -1);
      this.changed({});
    }

    key(event) {
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || !(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) this.undo("undone", "redone");
      else if (key === "y" || (key === "z" && event.shiftKey)) this.undo("redone", "undone");
      else return;
      event.preventDefault();
    }

    /* ---- what is asked ---- */

    say(what, data) {
      dash_clientside.set_props(`${this.kind.name}-${what}`, { data });
    }

    /* Have the draft judged, in a moment: whoever types is not asked at every letter. */
    judge(fresh) {
      clearTimeout(this.judging);
      this.judging = setTimeout(() => this.say("draft", { seq: (this.seq += 1), form: this.form }), fresh ? 0 : JUDGE_MS);
    }

    judged({ seq, faults }) {
      if (seq !== this.seq) return;
      this.faults = faults;
      this.paint({ keepForm: true });
    }

    act(act, more = {}) {
      this.flush();
      const { name, form, version, reason = "" } = this;
      this.sent = { name, form, reason }; // of the last act: the page drops the answer to an earlier one
      this.say("act", { seq: (this.seq += 1), act, name, expected: version, reason, ...more });
    }

    save() {
      this.flush();
      this.act("save", { form: { ...this.form, name: this.name } });
    }

    /* Whether what was acted on is still opened. */
    get here() {
      return this.sent.name === this.name;
    }

    answered(answer) {
      const { act, name, version, gone } = answer;
      if (!this.heard(answer)) return;
      if (act === "save") return this.saved(name, version);
      if (REPLACE.includes(act)) {
        this.flush();
        if (this.here && !gone && !same(this.form, this.sent.form)) return this.rebase(version);
        this.forget(name);
      }
      if (this.here) this.next = gone ? null : { name, version };
      this.settle();
    }

    /* What was sent is saved; what was changed since stays a draft, of the new version. */
    saved(name, version) {
      const row = this.row(name);
      if (row && row.version < version) Object.assign(row, { form: { ...this.sent.form, version }, version });
      if (this.here) return this.rebase(version);
      const kept = this.draftOf(name);
      if (kept) this.keep(name, { ...kept, version });
      else this.forget(name);
      this.list();
    }

    /* The draft, if there is one, is of this version from now on. The form stays: somebody may be typing in it. */
    rebase(version) {
      this.version = version;
      this.keep();
      this.list();
      this.paint({ keepForm: true });
      this.judge(true);
      this.say("history-of", this.name);
    }

    /* Say what became of an act; returns whether it was done. */
    heard({ ok, said, faults }) {
      if (ok && this.here && this.reason === this.sent.reason) this.reason = "";
      this.tell(ok, this.here ? said : this.saidOf(this.sent.name, said));
      if (ok) return true;
      if (this.here && faults && faults.length) this.faults = faults;
      this.paint({ keepForm: true });
      return false;
    }

    saidOf(name, [zh, en]) {
      const { label } = (this.row(name) || { form: { label: { zh: name, en: name } } }).form;
      return [`${label.zh}：${zh}`, `${label.en}: ${en}`];
    }

    tell(ok, said) {
      this.told = { ok, said };
      this.foot();
    }

    history({ name, versions }) {
      if (name !== this.name) return;
      this.versions = versions;
      this.drawVersions();
    }

    /* ---- drawing ---- */

    /* Alone: a form that is drawn anew would take away what is being typed in it. */
    drawVersions() {
      if (this.chosen === null && this.versions) this.drawn.versions(this);
    }

    list() {
      this.drawn.list(this);
    }

    foot() {
      this.drawn.foot(this);
    }

    /* Draws the form anew under the hands of who types: the same field stays in hand, with what stands in it. */
    paintForm() {
      const form = this.fields;
      const active = form.contains(document.activeElement) ? document.activeElement : null;
      const place = active ? [...form.querySelectorAll(FIELDS)].indexOf(active) : -1;
      const at = active && active.selectionStart;
      const raw = active && active.matches("input[type=text], textarea") ? active.value : null;
      const scrolled = form.scrollTop;
      this.drawn.form(this);
      form.scrollTop = scrolled;
      const next = place < 0 ? null : form.querySelectorAll(FIELDS)[place];
      if (!next || next.tagName !== active.tagName || (next.tagName === "BUTTON" && next.textContent !== active.textContent)) return;
      if (raw !== null && next.value === raw.trim()) next.value = raw;
      next.focus({ preventScroll: true });
      if (typeof at === "number" && next.setSelectionRange && next.type !== "number") next.setSelectionRange(at, at);
    }

    /* Places of the parts that something is wrong with. */
    get faultyPlaces() {
      const found = this.faults.map(([field]) => new RegExp(`^${this.kind.parts}\\[(\\d+)\\]`).exec(field)).filter(Boolean);
      return found.map(([, place]) => Number(place));
    }
  };

  /* Functions of a page's script that hear what the server says: faults, answer, history. `editor`: the one that is there. */
  center.hearDrafts = function (editor) {
    const heard = (fn) => (data) => {
      const one = data && editor();
      if (one) fn(one, data);
      return window.dash_clientside.no_update;
    };
    return {
      faults: heard((one, data) => one.judged(data)),
      answer: heard((one, data) => one.answered(data)),
      history: heard((one, data) => one.history(data)),
    };
  };
})();
