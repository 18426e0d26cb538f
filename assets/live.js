/* The data plane of a screen: opens /live, keeps it open for ever, and says at once when it is silent.

   new opsCenter.Live({wanted, onCell, onGone, onSubscribed, onAlarms, onIncidents, onWall, onHeartbeat, onState, onEnded}).
   A state is {connected, silent_ms}. What arrives is handed on as it is; picture.js decides when to draw.
   A connection that the server closes because nobody is signed in (any more) isn't opened again: onEnded(code). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SILENT_MS = 2000; // a heartbeat comes every second: one may be late, two may not
  const WATCH_MS = 200;
  const FIRST_RETRY_MS = 250;
  const LAST_RETRY_MS = 5000;
  const ENDED = [4401, 4403]; // the session has ended; it may not see this
  const PATIENCE_MS = 4000; // for the connection itself: a host that vanished answers nothing at all

  center.Live = class {
    constructor(handlers) {
      this.handlers = handlers;
      this.retry = FIRST_RETRY_MS;
      this.connected = false;
      this.heardAt = performance.now();
      this.bytes = 0;
      this.open();
      this.watchedAt = performance.now();
      this.watching = setInterval(() => this.watch(), WATCH_MS);
    }

    open() {
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      const socket = (this.socket = new WebSocket(`${scheme}//${location.host}/live`));
      socket.binaryType = "arraybuffer";
      this.openedAt = performance.now();
      socket.onopen = () => this.subscribe();
      socket.onmessage = (message) => socket === this.socket && this.take(message.data);
      socket.onclose = (event) => socket === this.socket && (ENDED.includes(event.code) ? this.end(event.code) : this.lost());
    }

    subscribe() {
      if (this.socket.readyState !== WebSocket.OPEN) return;
      this.socket.send(JSON.stringify({ subscribe: this.handlers.wanted() }));
    }

    take(buffer) {
      if (typeof buffer === "string") return this.takeText(buffer);
      this.bytes += buffer.byteLength;
      let frames;
      try {
        frames = center.decodeFrames(buffer);
      } catch (error) {
        console.error("message refused:", error.message);
        return;
      }
      for (const frame of frames) this.handOn(frame);
    }

    /* Alarms, incidents, and what hangs on a wall, are text: lists want objects. */
    takeText(text) {
      const { alarms, incidents, notices, wall } = JSON.parse(text);
      if (notices && this.handlers.onNotices) this.handlers.onNotices(notices);
      if (alarms && this.handlers.onAlarms) this.handlers.onAlarms(alarms);
      if (incidents && this.handlers.onIncidents) this.handlers.onIncidents(incidents);
      if (wall && this.handlers.onWall) this.handlers.onWall(wall);
    }

    handOn(frame) {
      const kind = frame.header.kind;
      if (kind === "heartbeat") this.heard(frame.header);
      else if (kind === "cell") this.handlers.onCell(frame);
      else if (kind === "gone") this.handlers.onGone(frame.header.cell);
      else if (kind === "subscribed") this.handlers.onSubscribed(frame.header);
    }

    heard(heartbeat) {
      this.heardAt = performance.now();
      this.retry = FIRST_RETRY_MS;
      this.handlers.onHeartbeat(heartbeat);
      this.say(true);
    }

    lost() {
      this.socket = null;
      this.say(false);
      const wait = this.retry * (0.75 + Math.random() / 2);
      this.retry = Math.min(2 * this.retry, LAST_RETRY_MS);
      setTimeout(() => this.open(), wait);
    }

    /* Nobody is signed in: asking again and again would change nothing. */
    end(code) {
      clearInterval(this.watching);
      this.socket = null;
      this.say(false);
      this.handlers.onEnded(code);
    }

    resume() {
      this.lost();
      this.watching = setInterval(() => this.watch(), WATCH_MS);
    }

    watch() {
      const now = performance.now();
      const stalled = now - this.watchedAt - WATCH_MS;
      this.watchedAt = now;
      if (stalled > WATCH_MS) this.heardAt += stalled; // this page stood still, not the line: what came meanwhile waits
      if (now - this.heardAt < SILENT_MS) return;
      this.say(false);
      const stuck = this.socket && now - Math.max(this.heardAt, this.openedAt) > PATIENCE_MS;
      if (stuck) {
        const silent = this.socket;
        silent.onclose = null;
        silent.close();
        this.lost();
      }
    }

    say(connected) {
      if (connected !== this.connected) this.handlers.onState(connected);
      this.connected = connected;
    }
  };
})();
