/* The past of a page's maps: a clock that stands or plays, and the cells of its moments (GET /live/past).

   const past = new opsCenter.Past({ views: () => [MapView, …], onChange: (state) => … });
   past.go({ at_us, speed, from_us });   // at server time `from_us` the maps show `at_us`; `speed` seconds a second
   past.live();

   The state alone says what is shown at any time of the server's clock: pages that are given the same state show the same
   moments at the same time, and the server reads each of them once. Playing never queues: what isn't here in time is
   passed over. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const STEP_US = 10e6; // screens/stream/past.py
  const TICK_MS = 250;
  const APART_S = 0.5; // least time between two moments while it plays
  const AHEAD = 2; // moments that are fetched before they are wanted
  const HELD = 24;

  center.Past = class {
    constructor({ views, onChange = () => {} }) {
      this.views = views;
      this.onChange = onChange;
      this.state = null; // null: live
      this.shown = null; // what the maps show: moment, maps and layers, as one text
      this.fault = null;
      this.loading = null;
      this.moments = new Map(); // `moment|layers` → promise of cells
      this.offsetMs = 0;
      this.leave = center.page.live.add({ wanted: () => ({}), onHeartbeat: ({ server_time_us }) => (this.offsetMs = server_time_us / 1000 - Date.now()) });
    }

    close() {
      this.live();
      this.leave();
    }

    nowUs() {
      return (Date.now() + this.offsetMs) * 1000;
    }

    /* Where the clock of the past stands now, µs; null: live. */
    positionUs() {
      if (!this.state) return null;
      const { at_us, speed, from_us } = this.state;
      return at_us + (speed ? speed * Math.max(0, this.nowUs() - from_us) : 0);
    }

    /* Show the past; `speed` 0 stands still. */
    go({ at_us, speed = 0, from_us = null }) {
      this.state = { at_us, speed, from_us: from_us === null ? this.nowUs() : from_us };
      if (!this.ticking) this.ticking = setInterval(() => this.tick(), TICK_MS);
      this.onChange(this.state);
      this.tick();
    }

    live() {
      if (!this.state) return;
      clearInterval(this.ticking);
      Object.assign(this, { ticking: null, state: null, shown: null, loading: null, fault: null });
      this.moments.clear();
      for (const view of this.views()) {
        view.setTime(null);
        if (view.alarms) view.alarms.then(null);
      }
      this.onChange(null);
    }

    /* How far moments lie apart at this speed: whole steps, the same for all who are given the same state. */
    strideUs() {
      return Math.max(STEP_US, Math.floor((this.state.speed * APART_S * 1e6) / STEP_US) * STEP_US);
    }

    tick() {
      const stride = this.strideUs();
      const moment = Math.floor(this.positionUs() / stride) * stride;
      if (this.state.speed && moment > this.nowUs() - 2 * STEP_US) return this.live();
      const wanted = `${moment} ${this.views().map((view) => [view.id, ...view.picture.visible])}`;
      if (wanted !== this.shown && wanted !== this.loading) this.load(moment, stride, wanted);
    }

    async load(moment, stride, wanted) {
      this.loading = wanted;
      const state = this.state;
      try {
        const cells = await this.cells(moment);
        if (this.state !== state || this.loading !== wanted) return;
        this.show(moment, cells);
        this.shown = wanted;
        this.fault = null;
        if (state.speed) for (let ahead = 1; ahead <= AHEAD; ahead++) this.fetchAhead(moment + ahead * stride);
      } catch (error) {
        if (this.state === state) this.fault = error.message;
      } finally {
        if (this.loading === wanted) this.loading = null;
        if (this.state === state) this.onChange(state);
      }
    }

    fetchAhead(moment) {
      if (moment < this.nowUs() - STEP_US) this.cells(moment).catch(() => {}); // asked for again, and said, when it is wanted
    }

    layers() {
      return [...new Set(this.views().flatMap((view) => [...view.picture.visible]))].sort();
    }

    cells(moment) {
      const layers = this.layers();
      const alarms = this.views().some((view) => view.alarms);
      const key = `${moment}|${layers}|${alarms}`;
      let held = this.moments.get(key);
      if (!held) {
        held = fetched(moment, layers, alarms);
        held.catch(() => this.moments.delete(key));
        this.moments.set(key, held);
        while (this.moments.size > HELD) this.moments.delete(this.moments.keys().next().value);
      }
      return held;
    }

    show(moment, { cells, alarms }) {
      for (const view of this.views()) {
        view.setTime(moment);
        for (const cell of cells) if (view.picture.visible.has(cell.layer)) view.picture.take(cell);
        if (view.alarms && alarms) view.alarms.then(alarms);
      }
    }
  };

  async function fetched(moment, layers, withAlarms) {
    const [cells, alarms] = await Promise.all([
      layers.length ? asked(`/live/past?at=${moment}&layers=${layers}`).then((answer) => answer.arrayBuffer()).then(withGeometry) : [],
      withAlarms ? asked(`/live/past/alarms?at=${moment}`).then((answer) => answer.json()) : null,
    ]);
    return { cells, alarms: alarms && alarms.alarms };
  }

  async function asked(address) {
    const answer = await fetch(address);
    if (answer.status === 401) center.session.ask();
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer;
  }

  /* Geometry is that of today: mostly the page holds it already. */
  async function withGeometry(buffer) {
    const frames = center.decodeFrames(buffer);
    const cells = await Promise.all(frames.map(async (frame) => ({ name: frame.header.cell, layer: frame.header.layer, frame, geometry: await geometryOf(frame.header) })));
    return cells.filter((cell) => cell.geometry);
  }

  const fetching = new Map();
  function geometryOf({ cell: name, geometry: version }) {
    const held = center.page.live.cells.get(name);
    if (held && held.geometry && held.geometry.header.geometry === version) return held.geometry;
    const key = `${name} ${version}`;
    if (!fetching.has(key)) {
      const asked = center.fetchGeometry(name, version);
      fetching.set(key, asked);
      asked.then((found) => found || fetching.delete(key));
    }
    return fetching.get(key);
  }
})();
