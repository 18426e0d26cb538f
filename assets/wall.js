/* The wall page: which scene it begins with, keys, language, and how fresh what is shown is; the rest is the stage's.

   Every text is in the page twice (.zh, .en); the language is one attribute of <html>, so switching needs no reload. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const AGAIN_MS = 3000;
  const AWAKE_MS = 4000;
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
      this.lastHeartbeat = null;
      this.dataUs = 0;
      this.connected = false;
      this.startedAt = performance.now();
      if (remembered("motion", config.motion ? "on" : "off") !== "on") document.documentElement.dataset.motion = "off";
    }

    /* The map that the scene is about. */
    get view() {
      return center.stage.main;
    }

    get picture() {
      return this.view.picture;
    }

    get map() {
      return this.view && this.view.map;
    }

    get live() {
      return center.page.live;
    }

    start(stage) {
      this.speak(this.language);
      this.time = new center.TimeSlider(byId("time-slider"), { views: () => Object.values(stage.maps()), timezone: this.config.timezone });
      center.page.live.add({
        wanted: () => ({}),
        onHeartbeat: (heartbeat) => this.beat(heartbeat),
        onState: (connected) => this.connection(connected),
      });
      setInterval(() => this.freshness(), 250);
      this.listen();
      stage.on("swap", () => this.swapped());
      this.begin(stage);
      this.freshness();
    }

    /* What the address names, or the default, until somebody hangs something else; tried again for ever. */
    async begin(stage) {
      const scene = location.pathname.split("/")[2] || stage.config.scene;
      try {
        await stage.prepare(decodeURIComponent(scene));
        if (!stage.current) stage.swap();
      } catch (error) {
        if (stage.current || stage.next) return; // a wall that is followed was faster
        byId("stage").dataset.fault = "yes";
        setTimeout(() => !stage.current && !stage.next && this.begin(stage), AGAIN_MS);
      }
    }

    /* Another scene is shown. */
    swapped() {
      delete byId("stage").dataset.fault;
      document.documentElement.dataset.map = this.map ? "ready" : "";
      this.tilted = Boolean(this.view && this.view.isTilted);
      document.documentElement.dataset.tilt = this.tilted ? "3d" : "2d";
      this.entitle();
      this.drawn();
      this.freshness();
    }

    /* A map was made for a scene. */
    hold(view) {
      view.on("ready", () => {
        if (view === this.view) document.documentElement.dataset.map = "ready";
      });
      view.on("drawn", () => this.drawn());
      view.on("pick", (picked) => this.picked(picked));
    }

    listen() {
      document.addEventListener("keydown", (event) => this.key(event));
      document.addEventListener("click", (event) => {
        const target = event.target.closest("[data-act]");
        const alarm = event.target.closest("[data-alarm]");
        if (alarm) this.alarmButton(alarm.dataset);
        if (target) this.act(target.dataset.act, target.dataset.value);
      });
      let idle;
      const awake = () => {
        document.documentElement.dataset.awake = "yes";
        clearTimeout(idle);
        idle = setTimeout(() => delete document.documentElement.dataset.awake, AWAKE_MS);
      };
      for (const sign of ["pointermove", "pointerdown", "focusin"]) document.addEventListener(sign, awake, { passive: true });
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
      else if (key === "h") this.act("time");
      else if (/^[1-9]$/.test(key) && this.switches[key - 1]) this.act("layer", this.switches[key - 1]);
    }

    /* The layers of the map, from the top down, as the legend numbers them. */
    get switches() {
      return this.view ? this.view.offered : [];
    }

    act(name, value) {
      if (name === "tilt") this.tilt(!this.tilted);
      else if (name === "language") this.speak(this.language === "zh" ? "en" : "zh");
      else if (name === "north" && this.view) this.view.north();
      else if (name === "layer") this.toggle(value);
      else if (name === "alarms") this.each((view) => view.alarms && view.alarms.toggle());
      else if (name === "motion") this.still(document.documentElement.dataset.motion !== "off");
      else if (name === "time") this.time.toggle();
      else if (name === "close") this.picked(null);
    }

    each(fn) {
      Object.values(center.stage.maps()).forEach(fn);
    }

    /* Whether anything moves by itself; remembered by the browser. */
    still(still) {
      remember("motion", still ? "off" : "on");
      document.documentElement.dataset.motion = still ? "off" : "on";
      this.each((view) => view.still(still));
    }

    /* Buttons of an alarm's card. */
    alarmButton({ alarm, id }) {
      if (alarm === "close") this.act("close");
      else if (alarm === "open") this.picked({ layer: "alarms", id: String(id) });
    }

    /* What the card is about; null closes it. */
    picked(picked) {
      dash_clientside.set_props("picked", { data: picked });
    }

    tilt(tilted) {
      this.tilted = tilted;
      document.documentElement.dataset.tilt = tilted ? "3d" : "2d";
      if (this.view) this.view.tilt(tilted);
    }

    toggle(name) {
      const { view } = this;
      if (!view || !view.offered.includes(name)) return;
      const visible = new Set(this.picture.visible);
      if (!visible.delete(name)) visible.add(name);
      remember(view.habit, view.offered.filter((layer) => !visible.has(layer)).join(","));
      view.setLayers(visible);
      center.stage.life.switches(view);
    }

    speak(language) {
      this.language = language;
      remember("language", language);
      const root = document.documentElement;
      root.lang = language === "zh" ? "zh-CN" : "en";
      root.dataset.language = language;
      document.title = this.config.title[language];
      this.entitle();
      dash_clientside.set_props("language", { data: language });
    }

    /* Names of elements that only machines and mice read. */
    entitle() {
      for (const element of document.querySelectorAll("[data-title-zh]")) {
        element.title = element.getAttribute(`data-title-${this.language}`);
        element.setAttribute("aria-label", element.title);
      }
    }

    /* ---- what is known of the data ---- */

    beat(heartbeat) {
      this.lastHeartbeat = heartbeat;
      this.freshness();
    }

    connection(connected) {
      this.connected = connected;
      this.freshness();
    }

    drawn() {
      if (!this.view) return;
      this.dataUs = Math.max(this.dataUs, this.picture.newestUs);
      document.documentElement.dataset.features = String(this.picture.counts());
    }

    /* Of when the picture is: cells are drawn anew while values age, so where values stand still the server says since when. */
    shownMs(state) {
      const { server_time_us: nowUs, live } = this.lastHeartbeat || { live: { age_s: null } };
      const known = state !== "lost" && live.age_s !== null;
      return (known ? nowUs - 1e6 * live.age_s : this.dataUs) / 1000;
    }

    /* Say on the picture itself when it is not live, and how old it is. */
    freshness() {
      const cache = this.lastHeartbeat && this.lastHeartbeat.live.status;
      const waiting = !this.lastHeartbeat && performance.now() - this.startedAt < 2000;
      const state = waiting ? "starting" : !this.connected ? "lost" : cache === "lost" ? "cache" : cache === "aged" ? "aged" : "ok";
      const root = document.documentElement;
      if (root.dataset.live !== state) root.dataset.live = state;
      if (state === "ok" || state === "starting") return;
      const shownMs = this.shownMs(state);
      const { life } = center.stage;
      set(byId("lost-age"), shownMs ? center.spanOf((life.serverMs() - shownMs) / 1000) : "—");
      set(byId("lost-time"), shownMs ? life.time(shownMs) : "—");
    }
  }

  const set = (element, text) => element && element.textContent !== text && (element.textContent = text);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.wall = {
    /* The page is there. */
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      center.wall = new Wall(config);
      center.whenStage((stage) => center.wall.start(stage));
      return window.dash_clientside.no_update;
    },
  };
})();
