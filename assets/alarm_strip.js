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

  /* How old alarms are: since the database last answered, and since anybody judged what happens; 0 where that is well. */
  center.alarmAge = ({ alarms }) => ({ stale_s: alarms && alarms.age_s > 5 ? alarms.age_s : 0, unjudged_s: (alarms && alarms.unjudged_s) || 0 });
  /* What has to be said of a list that may look calm and isn't; "" where it is as it should be. */
  center.alarmDoubt = function ({ starting, lost_s, stale_s, unjudged_s }) {
    const since = (key, seconds) => say(key, center.alarmText.span(seconds));
    if (lost_s > 0 && !starting) return since("lost", lost_s);
    if (stale_s) return since("stale", stale_s);
    return starting ? say("starting") : unjudged_s ? since("unjudged", unjudged_s) : "";
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

    /* `counts`: priority → [standing, unacknowledged]; `flood`: how many in ten minutes, 0 for none; `age`: as alarmDoubt. */
    show(counts, flood, age) {
      const { starting } = age;
      this.last = [counts, flood, age];
      this.tiles.forEach((tile, i) => {
        const [standing, waiting] = counts[i + 1];
        set(tile.waiting, starting ? "—" : waiting.toLocaleString("en-US"));
        set(tile.standing, say("standing", starting ? "—" : standing.toLocaleString("en-US")));
        const look = `standing-tile p${i + 1}${waiting ? " waits" : ""}${standing ? "" : " none"}`;
        if (tile.node.className !== look) tile.node.className = look;
      });
      this.flood.hidden = !flood;
      if (flood) set(this.flood, say("flood", flood));
      const said = center.alarmDoubt(age);
      this.age.hidden = !said;
      set(this.age, said);
    }

    speak() {
      this.tiles.forEach((tile, i) => set(tile.name, say(`priority_${i + 1}`)));
      if (this.last) this.show(...this.last);
    }
  };
})();
