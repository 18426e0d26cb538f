/* Sound by priority: off until somebody switches it on; a key silences it. Repeated only while a critical alarm waits. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  /* Each priority has its own pitch and number of beats, so that it is known without looking: [Hz, beats, s a beat]. */
  const TONES = { 1: [[988, 784], 6, 0.14], 2: [[784], 3, 0.18], 3: [[587], 2, 0.2], 4: [[440], 1, 0.22] };
  const REPEAT_MS = 6000;
  const APART_MS = 1500; // what comes sooner after another sounds only if it is worse
  const LOUD = 0.22;

  center.AlarmSound = class {
    constructor() {
      this.context = null;
      this.silenced = false;
      this.soundedAt = -REPEAT_MS;
      this.played = 0; // for those who look after it
    }

    get on() {
      return this.context !== null;
    }

    /* Browsers let a page sound only after somebody pressed something: this is called from there. */
    toggle() {
      if (this.on) {
        this.context.close();
        this.context = null;
      } else {
        this.context = new AudioContext();
        this.play(4);
      }
    }

    silence() {
      this.silenced = true;
      if (this.master) this.master.gain.setTargetAtTime(0, this.context.currentTime, 0.01);
    }

    /* Something new is announced: the worst of it sounds, also where what came before was silenced. */
    announce(rows) {
      if (!rows.length) return;
      this.silenced = false;
      const worst = Math.min(...rows.map((row) => row.priority));
      const sounding = performance.now() - this.soundedAt < APART_MS;
      if (!sounding || worst < this.priority) this.play(worst);
    }

    /* Called about once a second. */
    repeat(criticalWaits) {
      if (criticalWaits && !this.silenced && performance.now() - this.soundedAt >= REPEAT_MS) this.play(1);
    }

    play(priority) {
      if (!this.on) return;
      this.soundedAt = performance.now();
      this.priority = priority;
      this.played += 1;
      const [pitches, beats, seconds] = TONES[priority];
      const master = (this.master = this.context.createGain());
      master.connect(this.context.destination);
      for (let beat = 0; beat < beats; beat++) this.beep(master, pitches[beat % pitches.length], this.context.currentTime + beat * seconds * 1.35, seconds);
    }

    beep(master, pitch, at, seconds) {
      const tone = this.context.createOscillator();
      const gain = this.context.createGain();
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUD, at + 0.012);
      gain.gain.setValueAtTime(LOUD, at + seconds - 0.03);
      gain.gain.linearRampToValueAtTime(0, at + seconds);
      tone.connect(gain).connect(master);
      tone.start(at);
      tone.stop(at + seconds);
    }
  };
})();
