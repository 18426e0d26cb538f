/* A display that nobody looks after: no pointer, nothing that burns in, dark by night, and up again by itself.

   The line heals itself (live.js), and so does the session (session.js). Here is what is left: a page that hangs or has
   lost its picture, a machine that slept, and a new version of the product, for which it waits for a quiet moment. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const root = document.documentElement;
  const POINTER_MS = 3000;
  const MINUTE_MS = 60000;
  const DRIFT_PX = 4; // a sign of 2 px never stands on the same pixels for longer than a few minutes
  const WATCH_MS = 5000;
  const ASLEEP_MS = 60000;
  const HANGS_S = 20;
  const BLIND_MS = 60000; // without a picture although somebody could see one
  const AGAIN_MS = 10 * MINUTE_MS; // a page that fails at once must not load itself for ever

  /* Runs beside the page, and says so to the server while the page hangs: the steering page shows it. */
  const BESIDE = `let beat = Date.now(), address, shows;
    onmessage = ({data}) => { beat = Date.now(); if (data) ({address, shows} = data); };
    setInterval(() => { if (address && Date.now() - beat > ${HANGS_S}000)
      fetch(address, {method: "PUT", headers: {"content-type": "application/json"}, body: JSON.stringify({...shows, fault: "the page hangs"})}).catch(() => {});
    }, 5000);`;

  const reloadedAt = () => Number(sessionStorage.getItem("ops-center.reloaded") || 0);

  center.kiosk = {
    begin(wall, config) {
      if (this.config) return;
      Object.assign(this, { wall, config });
      root.dataset.kiosk = "yes";
      this.hidePointer();
      this.drawnAt = this.wokenAt = Date.now();
      setInterval(() => this.watch(), WATCH_MS);
      setInterval(() => this.drift(), MINUTE_MS);
      this.drift();
      document.addEventListener("webglcontextlost", () => setTimeout(() => this.reload("the graphics card lost its context"), WATCH_MS), true);
      this.beside = new Worker(URL.createObjectURL(new Blob([BESIDE], { type: "text/javascript" })));
    },

    hidePointer() {
      let hiding;
      const moved = () => {
        root.dataset.pointer = "shown";
        clearTimeout(hiding);
        hiding = setTimeout(() => (root.dataset.pointer = "hidden"), POINTER_MS);
      };
      document.addEventListener("pointermove", moved, { passive: true });
      moved();
    },

    /* Furniture wanders on a circle, a step a minute, on all displays alike: by the server's clock. Maps stay: they move. */
    drift() {
      const minute = Math.floor(center.clock.nowMs() / MINUTE_MS);
      const angle = (minute % 24) * (Math.PI / 12);
      root.style.setProperty("--drift-x", `${Math.round(DRIFT_PX * Math.cos(angle))}px`);
      root.style.setProperty("--drift-y", `${Math.round(DRIFT_PX * Math.sin(angle))}px`);
      this.dim();
    },

    /* By night, where the wall's configuration says so, in the city's time. */
    dim() {
      const { dim } = this.wall;
      if (!dim) return;
      const time = new Intl.DateTimeFormat("en-GB", { timeZone: this.config.timezone, hour: "2-digit", minute: "2-digit" }).format(center.clock.nowMs());
      const inside = dim.begins < dim.ends ? time >= dim.begins && time < dim.ends : time >= dim.begins || time < dim.ends;
      root.dataset.dimmed = inside ? "yes" : "no";
      root.style.setProperty("--dimmed-by", dim.by);
    },

    watch() {
      const now = Date.now();
      const slept = now - this.wokenAt - WATCH_MS > ASLEEP_MS;
      this.wokenAt = now;
      const display = center.wallDisplay;
      if (display) this.beside.postMessage({ address: `${location.origin}/api/walls/${display.wall}/displays/${display.number || 0}`, shows: display.shows() });
      if (slept) {
        this.drawnAt = now;
        this.drift();
        center.session.ask(); // the session may have ended meanwhile
      }
      if (document.visibilityState !== "visible") this.drawnAt = now;
      requestAnimationFrame(() => (this.drawnAt = Date.now()));
      if (now - this.drawnAt > BLIND_MS) this.reload("no picture came for a minute");
    },

    /* What product the server is: another than this page's is loaded at a quiet moment, one display after the other. */
    heard(release, display) {
      if (!release || release === this.config.release) return;
      this.renewFrom = this.renewFrom || Date.now() + 3000 * (1 + (display.number || 0));
      if (Date.now() > this.renewFrom && display.isQuiet) this.reload("a new version");
    },

    reload(why) {
      if (Date.now() - reloadedAt() < (why === "a new version" ? MINUTE_MS : AGAIN_MS)) return;
      console.warn("loads itself anew:", why);
      sessionStorage.setItem("ops-center.reloaded", String(Date.now()));
      location.reload();
    },
  };
})();
