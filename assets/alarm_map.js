/* Alarms on the wall: marks over the map, gathered where they would cover each other, and the strip of what stands.

   new opsCenter.AlarmMap(config, {onPick}); `take(frame)` from /live, `hold(element)` once there is a place for marks,
   `moved(map)` whenever the map moves; `strip` may be an AlarmStrip that says what stands. A mark is the
   shape of the worst priority in its place, with how many there are; it pulses while one of that priority waits. What
   another alarm explains has no mark of its own. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const GATHER_REM = 4.6; // nearer than this, marks become one
  const GATHER_MS = 1000; // at most this often, however much changes
  const TOUCHES = [1.15, 0.55]; // of that, across and down: marks are wider than high
  const STEP = 0.5; // zoom levels between two ways of gathering
  const CLOSER = 2.2; // zoom levels that a click on many goes nearer
  const NEAREST = 17;

  center.AlarmMap = class {
    constructor(config, { onPick }) {
      center.alarmText.configure(config);
      this.onPick = onPick;
      this.offsetMs = 0;
      this.now = new center.AlarmState();
      this.state = this.now; // what is shown: now, or another time
      this.holder = null; // until the map is there
      this.strip = null;
      this.marks = new Map(); // place in the grid → {node, at, look}
      this.shown = true;
      this.gatheredAt = -GATHER_MS;
      this.age = {};
      new MutationObserver(() => this.speak()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      this.speak();
    }

    hold(holder) {
      this.holder = holder;
      holder.hidden = !this.shown;
    }

    take(frame) {
      this.now.take(frame);
      document.documentElement.dataset.alarms = String(this.now.rows.size);
      this.gatherSoon();
    }

    /* Show the alarms of another time, a frame that holds them all; null: those of now. */
    then(frame) {
      this.state = frame ? new center.AlarmState() : this.now;
      if (frame) this.state.take(frame);
      this.gatherSoon();
    }

    beat(heartbeat) {
      this.offsetMs = heartbeat.server_time_us / 1000 - Date.now();
      this.age = center.alarmAge(heartbeat);
      this.count();
    }

    get seq() {
      return this.now.seq === null ? {} : { alarms_seq: this.now.seq };
    }

    count() {
      const nowUs = (Date.now() + this.offsetMs) * 1000;
      // That the line itself is lost is said over the whole picture (lost.py).
      center.countDown(nowUs);
      if (this.strip) this.strip.show(this.now.counts(), this.now.flood(nowUs), { starting: this.now.seq === null, lost_s: 0, ...this.age });
    }

    speak() {
      if (this.strip) this.strip.speak();
      for (const mark of this.marks.values()) mark.look = null;
      this.gatherSoon();
    }

    toggle() {
      this.shown = !this.shown;
      if (this.holder) this.holder.hidden = !this.shown;
    }

    /* ---- gathering ---- */

    gatherSoon() {
      if (this.waiting || !this.map) return;
      const wait = Math.max(0, this.gatheredAt + GATHER_MS - performance.now());
      this.waiting = setTimeout(() => {
        this.waiting = null;
        this.gather();
      }, wait);
    }

    moved(map) {
      this.map = map;
      const step = Math.round(map.getZoom() / STEP);
      if (step !== this.step) {
        this.step = step;
        this.gather();
      } else this.place();
    }

    gather() {
      this.gatheredAt = performance.now();
      const places = this.gathered();
      for (const [key, mark] of this.marks) if (!places.has(key)) this.marks.delete(key) && mark.node.remove();
      for (const [key, place] of places) this.draw(key, place);
      this.count();
      this.place();
    }

    /* Alarms by squares of a grid on the ground that are as wide as a mark (panning gathers nothing anew), and then
       those together whose marks would still touch. */
    gathered() {
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      const squares = (512 * 2 ** (this.step * STEP)) / (GATHER_REM * rem);
      const places = new Map();
      for (const row of this.state.rows.values()) {
        if (row.longitude === null || row.latitude === null || !this.state.isLine(row) || row.aside) continue;
        const x = ((row.longitude + 180) / 360) * squares;
        const y = (0.5 - Math.log(Math.tan(Math.PI / 4 + (row.latitude * Math.PI) / 360)) / (2 * Math.PI)) * squares;
        const key = `${Math.floor(x)} ${Math.floor(y)}`;
        const place = places.get(key) || { key, x: 0, y: 0, rows: [] };
        places.set(key, Object.assign(place, { x: place.x + x, y: place.y + y }));
        place.rows.push(row);
      }
      return joined([...places.values()]);
    }

    draw(key, rows) {
      const worst = rows.reduce((one, other) => (other.rank < one.rank || (other.rank === one.rank && other.id > one.id) ? other : one));
      const waits = rows.some((row) => row.waits && row.priority === worst.priority);
      const look = `${worst.id} ${worst.priority} ${rows.length} ${waits}`;
      let mark = this.marks.get(key);
      if (!mark) {
        mark = { node: center.el("button", "alarm-mark", { type: "button" }) };
        mark.node.addEventListener("click", () => this.pick(mark));
        this.holder.append(mark.node);
        this.marks.set(key, mark);
      }
      mark.rows = rows;
      mark.worst = worst;
      mark.at = rows.length === 1 ? [worst.longitude, worst.latitude] : middle(rows);
      if (mark.look === look) return;
      mark.look = look;
      mark.node.className = `alarm-mark p${worst.priority}${waits ? " waits" : ""}${rows.length > 1 ? " many" : ""}`;
      mark.node.style.zIndex = String(5 - worst.priority);
      const words = `${center.alarmText.say(`priority_${worst.priority}`)} ${center.alarmText.of(worst.label)}${rows.length > 1 ? ` ×${rows.length}` : ""}`;
      mark.node.title = words;
      mark.node.setAttribute("aria-label", words);
      mark.node.replaceChildren(center.el("i", "ring"), center.el("i", "shape", {}, String(worst.priority)));
      if (rows.length > 1) mark.node.append(center.el("b", "num", {}, rows.length.toLocaleString("en-US")));
    }

    /* What lies beyond the edges is no stop of Tab. */
    place() {
      if (!this.map) return;
      const { clientWidth: width, clientHeight: height } = this.map.getContainer();
      for (const mark of this.marks.values()) {
        const { x, y } = this.map.project(mark.at);
        mark.node.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
        const seen = x > 0 && y > 0 && x < width && y < height ? "" : "hidden";
        if (mark.node.style.visibility !== seen) mark.node.style.visibility = seen;
      }
    }

    /* One opens its card; many come nearer, until they can't be told apart by that any more. */
    pick({ rows, worst, at }) {
      if (rows.length === 1 || this.map.getZoom() > NEAREST - 0.5) return this.onPick(worst.id);
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.map.easeTo({ center: at, zoom: Math.min(NEAREST, this.map.getZoom() + CLOSER), duration: calm ? 0 : 600 });
    }
  };

  /* Join places whose middles are nearer than their marks are large; the largest keep their place. */
  function joined(places) {
    const kept = [];
    for (const place of places.sort((a, b) => b.rows.length - a.rows.length || (a.key < b.key ? -1 : 1))) {
      const [x, y] = [place.x / place.rows.length, place.y / place.rows.length];
      const near = kept.find((one) => Math.abs(one.x - x) < TOUCHES[0] && Math.abs(one.y - y) < TOUCHES[1]);
      if (near) near.rows.push(...place.rows);
      else kept.push({ key: place.key, x, y, rows: place.rows });
    }
    return new Map(kept.map(({ key, rows }) => [key, rows]));
  }

  const middle = (rows) => [rows.reduce((sum, row) => sum + row.longitude, 0) / rows.length, rows.reduce((sum, row) => sum + row.latitude, 0) / rows.length];
})();
