/* The map of a room: alarms, where the incident is, what everybody draws, units and their ways.

   Points are gathered by the tool of the desk (desk_map_draw.js); what comes of it is a command, and appears when the center
   has taken it, for everybody alike. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const NEAR = 15.2; // zoom: a few streets around
  const STILL_PX = 5;
  /* What can be drawn: kind → the tools that make it. */
  const TOOLS = {
    cordon: ["draw_circle", "draw_polygon"],
    evacuation: ["draw_circle", "draw_polygon"],
    staging: ["draw_point", "draw_polygon"],
    closure: ["draw_line", "draw_polygon"],
    diversion: ["draw_line"],
    text: ["draw_point"],
    point: ["draw_point"],
    line: ["draw_line"],
    area: ["draw_polygon", "draw_circle"],
  };
  const SHAPES = { draw_point: "●", draw_line: "╱", draw_polygon: "⬠", draw_circle: "◯" };
  const five = (points) => points.map((point) => point.map((degree) => Math.round(degree * 1e6) / 1e6));

  center.IncidentMap = class {
    constructor(room, holder, over) {
      Object.assign(this, { room, over, wants: null });
      const { config } = room;
      this.stage = holder.parentElement;
      this.view = new center.MapView({ id: "incident-map-view", map: config.map, layers: config.layers, hidden: this.hidden(), motion: config.motion, language: t.isEnglish ? "en" : "zh", alarms: config.marks ? config : null, attribution: config.attribution, padding: 2.5 * center.rootPx() });
      dash_clientside.set_props("incident-map-holder", { children: this.view.component() });
      this.shapes = new center.IncidentShapes(this.view, over, { onPick: (id) => this.chosen(id) });
      this.drawing = new center.DeskDrawing(this.view, over, { onDone: (shape) => this.drawn(shape), onHint: (kind, way) => this.hint(kind, way) });
      this.build();
      this.connect();
    }

    hidden() {
      const shown = (center.remembered("incident-layers") || this.room.config.shown.join()).split(",");
      return this.room.config.layers.map(({ name }) => name).filter((name) => !shown.includes(name));
    }

    build() {
      const part = (className, tag = "div", attributes = {}) => this.over.appendChild(el(tag, className, attributes));
      this.bar = part("incident-map-bar");
      this.menu = part("incident-map-menu", "div", { id: "incident-draw-menu" });
      this.menu.hidden = true;
      this.list = part("incident-map-menu", "div", { id: "incident-drawings" });
      this.list.hidden = true;
      this.layerPanel = part("incident-map-menu incident-layers", "div", { id: "incident-layers" });
      this.layers = new center.DeskLayers(this.layerPanel, this.room.config, { visible: () => [...this.view.picture.visible], onChange: (names) => this.setLayers(names) });
      this.hinting = part("incident-map-hint", "div", { role: "status" });
      this.draws = center.incidentButton("act", "draw", () => this.openMenu(), { "aria-expanded": "false", "aria-controls": "incident-draw-menu" });
      this.draws.append(el("kbd", "", {}, "D"));
      this.drawings = el("button", "act", { type: "button", "aria-expanded": "false", "aria-controls": "incident-drawings" });
      this.drawings.addEventListener("click", () => this.open(this.list));
      const layers = center.incidentButton("act", "layers", () => this.open(this.layerPanel), { "aria-expanded": "false", "aria-controls": "incident-layers" });
      const home = center.incidentButton("act", "map_home", () => this.home(400));
      this.bar.append(this.draws, this.drawings, layers, home, ...this.toWall());
      this.menu.append(...Object.entries(TOOLS).map(([kind, tools]) => this.tool(kind, tools)));
    }

    /* Who steers walls sends them the map as it is here. */
    toWall() {
      if (!this.room.config.steers) return [];
      center.wallSend.mapOf = () => this.view;
      return [el("button", "act incident-to-wall", { type: "button", "data-wall-send": "view", "data-key": "wall-view", ...t.titled("view_to_wall") }, el("span", "", { "aria-hidden": "true" }, "▣"))];
    }

    tool(kind, tools) {
      const shape = (tool) => {
        const button = el("button", "copy", { type: "button", "data-tool": tool, "data-kind": kind, ...t.titled("draw_as", t.part(`drawing_${kind}`), t.part(tool)) }, SHAPES[tool]);
        button.addEventListener("click", () => this.begin(kind, tool));
        return button;
      };
      return el("div", `incident-tool d-${kind}`, {}, el("i", "", { "aria-hidden": "true" }), el("span", "", {}, ...t.both(`drawing_${kind}`)), ...tools.map(shape));
    }

    connect() {
      const { room, stage } = this;
      stage.addEventListener("pointerdown", (event) => (this.downAt = [event.clientX, event.clientY]), true);
      stage.addEventListener("click", (event) => this.take(event, () => this.drawing.click(event)), true);
      stage.addEventListener("dblclick", (event) => this.take(event, () => this.drawing.finish() || true), true);
      this.view.on("ready", () => [(document.documentElement.dataset.map = "ready"), this.home(0)]);
      this.view.on("pick", (picked) => picked && picked.layer === "alarms" && location.assign(`/alarms/${picked.id}`));
      document.addEventListener("pointerdown", (event) => !event.target.closest(".incident-map-menu, .incident-map-bar") && this.open(null));
      new MutationObserver(() => [this.view.speak(t.isEnglish ? "en" : "zh"), this.layers.speak(), this.drawing.paint()]).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      room.on("changed", (standing) => standing && this.show(standing.incident));
      room.on("draw-place", (kind) => this.begin(kind === "point" ? "place" : "affected", kind === "point" ? "draw_point" : "draw_polygon"));
      room.on("place-dropped", () => this.shapes.preview(null));
    }

    show(incident) {
      this.incident = incident;
      this.shapes.show(incident);
      if (this.preview && this.preview.version < incident.version) this.shapes.preview((this.preview = null));
      this.draws.hidden = !this.room.takesPart || incident.state === "closed";
      this.listDrawings(incident);
      const at = JSON.stringify(incident.places[0] || null);
      if (at !== this.homeAt) [(this.homeAt = at), this.home(0)];
    }

    /* Where it is, with all that was drawn around it. */
    home(ms) {
      if (!this.view.map || !this.incident) return;
      const { places, area, drawings } = this.incident;
      const points = [...places, ...(area ? [area] : []), ...drawings.map(({ place }) => place)].flatMap(({ coordinates }) => coordinates);
      if (!points.length) return;
      const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
      const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
      if (east - west < 0.004 && north - south < 0.004) this.view.setView({ longitude: (west + east) / 2, latitude: (south + north) / 2, zoom: NEAR }, ms);
      else this.view.fit([[west, south], [east, north]], ms);
    }

    setLayers(names) {
      center.remember("incident-layers", names.join());
      this.view.setLayers(names);
      this.layers.show();
    }

    /* ---- menus ---- */

    open(menu) {
      for (const one of [this.menu, this.list, this.layerPanel]) one.hidden = one !== menu || !one.hidden;
      for (const button of this.bar.querySelectorAll("[aria-controls]")) button.setAttribute("aria-expanded", String(!byId(button.getAttribute("aria-controls")).hidden));
      if (menu === this.layerPanel && !menu.hidden) this.layers.show();
      const first = menu && !menu.hidden && menu.querySelector("button");
      if (first) first.focus();
    }

    openMenu() {
      if (!this.draws.hidden) this.open(this.menu);
    }

    listDrawings({ drawings }) {
      this.drawings.replaceChildren(...t.both("drawings"), el("b", "num", {}, String(drawings.length)));
      this.drawings.hidden = !drawings.length;
      const mine = (one) => one.by === this.room.me && this.room.takesPart;
      const line = (one) => {
        const words = el("button", "incident-drawing-line", { type: "button", "data-key": `see-${one.id}` }, el("i", "", { "aria-hidden": "true" }), el("b", "", {}, ...t.both(`drawing_${one.kind}`)), el("span", "", {}, ...t.label(t.drawn(one))), el("span", "quiet", {}, ...t.label(t.person(one.by)), " ", t.moment(one.at_us)));
        words.addEventListener("click", () => this.see(one));
        const erase = mine(one) ? [center.incidentButton("copy", "erase", () => this.room.attempt({ do: "erase", drawing: one.id }), { "data-key": `erase-${one.id}` })] : [];
        return el("div", `incident-tool d-${one.kind}`, { "data-drawing-line": String(one.id) }, words, ...erase);
      };
      center.incidentPut(this.list, ...[...drawings].reverse().map(line));
      if (!drawings.length) this.list.hidden = true;
    }

    see({ place }) {
      const [lons, lats] = [0, 1].map((axis) => place.coordinates.map((point) => point[axis]));
      this.view.fit([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]].map((corner, side) => (lons.length > 1 ? corner : corner.map((degree) => degree + (side ? 0.003 : -0.003)))), 400);
    }

    /* A click on something drawn: its line in the list. */
    chosen(id) {
      if (this.drawing.busy) return;
      if (this.list.hidden) this.open(this.list);
      const line = this.list.querySelector(`[data-drawing-line="${id}"] button:last-child`);
      if (line) line.focus();
    }

    /* ---- drawing ---- */

    begin(kind, tool) {
      this.open(null);
      this.wants = kind;
      this.drawing.begin(tool);
    }

    take(event, act) {
      if (!this.drawing.busy || event.target.closest(".incident-map-bar, .incident-map-menu")) return;
      event.stopPropagation();
      event.preventDefault();
      const dragged = this.downAt && Math.hypot(event.clientX - this.downAt[0], event.clientY - this.downAt[1]) > STILL_PX;
      if (!dragged) act();
    }

    hint(kind, way) {
      this.stage.classList.toggle("drawing", Boolean(kind));
      const key = this.wants === "place" ? "fact_places" : this.wants === "affected" ? "fact_area" : `drawing_${this.wants}`;
      this.hinting.replaceChildren(...(kind ? [el("b", "", {}, ...t.both(key)), el("span", "", {}, ...t.both(way))] : []));
    }

    async drawn(shape) {
      const place = { kind: { draw_point: "point", draw_line: "line" }[shape.kind] || "area", coordinates: five(shape.kind === "draw_circle" ? center.geodesy.ring(shape.points[0], shape.radius, 48) : shape.points), name: "" };
      this.drawing.clear();
      if (this.wants === "place" || this.wants === "affected") return this.propose(place);
      const kind = this.wants;
      const make = (label) => ({ do: "draw", kind, label, place });
      if (kind !== "text") return this.room.attempt(make(""));
      const send = async ({ label }) => {
        const answer = await this.room.do(make(label));
        return answer.code === undefined ? null : answer;
      };
      center.incidentQuestion({ title: t.pair("drawing_text"), fields: [{ name: "label", label: t.pair("drawing_label"), kind: "line", required: true }], yes: t.pair("draw"), send });
    }

    /* Where it is, or what it affects: facts, sent with the others. */
    propose(place) {
      const { places } = this.incident;
      const changes = this.wants === "place" ? { places: [place, ...places.slice(1)] } : { area: place };
      this.preview = { ...(this.preview || {}), ...changes, version: this.incident.version };
      this.shapes.preview(this.preview);
      this.room.tab("facts");
      this.room.emit("place", changes);
    }

    /* Keys while something is drawn; returns whether it was one. */
    key(event) {
      if (event.key === "Escape" && this.drawing.busy) return this.drawing.cancel() || true;
      if (event.key === "Escape" && [this.menu, this.list, this.layerPanel].some((one) => !one.hidden)) return this.open(null) || true;
      if (this.drawing.busy && event.key === "Enter") return this.drawing.finish() || true;
      if (this.drawing.busy && event.key === "Backspace") return this.drawing.undo() || true;
      return false;
    }
  };
})();
