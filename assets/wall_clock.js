/* The server's clock, as well as a page can know it, and things that are to happen at a moment of it.

   opsCenter.clock.nowMs()      the server's time, ms since the epoch
   opsCenter.clock.at(us, fn)   fn(lateMs) in the first picture at or after a moment of the server → a function that calls it off

   Every heartbeat says the server's time when it was sent. What arrives is later by the time it travelled, so that the
   greatest of `server - own` is the nearest to the truth: the least delayed of the last minute counts, not the last one.
   Own time is monotonic; a machine that slept, or a server whose clock was set, begin anew. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const KEPT_MS = 60000; // two clocks part by some 3 ms in a minute, at worst
  const JUMP_MS = 500; // no clock drifts that far between two heartbeats
  const NEAR_MS = 40; // before the moment: from here on every picture is asked
  const STILL_MS = 100; // pictures that don't come for so long (nobody sees the page) don't keep the moment waiting
  const LONGEST_MS = 2 ** 31 - 1;

  center.ServerClock = class {
    constructor(own = () => performance.timeOrigin + performance.now(), wall = () => Date.now()) {
      this.own = own;
      this.wall = wall;
      this.samples = [];
      this.apart = wall() - own();
      this.offset = this.apart;
    }

    /* A heartbeat came: `serverMs` is what the server's clock said when it was sent. */
    hear(serverMs) {
      const now = this.own();
      const sample = { at: now, offset: serverMs - now };
      if (this.slept() || this.isSet(sample)) this.samples = [];
      this.samples = [...this.samples.filter(({ at }) => now - at < KEPT_MS), sample];
      this.offset = Math.max(...this.samples.map(({ offset }) => offset));
    }

    nowMs() {
      return this.own() + this.offset;
    }

    /* The monotonic clock stands still while some machines sleep; the other doesn't. */
    slept() {
      const apart = this.wall() - this.own();
      const jumped = Math.abs(apart - this.apart) > JUMP_MS;
      if (jumped) this.apart = apart;
      return jumped;
    }

    /* The server's clock was set: two in a row are as far from what was known, and near each other. */
    isSet(sample) {
      if (!this.samples.length) return false;
      const before = this.samples[this.samples.length - 1];
      const far = ({ offset }) => Math.abs(offset - this.offset) > JUMP_MS;
      if (sample.offset - this.offset > JUMP_MS) return true; // nothing arrives before it was sent
      return this.samples.length > 1 && far(sample) && far(before) && Math.abs(sample.offset - before.offset) < JUMP_MS;
    }

    at(us, fn) {
      let off = false;
      const due = us / 1000;
      const go = () => {
        if (off) return;
        off = true;
        fn(this.nowMs() - due);
      };
      const near = () => {
        if (off) return;
        const left = due - this.nowMs();
        if (left <= 0) return go();
        if (left > NEAR_MS) return void setTimeout(near, Math.min(left - NEAR_MS / 2, LONGEST_MS));
        requestAnimationFrame(near);
        if (left < NEAR_MS) setTimeout(() => this.nowMs() > due + STILL_MS && go(), left + STILL_MS + 10);
      };
      near();
      return () => (off = true);
    }
  };

  center.clock = new center.ServerClock();

  /* Begin to listen; called by pages that do something at a moment. */
  center.clock.listen = function () {
    if (this.leave) return;
    this.leave = center.page.live.add({ wanted: () => ({}), onHeartbeat: (heartbeat) => this.hear(heartbeat.server_time_us / 1000) });
  };
})();
