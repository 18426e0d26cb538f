/* The editor of scenes (/scenes): which scene is opened, its draft, undo, what is asked of the server.

   A draft is kept by the browser, by account and scene, until it is saved or dropped. Nothing here decides what is right:
   the server judges the draft at every change (screens/scene_acts.py). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const JUDGE_MS = 300;
  const PREVIEW_MS = 900;
  const MOST_UNDONE = 200;
  const WIDTH_REM = 120; // what a wall of one display is wide
  const byId = (id) => document.getElementById(id);
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const el = (...given) => center.el(...given);
  const both = (...given) => center.both(...given);

  class SceneEditor {
    constructor(data) {
      this.data = data;
      this.name = null;
      this.chosen = null;
      this.seq = Date.now();
      this.faults = [];
      this.told = null;
      this.live = center.remembered("scene-live") !== "off";
      this.wall = data.walls[0] || null;
      this.grid = new center.SceneGrid(byId("scene-grid"), {
        onChoose: (id) => this.choose(id),
        onPlace: (id, panel) => this.changePanel(id, panel),
        onRemove: (id) => this.remove(id),
      });
      document.addEventListener("keydown", (event) => this.key(event));
      new ResizeObserver(() => this.fit()).observe(document.querySelector(".scenes-room"));
      new MutationObserver(() => this.paint()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      const asked = new URLSearchParams(location.search).get("scene");
      byId("stage").hidden = !this.live;
      document.documentElement.dataset.sceneLive = this.live ? "on" : "off";
      this.list();
      this.open(this.row(asked) ? asked : (data.scenes[0] || {}).name);
    }

    /* ---- what there is ---- */

    row(name) {
      return this.data.scenes.find((one) => one.name === name);
    }

    known(data) {
      const before = this.row(this.name);
      this.data = { ...this.data, ...data };
      const now = this.row(this.name);
      this.list();
      if (!now && before) this.open((this.data.scenes[0] || {}).name);
      else if (now && before && now.version !== before.version && !this.differs(before)) this.open(this.name);
    }

    get disabled() {
      return !this.data.may_change;
    }

    /* ---- the draft ---- */

    key_(name) {
      return `scene-draft.${this.data.me}.${name}`;
    }

    open(name) {
      const row = this.row(name);
      if (!row) return;
      const kept = this.draftOf(name);
      Object.assign(this, { name, chosen: null, undone: [], redone: [], faults: [], told: null, versions: null, copyName: "" });
      this.version = kept ? kept.version : row.version;
      this.form = kept ? kept.form : copy(row.form);
      if (kept) this.tell(true, kept.version === row.version ? ["已恢复您未保存的草稿。", "Your draft that was not saved is back."] : [`已恢复您的草稿：它始于第 ${kept.version} 版，现在已是第 ${row.version} 版。`, `Your draft is back: it began with version ${kept.version}, and version ${row.version} is there now.`]);
      history.replaceState(history.state, "", `/scenes?scene=${encodeURIComponent(name)}`);
      this.list();
      this.changed({ fresh: true });
      dash_clientside.set_props("scene-history-of", { data: name });
    }

    draftOf(name) {
      try {
        const kept = JSON.parse(center.remembered(this.key_(name)) || "null");
        return kept && kept.form && Array.isArray(kept.form.panels) ? kept : null;
      } catch (error) {
        return null;
      }
    }

    keep() {
      const row = this.row(this.name);
      const kept = row && this.differs(row) ? JSON.stringify({ version: this.version, form: this.form, at: Date.now() }) : "";
      center.remember(this.key_(this.name), kept);
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

    drop() {
      center.remember(this.key_(this.name), "");
      this.open(this.name);
    }

    changed({ fresh = false }) {
      if (!fresh) this.keep();
      this.list();
      this.paint();
      clearTimeout(this.judging);
      this.judging = setTimeout(() => this.judge(), fresh ? 0 : JUDGE_MS);
      this.preview(fresh);
    }

    judge() {
      dash_clientside.set_props("scene-draft", { data: { seq: (this.seq += 1), form: this.form } });
    }

    judged({ seq, faults }) {
      if (seq !== this.seq) return;
      this.faults = faults;
      this.paint({ keepForm: true });
    }

    /* ---- panels ---- */

    changePanel(id, panel) {
      const changed = { ...this.form, panels: this.form.panels.map((one) => (one.id === id ? { ...one, ...panel } : one)) };
      this.change(changed);
    }

    remove(id) {
      if (this.form.panels.length < 2) return this.tell(false, ["场景至少要有一个面板。", "A scene has at least one panel."]);
      this.chosen = null;
      this.change({ ...this.form, panels: this.form.panels.filter((one) => one.id !== id) });
    }

    add(kindName) {
      const kind = this.data.kinds.find(({ name }) => name === kindName);
      const taken = new Set(this.form.panels.map(({ id }) => id));
      let id = kindName;
      for (let n = 2; taken.has(id); n += 1) id = `${kindName}_${n}`;
      const [w, h] = [Math.min(kind.size[0], this.form.columns), Math.min(kind.size[1], this.form.rows)];
      const panel = { id, kind: kindName, ...this.room(w, h), options: this.begun(kind) };
      this.chosen = id;
      this.change({ ...this.form, panels: [...this.form.panels, panel] });
      const part = byId("scene-grid").querySelector(`[data-id="${id}"]`);
      if (part) part.focus();
    }

    /* Where there is room for it; smaller where there is none. */
    room(w, h) {
      const others = this.form.panels.filter(({ kind }) => kind !== "map");
      for (let [width, height] = [w, h]; width >= 1 && height >= 1; [width, height] = [Math.ceil(width * 0.75) - (width < 4 ? 1 : 0), Math.ceil(height * 0.75) - (height < 4 ? 1 : 0)])
        for (let y = 0; y + height <= this.form.rows; y += 1)
          for (let x = this.form.columns - width; x >= 0; x -= 1)
            if (!others.some((one) => x < one.x + one.w && one.x < x + width && y < one.y + one.h && one.y < y + height)) return { x, y, w: width, h: height };
      return { x: 0, y: 0, w, h };
    }

    /* What a new panel must be told: the first that is offered. */
    begun(kind) {
      const options = {};
      for (const field of kind.fields.filter(({ required }) => required)) {
        const first = field.offers && (this.data.offers[field.offers][0] || [""])[0];
        if (field.kind === "words") options[field.name] = { zh: "文字", en: "Text" };
        else if (field.kind === "list" && field.item.kind === "group") options[field.name] = [{ of: (this.data.offers.references[0] || [""])[0] }];
        else options[field.name] = first || "";
      }
      return options;
    }

    choose(id) {
      if (id === this.chosen) return;
      this.chosen = id;
      this.paint();
    }

    key(event) {
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || !(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) this.undo("undone", "redone");
      else if (key === "y" || (key === "z" && event.shiftKey)) this.undo("redone", "undone");
      else return;
      event.preventDefault();
    }

    /* ---- the live picture under the grid ---- */

    preview(fresh) {
      const plain = (form) => JSON.stringify({ ...form, version: 0, panels: form.panels.map(({ x, y, w, h, ...rest }) => rest) });
      clearTimeout(this.previewing);
      if (!this.live) return;
      const shown = this.shownForm && plain(this.shownForm) === plain(this.form) && this.shownForm.columns === this.form.columns && this.shownForm.rows === this.form.rows;
      if (shown) return this.replace();
      this.previewing = setTimeout(() => this.show(), fresh ? 0 : PREVIEW_MS);
    }

    async show() {
      const form = this.form;
      try {
        await center.stage.prepare(this.name, null, null, form);
        center.stage.swap();
        this.shownForm = form;
        for (const element of document.querySelectorAll("#stage .scene-name")) element.replaceChildren(...both(form.label.zh, form.label.en));
        this.replace();
      } catch (error) {
        // what is wrong with the draft is said beside it; the last picture stays
      }
    }

    /* Panels that were only moved move at once. */
    replace() {
      for (const panel of this.form.panels) {
        const section = document.querySelector(`.sp-slot.shown [data-panel="${panel.id}"]`);
        if (section) center.placePanel(section, panel, this.form);
      }
      this.shownForm = { ...this.shownForm, panels: this.form.panels };
    }

    /* The wall in its own size, drawn smaller. */
    fit() {
      const room = document.querySelector(".scenes-room");
      const frame = document.querySelector(".scenes-wall");
      const [width, height] = this.wall ? this.wall.size : [16, 9];
      const ratio = width / height;
      const wide = Math.min(room.clientWidth, room.clientHeight * ratio);
      Object.assign(frame.style, { width: `${wide}px`, height: `${wide / ratio}px` });
      const own = Math.max(WIDTH_REM, (WIDTH_REM * ratio * 9) / 16) * center.rootPx();
      frame.style.setProperty("--own-width", `${own}px`);
      frame.style.setProperty("--own-height", `${own / ratio}px`);
      frame.style.setProperty("--smaller", String(wide / own));
    }

    /* ---- what is asked ---- */

    act(act, more = {}) {
      const data = { seq: (this.seq += 1), act, name: this.name, expected: this.version, reason: this.reason || "", ...more };
      this.acting = data.seq;
      dash_clientside.set_props("scene-act", { data });
    }

    save() {
      this.act("save", { form: { ...this.form, name: this.name } });
    }

    answered({ act, ok, said, name, version, gone, faults }) {
      this.tell(ok, said);
      if (!ok) {
        if (faults && faults.length) this.faults = faults;
        return this.paint({ keepForm: true });
      }
      this.reason = "";
      center.remember(this.key_(this.name), "");
      if (act === "save") {
        const row = this.row(this.name);
        row.form = { ...copy(this.form), version };
        row.version = this.version = version;
        dash_clientside.set_props("scene-history-of", { data: name });
        return this.changed({ fresh: true });
      }
      this.next = gone ? null : name;
    }

    /* After the list came anew: what was made or reverted is opened. */
    settle() {
      if (!this.next || !this.row(this.next)) return;
      const [name, told] = [this.next, this.told];
      this.next = null;
      this.open(name);
      this.told = told;
      this.paint();
    }

    tell(ok, said) {
      this.told = { ok, said };
      center.sceneParts.foot(this);
    }

    history({ name, versions }) {
      if (name !== this.name) return;
      this.versions = versions;
      if (!this.chosen) this.paint();
    }

    /* Choose a view on a map of its own; null: it was called off. */
    pickView(view) {
      return center.sceneParts.pickView(this, view);
    }

    /* ---- drawing ---- */

    list() {
      center.sceneParts.list(this);
    }

    get faulty() {
      const places = this.faults.map(([field]) => /^panels\[(\d+)\]/.exec(field)).filter(Boolean);
      return new Set(places.map(([, place]) => (this.form.panels[Number(place)] || {}).id));
    }

    paint({ keepForm = false } = {}) {
      if (!this.form) return;
      this.fit();
      const { chosen, faulty, wall, disabled } = this;
      this.grid.show(this.form, { chosen, kinds: this.data.kinds, faulty, wall, disabled });
      center.sceneParts.bar(this);
      center.sceneParts.foot(this);
      if (!keepForm) center.sceneParts.form(this);
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  const nothing = () => window.dash_clientside.no_update;
  const heard = (fn) => (data) => {
    if (data && center.sceneEditor) fn(center.sceneEditor, data);
    return nothing();
  };
  window.dash_clientside.scenes = {
    known(data) {
      if (!data) return nothing();
      if (data.fault) byId("scene-foot").replaceChildren(el("p", "answer wrong", {}, ...both(...data.fault)));
      else if (!center.sceneEditor) {
        if (data.kinds) center.whenStage(() => (center.sceneEditor = new SceneEditor(data)));
      } else {
        center.sceneEditor.known(data);
        center.sceneEditor.settle();
      }
      return nothing();
    },
    faults: heard((editor, data) => editor.judged(data)),
    answer: heard((editor, data) => editor.answered(data)),
    history: heard((editor, data) => editor.history(data)),
  };
})();
