/* The wall page: mounts the map, drives it from the data plane, and says in two languages how fresh it is.

   Every text is in the page twice (.zh, .en); the language is one attribute of <html>, so switching needs no reload. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
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
      const hidden = remembered("layers-off", config.hidden.join(",")).split(",");
      const motion = remembered("motion", config.motion ? "on" : "off") === "on";
      const { map, layers, alarms } = config;
      this.view = new center.MapView({ id: "map", map, layers, alarms, hidden, motion, language: this.language, padding: aroundTheMap() });
      this.view.on("ready", () => (document.documentElement.dataset.map = "ready"));
      this.view.on("drawn", () => this.drawn());
      this.view.on("pick", (picked) => this.picked(picked));
      this.speak(this.language);
      if (!motion) this.still(true);
    }

    get picture() {
      return this.view.picture;
    }

    get map() {
      return this.view.map;
    }

    get live() {
      return center.page.live;
    }

    component() {
      return this.view.component();
    }

    start() {
      this.furniture = new center.MapFurniture(this.view, { bar: byId("scale-bar"), text: byId("scale-text"), north: byId("north") });
      if (this.view.alarms) this.view.alarms.strip = new center.AlarmStrip(byId("alarm-strip"));
      this.time = new center.TimeSlider(byId("time-slider"), { views: () => [this.view], timezone: this.config.timezone });
      center.page.live.add({
        wanted: () => ({}),
        onHeartbeat: (heartbeat) => this.beat(heartbeat),
        onState: (connected) => this.connection(connected),
      });
      setInterval(() => this.tick(), 250);
      setInterval(() => this.askHealth(), HEALTH_MS);
      this.askHealth();
      this.listen();
      this.showSwitches();
      this.tick();
    }

    listen() {
      document.addEventListener("keydown", (event) => this.key(event));
      document.addEventListener("click", (event) => {
        const target = event.target.closest("[data-act]");
        const alarm = event.target.closest("[data-alarm]");
        if (alarm) this.alarmButton(alarm.dataset);
        if (target) this.act(target.dataset.act, target.dataset.value);
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
      else if (key === "h") this.act("time");
      else if (/^[1-9]$/.test(key) && this.config.switches[key - 1]) this.act("layer", this.config.switches[key - 1]);
    }

    act(name, value) {
      if (name === "tilt") this.tilt(!this.tilted);
      else if (name === "language") this.speak(this.language === "zh" ? "en" : "zh");
      else if (name === "north") this.view.north();
      else if (name === "layer") this.toggle(value);
      else if (name === "alarms" && this.view.alarms) this.view.alarms.toggle();
      else if (name === "motion") this.still(document.documentElement.dataset.motion !== "off");
      else if (name === "time") this.time.toggle();
      else if (name === "close") this.picked(null);
    }

    /* Whether anything moves by itself; remembered by the browser. */
    still(still) {
      remember("motion", still ? "off" : "on");
      document.documentElement.dataset.motion = still ? "off" : "on";
      this.view.still(still);
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
      this.view.tilt(tilted);
    }

    toggle(name) {
      const visible = new Set(this.picture.visible);
      if (!visible.delete(name)) visible.add(name);
      remember("layers-off", this.config.layers.map((layer) => layer.name).filter((layer) => !visible.has(layer)).join(","));
      this.view.setLayers(visible);
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
      this.view.speak(language);
      if (this.furniture) this.furniture.show();
      this.clockFormat = null;
      this.tick();
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
      const chip = byId(`feed-${name}`);
      if (!chip) return;
      chip.dataset.state = state.age_s === null ? "never" : state.aged ? "aged" : "ok";
      set(chip.querySelector(".age"), state.age_s === null ? "—" : span(state.age_s));
      for (const row of document.querySelectorAll(`.layer-row[data-feed~="${name}"]`)) row.dataset.state = chip.dataset.state;
    }

    connection(connected) {
      this.connected = connected;
      this.tick();
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
  }

  const set = (element, text) => element && element.textContent !== text && (element.textContent = text);

  /* Return seconds as people say them, the same in both languages: 3 s, 4:05 min, 2:10 h. */
  const span = (seconds) => {
    const s = Math.max(0, Math.round(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} min`;
    return `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} h`;
  };

  /* What the page keeps free of the whole city's view: its panel and its strips. */
  const aroundTheMap = () => {
    const rem = center.rootPx();
    return { left: 2 * rem, top: 3.4 * rem, right: 20.5 * rem, bottom: 3.2 * rem };
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
  };
})();
