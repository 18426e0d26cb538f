/* The picture of one map: a deck layer for each layer of ours (picture_layer.js), from the page's cells.

   However many cells arrive, the map is touched at most once per animation frame. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const ZOOM_GROWTH = 0.45; // signs grow a little less than half as fast as the ground does

  center.Picture = class extends center.PictureStack {
    /* `mapId`: of the drawing library's component, a string or a pattern. */
    constructor(configs, mapId, scale, onDrawn) {
      super();
      this.mapId = mapId;
      this.scale = scale;
      this.onDrawn = onDrawn;
      this.layers = new Map(configs.map((config) => [config.name, new center.PictureLayer(config)]));
      this.visible = new Set(this.layers.keys());
      this.camera = { zoom: 10, bearing: 0, pitch: 0 };
      this.step = center.groupStep(this.camera.zoom);
      this.growth = 1; // of signs, against the whole city's view
      this.theme = "dark";
      this.below = false;
      this.isStill = false;
      this.scheduled = false;
      this.handedOver = false;
      this.begun = false; // before that there is nothing to give anything to
      this.pending = new Set();
      this.written = new Map(); // layer → what is written on the map of it
      this.newestUs = 0;
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
      this.visible = new Set([...names].filter((name) => this.layers.has(name)));
      this.layer();
      this.writeAnew();
      this.touchAll();
    }

    /* How a layer is drawn on this map: {group, variant, as, glide}; what is not named stays. */
    choose(name, options) {
      const layer = this.layers.get(name);
      if (!layer) return;
      const before = { ...layer.options };
      Object.assign(layer.options, options);
      if (before.variant !== layer.options.variant || before.glide !== layer.options.glide) layer.rewrite();
      layer.dirty.add("colors").add("texts");
      this.layer();
      this.pending.add(name);
      this.schedule();
    }

    /* Colours that were chosen for a dark ground, or those for a light one. */
    setTheme(theme) {
      this.theme = theme;
      for (const layer of this.layers.values()) {
        layer.theme = theme;
        layer.rewrite();
      }
      this.layer();
      this.touchAll();
    }

    underground(on) {
      this.below = on;
      this.layer();
    }

    rescale(scale) {
      this.scale = scale;
      this.writeAnew();
      this.layer();
      this.touchAll();
    }

    writeAnew() {
      for (const layer of this.layers.values()) layer.dirty.add("texts");
    }

    /* While it zooms: signs grow as one comes nearer; `closer` counts zoom levels from the view of the whole city. */
    zoom(zoom, closer) {
      const step = center.groupStep(zoom);
      if (step !== this.step) {
        this.step = step;
        if ([...this.layers.values()].some((layer) => layer.isGrouping)) this.touchAll();
      }
      const nearness = Math.min(1, Math.max(0, Math.round(4 * closer) / 8)); // whole two levels nearer than the city
      for (const [name, layer] of this.layers) if (layer.approach(nearness)) this.pending.add(name);
      this.schedule();
      const growth = Math.min(2.6, Math.max(0.7, 2 ** (ZOOM_GROWTH * closer)));
      if (Math.abs(growth / this.growth - 1) < 0.05) return;
      this.growth = growth;
      this.rescale(this.scale);
    }

    /* The view has come to rest: {zoom, bearing, pitch}. */
    rest(camera) {
      const { zoom, bearing, pitch } = this.camera;
      if (camera.bearing !== bearing) for (const layer of this.layers.values()) if (!layer.config.turns && layer.config.shape === "icons") layer.dirty.add("angles");
      const same = camera.bearing === bearing && camera.zoom === zoom && camera.pitch === pitch;
      this.camera = camera;
      if (same) return;
      this.writeAnew();
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

    /* ---- drawing ---- */

    /* As soon as all that arrives together is here, so that the drawing library has it in the frame that comes next:
       handed over in a frame, it would be drawn in the one after. */
    schedule() {
      if (this.scheduled || !this.begun) return;
      this.scheduled = true;
      if (this.handedOver) return; // in this frame already: when it has passed
      setTimeout(() => this.handOver(), 0);
    }

    handOver() {
      this.handedOver = true;
      requestAnimationFrame(() => {
        this.handedOver = false;
        if (this.scheduled) this.handOver();
      });
      this.scheduled = false;
      if (this.begun) this.draw();
    }

    draw() {
      const layerData = {};
      let writes = false;
      for (const name of this.pending) {
        const layer = this.layers.get(name);
        if (!layer.laidOut) layer.layOut();
        if (!this.visible.has(name)) continue;
        layer.gather(this.step, this.scale);
        if (!layer.dirty.size) continue;
        this.drawLayer(layer, layerData);
        writes = writes || layer.dirty.has("texts") || layer.dirty.has("positions");
        layer.dirty.clear();
      }
      if (writes) this.write(layerData);
      this.pending = new Set([...this.pending].filter((name) => this.layers.get(name).dirty.size));
      this.glideOn();
      if (!Object.keys(layerData).length) return;
      dash_clientside.set_props(this.mapId, { layerData });
      if (this.onDrawn) this.onDrawn(layerData);
    }

    drawLayer(layer, layerData) {
      const { config } = layer;
      layerData[config.name] = layer.toDeck(this.camera.bearing);
      if (config.columns && layer.options.as === "columns") layerData[config.columns.id] = center.columnsOf(layer);
      if (!config.groups || !layer.dirty.has("groups")) return;
      const groups = layer.groups || { count: [], worst: [], positions: new Float32Array(0) };
      const { signs, texts } = center.groupData(groups, { ...config.groups.style, colors: config.groups.style.colors[this.theme], words: this.words() }, this.scale);
      layerData[config.groups.signs.id] = signs;
      layerData[config.groups.texts.id] = texts;
    }

    /* Of all that could be written on the map, the best that doesn't cover one another. */
    write(layerData) {
      const offered = [];
      for (const [name, layer] of this.layers) {
        if (!layer.config.text || !this.visible.has(name) || !layer.laidOut) continue;
        for (const label of center.labelsOf(layer, this.scale * this.growth, this.words())) offered.push({ ...label, layer: name });
      }
      const kept = center.placeLabels(offered, this.camera, this.scale);
      for (const [name, { config }] of this.layers) {
        if (!config.text) continue;
        const own = kept.filter((label) => label.layer === name);
        const said = JSON.stringify(own.map(({ p, t, c, s, o }) => [p, t, c, s, o]));
        if (this.written.get(name) === said) continue;
        this.written.set(name, said);
        layerData[config.text.id] = own;
      }
    }

    words() {
      return this.theme === "light" ? [28, 40, 54] : [214, 226, 238];
    }

    still(on) {
      this.isStill = on;
      this.glideOn();
    }

    /* Draw again soon, as long as something goes from fix to fix. */
    glideOn() {
      if (this.gliding || !this.begun) return;
      const gliders = [...this.layers.values()].filter((layer) => layer.glide && layer.laidOut && this.visible.has(layer.config.name));
      const now = this.isStill ? Infinity : performance.now();
      const moving = gliders.filter((layer) => layer.glide.move(now) || layer.dirty.has("positions"));
      if (!moving.length) return;
      this.gliding = setTimeout(() => {
        this.gliding = null;
        for (const { config } of moving) this.pending.add(config.name);
        this.schedule();
      }, 1000 / center.GLIDES_PER_SECOND);
    }
  };
})();
