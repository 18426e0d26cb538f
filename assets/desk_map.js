/* The coordinator's desk (/desk): what is shown, as one state that its address says; everything else follows from it.

   `go(changes)` is the only way to another state: it puts it into the address (a step of the back button), and applies
   what differs. What the parts are: desk_map_*.js; the list is that of /alarms (alarms.js). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const say = (key, ...more) => center.alarmText.say(`desk_${key}`, ...more);
  const el = (...more) => center.el(...more);
  const CARD_MS = 4000; // an open thing is asked for anew
  const FLY_MS = 700;
  const NEAR = 15; // zoom: nearer is nobody flown
  const STILL_PX = 5; // a pointer that moved further between down and up has dragged
  const SAID_MS = 3500;
  const PAN_PX = 160;
  const LOST_S = 3;

  class DeskMap {
    constructor(config) {
      this.config = config;
      center.alarmText.configure(config);
      this.state = center.deskAddress.read(location.search);
      this.asked = 0;
      this.mapTheme = center.remembered("map-theme") || "";
      this.view = this.makeMap("desk-map-1", this.state.at, this.state.layers || this.usualLayers());
      dash_clientside.set_props("desk-map-holder", { children: this.view.component() });
      this.build();
      this.list = center.alarms = new center.AlarmPage(config, this.host());
      this.connect();
      this.speak();
      this.apply(this.state, {});
      this.layers.show();
      document.documentElement.dataset.desk = "ready";
    }

    makeMap(id, view, visible) {
      const { map, layers, motion, marks } = this.config;
      const hidden = layers.map(({ name }) => name).filter((name) => !visible.includes(name));
      return new center.MapView({ id, map, layers, view, hidden, motion, language: center.alarmText.language(), theme: this.mapTheme || null, alarms: marks ? this.config : null, padding: 2.5 * center.rootPx() });
    }

    usualLayers() {
      const { layers, hidden } = this.config;
      return layers.map(({ name }) => name).filter((name) => !hidden.includes(name));
    }

    get theme() {
      return this.mapTheme || center.theme.current();
    }

    build() {
      const { view, config } = this;
      const over = byId("desk-over");
      const part = (className, tag = "div") => over.appendChild(el(tag, className));
      this.drawing = new center.DeskDrawing(view, over, { onDone: (shape) => this.drawn(shape), onHint: (kind, way) => this.hint(kind, way) });
      this.pin = new center.DeskPin(view, over);
      this.search = new center.DeskSearch(part("desk-search"), config, { at: () => view.view(), onChosen: (hit) => this.chosen(hit), onLeft: () => this.list.rows.holder.focus() });
      this.tools = new center.DeskTools(part("desk-tools"), (act) => this.act(act), config.steers ? [] : ["wall"]);
      this.layerPanel = part("desk-layers");
      this.layers = new center.DeskLayers(this.layerPanel, config, { visible: () => [...view.picture.visible], onChange: (names) => this.go({ layers: names }) });
      this.hinting = part("desk-hint");
      this.said = part("desk-said");
      this.said.setAttribute("role", "status");
      this.lostSign = part("desk-lost");
      this.lostSign.setAttribute("role", "alert");
      this.lostSign.hidden = true;
      this.furnish(part("desk-furniture"));
      this.selection = new center.DeskSelection(byId("desk-drawer"), config, { onClosed: () => this.go({ select: null, kinds: [] }), onKinds: (kinds) => this.go({ kinds }), onLink: () => this.copyLink() });
      this.overview = new center.DeskOverview(view, byId("desk-overview"), config, (kind) => this.go({ select: this.overview.area(), kinds: [kind] }));
      this.compare = new center.DeskCompare(this);
      this.time = new center.TimeSlider(byId("time-slider"), { views: () => [view], timezone: config.timezone, onChange: () => this.mark() });
      center.deskSplits(byId("desk-page"), () => this.resized());
    }

    furnish(holder) {
      const [bar, text, north] = [el("div", "desk-scale"), el("div", "num"), el("i", "desk-arrow")];
      this.pointer = el("span", "num desk-pointer");
      this.northButton = el("button", "desk-north", { type: "button" }, north);
      this.northButton.addEventListener("click", () => this.act("north"));
      holder.append(this.pointer, el("div", "desk-scales", {}, text, bar), this.northButton);
      this.furniture = new center.MapFurniture(this.view, { holder, bar, text, north });
    }

    connect() {
      const maps = byId("desk-maps");
      this.view.on("pick", (picked) => this.picked(picked));
      this.view.on("moveend", () => this.moved());
      this.view.on("ready", () => this.ready());
      this.view.on("drawn", () => (document.documentElement.dataset.features = String(this.view.picture.counts())));
      maps.addEventListener("pointerdown", (event) => (this.downAt = [event.clientX, event.clientY]), true);
      maps.addEventListener("pointerup", (event) => this.released(event), true);
      maps.addEventListener("click", (event) => this.drawingTakes(event, () => this.drawing.click(event)), true);
      maps.addEventListener("dblclick", (event) => this.drawingTakes(event, () => this.drawing.finish() || true), true);
      maps.addEventListener("pointermove", (event) => this.point(event), { passive: true });
      byId("desk-page").addEventListener("click", (event) => this.clicked(event));
      byId("desk-page").addEventListener("keydown", (event) => event.key === "Enter" && event.target.matches("[data-thing]") && this.go({ thing: event.target.dataset.thing, alarm: null, here: null, fly: true }));
      document.addEventListener("keydown", (event) => this.pan(event));
      this.onPop = () => this.restore();
      window.addEventListener("popstate", this.onPop);
      document.addEventListener("ops-center-theme", () => this.dress());
      center.page.live.add({ wanted: () => ({}), onHeartbeat: (heartbeat) => this.beat(heartbeat), onState: () => this.freshness() });
      new MutationObserver(() => this.speak()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      setInterval(() => this.tick(), 1000);
    }

    /* What the list is told of the page it is a part of. */
    host() {
      return {
        always: true,
        begin: () => {},
        opened: (id, again) => !again && this.state.alarm !== id && this.go(id === null ? { alarm: null } : { alarm: id, thing: null, here: null, fly: true }),
        key: (event) => this.key(event),
        offerKeys: () => this.keys(),
      };
    }

    /* ---- the state and its address ---- */

    go({ fly, ...changes }, replace = false) {
      const before = this.state;
      this.state = { ...before, ...changes };
      const address = location.pathname + center.deskAddress.write(this.state);
      if (address !== location.pathname + location.search) history[replace ? "replaceState" : "pushState"](history.state, "", address);
      this.apply(this.state, before, fly);
    }

    /* The back button: what the address says now. */
    restore() {
      if (!byId("desk-page")) return window.removeEventListener("popstate", this.onPop);
      const before = this.state;
      this.state = center.deskAddress.read(location.search);
      if (this.state.at) this.view.setView(this.state.at, FLY_MS / 2);
      this.apply(this.state, before);
    }

    apply(state, before, fly) {
      const differs = (name) => JSON.stringify(state[name] ?? null) !== JSON.stringify(before[name] ?? null);
      if (differs("layers")) this.showLayers(state.layers);
      if (differs("alarm") || differs("thing") || differs("here")) this.open(state, fly);
      if (differs("select") || differs("kinds")) this.select(state);
      if (differs("compare")) this.compare.show(state.compare);
      this.mark();
    }

    /* Where the map looks goes into the address as it is, and is no step back. */
    moved() {
      if (!this.isReady) return;
      this.go({ at: this.view.view() }, true);
    }

    ready() {
      this.isReady = true;
      if (this.config.steers && !this.follower) this.steer();
      document.documentElement.dataset.map = "ready";
      this.drawing.paint();
      this.pin.place();
      if (!this.state.at) this.flyToOpened();
    }

    showLayers(names) {
      this.view.setLayers(names || this.usualLayers());
      this.layers.show();
    }

    /* ---- what is open ---- */

    open({ alarm, thing, here }, fly) {
      const page = byId("desk-page");
      page.dataset.detail = alarm !== null ? "alarm" : thing || here ? "thing" : "none";
      byId("alarm-side").classList.toggle("open", alarm !== null);
      if (this.list.opened !== alarm && (alarm !== null || this.list.opened)) this.list.open(alarm);
      this.flies = Boolean(fly);
      if (alarm !== null) this.pinAlarm(alarm);
      else if (thing) this.ask({ thing });
      else if (here) {
        this.pin.put(here);
        this.ask({ longitude: here[0], latitude: here[1] });
      } else {
        this.pin.put(null);
        this.ask({});
        this.overview.read();
      }
      if (fly && here) this.flyTo(here);
    }

    pinAlarm(id) {
      const row = this.list.state.find(id);
      const at = row && row.longitude !== null && row.latitude !== null ? [row.longitude, row.latitude] : null;
      this.pin.put(at);
      this.ask({});
      if (at && this.flies) this.flyTo(at);
      this.awaited = row ? null : id;
      if (row) this.flies = false;
    }

    /* Ask the server for the card of a thing or place; without either it is emptied. */
    ask(what, again = false) {
      if (!again) this.cardIs = { ...what };
      this.askedAt = performance.now();
      const empty = !Object.keys(what).length;
      if (empty && !this.cardWas && !again) return;
      this.cardWas = !empty;
      dash_clientside.set_props("desk-ask", { data: { ...what, again, n: ++this.asked } });
    }

    /* What the server found to be open. */
    found({ n, thing, longitude, latitude }) {
      if (n !== this.asked) return;
      if (thing) {
        this.pin.put([longitude, latitude]);
        if (this.flies) this.flyTo([longitude, latitude]);
        this.cardIs = { thing };
        if (this.state.thing !== thing) this.adopt({ thing, here: null, alarm: null });
      } else if (this.cardIs.layer && this.cardIs.longitude !== undefined) {
        this.adopt({ here: [this.cardIs.longitude, this.cardIs.latitude], thing: null, alarm: null });
      }
      this.flies = false;
    }

    /* What is open already has an address from now on. */
    adopt(changes) {
      this.state = { ...this.state, ...changes };
      history.pushState(history.state, "", location.pathname + center.deskAddress.write(this.state));
    }

    flyToOpened() {
      if (this.state.here) this.flyTo(this.state.here);
      this.flies = Boolean(this.state.thing || this.state.alarm);
      if (this.state.alarm !== null) this.pinAlarm(this.state.alarm);
      else if (this.pin.at && this.flies) this.flyTo(this.pin.at);
    }

    /* Go there, no nearer than one looks already; not at all where it is well in sight and near. */
    flyTo(at, zoom = NEAR) {
      const { map } = this.view;
      if (!map) return;
      const place = map.project(at);
      const { clientWidth: width, clientHeight: height } = map.getContainer();
      const inSight = place.x > width * 0.15 && place.x < width * 0.85 && place.y > height * 0.15 && place.y < height * 0.85;
      if (inSight && map.getZoom() >= zoom - 1.5) return;
      this.view.setView({ longitude: at[0], latitude: at[1], zoom: Math.max(zoom, map.getZoom()) }, FLY_MS);
    }

    /* A hit of the search: there, and open. */
    chosen(hit) {
      if (hit.kind === "alarm") return this.go({ alarm: Number(hit.id), thing: null, here: null, fly: true });
      if (hit.kind === "thing" || hit.kind === "camera") return this.go({ thing: hit.id, alarm: null, here: null, fly: true });
      if (hit.kind === "scene") return window.open(`/wall/${encodeURIComponent(hit.id.split(":")[1])}`, "_blank", "noopener");
      if (hit.kind === "vital") return window.location.assign(`/leader?${new URLSearchParams({ indicator: hit.id.split("@")[0], area: hit.id.split("@")[1] })}`);
      if (hit.kind === "incident") return window.location.assign(`/incidents/${hit.id}`);
      if (hit.kind === "case") return window.location.assign(`/cases/${hit.id}`);
      if (hit.longitude === null) return;
      if (hit.box) this.view.fit([hit.box.slice(0, 2), hit.box.slice(2)], FLY_MS);
      else this.flyTo([hit.longitude, hit.latitude], NEAR + 1);
      this.go({ here: [hit.longitude, hit.latitude], alarm: null, thing: null });
    }

    /* ---- pointing ---- */

    released(event) {
      const dragged = this.downAt && Math.hypot(event.clientX - this.downAt[0], event.clientY - this.downAt[1]) > STILL_PX;
      this.dragged = Boolean(dragged);
      if (this.view.map && event.target.closest(".map-view")) this.releasedAt = this.drawing.placeOf(event);
    }

    drawingTakes(event, take) {
      if (!this.drawing.busy || !event.target.closest(".map-view")) return;
      event.stopPropagation();
      event.preventDefault();
      if (!this.dragged) take();
    }

    picked(picked) {
      if (this.drawing.busy) return;
      if (picked && picked.layer === "alarms") return this.list.open(Number(picked.id));
      const at = (picked && picked.lngLat) || this.releasedAt;
      if (!picked) return at && this.go({ here: at, alarm: null, thing: null });
      byId("desk-page").dataset.detail = "thing";
      byId("alarm-side").classList.remove("open");
      this.list.opened = null;
      this.state.alarm = null;
      this.ask({ layer: picked.layer, id: picked.id, ...(at ? { longitude: at[0], latitude: at[1] } : {}) });
    }

    clicked(event) {
      const thing = event.target.closest("[data-thing]");
      const button = event.target.closest("[data-desk]");
      if (thing) this.go({ thing: thing.dataset.thing, alarm: null, here: null, fly: true });
      else if (button && button.dataset.desk === "close") this.go({ thing: null, here: null });
      else if (button && button.dataset.desk === "fly" && this.pin.at) this.flyTo(this.pin.at, NEAR + 1);
    }

    point(event) {
      if (!this.view.map || this.pointing || !event.target.closest(".map-view")) return;
      const [x, y] = [event.clientX, event.clientY];
      this.pointing = requestAnimationFrame(() => {
        this.pointing = null;
        const [longitude, latitude] = this.drawing.placeOf({ clientX: x, clientY: y });
        this.pointer.textContent = `${longitude.toFixed(5)}, ${latitude.toFixed(5)}`;
      });
    }

    /* ---- tools ---- */

    act(name) {
      const acts = {
        layers: () => (this.layerPanel.hidden = !this.layerPanel.hidden),
        tilt: () => this.view.tilt(!this.view.isTilted),
        night: () => this.toggleNight(),
        north: () => this.view.north(),
        time: () => this.toggleTime(),
        home: () => this.view.fit(this.config.map.props.maplibreConfig.mapOptions.bounds, FLY_MS),
        clear: () => this.clear(),
        link: () => this.copyLink(),
        help: () => this.list.help(),
        wall_view: () => center.wallSend.open({ kind: "view", at: this.tools.buttons.get("wall") }),
        wall_follow: () => this.letFollow(),
        select_view: () => this.go({ select: this.overview.area() }),
        compare_times: () => this.go({ compare: this.compare.kind === "times" ? null : this.timesNow() }),
        compare_districts: () => this.go({ compare: this.compare.kind === "districts" ? null : this.twoDistricts() }),
      };
      if (acts[name]) acts[name]();
      else this.drawing.begin(name);
      this.mark();
    }

    toggleTime() {
      if (this.compare.kind === "times") this.go({ compare: null });
      this.time.toggle();
      this.resized();
    }

    /* Who steers walls sends them what is here, or lets them follow this map. */
    steer() {
      center.wallSend.mapOf = () => this.view;
      this.follower = new center.WallFollow(this.view, { onState: () => this.mark() });
    }

    async letFollow() {
      if (!this.follower) return;
      const on = !this.follower.isMine;
      const { ok, said } = await this.follower.follow(on);
      this.tell(ok ? say(on ? "wall_follows" : "wall_let_go") : center.alarmText.of(said));
    }

    timesNow() {
      return `times:now,${Math.round((center.alarmNowUs() - 3600e6) / 60e6) * 60e6}`;
    }

    twoDistricts() {
      const codes = this.config.districts.map(({ code }) => code);
      return codes.length < 2 ? null : `districts:${codes[0]},${codes[1]}`;
    }

    mark() {
      const drawing = this.drawing.current && this.drawing.current.kind;
      this.tools.mark({ wall: this.follower && this.follower.isMine, wall_follow: this.follower && this.follower.isMine, time: this.time.isOpen, layers: !this.layerPanel.hidden, tilt: this.view.isTilted, night: this.theme === "dark", compare: this.compare.kind, compare_times: this.compare.kind === "times", compare_districts: this.compare.kind === "districts", [drawing]: drawing });
    }

    toggleNight() {
      this.mapTheme = this.theme === "dark" ? "light" : "dark";
      center.remember("map-theme", this.mapTheme);
      this.dress();
    }

    dress() {
      for (const view of [this.view, this.compare.second]) if (view) view.setTheme(this.theme);
      this.mark();
    }

    hint(kind, way) {
      this.hinting.textContent = kind ? `${say(kind)} · ${say(way)}` : "";
      byId("desk-maps").classList.toggle("drawing", Boolean(kind));
    }

    drawn(shape) {
      this.mark();
      if (shape.kind.startsWith("select_")) this.go({ select: center.areaOf(shape), kinds: [] });
    }

    select({ select, kinds }) {
      this.drawing.show(select);
      if (select && this.compare.kind === "districts") this.go({ compare: null });
      this.selection.show(select, kinds || []);
      this.resized();
    }

    clear() {
      this.drawing.clear();
      if (this.state.select) this.go({ select: null, kinds: [] });
    }

    async copyLink() {
      try {
        await navigator.clipboard.writeText(location.href);
        this.tell(say("link_done"));
      } catch (error) {
        this.tell(say("link_failed"));
      }
    }

    tell(words) {
      this.said.textContent = words;
      clearTimeout(this.saying);
      this.saying = setTimeout(() => (this.said.textContent = ""), SAID_MS);
    }

    resized() {
      requestAnimationFrame(() => [this.view, this.compare.second].forEach((view) => view && view.map && view.map.resize()));
    }

    /* ---- keys ---- */

    /* Keys of the map, before those of the list; returns whether it was one. */
    key(event) {
      if (event.key === "Escape") return this.escape();
      if (this.drawing.busy && event.key === "Enter") return this.drawing.finish() || true;
      if (this.drawing.busy && event.key === "Backspace") return this.drawing.undo() || true;
      if (event.target.matches("[data-thing]") && event.key === "Enter") return true;
      if (event.key === "/") return this.search.focus() || true;
      if (/^[1-9]$/.test(event.key)) return this.layers.toggleAt(Number(event.key) - 1);
      if ("+=-".includes(event.key) && this.view.map) return Boolean(this.view.map[event.key === "-" ? "zoomOut" : "zoomIn"]({ duration: 200 }));
      const act = center.deskKeys[event.key];
      if (act) this.act(act);
      return Boolean(act);
    }

    escape() {
      if (this.drawing.busy) this.drawing.cancel();
      else if (this.tools.menuIsOpen) this.tools.openMenu(null);
      else if (!this.layerPanel.hidden) this.layerPanel.hidden = true;
      else if (this.list.rows.selected.size) return false;
      else if (this.state.alarm !== null || this.state.thing || this.state.here) this.go({ alarm: null, thing: null, here: null });
      else if (this.state.select) this.go({ select: null, kinds: [] });
      else if (this.state.compare) this.go({ compare: null });
      this.mark();
      return true;
    }

    pan(event) {
      const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [0, 0];
      if (!event.altKey || !(x || y) || !this.view.map || !byId("desk-page")) return;
      event.preventDefault();
      this.view.map.panBy([x * PAN_PX, y * PAN_PX], { duration: 200 });
    }

    keys() {
      const named = Object.entries(center.deskKeys).map(([key, act]) => [key, say(act)]);
      return [["/", say("key_find")], ["1 … 9", say("key_layer")], ["+ -", say("key_zoom")], ["Alt+←→↑↓", say("key_pan")], ...named];
    }

    /* ---- what goes on ---- */

    beat(heartbeat) {
      this.heartbeat = heartbeat;
      this.heardAt = performance.now();
      this.layers.beat(heartbeat);
      this.freshness();
    }

    /* Say on the map itself when it is not live. */
    freshness() {
      const silent_s = this.heardAt ? (performance.now() - this.heardAt) / 1000 : 0;
      const { status, age_s } = this.heartbeat ? this.heartbeat.live : {};
      const lost = silent_s > LOST_S || (this.heartbeat && !center.page.live.connected) || status === "lost" || status === "aged";
      this.lostSign.hidden = !lost;
      byId("desk-maps").classList.toggle("lost", Boolean(lost));
      if (lost) this.lostSign.textContent = `${say("lost")} · ${say("ago", center.alarmText.span(silent_s + (age_s || 0)))}`;
    }

    tick() {
      if (!byId("desk-page")) return;
      this.freshness();
      if (this.awaited && this.list.state.find(this.awaited)) this.pinAlarm(this.awaited);
      if (this.cardWas && performance.now() - this.askedAt > CARD_MS) this.ask(this.cardIs, true);
    }

    speak() {
      const language = center.alarmText.language();
      for (const view of [this.view, this.compare.second]) if (view) view.speak(language);
      for (const part of [this.search, this.tools, this.layers, this.selection, this.compare]) part.speak();
      this.overview.paint();
      this.furniture.show();
      this.northButton.title = say("north");
      this.northButton.setAttribute("aria-label", say("north"));
      this.drawing.paint();
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.desk_map = {
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      requestAnimationFrame(() => (center.desk = new DeskMap(config)));
      return true;
    },
    found: (data) => (data && center.desk && center.desk.found(data), window.dash_clientside.no_update),
  };
})();
