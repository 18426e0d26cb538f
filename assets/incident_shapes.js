/* What incidents put on a map: where it is, the area it affects, what was drawn on the shared picture, the ways of its units.
   SVG over the map: a few dozen shapes, each with a look of its own that needs no colour.

   new opsCenter.IncidentShapes(view, holder, {onPick?}); `show(incident)`, `preview(shape)`. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SVG = "http://www.w3.org/2000/svg";
  const t = center.incidentText;
  const language = () => (t.isEnglish ? 1 : 0);
  const PLAIN = new Set(["point", "line", "area"]);
  let patterns = 0;

  const node = (name, attributes, ...children) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  center.IncidentShapes = class {
    constructor(view, holder, { onPick = null } = {}) {
      Object.assign(this, { view, onPick, incident: null, extra: null, pattern: `incident-hatch-${++patterns}` });
      this.svg = node("svg", { class: "incident-shapes" });
      holder.append(this.svg);
      this.leave = [view.on("move", () => this.paint()), view.on("ready", () => this.paint())];
      this.svg.addEventListener("click", (event) => {
        const shape = event.target.closest("[data-drawing]");
        if (shape && this.onPick) this.onPick(Number(shape.dataset.drawing), event);
      });
      new MutationObserver(() => this.paint()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
    }

    close() {
      this.leave.forEach((leave) => leave());
      this.svg.remove();
    }

    show(incident) {
      this.incident = incident;
      this.paint();
    }

    /* A shape that nobody has sent yet. */
    preview(extra) {
      this.extra = extra;
      this.paint();
    }

    at(point) {
      return this.view.map.project(point);
    }

    path(points) {
      return points.map((point) => this.at(point)).map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    }

    paint() {
      if (!this.view.map || !this.incident) return this.svg.replaceChildren();
      const { incident, extra } = this;
      const drawn = [this.hatch()];
      const area = (extra && extra.area) || incident.area;
      if (area) drawn.push(node("polygon", { class: "shape-affected", points: this.path(area.coordinates) }));
      for (const unit of incident.units) if (unit.route.length > 1 && !unit.released_us) drawn.push(node("polyline", { class: `shape-way${unit.arrived_us ? " there" : ""}`, points: this.path(unit.route) }));
      for (const drawing of incident.drawings) drawn.push(this.drawing(drawing));
      const places = (extra && extra.places) || incident.places;
      places.forEach((place, number) => drawn.push(...this.place(place, number, incident)));
      this.svg.replaceChildren(...drawn);
    }

    hatch() {
      const line = node("path", { class: "shape-hatch", d: "M0 12L12 0" });
      return node("defs", {}, node("pattern", { id: this.pattern, width: 12, height: 12, patternUnits: "userSpaceOnUse" }, line));
    }

    place(place, number, incident) {
      if (place.kind !== "point") return [node(place.kind === "area" ? "polygon" : "polyline", { class: "shape-place", points: this.path(place.coordinates) })];
      const { x, y } = this.at(place.coordinates[0]);
      if (number) return [node("circle", { class: "shape-other", cx: x, cy: y, r: "0.45rem" })];
      const mark = node("g", { class: `shape-mark l${incident.level}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` }, node("circle", { class: "ring", r: "1.9rem" }), node("rect", { x: "-0.95rem", y: "-0.95rem", width: "1.9rem", height: "1.9rem", transform: "rotate(45)" }), node("text", { "text-anchor": "middle", dy: "0.36em" }));
      mark.lastChild.textContent = center.incidentRoman(incident.level);
      return [mark];
    }

    drawing({ id, kind, place, ...named }) {
      const { coordinates } = place;
      const label = t.drawn(named)[t.isEnglish ? "en" : "zh"];
      const names = t.pair(`drawing_${kind}`);
      const name = PLAIN.has(kind) ? "" : names[language()]; // what a plain shape means, its label says
      const more = names.includes(label) ? "" : label; // a plan names its drawings as their kind is called
      const said = kind === "text" ? label : [name, more].filter(Boolean).join(" · ");
      const group = node("g", { class: `shape-drawing d-${kind}`, "data-drawing": String(id) });
      if (place.kind === "point") {
        const { x, y } = this.at(coordinates[0]);
        if (kind === "staging") group.append(node("rect", { x: x - 9, y: y - 9, width: 18, height: 18 }));
        else if (kind !== "text") group.append(node("circle", { cx: x, cy: y, r: "0.4rem" }));
      } else {
        const points = this.path(coordinates);
        if (place.kind === "area" && kind === "evacuation") group.append(node("polygon", { class: "fill", points, fill: `url(#${this.pattern})` }));
        group.append(node(place.kind === "area" ? "polygon" : "polyline", { class: "edge", points }));
        if (kind === "closure") group.append(...this.crosses(coordinates, place.kind === "area"));
        if (kind === "diversion") group.append(...this.arrows(coordinates));
      }
      if (said) group.append(this.words(said, place, kind));
      return group;
    }

    words(said, place, kind) {
      const points = place.coordinates.map((point) => this.at(point));
      const middle = place.kind === "line" ? points[Math.floor((points.length - 1) / 2)] : { x: points.reduce((sum, { x }) => sum + x, 0) / points.length, y: place.kind === "area" ? Math.min(...points.map(({ y }) => y)) - 6 : points[0].y - (kind === "text" ? 0 : 14) };
      const text = node("text", { x: middle.x.toFixed(1), y: middle.y.toFixed(1), "text-anchor": "middle" });
      text.textContent = said;
      return text;
    }

    /* Crosses along what is closed. */
    crosses(coordinates, ring) {
      const points = [...coordinates, ...(ring ? [coordinates[0]] : [])].map((point) => this.at(point));
      return along(points, 46).map(({ x, y }) => node("path", { class: "cross", d: `M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10` }));
    }

    /* Arrows along a diversion. */
    arrows(coordinates) {
      return along(coordinates.map((point) => this.at(point)), 60).map(({ x, y, angle }) => node("path", { class: "arrow", d: "M-6 -6L4 0L-6 6", transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${angle.toFixed(0)})` }));
    }
  };

  /* Places every so many pixels along a line, at most 60. */
  function along(points, step) {
    const found = [];
    let left = step / 2;
    for (let n = 1; n < points.length && found.length < 60; n++) {
      const [a, b] = [points[n - 1], points[n]];
      const length = Math.hypot(b.x - a.x, b.y - a.y);
      const angle = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
      for (; left < length && found.length < 60; left += step) found.push({ x: a.x + ((b.x - a.x) * left) / length, y: a.y + ((b.y - a.y) * left) / length, angle });
      left -= length;
    }
    return found;
  }
})();
