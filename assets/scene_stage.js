/* The stage: shows a scene, and holds the next one ready behind it. One on a page.

   opsCenter.stage.prepare(scene, version|null, display|null, form?) → Promise: it is there, hidden, its maps drawn
                  .swap()       what was prepared is shown in this very frame
                  .current      {scene, version, label, slot} of what is shown, or null
                  .maps()       panel id → MapView of what is shown;  .main: the largest of them
                  .show({kind, subject, view?, name?})  an alarm, an incident, a camera, a thing or a view;  .back()
                  .life         clock, feeds, legends of what is shown (scene_life.js)
                  .on(name, fn) "swap"
   A display shows a part of the scene: opsCenter.wallPart() (wall_display.js) says which. Panels: scene_panels.js. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const READY_MS = 6000; // a map that isn't drawn by then is shown as it is
  const ANSWER_MS = 20000;
  const FLY_MS = 1200;
  const other = (slot) => (slot === "a" ? "b" : "a");
  const byId = (id) => document.getElementById(id);

  class Stage extends center.Emitter {
    constructor(config) {
      super();
      this.config = config;
      this.current = null;
      this.next = null;
      this.seq = 0;
      this.life = new center.SceneLife(config.timezone);
      this.panels = new center.ScenePanels(byId("stage"), config, this.life);
      this.watch = new MutationObserver(() => this.heard());
      for (const slot of ["a", "b"]) this.watch.observe(byId(`stage-${slot}`), { childList: true });
      window.addEventListener("resize", () => this.cut());
    }

    prepare(scene, version = null, _display = null, form = null) {
      if (this.next) this.next.reject(new Error("another scene was chosen"));
      this.next = null;
      const shown = this.current;
      if (!form && shown && !shown.form && shown.scene === scene && version !== null && shown.version === version) return Promise.resolve();
      const slot = shown ? other(shown.slot) : "a";
      const asked = { scene, version, form, slot, seq: (this.seq += 1) };
      dash_clientside.set_props(`stage-wanted-${slot}`, { data: { seq: asked.seq, scene, version, form } });
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => this.fail(asked, "no answer"), ANSWER_MS);
        this.next = Object.assign(asked, {
          resolve: () => (clearTimeout(late), resolve()),
          reject: (error) => (clearTimeout(late), reject(error)),
        });
      });
    }

    fail(asked, why) {
      if (this.next !== asked) return;
      this.next = null;
      asked.reject(new Error(why));
    }

    /* A slot has other content: it may be what was asked for. */
    async heard() {
      const asked = this.next;
      const answer = asked && byId(`stage-${asked.slot}`).querySelector(":scope > .sp-answer");
      if (!answer || Number(answer.dataset.seq) !== asked.seq || asked.there) return;
      asked.there = true;
      if (answer.dataset.outcome !== "ok") return this.fail(asked, `${asked.scene}: ${answer.dataset.outcome}`);
      const element = answer.querySelector(".sp-scene");
      const { scene, version, labelZh: zh, labelEn: en } = element.dataset;
      Object.assign(asked, { scene, version: Number(version), label: { zh, en }, element });
      this.cut(element);
      await Promise.race([this.panels.drawn(asked.slot), new Promise((done) => setTimeout(done, READY_MS))]);
      if (this.next === asked) asked.resolve();
    }

    /* Of a wall of several displays this one shows its part. */
    cut(element = null) {
      const part = center.wallPart ? center.wallPart() : null;
      for (const one of element ? [element] : document.querySelectorAll("#stage .sp-scene")) {
        const style = part ? { left: `${-part.x}px`, top: `${-part.y}px`, width: `${part.full_width}px`, height: `${part.full_height}px` } : { left: "", top: "", width: "", height: "" };
        Object.assign(one.style, style);
      }
      this.panels.cut(part);
    }

    swap() {
      const next = this.next;
      if (!next || !next.element) return;
      const last = this.current;
      this.next = null;
      this.current = next;
      const shown = byId(`stage-${next.slot}`);
      shown.classList.add("shown");
      shown.removeAttribute("aria-hidden");
      if (last) this.leave(last);
      document.documentElement.dataset.scene = next.scene;
      this.life.begin(next, this);
      this.emit("swap", this.current);
    }

    leave(last) {
      const slot = byId(`stage-${last.slot}`);
      slot.classList.remove("shown");
      slot.setAttribute("aria-hidden", "true");
      this.panels.leave(last.slot);
      // Its graphics contexts go with its elements, but not in the frame of the switch.
      setTimeout(() => (!this.next || this.next.slot !== last.slot) && this.current !== last && dash_clientside.set_props(`stage-wanted-${last.slot}`, { data: null }), 1000);
    }

    maps() {
      return this.current ? this.panels.maps(this.current.slot) : {};
    }

    /* The map that a scene is about: its largest. */
    get main() {
      const area = (view) => (view.element ? view.element.clientWidth * view.element.clientHeight : 0);
      return Object.values(this.maps()).reduce((one, view) => (one && area(one) >= area(view) ? one : view), null);
    }

    /* ---- what is sent here for a while ---- */

    show({ kind, subject, view }) {
      if (!this.home && this.main) this.home = { map: this.main, view: this.main.view() };
      if (kind === "alarm") this.card({ layer: "alarms", id: String(subject) });
      else if (kind === "incident") this.incident(subject);
      else if (kind === "camera" || kind === "thing") this.card({ layer: "things", id: String(subject) });
      const place = view || (kind === "alarm" && this.placeOf(subject));
      if (place && this.main) this.main.setView(place, FLY_MS);
    }

    /* A scene that follows an incident follows this one now; any other shows its card. */
    async incident(number) {
      if (document.querySelector('.sp-slot.shown [data-kind="incident"]')) return center.incidentOnWall(number);
      this.card({ layer: "incidents", id: String(number) });
      const answer = await fetch(`/api/incidents/${number}`).catch(() => null); // away: the card says so
      const { incident } = answer && answer.ok ? await answer.json() : {};
      if (!incident || !incident.place || !this.main || !this.main.map) return;
      const [longitude, latitude] = incident.place;
      this.main.setView({ longitude, latitude, zoom: Math.max(this.main.map.getZoom(), this.main.homeZoom + 2.5) }, FLY_MS);
    }

    placeOf(alarm) {
      const state = this.main && this.main.alarms && this.main.alarms.state;
      const row = state && state.find(Number(alarm));
      return row && row.longitude !== null && this.main.map ? { longitude: row.longitude, latitude: row.latitude, zoom: Math.max(this.main.map.getZoom(), this.main.homeZoom + 2.5) } : null;
    }

    back() {
      center.incidentOnWall(0);
      this.card(null);
      if (this.home && this.home.view && this.home.map.map) this.home.map.setView(this.home.view, FLY_MS);
      this.home = null;
    }

    card(picked) {
      dash_clientside.set_props("picked", { data: picked });
    }
  }

  /* Pages wait for their stage: whenStage(fn). */
  const waiting = [];
  center.whenStage = (fn) => (center.stage ? fn(center.stage) : waiting.push(fn));

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.stage = {
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      requestAnimationFrame(() => {
        center.stage = new Stage(config);
        waiting.splice(0).forEach((fn) => fn(center.stage));
      });
      return window.dash_clientside.no_update;
    },
  };
})();
