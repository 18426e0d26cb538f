/* The wall page: which scene it begins with, keys, clock, language, and how fresh what is shown is.

   Every text is in the page twice (.zh, .en); the language is one attribute of <html>, so switching needs no reload. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const HEALTH_MS = 5000;
  const RATE_WINDOW_MS = 15000;
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
      this.offsetMs = 0; // of the server's clock against ours
      this.lastHeartbeat = null;
      this.dataUs = 0;
      this.health = [];
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
      setInterval(() => this.tick(), 250);
      setInterval(() => this.askHealth(), HEALTH_MS);
      this.askHealth();
      this.listen();
      stage.on("swap", () => this.swapped());
      this.begin(stage);
      this.tick();
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
      this.clockFormat = null;
      for (const element of document.querySelectorAll(".scene-name")) element.replaceChildren(...named(center.stage.current.label));
      this.entitle();
      this.showSwitches();
      this.drawn();
      this.feeds();
      this.tick();
      this.askHealth();
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
      this.showSwitches();
    }

    showSwitches() {
      if (!this.view) return;
      for (const row of document.querySelectorAll(".sp-slot.shown .layer-row")) {
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
      this.entitle();
      dash_clientside.set_props("language", { data: language });
      this.clockFormat = null;
      this.tick();
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
      this.offsetMs = heartbeat.server_time_us / 1000 - Date.now();
      this.freshness();
    }

    feeds() {
      if (!this.lastHeartbeat) return;
      for (const [name, state] of Object.entries(this.lastHeartbeat.feeds)) this.feed(name, state);
    }

    feed(name, state) {
      const said = state.age_s === null ? "never" : state.aged ? "aged" : "ok";
      for (const mark of document.querySelectorAll(`[data-feed-mark="${name}"]`)) {
        mark.dataset.state = said;
        set(mark.querySelector(".age"), state.age_s === null ? "—" : span(state.age_s));
      }
      for (const row of document.querySelectorAll(`.layer-row[data-feed~="${name}"]`)) row.dataset.state = said;
    }

    connection(connected) {
      this.connected = connected;
      this.tick();
    }

    drawn() {
      if (!this.view) return;
      this.dataUs = Math.max(this.dataUs, this.picture.newestUs);
      document.documentElement.dataset.features = String(this.picture.counts());
    }

    serverMs() {
      return Date.now() + this.offsetMs;
    }

    async askHealth() {
      const places = document.querySelectorAll("[data-rate]");
      if (!places.length) return;
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
      for (const place of places) set(place, Math.round(rate).toLocaleString("en-US"));
    }

    tick() {
      this.clock();
      this.freshness();
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
      if (this.saidTime !== time) this.feeds();
      this.saidTime = time;
      for (const place of document.querySelectorAll('[data-clock="time"]')) set(place, time);
      const date = this.language === "zh" ? `${day} ${weekday}` : `${weekday} ${day}`;
      for (const place of document.querySelectorAll('[data-clock="day"]')) set(place, date);
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
  }

  const set = (element, text) => element && element.textContent !== text && (element.textContent = text);

  /* Return seconds as people say them, the same in both languages: 3 s, 4:05 min, 2:10 h. */
  const span = (seconds) => {
    const s = Math.max(0, Math.round(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} min`;
    return `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} h`;
  };

  const named = ({ zh, en }) => [center.el("span", "zh", {}, zh), center.el("span", "en", {}, en)];

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
