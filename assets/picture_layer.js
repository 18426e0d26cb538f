/* One layer of a map's picture: its arrays, put together in place from the cells that /live sends.

   A cell is written into its layer's arrays; only what changed gets a new wrapper object, and only that is sent to the
   graphics card. What is drawn follows the layer's shape (layers/contract.py), and its options on this map:
     group     points too close to be told apart are gathered (map_groups.js); only where severities travel
     variant   the name of another look that travels in the cells (options.variants)
     glide     what moves goes from fix to fix instead of jumping (map_glide.js) */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const CELL = 128; // one sign of icons.svg
  const NOTHING_KNOWN = 255;
  const THIN_PX = 2.2; // at a desk
  const FAINTEST = 0.45;
  const fainter = (color, nearness) => ((color & 0xffffff) | (Math.round((color >>> 24) * (FAINTEST + (1 - FAINTEST) * nearness)) << 24)) >>> 0;
  const word = ([red, green, blue]) => red | (green << 8) | (blue << 16);
  const wrapped = (value, size) => ({ value, size });
  const ATTRIBUTES = {
    points: { colors: "getFillColor", positions: "getPosition", sizes: "getRadius" },
    icons: { colors: "getColor", positions: "getPosition", sizes: "getSize" },
    paths: { colors: "getColor", positions: "getPath", sizes: "getWidth" },
    columns: { colors: "getFillColor", positions: "getPosition", sizes: "getElevation" },
    heat: { positions: "getPosition", sizes: "getWeight" },
  };

  center.PictureLayer = class {
    constructor(config) {
      this.config = config;
      this.cells = new Map();
      this.dirty = new Set();
      this.laidOut = false;
      this.data = { length: 0, attributes: {} };
      this.ids = [];
      this.rows = 0;
      this.options = {};
      this.groups = null;
      this.theme = "dark";
      this.nearness = 0;
      this.day = new Map((config.day || []).map(([night, day]) => [word(night), word(day)]));
    }

    /* Colours travel as they are by night; by day others take their place (layers/palette.py by_day). */
    themed(colors) {
      if (this.theme === "dark") return colors;
      return colors.map((color) => (this.day.has(color & 0xffffff) ? (this.day.get(color & 0xffffff) | (color & 0xff000000)) >>> 0 : color));
    }

    get isArea() {
      return this.config.shape === "areas";
    }

    /* Lay out the arrays anew: a cell came, went, or has another geometry. Rows of a cell stay together. */
    layOut() {
      const held = [...this.cells.values()];
      let rows = 0, vertices = 0;
      for (const cell of held) {
        Object.assign(cell, { row: rows, vertex: vertices });
        rows += cell.geometry.header.n;
        vertices += cell.geometry.arrays.positions.value.length / cell.geometry.arrays.positions.size;
      }
      const paths = this.config.shape === "paths";
      const drawn = paths ? vertices : rows; // colours and widths of a path are given for each vertex
      this.size = held.length ? held[0].geometry.arrays.positions.size : 2;
      this.positions = new Float32Array(vertices * this.size);
      this.starts = paths || this.isArea ? new Uint32Array(rows + 1) : null;
      this.anchors = this.isArea ? new Float32Array(2 * rows) : null;
      this.colors = new Uint32Array(drawn); // RGBA in one word
      this.sizes = new Float32Array(drawn);
      this.angles = new Float32Array(rows);
      this.icons = new Uint8Array(rows);
      this.times = new Uint32Array(rows);
      this.severities = new Uint8Array(rows).fill(NOTHING_KNOWN);
      this.texts = new Array(rows).fill("");
      this.ids = held.flatMap((cell) => cell.geometry.header.ids);
      this.rows = rows;
      this.places = null;
      for (const cell of held) this.place(cell);
      if (this.starts) this.starts[rows] = vertices;
      this.glide = this.options.glide && !this.starts ? new center.Glide(this) : null;
      this.dirty = new Set(["positions", "colors", "sizes", "angles", "icons", "texts", "severities"]);
      for (const cell of held) this.write(cell);
      this.laidOut = true;
    }

    place(cell) {
      const { positions, starts, anchors } = cell.geometry.arrays;
      this.positions.set(positions.value, cell.vertex * this.size);
      if (this.anchors && anchors) this.anchors.set(anchors.value, 2 * cell.row);
      if (!this.starts) return;
      for (let i = 0; i < cell.geometry.header.n; i++) this.starts[cell.row + i] = starts.value[i] + cell.vertex;
    }

    /* Write the newest frame of a cell into the arrays. */
    write(cell) {
      const { arrays, header } = cell.frame;
      if (arrays.severity) this.put("severities", this.severities, arrays.severity.value, cell.row);
      if (arrays.severity) this.graded = true;
      const look = this.look(cell.frame);
      const color = this.themed(new Uint32Array(look.color.value.buffer, look.color.value.byteOffset, header.n));
      if (this.config.shape === "paths") this.writePaths(cell, color, look.size.value);
      else {
        this.put("colors", this.colors, color, cell.row);
        this.put("sizes", this.sizes, look.size.value, cell.row);
      }
      if (arrays.positions && this.glide) this.glide.take(cell.row, arrays.positions.value, arrays.time_s.value);
      else if (arrays.positions) this.put("positions", this.positions, arrays.positions.value, cell.vertex * this.size);
      this.times.set(arrays.time_s.value, cell.row);
      if (arrays.angle) this.put("angles", this.angles, arrays.angle.value, cell.row);
      if (arrays.icon) this.put("icons", this.icons, arrays.icon.value, cell.row);
      if (look.text) this.putTexts(look.text, cell.row);
      cell.pulse = ((header.options || {}).pulse || []).map((row) => cell.row + row);
    }

    /* The look that is chosen on this map, else the layer's own. */
    look({ arrays, header }) {
      const variant = ((header.options || {}).variants || {})[this.options.variant];
      if (!variant) return { color: arrays.color, size: arrays.size, text: header.text };
      const name = this.options.variant;
      return { color: arrays[`color:${name}`], size: arrays[`size:${name}`], text: variant.text };
    }

    /* Copy, and note whether anything changed: an array that didn't is not sent to the graphics card again. */
    put(name, target, source, offset) {
      if (!this.dirty.has(name)) {
        let same = true;
        for (let i = 0; same && i < source.length; i++) same = target[offset + i] === source[i];
        if (same) return;
        this.dirty.add(name);
      }
      target.set(source, offset);
      if (target === this.positions) this.places = null;
    }

    putTexts(texts, row) {
      for (let i = 0; i < texts.length; i++) {
        if (this.texts[row + i] === texts[i]) continue;
        this.texts[row + i] = texts[i];
        this.dirty.add("texts");
      }
    }

    writePaths(cell, color, size) {
      const starts = this.starts;
      for (let i = 0; i < color.length; i++) {
        const from = starts[cell.row + i], to = starts[cell.row + i + 1];
        this.colors.fill(this.recedes(cell.row + i, size[i]) ? fainter(color[i], this.nearness) : color[i], from, to);
        this.sizes.fill(size[i], from, to);
      }
      this.dirty.add("colors").add("sizes");
    }

    /* Thin lines of which nothing is to be said: a texture of the city, until one is near. */
    recedes(row, width) {
      return this.graded && this.nearness < 1 && width < THIN_PX && !(this.severities[row] > 1 && this.severities[row] < NOTHING_KNOWN);
    }

    /* How near one is, 0 (the whole city) to 1. */
    approach(nearness) {
      if (nearness === this.nearness) return false;
      this.nearness = nearness;
      if (!this.graded || this.config.shape !== "paths" || !this.laidOut) return false;
      for (const cell of this.cells.values()) this.write(cell);
      return true;
    }

    /* Write everything again: another look was chosen. */
    rewrite() {
      this.laidOut = false;
    }

    /* ---- for deck.gl ---- */

    /* Return the data for deck.gl, with new wrappers where something changed. */
    toDeck(bearing) {
      if (this.isArea) return (this.parts = center.areasOf(this));
      const names = ATTRIBUTES[this.config.shape];
      const attributes = { ...this.data.attributes };
      delete attributes.vertexPositions; // deck.gl leaves it there
      const { dirty } = this;
      if (dirty.has("colors") && names.colors) attributes[names.colors] = { value: new Uint8Array(this.colors.buffer), size: 4, normalized: true };
      if (dirty.has("positions")) attributes[names.positions] = wrapped(this.positions, this.size);
      if (dirty.has("sizes") || dirty.has("groups")) attributes[names.sizes] = wrapped(this.alone(), 1);
      if (this.config.shape === "icons") {
        if (dirty.has("angles")) attributes.getAngle = wrapped(this.turned(bearing), 1);
        if (dirty.has("icons")) attributes.instanceIconDefs = wrapped(this.iconDefs(), 7);
      }
      this.data = { length: this.rows, attributes };
      if (this.starts) this.data.startIndices = this.starts;
      return this.data;
    }

    /* deck.gl turns against the clock; signs that face the screen turn with the map by hand. */
    turned(bearing) {
      const offset = this.config.turns ? 0 : bearing;
      return this.angles.map((angle) => (angle ? offset - angle : 0));
    }

    /* What deck.gl's IconLayer keeps for each sign: offset x, y, place x, y, width, height, whether it is a mask. */
    iconDefs() {
      const defs = new Float32Array(this.rows * 7);
      for (let i = 0; i < this.rows; i++) defs.set([0, 0, this.icons[i] * CELL, 0, CELL, CELL, 1], 7 * i);
      return defs;
    }

    /* ---- groups ---- */

    get isGrouping() {
      return Boolean(this.options.group && this.config.groups && this.graded && !this.starts);
    }

    /* Gather for this step of zoom; note whether anything changed by it. */
    gather(step, scale) {
      if (!this.isGrouping) {
        if (this.groups) this.dirty.add("groups");
        this.groups = null;
        return;
      }
      const same = this.groups && this.groupedFor === `${step} ${scale}` && !this.dirty.has("positions") && !this.dirty.has("severities");
      if (same) return;
      this.groupedFor = `${step} ${scale}`;
      this.groups = center.groupPoints(this.mercator(), this.severities, this.colors, step, scale);
      this.dirty.add("groups").add("texts");
    }

    mercator() {
      if (!this.places) this.places = center.projected(this.anchors || this.positions, this.anchors ? 2 : this.size);
      return this.places;
    }

    /* Sizes, nothing for what is in a group. */
    alone() {
      if (!this.groups) return this.sizes;
      return this.sizes.map((size, i) => (this.groups.of[i] < 0 ? size : 0));
    }
  };
})();
