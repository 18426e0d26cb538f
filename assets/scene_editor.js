/* The editor of scenes (/scenes), by draft_editor.js: panels on the grid, and the live picture under it. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const PREVIEW_MS = 900;
  const WIDTH_REM = 120; // what a wall of one display is wide
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const both = (...given) => center.both(...given);

  class SceneEditor extends center.DraftEditor {
    constructor(data) {
      super(data, { name: "scene", list: "scenes", parts: "panels", page: "/scenes" });
      this.live = center.remembered("scene-live") !== "off";
      this.wall = data.walls[0] || null;
      this.grid = new center.SceneGrid(byId("scene-grid"), {
        onChoose: (id) => this.choose(id),
        onPlace: (id, panel) => this.changePanel(id, panel),
        onRemove: (id) => this.remove(id),
      });
      new ResizeObserver(() => this.fit()).observe(document.querySelector(".scenes-room"));
      byId("stage").hidden = !this.live;
      document.documentElement.dataset.sceneLive = this.live ? "on" : "off";
      this.list();
      this.open(this.asked);
    }

    /* ---- the draft ---- */

    open(name) {
      const row = this.row(name);
      if (!row) return;
      const said = this.takeUp(row);
      this.copyName = "";
      if (said) this.tell(true, said);
      this.list();
      this.changed({ fresh: true });
      this.say("history-of", name);
    }

    changed({ fresh = false }) {
      if (!fresh) this.keep();
      this.list();
      this.paint();
      this.judge(fresh);
      this.preview(fresh);
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

    /* Choose a view on a map of its own; null: it was called off. */
    pickView(view) {
      return center.sceneParts.pickView(this, view);
    }

    /* ---- drawing ---- */

    get faulty() {
      return new Set(this.faultyPlaces.map((place) => (this.form.panels[place] || {}).id));
    }

    paint({ keepForm = false } = {}) {
      if (!this.form) return;
      this.fit();
      const { chosen, faulty, wall, disabled } = this;
      this.grid.show(this.form, { chosen, kinds: this.data.kinds, faulty, wall, disabled });
      center.sceneParts.bar(this);
      this.foot();
      if (!keepForm) this.paintForm();
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  const nothing = () => window.dash_clientside.no_update;
  window.dash_clientside.scenes = {
    known(data) {
      if (!data) return nothing();
      if (data.fault) byId("scene-foot").replaceChildren(el("p", "answer wrong", {}, ...both(...data.fault)));
      else if (!center.sceneEditor) {
        if (data.kinds) center.whenStage(() => (center.sceneEditor = new SceneEditor(data)));
      } else center.sceneEditor.known(data);
      return nothing();
    },
    ...center.hearDrafts(() => center.sceneEditor),
  };
})();
