/* A desk whose map a wall follows: const desk = new opsCenter.WallFollow(map, {wall?, onState?}); desk.follow(true).

   onState({mine, by}): whether the wall follows this account's desk, and whose it follows; null: nobody's. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const ALIVE_MS = 15000; // a desk that says nothing for three times as long is followed no more

  center.WallFollow = class {
    constructor(map, { wall = "main", onState = () => {} } = {}) {
      Object.assign(this, { map, wall, onState });
      this.frame = null;
      this.hand = new center.WallHand(map, wall, { always: () => this.isMine });
      this.leave = center.page.live.add({ wanted: () => ({ wall: { name: wall } }), onWall: (frame) => frame.name === wall && this.take(frame) });
      this.hand.tell = this.onlyWhileFollowed(this.hand.tell.bind(this.hand));
      this.alive = setInterval(() => this.hand.tell(), ALIVE_MS);
    }

    get isMine() {
      return Boolean(this.frame && this.frame.mine);
    }

    /* A desk moves no wall that doesn't follow it. */
    onlyWhileFollowed(tell) {
      return () => this.isMine && document.visibilityState === "visible" && tell();
    }

    take(frame) {
      const before = this.isMine;
      this.frame = frame;
      if (this.isMine && !before) this.hand.tell();
      this.onState({ mine: this.isMine, by: frame.follow ? frame.follow.by_name || frame.follow.by : null });
    }

    /* → {ok} or {ok: false, said: {zh, en}} */
    follow(on) {
      return center.wallSend.ask("POST", `/${this.wall}/follow`, { follow: on });
    }

    close() {
      clearInterval(this.alive);
      this.hand.close();
      this.leave();
    }
  };
})();
