/* The picture of one map: a deck layer for each layer of ours, its arrays put together from the page's cells.

   A cell is written into its layer's arrays in place; only what changed gets a new wrapper object, and only that is
   sent to the graphics card. However many frames arrive, the map is touched once per animation frame. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const CELL = 128; // one sign of icons.svg
  const wrapped = (value, size) => ({ value, size });
  const ZOOM_GROWTH = 0.45; // signs grow a little less than half as fast as the ground does

  class PictureLayer {
    constructor(config) {
      this.config = config;
      this.cells = new Map();
      this.dirty = new Set();
      this.laidOut = true;
      this.data = { length: 0, attributes: {} };
      this.ids = [];
      this.pulses = [];
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
      this.starts = paths ? new Uint32Array(rows + 1) : null;
      this.colors = new Uint32Array(drawn); // RGBA in one word
      this.sizes = new Float32Array(drawn);
      this.angles = new Float32Array(rows);
      this.icons = new Uint8Array(rows);
      this.times = new Uint32Array(rows);
      this.texts = new Array(rows).fill("");
      this.ids = held.flatMap((cell) => cell.geometry.header.ids);
      this.rows = rows;
      for (const cell of held) {
        this.positions.set(cell.geometry.arrays.positions.value, cell.vertex * this.size);
        if (paths) {
          const starts = cell.geometry.arrays.starts.value;
          for (let i = 0; i < cell.geometry.header.n; i++) this.starts[cell.row + i] = starts[i] + cell.vertex;
        }
      }
      if (paths) this.starts[rows] = vertices;
      this.dirty = new Set(["positions", "colors", "sizes", "angles", "icons", "texts"]);
      for (const cell of held) this.write(cell);
      this.laidOut = true;
    }

    /* Write the newest frame of a cell into the arrays. */
    write(cell) {
      const { arrays, header } = cell.frame;
      const color = new Uint32Array(arrays.color.value.buffer, arrays.color.value.byteOffset, header.n);
      if (this.config.shape === "paths") this.writePaths(cell, color, arrays.size.value);
      else {
        this.put("colors", this.colors, color, cell.row);
        this.put("sizes", this.sizes, arrays.size.value, cell.row);
      }
      this.times.set(arrays.time_s.value, cell.row);
      if (arrays.angle) this.put("angles", this.angles, arrays.angle.value, cell.row);
      if (arrays.icon) this.put("icons", this.icons, arrays.icon.value, cell.row);
      if (arrays.positions) this.put("positions", this.positions, arrays.positions.value, cell.vertex * this.size);
      if (header.text) for (let i = 0; i < header.n; i++) this.texts[cell.row + i] = header.text[i];
      if (header.text) this.dirty.add("texts");
      cell.pulse = ((header.options || {}).pulse || []).map((row) => cell.row + row);
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
    }

    writePaths(cell, color, size) {
      const starts = this.starts;
      for (let i = 0; i < color.length; i++) {
        const from = starts[cell.row + i], to = starts[cell.row + i + 1];
        this.colors.fill(color[i], from, to);
        this.sizes.fill(size[i], from, to);
      }
      this.dirty.add("colors").add("sizes");
    }

    /* Return the data for deck.gl, with new wrappers where something changed. */
    toDeck(bearing) {
      const { shape } = this.config;
      const attributes = { ...this.data.attributes };
      delete attributes.vertexPositions; // deck.gl leaves it there
      const bytes = new Uint8Array(this.colors.buffer);
      if (this.dirty.has("colors")) attributes[shape === "points" || shape === "columns" ? "getFillColor" : "getColor"] = { value: bytes, size: 4, normalized: true };
      if (this.dirty.has("positions")) attributes[shape === "paths" ? "getPath" : "getPosition"] = wrapped(this.positions, this.size);
      if (this.dirty.has("sizes")) attributes[{ points: "getRadius", paths: "getWidth", icons: "getSize", columns: "getElevation" }[shape]] = wrapped(this.sizes, 1);
      if (shape === "icons" && this.dirty.has("angles")) attributes.getAngle = wrapped(this.turned(bearing), 1);
      if (shape === "icons" && this.dirty.has("icons")) attributes.instanceIconDefs = wrapped(this.iconDefs(), 7);
      this.data = { length: this.rows || 0, attributes };
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

    /* Values written on the map: inside a sign that is big enough, else under it. */
    labels(scale) {
      const bytes = new Uint8Array(this.colors.buffer);
      const labels = [];
      for (let i = 0; i < this.rows; i++) {
        if (!this.texts[i]) continue;
        const inside = this.sizes[i] >= 26;
        const [r, g, b, a] = bytes.subarray(4 * i, 4 * i + 4);
        const bright = 0.2126 * r + 0.7152 * g + 0.0722 * b > 110;
        labels.push({
          p: [this.positions[2 * i], this.positions[2 * i + 1]],
          t: this.texts[i],
          c: inside && a > 200 ? (bright ? [8, 12, 18, 255] : [255, 255, 255, 255]) : [214, 226, 238, Math.max(a, 150)],
          s: (inside ? 12.5 : 11) * scale,
          o: [0, inside ? 0 : (this.sizes[i] / 2 + 8) * scale],
        });
      }
      return labels;
    }
  }

  center.Picture = class {
    /* `mapId`: of the drawing library's component, a string or a pattern. */
    constructor(configs, mapId, scale, onDrawn) {
      this.mapId = mapId;
      this.scale = scale;
      this.onDrawn = onDrawn;
      this.layers = new Map(configs.map((config) => [config.name, new PictureLayer(config)]));
      this.visible = new Set(this.layers.keys());
      this.bearing = 0;
      this.growth = 1; // of signs, against the whole city's view
      this.scheduled = false;
      this.begun = false; // before that there is nothing to give anything to
      this.pending = new Set();
      this.newestUs = 0;
    }

    /* Return the layers for deck.gl from the ground up, signs and then what is written on them. */
    deckLayers() {
      const drawn = [];
      for (const { config } of this.layers.values()) {
        const visible = this.visible.has(config.name);
        const scales = config.scales ? { [config.scales]: this.scale * this.growth } : {};
        drawn.push({ ...config.deck, ...scales, visible, data: [] });
        if (config.text) drawn.push({ ...config.text, visible, data: [] });
      }
      return drawn;
    }

    /* The map is there: whatever came until now is drawn. */
    begin() {
      this.begun = true;
      this.layer();
      this.schedule();
    }

    close() {
      this.begun = false;
    }

    layer() {
      if (this.begun) dash_clientside.set_props(this.mapId, { layers: this.deckLayers() });
    }

    show(names) {
      this.visible = new Set(names);
      this.layer();
      this.schedule();
    }

    rescale(scale) {
      this.scale = scale;
      for (const layer of this.layers.values()) layer.dirty.add("texts");
      this.layer();
      this.touchAll();
    }

    /* Signs grow as one comes nearer; `closer` counts zoom levels from the view of the whole city. */
    zoom(closer) {
      const growth = Math.min(2.6, Math.max(0.7, 2 ** (ZOOM_GROWTH * closer)));
      if (Math.abs(growth / this.growth - 1) < 0.05) return;
      this.growth = growth;
      this.rescale(this.scale);
    }

    turn(bearing) {
      if (bearing === this.bearing) return;
      this.bearing = bearing;
      for (const layer of this.layers.values()) {
        if (!layer.config.turns && layer.config.shape === "icons") layer.dirty.add("angles");
      }
      this.touchAll();
    }

    touchAll() {
      for (const name of this.layers.keys()) this.pending.add(name);
      this.schedule();
    }

    /* Take a cell of the page ({name, layer, frame, geometry}), which may be held by other maps too. */
    take({ name, layer: layerName, frame, geometry }) {
      const layer = this.layers.get(layerName);
      if (!layer) return;
      const cell = layer.cells.get(name) || { name };
      layer.cells.set(name, cell);
      this.newestUs = Math.max(this.newestUs, frame.header.now_us);
      if (cell.geometry !== geometry) layer.laidOut = false;
      Object.assign(cell, { frame, geometry });
      if (layer.laidOut) layer.write(cell);
      this.pending.add(layerName);
      this.schedule();
    }

    gone(name) {
      for (const layer of this.layers.values()) {
        if (!layer.cells.delete(name)) continue;
        layer.laidOut = false;
        this.pending.add(layer.config.name);
      }
      this.schedule();
    }

    cellNames() {
      return [...this.layers.values()].flatMap((layer) => [...layer.cells.keys()]);
    }

    schedule() {
      if (this.scheduled || !this.begun) return;
      this.scheduled = true;
      requestAnimationFrame(() => {
        this.scheduled = false;
        if (this.begun) this.draw();
      });
    }

    draw() {
      const layerData = {};
      for (const name of this.pending) {
        const layer = this.layers.get(name);
        if (!layer.laidOut) layer.layOut();
        if (!layer.dirty.size || !this.visible.has(name)) continue;
        layerData[name] = layer.toDeck(this.bearing);
        if (layer.config.text && (layer.dirty.has("texts") || layer.dirty.has("positions"))) {
          layerData[`${name}-text`] = layer.labels(this.scale * this.growth);
        }
        layer.dirty.clear();
      }
      this.pending = new Set([...this.pending].filter((name) => this.layers.get(name).dirty.size));
      if (!Object.keys(layerData).length) return;
      dash_clientside.set_props(this.mapId, { layerData });
      if (this.onDrawn) this.onDrawn(layerData);
    }

    /* What a click on row `index` of a layer means. */
    feature(layerName, index) {
      const layer = this.layers.get(layerName);
      return layer && index in layer.ids ? { layer: layerName, id: layer.ids[index], time_s: layer.times[index] } : null;
    }

    /* Places of the features that ask for attention: [longitude, latitude]. */
    pulses() {
      const places = [];
      for (const [name, layer] of this.layers) {
        if (!this.visible.has(name)) continue;
        for (const cell of layer.cells.values()) {
          for (const row of cell.pulse || []) places.push([layer.positions[2 * row], layer.positions[2 * row + 1]]);
        }
      }
      return places;
    }

    counts() {
      let features = 0;
      for (const layer of this.layers.values()) features += layer.rows || 0;
      return features;
    }
  };
})();
