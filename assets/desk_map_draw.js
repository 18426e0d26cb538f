/* What is drawn on a map by hand: shapes as SVG over it, and the tool that gathers their points.

   new opsCenter.DeskDrawing(view, holder, {language, onDone, onHint}); `begin(kind)`: distance, surface, draw_point,
   draw_line, draw_polygon, draw_circle, select_polygon, select_circle. What is drawn stays until `clear()`.
   A shape is {kind, points, radius}; what is selected is its area as addresses write it. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SVG = "http://www.w3.org/2000/svg";
  const CIRCLES = /circle$/;
  const SURFACES = /surface|polygon|circle/;
  const ONE_PLACE_PX = 6; // two clicks nearer than this are one place

  const node = (name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  center.DeskDrawing = class {
    constructor(view, holder, handlers) {
      Object.assign(this, { view, handlers });
      this.shapes = [];
      this.current = null;
      this.pointer = null;
      this.svg = node("svg", { class: "desk-drawing", "aria-hidden": "true" });
      holder.append(this.svg);
      view.on("move", () => this.paint());
      holder.parentElement.addEventListener("pointermove", (event) => this.moved(event));
    }

    get language() {
      return center.alarmText.language();
    }

    get busy() {
      return this.current !== null;
    }

    begin(kind) {
      this.current = { kind, points: [], radius: 0 };
      const way = CIRCLES.test(kind) ? "hint_circle" : kind === "draw_point" ? "hint_point" : "hint_line";
      this.handlers.onHint(kind, way);
      this.paint();
    }

    cancel() {
      this.current = null;
      this.handlers.onHint(null);
      this.paint();
    }

    clear() {
      this.shapes = [];
      this.cancel();
    }

    placeOf(event) {
      const rect = this.svg.getBoundingClientRect();
      return this.view.map.unproject([event.clientX - rect.left, event.clientY - rect.top]).toArray();
    }

    moved(event) {
      if (!this.busy || !this.view.map || !this.current.points.length) return;
      this.pointer = this.placeOf(event);
      if (this.scheduled) return;
      this.scheduled = requestAnimationFrame(() => {
        this.scheduled = null;
        this.paint();
      });
    }

    /* A click while something is drawn; returns whether it was taken. */
    click(event) {
      if (!this.busy) return false;
      const { kind, points } = this.current;
      const place = this.placeOf(event);
      if (kind === "draw_point") return this.done({ ...this.current, points: [place] });
      if (CIRCLES.test(kind) && points.length) return this.done({ ...this.current, radius: center.geodesy.metres(points[0], place) });
      if (!this.isAgain(place)) points.push(place);
      this.paint();
      return true;
    }

    isAgain(place) {
      const last = this.current.points[this.current.points.length - 1];
      if (!last) return false;
      const [a, b] = [last, place].map((point) => this.view.map.project(point));
      return Math.hypot(a.x - b.x, a.y - b.y) < ONE_PLACE_PX;
    }

    undo() {
      if (this.busy && this.current.points.pop()) this.paint();
    }

    /* No more points: a double click, Enter. */
    finish() {
      if (!this.busy) return false;
      const { kind, points } = this.current;
      const least = SURFACES.test(kind) ? 3 : 2;
      if (CIRCLES.test(kind) || points.length < least) return false;
      return this.done(this.current);
    }

    done(shape) {
      if (CIRCLES.test(shape.kind) && !(shape.radius > 0)) return true;
      this.current = null;
      this.pointer = null;
      if (shape.kind.startsWith("select_")) this.shapes = this.shapes.filter(({ kind }) => !kind.startsWith("select_"));
      this.shapes.push(shape);
      this.handlers.onHint(null);
      this.paint();
      this.handlers.onDone(shape);
      return true;
    }

    /* Show the area of an address; null shows none. */
    show(area) {
      this.shapes = this.shapes.filter(({ kind }) => !kind.startsWith("select_"));
      const shape = area && shapeOf(area);
      if (shape) this.shapes.push(shape);
      this.paint();
    }

    /* ---- drawing ---- */

    paint() {
      if (!this.view.map) return;
      const drawn = this.shapes.flatMap((shape) => this.draw(shape, false));
      if (this.current) drawn.push(...this.draw(this.withPointer(), true));
      this.svg.replaceChildren(...drawn);
    }

    withPointer() {
      const { kind, points } = this.current;
      if (!this.pointer || !points.length) return this.current;
      if (CIRCLES.test(kind)) return { ...this.current, radius: center.geodesy.metres(points[0], this.pointer) };
      return { ...this.current, points: [...points, this.pointer] };
    }

    draw(shape, growing) {
      const corners = CIRCLES.test(shape.kind) ? (shape.radius ? center.geodesy.ring(shape.points[0], shape.radius) : []) : shape.points;
      const closed = SURFACES.test(shape.kind);
      const at = corners.map((point) => this.view.map.project(point));
      const path = at.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
      const classes = `${shape.kind.startsWith("select_") ? "selects" : shape.kind.startsWith("draw_") ? "draws" : "measures"}${growing ? " grows" : ""}`;
      const parts = [node(closed ? "polygon" : "polyline", { class: classes, points: path })];
      const knots = CIRCLES.test(shape.kind) ? shape.points.slice(0, 1).map((point) => this.view.map.project(point)) : at;
      if (knots.length <= 60) for (const { x, y } of knots) parts.push(node("circle", { class: classes, cx: x.toFixed(1), cy: y.toFixed(1), r: "0.28rem" }));
      return [...parts, ...this.labels(shape, at)];
    }

    labels(shape, at) {
      const said = this.said(shape);
      if (!said || !at.length) return [];
      const where = SURFACES.test(shape.kind) ? middle(at) : at[at.length - 1];
      const text = node("text", { x: where.x.toFixed(1), y: (where.y - (SURFACES.test(shape.kind) ? 0 : 12)).toFixed(1), "text-anchor": "middle" });
      text.textContent = said;
      return [text];
    }

    /* What a shape measures, as it is written beside it. */
    said({ kind, points, radius }) {
      const { lengthSaid, areaSaid, area, length } = center.geodesy;
      if (CIRCLES.test(kind)) return radius ? `r ${lengthSaid(radius, this.language)} · ${areaSaid(Math.PI * radius ** 2, this.language)}` : "";
      if (SURFACES.test(kind)) return points.length > 2 ? areaSaid(area(points), this.language) : "";
      return points.length > 1 ? lengthSaid(length(points), this.language) : "";
    }
  };

  const middle = (at) => {
    const sum = at.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 });
    return { x: sum.x / at.length, y: sum.y / at.length };
  };

  const short = ([lon, lat]) => `${lon.toFixed(6)},${lat.toFixed(6)}`;

  /* The area of a shape as addresses write it. */
  center.areaOf = ({ kind, points, radius }) => (CIRCLES.test(kind) ? `circle:${short(points[0])},${radius.toFixed(1)}` : `polygon:${points.map(short).join(";")}`);

  function shapeOf(area) {
    const [kind, rest] = [area.slice(0, area.indexOf(":")), area.slice(area.indexOf(":") + 1)];
    const pairs = rest.split(";").map((pair) => pair.split(",").map(Number));
    if (kind === "polygon") return { kind: "select_polygon", points: pairs, radius: 0 };
    if (kind === "circle") return { kind: "select_circle", points: [pairs[0].slice(0, 2)], radius: pairs[0][2] };
    if (kind !== "box") return null;
    const [west, south, east, north] = pairs[0];
    return { kind: "select_polygon", points: [[west, south], [east, south], [east, north], [west, north]], radius: 0 };
  }
})();
