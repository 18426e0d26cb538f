/* A page that shows a wall, or one display of it: takes what hangs there from /live and has the stage show it.

   A scene is prepared as soon as it is known and swapped in the first picture at its moment, by the server's clock: all
   displays change at once. Who was off, or late, changes as soon as it can. `opsCenter.stage` (scene_*.js) draws. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const REPORT_MS = 5000;
  const FLY_MS = 900; // to a view that was sent
  const FOLLOW_MS = 120; // behind a hand

  class WallDisplay {
    constructor(wall, number, config) {
      Object.assign(this, { wall, number, config });
      this.page = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
      this.shown = { scene: "", version: 0 };
      this.lateMs = 0;
      this.fault = "";
      this.ready = true;
      this.seq = 0;
      this.show = null;
      this.viewSeq = 0;
      this.isHome = true;
      this.hands = [];
      this.switches = []; // the last moments of switching: [scene, version, server ms, own ms]
    }

    begin() {
      center.clock.listen();
      const wanted = this.number ? { name: this.wall, display: this.number } : { name: this.wall };
      center.page.live.add({ wanted: () => ({ wall: wanted }), onWall: (frame) => frame.name === this.wall && this.take(frame) });
      this.reporting = setInterval(() => this.report(), REPORT_MS);
      this.report();
    }

    take(frame) {
      this.frame = frame;
      this.seq = frame.seq;
      const wanted = this.wanted || this.shown;
      if (frame.scene && (frame.scene !== wanted.scene || frame.version !== wanted.version)) this.prepare(frame);
      else if (!this.wanted) this.hang(frame);
    }

    /* ---- the scene ---- */

    async prepare({ scene, version, switch_at_us: due }) {
      const wanted = (this.wanted = { scene, version });
      if (this.callOff) this.callOff();
      this.ready = false;
      this.report();
      try {
        await center.stage.prepare(scene, version, this.number || null);
      } catch (error) {
        if (this.wanted === wanted) this.failed(error);
        return;
      }
      if (this.wanted !== wanted) return; // somebody chose another meanwhile
      this.ready = true;
      this.report();
      this.callOff = center.clock.at(due, (lateMs) => this.swap(wanted, lateMs));
    }

    swap(wanted, lateMs) {
      center.stage.swap();
      this.switches = [...this.switches.slice(-19), [wanted.scene, wanted.version, center.clock.nowMs(), performance.timeOrigin + performance.now()]];
      this.shown = wanted;
      this.wanted = null;
      this.lateMs = Math.round(lateMs * 10) / 10;
      this.fault = "";
      this.show = null;
      this.viewSeq = 0;
      this.isHome = true;
      this.hold();
      this.hang(this.frame);
      this.report();
    }

    failed(error) {
      this.wanted = null;
      this.ready = true;
      this.fault = String((error && error.message) || error).slice(0, 300);
      console.error("scene not shown:", this.fault);
      this.report();
      setTimeout(() => this.frame && this.take(this.frame), REPORT_MS);
    }

    /* Let those who stand before the display drag its maps, and the others follow. */
    hold() {
      this.hands.forEach((hand) => hand.close());
      this.hands = Object.values(center.stage.maps()).map((map) => new center.WallHand(map, this.wall, { refused: () => this.putBack(map) }));
      this.homes = new Map();
    }

    /* ---- what was sent, and where maps look ---- */

    hang(frame) {
      const number = frame.show ? frame.show.id : 0;
      if (number !== (this.show || 0)) {
        this.show = number;
        center.clock.at(frame.sent_at_us, () => this.show === number && this.put(frame.show));
      }
      if (!this.hands.length) this.hold();
      if (frame.view) this.look(frame);
      else if (!this.isHome) this.goHome(frame);
    }

    put(show) {
      if (show) center.stage.show({ kind: show.kind, subject: show.subject, name: show.name, by: show.by_name, at_us: show.at_us });
      else center.stage.back();
    }

    look({ view, view_seq: seq, moving, sent_at_us: due }) {
      if (seq === this.viewSeq && !this.isHome) return;
      this.viewSeq = seq;
      this.keepHomes();
      this.isHome = false;
      if (moving) return this.each((map) => center.wallViews.apply(map, view, FOLLOW_MS));
      center.clock.at(due, () => this.viewSeq === seq && this.each((map) => center.wallViews.apply(map, view, FLY_MS)));
    }

    /* All maps but the one in somebody's hand. */
    each(fn) {
      for (const hand of this.hands) if (!hand.isMoving) fn(hand.map);
    }

    keepHomes() {
      if (this.isHome) for (const { map } of this.hands) this.homes.set(map, map.view());
    }

    goHome({ sent_at_us: due }) {
      this.isHome = true;
      this.viewSeq = 0;
      center.clock.at(due, () => this.isHome && this.each((map) => this.homes.get(map) && map.setView(this.homes.get(map), FLY_MS)));
    }

    /* The map was dragged, but the wall follows somebody's desk. */
    putBack(map) {
      if (this.frame && this.frame.view) center.wallViews.apply(map, this.frame.view, FLY_MS);
    }

    /* ---- what it says of itself ---- */

    shows() {
      const { scene, version } = this.shown;
      const dimmed = document.documentElement.dataset.dimmed === "yes";
      return { page: this.page, seq: this.seq, scene, version, ready: this.ready, late_ms: this.lateMs, fault: this.fault, release: this.config.release, dimmed };
    }

    async report() {
      try {
        const address = `/api/walls/${this.wall}/displays/${this.number || 0}`;
        const answer = await fetch(address, { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(this.shows()) });
        if (answer.ok) center.kiosk.heard((await answer.json()).release, this);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the server is away
      }
    }

    /* Whether nobody would mind this page being loaded anew. */
    get isQuiet() {
      const now = center.clock.nowMs() * 1000;
      const frame = this.frame;
      const recent = frame && Math.max(frame.switch_at_us, frame.sent_at_us) > now - 30e6;
      return !this.wanted && !recent && !(frame && frame.follow) && !this.hands.some((hand) => hand.isMoving);
    }
  }

  const asked = () => new URLSearchParams(location.search);

  /* What this page shows of its wall, in CSS pixels of its window; null: the whole of it. */
  center.wallPart = function () {
    const config = center.wallConfig;
    const found = config && config.walls[asked().get("wall") || "main"];
    const part = found && found.parts.find((one) => one.number === Number(asked().get("display")));
    if (!part) return null;
    const scale = innerWidth / part.width;
    const [full_width, full_height] = found.size.map((length) => length * scale);
    const { number, x, y, width, height } = part;
    return { wall: found.name, number, x: x * scale, y: y * scale, width: width * scale, height: height * scale, full_width, full_height };
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.wall_display = {
    /* The page is there. `/wall/<scene>` without a wall is a preview: it shows that scene and follows nothing. */
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      center.wallConfig = config;
      const scene = location.pathname.split("/")[2];
      const wall = asked().get("wall") || (scene ? null : "main");
      const found = wall && config.walls[wall];
      const number = Number(asked().get("display")) || 0;
      if (found && number) document.documentElement.style.fontSize = `${100 * found.rem_of_width}vw`;
      if (!found || (number && !found.parts.some((one) => one.number === number))) return window.dash_clientside.no_update;
      center.kiosk.begin(found, config);
      center.wallDisplay = new WallDisplay(wall, number, config);
      center.whenStage(() => center.wallDisplay.begin());
      return window.dash_clientside.no_update;
    },
  };
})();
