/* Views between maps of different sizes, and the hand that moves one of them.

   A view that travels has the zoom of a map that is 1,000 px of CSS high, so that a desk and a wall show the same from
   north to south. A map that is a part of a larger picture (MapView.setSpan) gives and takes the view of the whole. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const STANDARD_PX = 1000;
  const APART_MS = 50; // between two views that are sent
  const GLIDES_MS = 700; // a map goes on for a while after the hand let go

  const heightOf = (map) => (map.span ? map.span.full_height : (map.element || document.body).clientHeight) || STANDARD_PX;
  const further = (map) => Math.log2(heightOf(map) / STANDARD_PX);
  const bounded = (value, least, most) => Math.min(most, Math.max(least, value));

  center.wallViews = {
    /* The view of a map as it travels; null before it is ready. */
    of(map) {
      const view = map.view();
      if (!view || view.longitude === undefined) return null;
      return {
        longitude: bounded(view.longitude, -180, 180),
        latitude: bounded(view.latitude, -90, 90),
        zoom: bounded(view.zoom - further(map), 0, 24),
        pitch: bounded(view.pitch || 0, 0, 85),
        bearing: bounded(view.bearing || 0, -360, 360),
      };
    },
    apply: (map, view, durationMs) => map.setView({ ...view, zoom: view.zoom + further(map) }, durationMs),
  };

  /* Tells a wall where a map goes while somebody moves it: new opsCenter.WallHand(map, wall, {always}).
     One question at a time, always with the newest place; `always`: whatever moves it (a desk that is followed). */
  center.WallHand = class {
    constructor(map, wall, { always = () => false, refused = () => {} } = {}) {
      Object.assign(this, { map, wall, always, refused });
      this.until = 0;
      this.down = false;
      this.offs = [map.on("move", () => this.moved())];
      this.feel();
    }

    feel() {
      const element = this.map.element || document;
      const feels = (name, then) => {
        element.addEventListener(name, then, { passive: true, capture: true });
        this.offs.push(() => element.removeEventListener(name, then, { capture: true }));
      };
      const touched = () => (this.until = performance.now() + GLIDES_MS);
      feels("pointerdown", () => (this.down = true));
      feels("wheel", touched);
      feels("keydown", touched);
      const up = () => {
        if (this.down) touched();
        this.down = false;
      };
      for (const name of ["pointerup", "pointercancel"]) {
        window.addEventListener(name, up);
        this.offs.push(() => window.removeEventListener(name, up));
      }
    }

    get isMoving() {
      return this.down || performance.now() < this.until;
    }

    moved() {
      if (this.isMoving || this.always()) this.tell();
    }

    tell() {
      this.view = center.wallViews.of(this.map);
      if (this.view && !this.telling) this.go();
    }

    async go() {
      this.telling = true;
      while (this.view) {
        const body = JSON.stringify(this.view);
        this.view = null;
        try {
          const answer = await fetch(`/api/walls/${this.wall}/view`, { method: "PUT", headers: { "content-type": "application/json" }, body });
          if (answer.status === 409) this.refused();
        } catch (error) {
          if (!(error instanceof TypeError)) throw error; // the server is away: the next place is told
        }
        await new Promise((done) => setTimeout(done, APART_MS));
      }
      this.telling = false;
    }

    close() {
      this.offs.forEach((off) => off());
      this.view = null;
    }
  };
})();
