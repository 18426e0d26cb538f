/* What lives in a scene wherever it is shown, on the wall or in the editor: the clock, how old each feed is, observations a
   second, the scene's name, and which look of a layer its legend speaks of. The stage has one: opsCenter.stage.life. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const TICK_MS = 250;
  const HEALTH_MS = 5000;
  const RATE_WINDOW_MS = 15000;
  const root = document.documentElement;
  const set = (element, text) => element && element.textContent !== text && (element.textContent = text);

  center.SceneLife = class {
    constructor(zone) {
      this.zone = zone;
      this.offsetMs = 0; // of the server's clock against ours
      this.heartbeat = null;
      this.health = [];
      center.page.live.add({ wanted: () => ({}), onHeartbeat: (heartbeat) => this.beat(heartbeat) });
      setInterval(() => this.tick(), TICK_MS);
      setInterval(() => this.askHealth(), HEALTH_MS);
      new MutationObserver(() => this.speak()).observe(root, { attributes: true, attributeFilter: ["data-language"] });
      this.speak();
    }

    /* Another scene is shown. */
    begin({ label }, stage) {
      for (const element of document.querySelectorAll("#stage .scene-name")) element.replaceChildren(...center.both(label.zh, label.en));
      this.switches(stage.main);
      this.looks(Object.values(stage.maps()));
      this.feeds();
      this.said = null;
      this.tick();
      this.askHealth();
    }

    /* Which layers the map that the scene is about shows. */
    switches(view) {
      for (const row of view ? document.querySelectorAll(".sp-slot.shown .layer-row") : []) {
        const shown = view.picture.visible.has(row.dataset.layer);
        row.classList.toggle("off", !shown);
        row.querySelector("[data-act]").setAttribute("aria-pressed", String(shown));
      }
    }

    /* Of layers with several looks, the legend is of the one that a map of this scene wears. */
    looks(views) {
      for (const row of document.querySelectorAll(".sp-slot.shown .layer-row:has([data-look])")) {
        const legends = [...row.querySelectorAll("[data-look]")];
        const names = legends.map(({ dataset }) => dataset.look);
        const worn = views.map((view) => view.picture.layers.get(row.dataset.layer)).map((layer) => layer && layer.options.variant);
        const chosen = worn.find((name) => names.includes(name)) || names[0];
        for (const legend of legends) legend.hidden = legend.dataset.look !== chosen;
      }
    }

    beat(heartbeat) {
      this.heartbeat = heartbeat;
      this.offsetMs = heartbeat.server_time_us / 1000 - Date.now();
    }

    serverMs() {
      return Date.now() + this.offsetMs;
    }

    /* ---- the clock ---- */

    speak() {
      const zh = root.dataset.language !== "en";
      const locale = zh ? "zh-CN" : "en-GB";
      const form = (of, options) => new Intl.DateTimeFormat(of, { timeZone: this.zone, ...options });
      const time = form("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
      const day = form(locale, { year: "numeric", month: zh ? "2-digit" : "short", day: "2-digit" });
      const weekday = form(locale, { weekday: "short" });
      this.time = (ms) => time.format(new Date(ms));
      this.day = (ms) => (zh ? `${day.format(ms)} ${weekday.format(ms)}` : `${weekday.format(ms)} ${day.format(ms)}`);
      this.said = null;
      this.tick();
    }

    tick() {
      const now = this.serverMs();
      const time = this.time(now);
      if (this.said === time) return;
      this.said = time;
      // Everything that changes each second changes at once: each change makes the browser put the screen together anew.
      this.feeds();
      for (const place of document.querySelectorAll('[data-clock="time"]')) set(place, time);
      for (const place of document.querySelectorAll('[data-clock="day"]')) set(place, this.day(now));
    }

    /* ---- feeds ---- */

    feeds() {
      for (const [name, state] of Object.entries(this.heartbeat ? this.heartbeat.feeds : {})) this.feed(name, state);
    }

    feed(name, { age_s, aged }) {
      const said = age_s === null ? "never" : aged ? "aged" : "ok";
      for (const mark of document.querySelectorAll(`[data-feed-mark="${name}"]`)) {
        mark.dataset.state = said;
        set(mark.querySelector(".age"), age_s === null ? "—" : center.spanOf(age_s));
      }
      for (const row of document.querySelectorAll(`.layer-row[data-feed~="${name}"]`)) row.dataset.state = said;
    }

    /* ---- observations a second, from what every process counts ---- */

    async askHealth() {
      const places = document.querySelectorAll("[data-rate]");
      if (!places.length) return;
      let health;
      try {
        const answer = await fetch("/api/health", { cache: "no-store" });
        if (!answer.ok) return;
        health = await answer.json();
      } catch (error) {
        return; // that the server is away is said elsewhere
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
  };

  /* Seconds as people say them, the same in both languages: 3 s, 4:05 min, 2:10 h. */
  center.spanOf = (seconds) => {
    const s = Math.max(0, Math.round(seconds));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} min`;
    return `${Math.floor(s / 3600)}:${String(Math.floor((s % 3600) / 60)).padStart(2, "0")} h`;
  };
})();
