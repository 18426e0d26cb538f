/* The grid of the editor of scenes: panels as rectangles over the live picture, moved and resized by mouse and by keyboard.

   new opsCenter.SceneGrid(element, {onChoose(id|null), onPlace(id, place), onRemove(id)}); `show(form, {chosen, kinds, faulty,
   wall, disabled})` draws. Arrow keys move, Shift and arrows resize, Delete removes, Escape lets go. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const EDGES = ["e", "s", "se"];
  const bounded = (value, least, most) => Math.min(most, Math.max(least, value));

  center.SceneGrid = class {
    constructor(element, handlers) {
      Object.assign(this, { element, handlers });
      element.addEventListener("pointerdown", (event) => this.grab(event));
      element.addEventListener("keydown", (event) => this.key(event));
      element.addEventListener("focusin", (event) => {
        const part = event.target.closest("[data-id]");
        if (part && part.dataset.id !== this.chosen) handlers.onChoose(part.dataset.id);
      });
    }

    show(form, { chosen, kinds, faulty, wall, disabled }) {
      Object.assign(this, { form, chosen, disabled });
      const style = this.element.style;
      style.setProperty("--columns", form.columns);
      style.setProperty("--rows", form.rows);
      const wasFocused = document.activeElement && document.activeElement.dataset.id;
      // Maps lie under what stands on them, here as on the wall.
      const ordered = [...form.panels].sort((a, b) => (a.kind === "map" ? 0 : 1) - (b.kind === "map" ? 0 : 1));
      this.element.replaceChildren(...displays(wall), ...ordered.map((panel) => this.part(panel, kinds, faulty)));
      const again = wasFocused && this.element.querySelector(`[data-id="${wasFocused}"]`);
      if (again) again.focus({ preventScroll: true });
    }

    part(panel, kinds, faulty) {
      const kind = kinds.find(({ name }) => name === panel.kind) || { zh: panel.kind, en: panel.kind };
      const title = panel.options.title;
      const name = center.el("b", "", {}, ...center.both(title ? title.zh : kind.zh, title ? title.en : kind.en));
      const size = center.el("span", "num", {}, `${panel.w} × ${panel.h}`);
      const mine = panel.id === this.chosen;
      const look = `scg-panel${mine ? " chosen" : ""}${faulty.has(panel.id) ? " wrong" : ""}${panel.kind === "map" ? " ground" : ""}`;
      const label = center.spoken(`${kind.zh} ${panel.id}：第 ${panel.x + 1} 列第 ${panel.y + 1} 行，${panel.w} × ${panel.h}`, `${kind.en} ${panel.id}: column ${panel.x + 1}, row ${panel.y + 1}, ${panel.w} by ${panel.h}`);
      const part = center.el("div", look, { "data-id": panel.id, tabindex: "0", role: "group", "aria-label": label }, center.el("span", "scg-name", {}, name, size));
      place(part, panel, this.form);
      if (mine && !this.disabled) for (const edge of EDGES) part.append(center.el("i", `scg-edge ${edge}`, { "data-edge": edge }));
      return part;
    }

    panel(id) {
      return this.form.panels.find((one) => one.id === id);
    }

    /* ---- by mouse ---- */

    grab(event) {
      const part = event.target.closest("[data-id]");
      if (!part) return this.handlers.onChoose(null);
      const id = part.dataset.id;
      const edge = event.target.dataset.edge;
      if (id !== this.chosen) this.handlers.onChoose(id);
      if (this.disabled || event.button) return;
      const box = this.element.getBoundingClientRect();
      const cell = [box.width / this.form.columns, box.height / this.form.rows];
      const from = this.panel(id);
      const [x, y] = [event.clientX, event.clientY];
      let now = from;
      const moved = (next) => {
        const [dx, dy] = [Math.round((next.clientX - x) / cell[0]), Math.round((next.clientY - y) / cell[1])];
        now = edge ? resized(from, edge.includes("e") ? dx : 0, edge.includes("s") ? dy : 0, this.form) : shifted(from, dx, dy, this.form);
        place(this.element.querySelector(`[data-id="${id}"]`), now, this.form);
      };
      const done = () => {
        window.removeEventListener("pointermove", moved);
        window.removeEventListener("pointerup", done);
        if (now.x !== from.x || now.y !== from.y || now.w !== from.w || now.h !== from.h) this.handlers.onPlace(id, now);
      };
      window.addEventListener("pointermove", moved);
      window.addEventListener("pointerup", done);
      event.preventDefault();
      const own = this.element.querySelector(`[data-id="${id}"]`);
      if (own) own.focus({ preventScroll: true });
    }

    /* ---- by keyboard ---- */

    key(event) {
      const part = event.target.closest("[data-id]");
      if (event.key === "Escape") return this.handlers.onChoose(null);
      if (!part || this.disabled) return;
      const panel = this.panel(part.dataset.id);
      const step = ARROWS[event.key];
      if (step) this.handlers.onPlace(panel.id, (event.shiftKey ? resized : shifted)(panel, ...step, this.form));
      else if (event.key === "Delete" || event.key === "Backspace") this.handlers.onRemove(panel.id);
      else return;
      event.preventDefault();
    }
  };

  const shifted = (panel, dx, dy, form) => ({ ...panel, x: bounded(panel.x + dx, 0, form.columns - panel.w), y: bounded(panel.y + dy, 0, form.rows - panel.h) });
  const resized = (panel, dw, dh, form) => ({ ...panel, w: bounded(panel.w + dw, 1, form.columns - panel.x), h: bounded(panel.h + dh, 1, form.rows - panel.y) });

  const share = (value, whole) => `${(100 * value) / whole}%`;
  const place = (element, { x, y, w, h }, { columns, rows }) => Object.assign(element.style, { left: share(x, columns), top: share(y, rows), width: share(w, columns), height: share(h, rows) });
  center.placePanel = place;

  /* The outlines of a wall's displays, with their numbers. */
  function displays(wall) {
    if (!wall || wall.parts.length < 2) return [];
    const [width, height] = wall.size;
    return wall.parts.map(([number, x, y, w, h]) => {
      const outline = center.el("div", "scg-display", { "aria-hidden": "true" }, String(number));
      Object.assign(outline.style, { left: share(x, width), top: share(y, height), width: share(w, width), height: share(h, height) });
      return outline;
    });
  }
})();
