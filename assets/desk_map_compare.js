/* Two of something side by side: the map at two times, or the figures of two districts.

   new opsCenter.DeskCompare(desk); `show("times:<µs or now>,<µs or now>" | "districts:<code>,<code>" | null)`.
   The maps of two times look at the same place: who moves one moves the other. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (key, ...more) => center.alarmText.say(`desk_${key}`, ...more);
  const el = (...more) => center.el(...more);
  const AGAIN_MS = 10000;
  const STEPS_H = [0, 1 / 6, 0.5, 1, 3, 6, 12, 24];

  center.DeskCompare = class {
    constructor(desk) {
      this.desk = desk;
      this.said = null;
      this.bars = [];
    }

    get kind() {
      return this.said ? this.said.slice(0, this.said.indexOf(":")) : null;
    }

    get sides() {
      return this.said.slice(this.said.indexOf(":") + 1).split(",");
    }

    show(said) {
      if (said === this.said) return;
      const before = this.kind;
      this.said = said;
      if (before === "times" && this.kind !== "times") this.closeMaps();
      if (before === "districts" && this.kind !== "districts") this.closeFigures();
      if (this.kind === "times") this.openMaps();
      else if (this.kind === "districts") this.openFigures();
    }

    /* ---- two times ---- */

    openMaps() {
      const { desk } = this;
      const cell = document.getElementById("desk-second");
      if (!this.second) {
        cell.hidden = false;
        document.getElementById("desk-maps").classList.add("two");
        this.second = desk.makeMap("desk-map-2", desk.view.view(), [...desk.view.picture.visible]);
        dash_clientside.set_props("desk-second-holder", { children: this.second.component() });
        this.linked = [this.follow(desk.view, this.second), this.follow(this.second, desk.view)];
        this.second.on("pick", (picked) => desk.picked(picked));
        desk.time.toggle(false);
        this.pasts = [desk.view, this.second].map((view) => new center.Past({ views: () => [view] }));
        this.layers = desk.view.on("layers", (names) => this.second.setLayers(names));
        requestAnimationFrame(() => desk.view.map && desk.view.map.resize());
      }
      this.label();
      this.pasts.forEach((past, i) => (this.sides[i] === "now" ? past.live() : past.go({ at_us: Number(this.sides[i]) })));
    }

    /* A view that moves takes the other along; what it is told by that isn't passed back. */
    follow(leader, follower) {
      return leader.on("move", () => {
        if (this.leading || !follower.map || !leader.map) return;
        this.leading = true;
        follower.map.jumpTo({ center: leader.map.getCenter(), zoom: leader.map.getZoom(), pitch: leader.map.getPitch(), bearing: leader.map.getBearing() });
        this.leading = false;
      });
    }

    closeMaps() {
      const { desk } = this;
      this.pasts.forEach((past) => past.close());
      this.linked.forEach((stop) => stop());
      this.layers();
      this.second.close();
      this.second = null;
      dash_clientside.set_props("desk-second-holder", { children: [] });
      document.getElementById("desk-second").hidden = true;
      document.getElementById("desk-maps").classList.remove("two");
      for (const cell of document.querySelectorAll("#desk-maps .desk-map-cell")) cell.classList.remove("past");
      for (const bar of this.bars) bar.remove();
      this.bars = [];
      requestAnimationFrame(() => desk.view.map && desk.view.map.resize());
    }

    /* Over each map: which time it shows, and another to be chosen. */
    label() {
      for (const bar of this.bars) bar.remove();
      const cells = [...document.querySelectorAll("#desk-maps .desk-map-cell")];
      this.bars = cells.map((cell, side) => {
        const bar = el("div", "desk-time", {}, el("span", "quiet", {}, say(side ? "second" : "first")), this.times(side), el("b", "num", {}, this.sides[side] === "now" ? say("live") : center.alarmText.date(Number(this.sides[side]))));
        if (side) bar.append(this.closing());
        cell.classList.toggle("past", this.sides[side] !== "now");
        cell.append(bar);
        return bar;
      });
    }

    times(side) {
      const nowUs = center.alarmNowUs();
      const select = el("select", "", { "aria-label": say(side ? "second" : "first") });
      const chosen = this.sides[side];
      const hours = STEPS_H.map((h) => [h ? String(Math.round((nowUs - h * 3600e6) / 60e6) * 60e6) : "now", h ? say("ago", center.alarmText.span(h * 3600)) : say("live")]);
      if (!hours.some(([us]) => us === chosen)) hours.push([chosen, center.alarmText.date(Number(chosen))]);
      for (const [us, words] of hours) select.append(new Option(words, us, false, us === chosen));
      select.addEventListener("change", () => this.change(side, select.value));
      return select;
    }

    /* ---- two districts ---- */

    openFigures() {
      const holder = document.getElementById("desk-drawer");
      this.desk.selection.show(null);
      holder.hidden = false;
      this.read();
      clearInterval(this.reading);
      this.reading = setInterval(() => this.read(), AGAIN_MS);
    }

    closeFigures() {
      clearInterval(this.reading);
      const holder = document.getElementById("desk-drawer");
      holder.hidden = true;
      holder.replaceChildren();
    }

    async read() {
      const said = this.said;
      let tables = null;
      try {
        const answers = await Promise.all(this.sides.map((code) => fetch(`/api/selection/figures?${new URLSearchParams({ area: `district:${code}` })}`)));
        if (answers.every((answer) => answer.ok)) tables = await Promise.all(answers.map((answer) => answer.json()));
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the server is away: said below
      }
      if (said !== this.said || this.kind !== "districts") return;
      this.tables = tables || this.tables;
      this.paint(tables === null);
    }

    paint(failed) {
      const holder = document.getElementById("desk-drawer");
      if (holder.contains(document.activeElement) && document.activeElement.tagName === "SELECT") return;
      const head = el("div", "desk-drawer-head", {}, el("h2", "", {}, say("compare_districts")), this.districts(0), el("span", "quiet", {}, "↔"), this.districts(1), el("span", "spring"), this.closing());
      const body = this.tables ? this.figures() : el("p", "desk-drawer-said quiet", {}, failed ? say("select_failed", "—") : say("reading"));
      holder.replaceChildren(head, body);
    }

    districts(side) {
      const select = el("select", "", { "aria-label": say(side ? "second" : "first") });
      for (const { code, label } of this.desk.config.districts) select.append(new Option(center.alarmText.of(label), code, false, code === this.sides[side]));
      select.addEventListener("change", () => {
        select.blur();
        this.tables = null;
        this.change(side, select.value);
      });
      return select;
    }

    figures() {
      const text = center.alarmText;
      const groups = new Map();
      this.tables[0].forEach((left, i) => {
        const key = left.group.en;
        if (!groups.has(key)) groups.set(key, [left.group, []]);
        groups.get(key)[1].push([left, this.tables[1][i]]);
      });
      const panels = [...groups.values()].map(([group, pairs]) => el("section", "desk-figures", {}, el("h3", "", {}, text.of(group)), el("table", "", {}, el("tbody", "", {}, ...pairs.map((pair) => this.pair(...pair))))));
      return el("div", "desk-drawer-body desk-pairs", {}, ...panels);
    }

    pair(left, right) {
      const known = left.value !== null && right.value !== null;
      const gap = known ? right.value - left.value : null;
      const rounded = known ? Number(gap.toFixed(left.digits)) : 0;
      const better = !rounded || !left.better ? "" : (rounded < 0) === (left.better === "less") ? "better" : "worse";
      const sign = rounded > 0 ? "▲ +" : rounded < 0 ? "▼ −" : "= ";
      const cell = (className, words) => el("td", className, {}, words);
      const difference = known ? `${sign}${number(Math.abs(rounded), left.digits)}` : "—";
      return el("tr", "", {}, cell("name", center.alarmText.of(left.label)), cell("num", written(left)), cell("num", written(right)), cell(`num gap ${better}`, difference), cell("unit", left.unit));
    }

    closing() {
      const close = el("button", "close", { type: "button", title: say("close"), "aria-label": say("close") }, "✕");
      close.addEventListener("click", () => this.desk.go({ compare: null }));
      return close;
    }

    change(side, value) {
      const sides = this.sides;
      sides[side] = value;
      this.desk.go({ compare: `${this.kind}:${sides.join(",")}` });
    }

    speak() {
      if (this.kind === "times") this.label();
      if (this.kind === "districts") this.paint(false);
    }
  };

  const number = (value, digits) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const written = ({ value, digits }) => (value === null ? say("unmeasured") : number(value, digits));
})();
