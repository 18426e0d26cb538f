/* The wall page: mounts the map, drives it from the data plane, and says in two languages how fresh it is.

   Every text is in the page twice (.zh, .en); the language is one attribute of <html>, so switching needs no reload. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const rootPx = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
  const scaleNow = () => Math.round((rootPx() / 16) * 4) / 4;
  const TILT = { pitch: 56, bearing: -18 };
  const TILT_CLOSER = 0.75; // zoom levels: what lies down takes less height
  const HEALTH_MS = 5000;
  const RATE_WINDOW_MS = 15000;
  const remembered = (name, otherwise) => {
    try {
      return localStorage.getItem(`ops-center.${name}`) || otherwise;
    } catch (error) {
      return otherwise; // a display without storage starts the same each time
    }
  };
  const remember = (name, value) => {
    try {
      localStorage.setItem(`ops-center.${name}`, value);
    } catch (error) {
      // nothing is lost but the habit
    }
  };

  class Wall {
    constructor(config) {
      this.config = config;
      this.language = remembered("language", config.language);
      this.tilted = false;
      this.offsetMs = 0; // of the server's clock against ours
      this.lastHeartbeat = null;
      this.dataUs = 0;
      this.health = [];
      this.connected = false;
      this.startedAt = performance.now();
      this.picture = new center.Picture(config.layers, config.map.props.id, scaleNow(), (drawn) => this.drawn(drawn));
      const hidden = new Set(remembered("hidden", config.hidden.join(",")).split(","));
      this.picture.visible = new Set(config.layers.map((layer) => layer.name).filter((name) => !hidden.has(name)));
      this.alarms = config.alarms && new center.AlarmMap(config.alarms, { onPick: (id) => this.pickAlarm(id) });
      this.speak(this.language);
      if (remembered("motion", config.motion ? "on" : "off") === "off") this.still(true);
    }

    /* Return the map as a Dash component. MapLibre hands itself to a layer of ours that draws nothing: the only door. */
    component() {
      const props = structuredClone(this.config.map.props);
      const handle = { id: "handle", type: "custom", onAdd: (map) => this.mapReady(map), render: () => {} };
      props.layers = this.picture.deckLayers();
      props.maplibreConfig.style = `/basemap/style.json?language=${this.language}&scale=${scaleNow()}`;
      props.maplibreConfig.mapLayers = [handle];
      const [side, band] = [rootPx() * 20.5, rootPx()];
      props.maplibreConfig.mapOptions.fitBoundsOptions = { padding: { left: 2 * band, top: 3.4 * band, right: side, bottom: 3.2 * band } };
      return { namespace: "deckgl_dash", type: "DeckGL", props };
    }

    start() {
      this.live = new center.Live({
        wanted: () => ({ layers: [...this.picture.visible], since: this.picture.since(), ...(this.alarms ? { alarms: true, ...this.alarms.seq } : {}) }),
        onAlarms: (frame) => this.alarms && this.alarms.take(frame),
        onCell: (frame) => this.picture.take(frame),
        onGone: (cell) => this.picture.gone(cell),
        onSubscribed: (header) => this.picture.keep(header),
        onHeartbeat: (heartbeat) => this.beat(heartbeat),
        onState: (connected) => this.connection(connected),
        onEnded: (code) => this.ended(code),
      });
      setInterval(() => this.tick(), 250);
      setInterval(() => this.askHealth(), HEALTH_MS);
      this.askHealth();
      this.listen();
      this.showSwitches();
      this.tick();
    }

    mapReady(map) {
      if (this.map === map) return;
      this.map = map;
      this.homeZoom = map.getZoom();
      map.on("zoom", () => this.picture.zoom(map.getZoom() - this.homeZoom));
      map.on("move", () => this.moved());
      map.on("moveend", () => this.picture.turn(map.getBearing()));
      this.moved();
      document.documentElement.dataset.map = "ready";
    }

    listen() {
      document.addEventListener("keydown", (event) => this.key(event));
      document.addEventListener("click", (event) => {
        const target = event.target.closest("[data-act]");
        const alarm = event.target.closest("[data-alarm]");
        if (alarm) this.alarmButton(alarm.dataset);
        if (target) this.act(target.dataset.act, target.dataset.value);
      });
      let resized;
      window.addEventListener("resize", () => {
        clearTimeout(resized);
        resized = setTimeout(() => this.resized(), 200);
      });
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      const key = event.key.toLowerCase();
      if (key === "t") this.act("tilt");
      else if (key === "l") this.act("language");
      else if (key === "n") this.act("north");
      else if (key === "escape") this.act("close");
      else if (key === "a") this.act("alarms");
      else if (key === "m") this.act("motion");
      else if (/^[1-9]$/.test(key) && this.config.switches[key - 1]) this.act("layer", this.config.switches[key - 1]);
    }

    act(name, value) {
      if (name === "tilt") this.tilt(!this.tilted);
      else if (name === "language") this.speak(this.language === "zh" ? "en" : "zh");
      else if (name === "north" && this.map) this.map.easeTo({ bearing: 0, duration: 500 });
      else if (name === "layer") this.toggle(value);
      else if (name === "alarms" && this.alarms) this.alarms.toggle();
      else if (name === "motion") this.still(document.documentElement.dataset.motion !== "off");
      else if (name === "close") dash_clientside.set_props("picked", { data: null });
    }

    /* Whether anything moves by itself; remembered by the browser. */
    still(still) {
      remember("motion", still ? "off" : "on");
      document.documentElement.dataset.motion = still ? "off" : "on";
    }

    /* Buttons of an alarm's card. */
    alarmButton({ alarm, id }) {
      if (alarm === "close") this.act("close");
      else if (alarm === "open") this.pickAlarm(id);
    }

    pickAlarm(id) {
      dash_clientside.set_props("picked", { data: { layer: "alarms", id: String(id) } });
    }

    tilt(tilted) {
      this.tilted = tilted;
      document.documentElement.dataset.tilt = tilted ? "3d" : "2d";
      if (!this.map) return;
      this.map.setLayoutProperty("buildings", "visibility", tilted ? "visible" : "none");
      this.map.setLayoutProperty("buildings-flat", "visibility", tilted ? "none" : "visible");
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const view = tilted ? { ...TILT, zoom: this.map.getZoom() + TILT_CLOSER } : { pitch: 0, bearing: 0, zoom: this.map.getZoom() - TILT_CLOSER };
      this.map.easeTo({ ...view, duration: calm || !this.config.motion ? 0 : 900 });
    }

    toggle(name) {
      const visible = new Set(this.picture.visible);
      if (!visible.delete(name)) visible.add(name);
      remember("hidden", this.config.layers.map((layer) => layer.name).filter((layer) => !visible.has(layer)).join(","));
      this.picture.show(visible);
      this.live.subscribe();
      this.showSwitches();
    }

    showSwitches() {
      for (const row of document.querySelectorAll(".layer-row")) {
        const shown = this.picture.visible.has(row.dataset.layer);
        row.classList.toggle("off", !shown);
        row.querySelector("[data-act]").setAttribute("aria-pressed", String(shown));
      }
    }

    speak(language) {
      this.language = language;
      remember("language", language);
      const root = document.documentElement;
      root.lang = language === "zh" ? "zh-CN" : "en";
      root.dataset.language = language;
      document.title = this.config.title[language];
      for (const element of document.querySelectorAll("[data-title-zh]")) {
        element.title = element.getAttribute(`data-title-${language}`);
        element.setAttribute("aria-label", element.title);
      }
      dash_clientside.set_props("language", { data: language });
      if (this.map) this.speakMap(language);
      this.clockFormat = null;
      this.moved();
      this.tick();
    }

    speakMap(language) {
      for (const layer of this.map.getStyle().layers) {
        if (!layer.layout || !layer.layout["text-field"]) continue;
        this.map.setLayoutProperty(layer.id, "text-field", ["coalesce", ["get", `name_${language}`], ["get", "name_zh"], ""]);
        this.map.setLayoutProperty(layer.id, "text-letter-spacing", layer.id === "road-name" ? 0 : language === "zh" ? 0.35 : 0.12);
      }
    }

    resized() {
      const scale = scaleNow();
      if (scale === this.picture.scale || !this.map) return;
      this.map.setStyle(`/basemap/style.json?language=${this.language}&scale=${scale}`);
      this.picture.rescale(scale);
      if (this.tilted) this.map.once("idle", () => this.tilt(true));
    }

    /* ---- what is known of the data ---- */

    beat(heartbeat) {
      this.lastHeartbeat = heartbeat;
      this.offsetMs = heartbeat.server_time_us / 1000 - Date.now();
      if (this.alarms) this.alarms.beat(heartbeat);
      this.freshness();
    }

    feeds() {
      if (!this.lastHeartbeat) return;
      for (const [name, state] of Object.entries(this.lastHeartbeat.feeds)) this.feed(name, state);
    }

    feed(name, state) {
      const chip = byId(`feed-${name}`);
      if (!chip) return;
      chip.dataset.state = state.age_s === null ? "never" : state.aged ? "aged" : "ok";
      set(chip.querySelector(".age"), state.age_s === null ? "—" : span(state.age_s));
      for (const row of document.querySelectorAll(`.layer-row[data-feed~="${name}"]`)) row.dataset.state = chip.dataset.state;
    }

    connection(connected) {
      this.connected = connected;
      if (!connected) center.session.ask(); // it may be the session that is gone, not the line
      this.tick();
    }

    /* The stream says that it is over. If the session is still good, only what it may see has changed: begin anew. */
    async ended(code) {
      if (code === 4403) center.session.ended("rights");
      else if (await center.session.ask()) this.live.resume();
    }

    drawn() {
      this.dataUs = Math.max(this.dataUs, this.picture.newestUs);
      document.documentElement.dataset.features = String(this.picture.counts());
    }

    serverMs() {
      return Date.now() + this.offsetMs;
    }

    async askHealth() {
      let health;
      try {
        const answer = await fetch("/api/health", { cache: "no-store" });
        if (!answer.ok) return;
        health = await answer.json();
      } catch (error) {
        return; // the watchdog of the data plane says it
      }
      const feeds = Object.values(health.feeds || {});
      if (!feeds.length) return;
      const accepted = feeds.reduce((sum, feed) => sum + (feed.accepted || 0), 0);
      const now = performance.now();
      this.health = [...this.health.filter((past) => now - past.now < RATE_WINDOW_MS), { now, accepted }];
      const [first, last] = [this.health[0], this.health[this.health.length - 1]];
      if (last.now === first.now) return;
      const rate = Math.max(0, ((last.accepted - first.accepted) * 1000) / (last.now - first.now));
      byId("rate").textContent = Math.round(rate).toLocaleString("en-US");
    }

    tick() {
      this.clock();
      this.freshness();
      this.pulse();
    }

    clock() {
      const zone = this.config.timezone;
      if (!this.clockFormat) {
        const locale = this.language === "zh" ? "zh-CN" : "en-GB";
        const day = { timeZone: zone, year: "numeric", month: this.language === "zh" ? "2-digit" : "short", day: "2-digit" };
        this.clockFormat = {
          time: new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit" }),
          day: new Intl.DateTimeFormat(locale, day),
          weekday: new Intl.DateTimeFormat(locale, { timeZone: zone, weekday: "short" }),
        };
      }
      const now = new Date(this.serverMs());
      const [day, weekday] = [this.clockFormat.day.format(now), this.clockFormat.weekday.format(now)];
      const time = this.clockFormat.time.format(now);
      // Everything that changes each second changes at once: each change makes the browser put the screen together anew.
      if (byId("clock-time").textContent !== time) this.feeds();
      set(byId("clock-time"), time);
      set(byId("clock-day"), this.language === "zh" ? `${day} ${weekday}` : `${weekday} ${day}`);
    }

    /* Say on the picture itself when it is not live, and how old it is. */
    freshness() {
      const cache = this.lastHeartbeat && this.lastHeartbeat.live.status;
      const waiting = !this.lastHeartbeat && performance.now() - this.startedAt < 2000;
      const state = waiting ? "starting" : !this.connected ? "lost" : cache === "lost" ? "cache" : cache === "aged" ? "aged" : "ok";
      const root = document.documentElement;
      if (root.dataset.live !== state) root.dataset.live = state;
      if (state === "ok" || state === "starting") return;
      const shownMs = this.dataUs ? this.dataUs / 1000 : 0;
      set(byId("lost-age"), shownMs ? span((this.serverMs() - shownMs) / 1000) : "—");
      set(byId("lost-time"), shownMs && this.clockFormat ? this.clockFormat.time.format(new Date(shownMs)) : "—");
    }

    /* Rings around what has just happened: animated by the compositor, not by redrawing the map. */
    pulse() {
      const places = this.map ? this.picture.pulses() : [];
      const holder = byId("pulses");
      while (holder.children.length > places.length) holder.lastChild.remove();
      while (holder.children.length < places.length) holder.appendChild(document.createElement("i"));
      this.pulsePlaces = places;
      this.placePulses();
    }

    placePulses() {
      const holder = byId("pulses");
      (this.pulsePlaces || []).forEach((place, i) => {
        const at = this.map.project(place);
        if (holder.children[i]) holder.children[i].style.transform = `translate(${at.x}px, ${at.y}px)`;
      });
    }

    /* ---- the map's furniture ---- */

    moved() {
      if (!this.map) return;
      const middle = this.map.getCenter();
      const metresPerPixel = (40075016.686 * Math.cos((middle.lat * Math.PI) / 180)) / (512 * 2 ** this.map.getZoom());
      const [metres, pixels] = niceLength(metresPerPixel, rootPx() * 9);
      byId("scale-bar").style.width = `${pixels}px`;
      const unit = metres >= 1000 ? { zh: "公里", en: "km" } : { zh: "米", en: "m" };
      set(byId("scale-text"), `${metres >= 1000 ? metres / 1000 : metres} ${unit[this.language]}`);
      byId("north").style.transform = `rotate(${-this.map.getBearing()}deg)`;
      this.placePulses();
      if (this.alarms) this.alarms.moved(this.map);
    }
  }

  const set = (element, text) => element && element.textContent !== text && (element.textContent = text);

  /* Return seconds as people say them, the same in both languages: 3 s, 4:05 min, 2:10 h. */
  const span = (seconds) => {
    const s = Math.max(0, Math.round(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} min`;
    return `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} h`;
  };

  /* Return the roundest length of at most `most` pixels: [metres, pixels]. */
  const niceLength = (metresPerPixel, most) => {
    const reach = metresPerPixel * most;
    const power = 10 ** Math.floor(Math.log10(reach));
    const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= reach);
    return [metres, metres / metresPerPixel];
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.wall = {
    /* The page is there: make the map. */
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      center.wall = new Wall(config);
      requestAnimationFrame(() => center.wall.start());
      return center.wall.component();
    },
    /* A click on the map: which feature, in which layer. */
    pick(click) {
      if (!click || !center.wall) return window.dash_clientside.no_update;
      return click.picked ? center.wall.picture.feature(click.layerId, click.index) : null;
    },
  };
})();
