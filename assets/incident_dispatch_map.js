/* What the panel "who goes" puts on the room's map: ways of candidates, what is reached in how many minutes, ways around.

   new opsCenter.DispatchMap(view, holder); `way(coordinates)`, `rings([{minutes, areas}])`, `around([coordinates])`; null clears. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SVG = "http://www.w3.org/2000/svg";
  const node = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };

  center.DispatchMap = class {
    constructor(view, holder) {
      Object.assign(this, { view, held: { way: null, rings: null, around: null } });
      this.svg = node("svg", { class: "dispatch-map", "aria-hidden": "true" });
      holder.prepend(this.svg);
      this.leave = [view.on("move", () => this.paint()), view.on("ready", () => this.paint())];
    }

    way(coordinates) {
      this.put("way", coordinates);
    }

    rings(rings) {
      this.put("rings", rings);
    }

    around(ways) {
      this.put("around", ways);
    }

    put(name, value) {
      this.held[name] = value;
      this.paint();
    }

    paint() {
      if (!this.view.map) return this.svg.replaceChildren();
      const { way, rings, around } = this.held;
      const drawn = [...(rings || [])].reverse().flatMap((ring, place) => this.ring(ring, (rings || []).length - place));
      for (const line of around || []) drawn.push(node("polyline", { class: "around", points: this.points(line) }));
      if (way) drawn.push(node("polyline", { class: "casing", points: this.points(way) }), node("polyline", { class: "way", points: this.points(way) }));
      this.svg.replaceChildren(...drawn);
    }

    ring({ minutes, areas }, place) {
      const path = areas.map((rings) => rings.map((ring) => `M${this.points(ring).replaceAll(" ", "L")}Z`).join("")).join("");
      const top = areas.flatMap(([outer]) => outer).reduce((best, point) => (!best || point[1] > best[1] ? point : best), null);
      const drawn = [node("path", { class: `reach r${place}`, d: path })];
      if (top) {
        const { x, y } = this.view.map.project(top);
        drawn.push(node("text", { x: x.toFixed(1), y: (y + 14).toFixed(1), "text-anchor": "middle" }, `${minutes}′`));
      }
      return drawn;
    }

    points(line) {
      return line.map((point) => this.view.map.project(point)).map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    }
  };
})();
