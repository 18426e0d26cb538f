/* What moves goes from its former fix to its last one, in the time that lay between them, and waits there.

   Never beyond the last fix: where something is after it, nobody knows. What comes from too far away, or after too long,
   jumps. A picture with gliding vehicles is drawn PER_SECOND times a second while anything moves. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const LONGEST_MS = 15000;
  const FARTHEST_DEG = 0.01; // about a kilometre

  center.GLIDES_PER_SECOND = 10;

  center.Glide = class {
    constructor(layer) {
      this.layer = layer;
      const { rows } = layer;
      this.from = new Float32Array(2 * rows);
      this.to = new Float32Array(2 * rows);
      this.begun = new Float64Array(rows);
      this.lasts = new Float32Array(rows); // ms; 0: it stands at its last fix
    }

    /* New fixes of the rows from `row` on; the layer still holds the times of the former ones. */
    take(row, positions, times) {
      const now = performance.now();
      const { positions: shown, times: former } = this.layer;
      for (let i = 0; i < times.length; i++) {
        const at = 2 * (row + i);
        if (this.to[at] === positions[2 * i] && this.to[at + 1] === positions[2 * i + 1]) continue;
        const passed = 1000 * (times[i] - former[row + i]);
        const far = Math.hypot(positions[2 * i] - shown[at], positions[2 * i + 1] - shown[at + 1]);
        const glides = former[row + i] > 0 && passed > 0 && passed <= LONGEST_MS && far < FARTHEST_DEG;
        this.from.set([shown[at], shown[at + 1]], at);
        this.to.set([positions[2 * i], positions[2 * i + 1]], at);
        this.begun[row + i] = now;
        this.lasts[row + i] = glides ? passed : 0.001;
      }
      this.move(now);
    }

    /* Put everything where it is now; return whether anything still moves. */
    move(now) {
      const { positions } = this.layer;
      let moving = false, moved = false;
      for (let i = 0; i < this.lasts.length; i++) {
        if (!this.lasts[i]) continue;
        const share = Math.min(1, (now - this.begun[i]) / this.lasts[i]);
        for (let k = 2 * i; k < 2 * i + 2; k++) positions[k] = this.from[k] + share * (this.to[k] - this.from[k]);
        if (share >= 1) {
          positions.set(this.to.subarray(2 * i, 2 * i + 2), 2 * i);
          this.lasts[i] = 0;
        } else moving = true;
        moved = true;
      }
      if (moved) this.layer.places = null;
      if (moved) this.layer.dirty.add("positions");
      return moving;
    }
  };
})();
