/* A live map on a page: ground, layers, rings, marks of alarms. Any number of them may stand on one page.

   const view = new opsCenter.MapView({id, map, layers, view?, hidden?, language?, motion?, theme?, alarms?, padding?, attribution?});
   dash_clientside.set_props("some-holder", { children: view.component() });   // or return it from a callback
   view.on("pick", (picked) => …); // it tells ready, move, moveend, pick, drawn, layers, theme, time, span

   `map` and `layers` are what screens/deckgl.py says (map_config, layer_configs); `id` is the element's, unique on the
   page. How a page gets a map: docs/screens.md. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const TILT = { pitch: 56, bearing: -18 };
  const TILT_CLOSER = 0.75; // zoom levels: what lies down takes less height
  const TILT_MS = 900;
  const CLOSER = 2; // zoom levels that a click on a group goes nearer
  const DEFAULTS = { view: null, hidden: [], layerOptions: {}, language: "zh", motion: true, theme: null, alarms: null, padding: null, attribution: null };
  const maps = (center.maps = center.maps || new Map()); // id → MapView

  const rootPx = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
  center.rootPx = rootPx;
  /* How many times bigger than at a desk signs and labels are. */
  center.mapScale = () => Math.round((rootPx() / 16) * 4) / 4;

  center.MapView = class extends center.Emitter {
    constructor(options) {
      super();
      this.options = { ...DEFAULTS, ...options };
      this.id = this.options.id;
      this.map = null;
      this.language = this.options.language;
      this.theme = this.options.theme || document.documentElement.dataset.theme || "dark";
      this.isStill = !this.options.motion;
      this.isTilted = false;
      this.isUnderground = false;
      this.timeUs = null; // null: live
      this.span = null; // this map shows the whole of its picture
      this.wantedView = this.options.view;
      const { layers, hidden, alarms } = this.options;
      this.picture = new center.Picture(layers, this.deckId, center.mapScale(), (drawn) => this.drawn(drawn));
      this.picture.visible = new Set(layers.map(({ name }) => name).filter((name) => !hidden.includes(name)));
      this.picture.setTheme(this.theme);
      this.picture.isStill = !this.moves;
      for (const [name, chosen] of Object.entries(this.options.layerOptions)) this.picture.choose(name, chosen);
      this.alarms = alarms && new center.AlarmMap(alarms, { onPick: (id) => this.emit("pick", { layer: "alarms", id: String(id), time_s: null, lngLat: null }) });
      this.leave = center.page.live.add(this.consumer());
      this.onResize = () => {
        clearTimeout(this.resizing);
        this.resizing = setTimeout(() => this.resized(), 200);
      };
      window.addEventListener("resize", this.onResize);
      this.onTheme = ({ detail }) => this.options.theme || this.setTheme(detail); // the page's own, unless told otherwise
      document.addEventListener("ops-center-theme", this.onTheme);
      maps.set(this.id, this);
    }

    /* The drawing library's component has an id of a pattern: one callback hears the clicks of all maps. */
    get deckId() {
      return { type: "map", at: this.id };
    }

    /* The map as a Dash component. MapLibre hands itself to a layer of ours that draws nothing: the only door. */
    component() {
      const props = structuredClone(this.options.map.props);
      const handle = { id: "handle", type: "custom", onAdd: (map) => this.mapReady(map), render: () => {} };
      Object.assign(props, { id: this.deckId, layers: this.picture.deckLayers() });
      props.maplibreConfig.style = this.styleAddress();
      props.maplibreConfig.mapLayers = [handle];
      if (this.options.padding) props.maplibreConfig.mapOptions.fitBoundsOptions = { padding: this.options.padding };
      const part = (className) => ({ namespace: "dash_html_components", type: "Div", props: { className } });
      const children = [{ namespace: "deckgl_dash", type: "DeckGL", props }, part("map-rings"), part("map-alarms"), part("map-furniture")];
      return { namespace: "dash_html_components", type: "Div", props: { id: this.id, className: "map-view", "data-motion": this.isStill ? "off" : "on", children } };
    }

    get element() {
      return document.getElementById(this.id);
    }

    part(className) {
      return this.element.querySelector(`:scope > .${className}`);
    }

    /* Take the map off the page for good: call it before its component is replaced. */
    close() {
      this.leave();
      window.removeEventListener("resize", this.onResize);
      document.removeEventListener("ops-center-theme", this.onTheme);
      this.picture.close();
      if (maps.get(this.id) === this) maps.delete(this.id);
    }

    /* A click: what it hit, or null for the ground. Called by the one callback of all maps. */
    clicked({ picked, layerId, index, coordinate }) {
      const feature = picked ? this.picture.feature(layerId, index) : null;
      if (feature && feature.group) this.closer(feature);
      else this.emit("pick", feature && { ...feature, lngLat: coordinate });
    }

    /* Come so near to a group that it falls apart. */
    closer({ lngLat: [longitude, latitude] }) {
      this.setView({ longitude, latitude, zoom: Math.min(this.map.getMaxZoom(), this.map.getZoom() + CLOSER) }, 600);
    }

    /* ---- the view ---- */

    mapReady(map) {
      if (this.map !== map) this.begin(map);
      center.ground.dress(map, this);
    }

    begin(map) {
      this.map = map;
      this.homeZoom = map.getZoom();
      if (this.span) this.beginPart();
      else if (this.wantedView) map.jumpTo(camera(this.wantedView));
      const zoomed = () => this.picture.zoom(map.getZoom(), map.getZoom() - this.homeZoom);
      map.on("zoom", zoomed);
      map.on("move", () => this.moved());
      map.on("moveend", () => {
        this.picture.rest(this.view());
        this.emit("moveend", this.view());
      });
      zoomed();
      this.picture.rest(this.view());
      this.picture.begin();
      this.rings = new center.MapRings(this, this.part("map-rings"));
      if (this.options.attribution) this.furniture = center.MapFurniture.inside(this, this.part("map-furniture"), this.options.attribution);
      if (this.isTilted) this.tilt(true);
      if (this.alarms) this.alarms.hold(this.part("map-alarms"));
      this.emit("ready", this);
      this.moved();
    }

    moved() {
      if (this.rings) this.rings.place();
      if (this.alarms) this.alarms.moved(this.map);
      this.emit("move", this.map);
    }

    /* Where it looks: {longitude, latitude, zoom, pitch, bearing}; null before it is ready. */
    view() {
      if (!this.map) return this.wantedView;
      const { lng: longitude, lat: latitude } = this.map.getCenter();
      const view = { longitude, latitude, zoom: this.map.getZoom(), pitch: this.map.getPitch(), bearing: this.map.getBearing() };
      return this.span ? center.mapSpan.whole(view, this.span) : view;
    }

    setView(view, durationMs = 0) {
      this.wantedView = { ...this.wantedView, ...view };
      if (!this.map) return;
      const shown = camera(this.span ? center.mapSpan.part({ ...this.view(), ...view }, this.span) : view);
      if (durationMs && this.moves) this.map.easeTo({ ...shown, duration: durationMs });
      else this.map.jumpTo(shown);
    }

    /* Show [[west, south], [east, north]]. */
    fit(bounds, durationMs = 0) {
      if (this.map && this.span) this.setView(center.mapSpan.fit(bounds, this.span, this.options.padding || {}), durationMs);
      else if (this.map) this.map.fitBounds(bounds, { padding: this.options.padding || 2 * rootPx(), duration: this.moves ? durationMs : 0 });
      else this.on("ready", () => this.fit(bounds));
    }

    north() {
      if (this.map) this.map.easeTo({ bearing: 0, duration: this.moves ? 500 : 0 });
    }

    /* Flat, or tilted with buildings. */
    tilt(on) {
      this.isTilted = on && !this.span; // a part of a larger picture stays flat: map_span.js
      if (!this.map || this.span) return;
      center.ground.dress(this.map, this);
      const view = on ? { ...TILT, zoom: this.map.getZoom() + TILT_CLOSER } : { pitch: 0, bearing: 0, zoom: this.map.getZoom() - TILT_CLOSER };
      this.map.easeTo({ ...view, duration: this.moves ? TILT_MS : 0 });
    }

    /* What lies below the street: ground and buildings become translucent. */
    underground(on) {
      this.isUnderground = on;
      this.picture.underground(on);
      if (this.map) center.ground.dress(this.map, this);
    }

    /* Nothing moves by itself or glides, or it does again. */
    still(on) {
      this.isStill = on;
      this.picture.still(!this.moves);
      const element = this.element;
      if (element) element.dataset.motion = on ? "off" : "on";
    }

    get moves() {
      return !this.isStill && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    }

    speak(language) {
      this.language = language;
      if (this.furniture) this.furniture.show();
      if (this.map) center.ground.dress(this.map, this);
    }

    setTheme(theme) {
      if (theme === this.theme) return;
      this.theme = theme;
      this.picture.setTheme(theme);
      this.emit("theme", theme);
      this.restyle();
    }

    styleAddress() {
      return `/basemap/style.json?language=${this.language}&scale=${center.mapScale()}&theme=${this.theme}`;
    }

    /* Given as an object, a style is compared with the former at once: sources stay, and what differs is changed. */
    async restyle() {
      if (!this.map) return;
      const address = this.styleAddress();
      const answer = await fetch(address);
      if (!answer.ok || address !== this.styleAddress()) return;
      this.map.setStyle(await answer.json());
      center.ground.dress(this.map, this);
    }

    resized() {
      if (center.mapScale() === this.picture.scale || !this.map) return;
      this.restyle();
      this.picture.rescale(center.mapScale());
    }

    /* ---- layers ---- */

    consumer() {
      return {
        wanted: () => ({ layers: [...this.picture.visible], ...(this.alarms ? { alarms: true, ...this.alarms.seq } : {}) }),
        onCell: (cell) => this.timeUs === null && this.picture.take(cell),
        onGone: (name) => this.timeUs === null && this.picture.gone(name),
        onAlarms: (frame) => this.alarms && this.alarms.take(frame),
        onHeartbeat: (heartbeat) => this.alarms && this.alarms.beat(heartbeat),
      };
    }

    /* Show these layers and no others. */
    setLayers(names) {
      this.picture.show(names);
      center.page.live.subscribe();
      if (this.rings) this.rings.show();
      this.emit("layers", [...this.picture.visible]);
    }

    /* How a layer is drawn on this map: {group, variant, as, glide}, see docs/layers.md. */
    setLayerOptions(name, options) {
      this.picture.choose(name, options);
    }

    drawn(layerData) {
      if (this.rings) this.rings.show();
      this.emit("drawn", layerData);
    }

    /* ---- hooks for those who show another time, or a part of a larger picture ---- */

    /* Show the city as it was at `us` (µs), or live again (null). From then on live cells are not taken; who knows the
       past listens to "time" and gives cells by `picture.take`. Going live puts what is held of now back. */
    setTime(us) {
      this.timeUs = us;
      this.emit("time", us);
      if (us !== null) return;
      for (const cell of center.page.live.cells.values()) if (cell.frame) this.picture.take(cell);
      for (const name of this.picture.cellNames()) if (!center.page.live.cells.has(name)) this.picture.gone(name);
    }

    /* This map shows the part {x, y, width, height} of a picture of full_width × full_height (CSS pixels); null: all.
       Views that are given and asked for are the whole picture's. Who lays out several displays listens to "span". */
    setSpan(span) {
      const before = this.span ? this.view() : null;
      this.span = span;
      if (this.map) this.map.setMaxBounds(span ? null : this.options.map.props.maplibreConfig.mapOptions.maxBounds);
      if (this.map && span) {
        this.isTilted = false;
        if (before) this.setView(before);
        else this.beginPart();
      } else if (this.map && before) this.setView(before);
      this.emit("span", span);
    }

    /* The view that the whole picture begins with: what was wanted, else all of the city. */
    beginPart() {
      this.map.setMaxBounds(null); // a wide wall shows more than the city: its outer parts, nothing of it
      const { bounds } = this.options.map.props.maplibreConfig.mapOptions;
      const all = center.mapSpan.fit(bounds, this.span, this.options.padding || {});
      this.map.jumpTo(camera(center.mapSpan.part({ ...all, ...this.wantedView }, this.span)));
    }
  };

  const camera = ({ longitude, latitude, ...rest }) => (longitude === undefined ? rest : { center: [longitude, latitude], ...rest });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.maps = {
    /* A click on one of the maps (screens/deckgl.py registers it once for all pages). */
    pick() {
      for (const { prop_id, value } of window.dash_clientside.callback_context.triggered) {
        const view = value && maps.get(JSON.parse(prop_id.slice(0, prop_id.lastIndexOf("."))).at);
        if (view) view.clicked(value);
      }
    },
  };
})();
