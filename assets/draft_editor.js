/* What editors of versioned documents (plans.js, scene_editor.js) share: the draft, undo, what is asked of the server.

   A draft is kept by the browser, by account and document, until it is saved or dropped. Nothing here decides what is
   right: the server judges the draft at every change (screens/version_acts.py). An editor says by `kind` how it is called
   ({name, list, parts, page}: "plan", the name of the list in its data, the form's field with its parts, its address), and
   has open(), changed({fresh}), paint({keepForm}) and foot(). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const JUDGE_MS = 300;
  const MOST_UNDONE = 200;
  const copy = (value) => JSON.parse(JSON.stringify(value));
  /* By what they say: the database gives fields back in an order of its own. */
  const ordered = (_key, value) => (value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.keys(value).sort().map((name) => [name, value[name]])) : value);
  const same = (one, other) => JSON.stringify(one, ordered) === JSON.stringify(other, ordered);

  center.DraftEditor = class {
    constructor(data, kind) {
      Object.assign(this, { data, kind, name: null, chosen: null, undone: [], redone: [], seq: Date.now(), faults: [], told: null });
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

    /* The document that the address asks for, else the first. */
    get asked() {
      const asked = new URLSearchParams(location.search).get(this.kind.name);
      return this.row(asked) ? asked : (this.rows[0] || {}).name;
    }

    /* ---- the draft ---- */

    key_(name) {
      return `${this.kind.name}-draft.${this.data.me}.${name}`;
    }

    /* Take up a document where it was left; returns what is said of a draft that is back, null: there was none. */
    takeUp(row) {
      const kept = this.draftOf(row.name);
      Object.assign(this, { name: row.name, chosen: null, undone: [], redone: [], faults: [], told: null, versions: null });
      this.version = kept ? kept.version : row.version;
      this.form = kept ? kept.form : copy(row.form);
      history.replaceState(history.state, "", `${this.kind.page}?${this.kind.name}=${encodeURIComponent(row.name)}`);
      if (!kept) return null;
      return kept.version === row.version ? ["已恢复您未保存的草稿。", "Your draft that was not saved is back."] : [`已恢复您的草稿：它始于第 ${kept.version} 版，现在已是第 ${row.version} 版。`, `Your draft is back: it began with version ${kept.version}, and version ${row.version} is there now.`];
    }

    draftOf(name) {
      try {
        const kept = JSON.parse(center.remembered(this.key_(name)) || "null");
        return kept && kept.form && Array.isArray(kept.form[this.kind.parts]) ? kept : null;
      } catch (error) {
        return null;
      }
    }

    keep() {
      center.remember(this.key_(this.name), this.differs() ? JSON.stringify({ version: this.version, form: this.form, at: Date.now() }) : "");
    }

    forget(name = this.name) {
      center.remember(this.key_(name), "");
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
      this.say("act", { seq: (this.seq += 1), act, name: this.name, expected: this.version, reason: this.reason || "", ...more });
    }

    save() {
      this.act("save", { form: { ...this.form, name: this.name } });
    }

    /* Say what became of an act; returns whether it was done. */
    heard({ ok, said, faults }) {
      this.tell(ok, said);
      if (ok) {
        this.reason = "";
        return true;
      }
      if (faults && faults.length) this.faults = faults;
      this.paint({ keepForm: true });
      return false;
    }

    tell(ok, said) {
      this.told = { ok, said };
      this.foot();
    }

    history({ name, versions }) {
      if (name !== this.name) return;
      this.versions = versions;
      if (this.chosen === null) this.paint();
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
