/* What stands, by priority: a shape, how many wait for somebody, how many there are. On the list and on the wall. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (...key) => center.alarmText.say(...key);
  const set = (element, text) => element.textContent !== text && (element.textContent = text);

  /* How long there is left to respond, on cards: their elements say until when. */
  center.countDown = function (nowUs) {
    for (const element of document.querySelectorAll("[data-until-us]")) {
      const left = (Number(element.dataset.untilUs) - nowUs) / 1e6;
      set(element, left >= 0 ? say("left_to_respond", center.alarmText.span(left)) : say("too_late", center.alarmText.span(-left)));
      element.classList.toggle("over-due", left < 0);
    }
  };

  center.AlarmStrip = class {
    constructor(holder) {
      this.holder = holder;
      this.tiles = [1, 2, 3, 4].map((priority) => this.tile(priority));
      this.flood = center.el("div", "flood", { role: "alert", hidden: "" });
      this.age = center.el("div", "age", { role: "alert", hidden: "" });
      holder.append(...this.tiles.map(({ node }) => node), this.flood, this.age, center.el("span", "spring"));
    }

    tile(priority) {
      const tile = { shape: center.el("i", "shape", {}, String(priority)), name: center.el("span", "name"), waiting: center.el("b", "num"), standing: center.el("span", "standing num") };
      tile.node = center.el("div", `standing-tile p${priority}`, {}, tile.shape, tile.waiting, center.el("span", "words", {}, tile.name, tile.standing));
      return tile;
    }

    /* `counts`: priority → [standing, unacknowledged]; `flood`: how many in ten minutes, 0 for none. */
    show(counts, flood, { starting, lost_s, stale_s }) {
      this.last = [counts, flood, { starting, lost_s, stale_s }];
      this.tiles.forEach((tile, i) => {
        const [standing, waiting] = counts[i + 1];
        set(tile.waiting, starting ? "—" : waiting.toLocaleString("en-US"));
        set(tile.standing, say("standing", starting ? "—" : standing.toLocaleString("en-US")));
        const look = `standing-tile p${i + 1}${waiting ? " waits" : ""}${standing ? "" : " none"}`;
        if (tile.node.className !== look) tile.node.className = look;
      });
      this.flood.hidden = !flood;
      if (flood) set(this.flood, say("flood", flood));
      const said = lost_s > 0 && !starting ? say("lost", center.alarmText.span(lost_s)) : stale_s ? say("stale", center.alarmText.span(stale_s)) : starting ? say("starting") : "";
      this.age.hidden = !said;
      set(this.age, said);
    }

    speak() {
      this.tiles.forEach((tile, i) => set(tile.name, say(`priority_${i + 1}`)));
      if (this.last) this.show(...this.last);
    }
  };
})();
