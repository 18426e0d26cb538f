/* Series over time as SVG: a lane for each unit under one axis of time, the band between low and high beside the mean, gaps
   as gaps, limits, corrections and alarms where they belong. Asks nothing and decides nothing: `show` is given what the
   server chose (ops_center/screens/thing_series.py), a selection by dragging goes to `onSpan`. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SVG = "http://www.w3.org/2000/svg";
  const LEAST_DRAG = 6;

  const svg = (tag, attributes, ...children) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const number = (value) => (Math.abs(value) >= 1e5 || (value && Math.abs(value) < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(4))));
  const language = () => (document.documentElement.dataset.language === "en" ? 1 : 0);
  center.chartNumber = number;

  /* A series as rows of the picture: where the middle of each lies, and after which a line must break. */
  function rows(series) {
    const found = [];
    let at = 0;
    let gap = 0;
    for (const [grain, count, width] of series.grains) {
      for (let n = 0; n < count; n++, at++) {
        const begin = series.t[at];
        while (gap < series.gaps.length && series.gaps[gap][1] < begin) gap++;
        const broken = at === 0 || series.gaps.some(([from, to]) => from >= series.t[at - 1] && to <= begin);
        found.push({ begin, x: begin + width / 2, width, grain, mean: series.m[at], low: series.l[at], high: series.h[at], n: series.n[at], flags: series.q[at], broken });
      }
    }
    return found;
  }

  center.SeriesChart = class {
    constructor(holder, { zone, words, onSpan }) {
      Object.assign(this, { holder, words, onSpan, time: new center.ChartTime(zone), shown: null, drag: null });
      this.readout = document.createElement("div");
      this.readout.className = "chart-readout";
      this.readout.hidden = true;
      this.watch = new ResizeObserver(() => this.draw());
      this.watch.observe(holder);
      holder.addEventListener("pointerdown", (event) => this.down(event));
      holder.addEventListener("pointermove", (event) => this.move(event));
      holder.addEventListener("pointerup", (event) => this.up(event));
      holder.addEventListener("pointerleave", () => this.leave());
    }

    width() {
      return Math.max(60, Math.round(this.holder.clientWidth - 8.2 * this.rem()));
    }

    rem() {
      return parseFloat(getComputedStyle(document.documentElement).fontSize);
    }

    show(shown) {
      this.shown = shown;
      this.lanes = [];
      shown.series.forEach((series, place) => {
        series.rows = rows(series);
        series.place = place;
        const lane = this.lanes.find((one) => one.unit === series.unit);
        if (lane) lane.series.push(series);
        else this.lanes.push({ unit: series.unit, series: [series] });
      });
      this.holder.style.setProperty("--lanes", Math.max(1, this.lanes.length));
      this.draw();
    }

    draw() {
      if (!this.shown || !this.holder.clientWidth) return;
      const rem = this.rem();
      const [left, right, bottom] = [4.2 * rem, 4 * rem, 1.7 * rem];
      const alarms = this.shown.alarms.length ? 1.5 * rem : 0.4 * rem;
      const [width, height] = [this.holder.clientWidth, this.holder.clientHeight];
      this.box = { left, right: width - right, top: alarms, bottom: height - bottom };
      const { from, to } = this.shown;
      this.x = (ms) => left + ((ms - from) / (to - from)) * (this.box.right - left);
      const image = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": this.said() });
      image.append(this.patterns(rem));
      const each = (this.box.bottom - this.box.top) / Math.max(1, this.lanes.length);
      this.lanes.forEach((lane, n) => this.lane(image, lane, this.box.top + n * each, this.box.top + (n + 1) * each - (n + 1 < this.lanes.length ? 0.9 * rem : 0), rem));
      this.axis(image, rem, height);
      this.alarms(image, rem);
      this.cursor = svg("line", { class: "chart-cursor", y1: this.box.top, y2: this.box.bottom, visibility: "hidden" });
      this.chosen = svg("rect", { class: "chart-chosen", y: this.box.top, height: this.box.bottom - this.box.top, visibility: "hidden" });
      image.append(this.chosen, this.cursor);
      this.holder.replaceChildren(image, this.readout);
    }

    patterns(rem) {
      const size = 0.75 * rem;
      const line = svg("path", { class: "chart-hatch", d: `M0 ${size}L${size} 0` });
      return svg("defs", {}, svg("pattern", { id: "chart-gap", width: size, height: size, patternUnits: "userSpaceOnUse" }, line), svg("clipPath", { id: "chart-clip" }, svg("rect", { x: this.box.left, y: 0, width: Math.max(0, this.box.right - this.box.left), height: 1e5 })));
    }

    lane(image, lane, top, bottom, rem) {
      const all = lane.series.flatMap((one) => one.rows);
      const inside = all.filter((row) => row.x >= this.shown.from && row.x <= this.shown.to);
      const known = inside.length ? inside : all;
      let low = Math.min(...known.map((row) => row.low));
      let high = Math.max(...known.map((row) => row.high));
      const limits = lane.series.flatMap((one) => one.limits);
      const span = Number.isFinite(high - low) ? high - low || Math.abs(high) || 1 : 1;
      for (const [value] of limits) if (value >= low - 1.2 * span && value <= high + 1.2 * span) [low, high] = [Math.min(low, value), Math.max(high, value)];
      if (!known.length) [low, high] = [0, 1];
      const pad = (high - low || Math.abs(high) || 1) * 0.08;
      [lane.low, lane.high] = [low >= 0 && low - pad < 0 ? 0 : low - pad, high + pad];
      const y = (value) => bottom - ((value - lane.low) / (lane.high - lane.low)) * (bottom - top);
      const group = svg("g", { class: "chart-lane" });
      group.append(svg("rect", { class: "chart-back", x: this.box.left, y: top, width: Math.max(0, this.box.right - this.box.left), height: Math.max(0, bottom - top) }));
      if (lane.series.length) this.gaps(group, lane.series[0], top, bottom, rem);
      if (known.length)
        for (const value of center.niceTicks(lane.low, lane.high, Math.max(2, (bottom - top) / (2.6 * rem)))) {
          group.append(svg("line", { class: "chart-grid", x1: this.box.left, x2: this.box.right, y1: y(value), y2: y(value) }));
          group.append(svg("text", { class: "chart-tick", x: this.box.left - 0.5 * rem, y: y(value) + 0.28 * rem, "text-anchor": "end" }, number(value)));
        }
      const clipped = svg("g", { "clip-path": "url(#chart-clip)" });
      const taken = [];
      for (const [value, , zh, en] of limits) {
        if (value < lane.low || value > lane.high || taken.some((one) => one === value)) continue;
        const crowded = taken.some((one) => Math.abs(y(one) - y(value)) < rem);
        taken.push(value);
        clipped.append(svg("line", { class: "chart-limit", x1: this.box.left, x2: this.box.right, y1: y(value), y2: y(value) }, svg("title", {}, [zh, en][language()])));
        if (!crowded) group.append(svg("text", { class: "chart-limit-text", x: this.box.right + 0.3 * rem, y: y(value) + 0.28 * rem }, `┄ ${number(value)}`));
      }
      for (const series of lane.series) this.line(clipped, series, y, bottom, rem);
      group.append(clipped, ...this.names(lane, y, taken, rem));
      group.append(svg("text", { class: "chart-unit", x: this.box.left + 0.5 * rem, y: top + rem }, lane.unit));
      image.append(group);
    }

    gaps(group, series, top, bottom, rem) {
      for (const [from, to] of series.gaps) {
        const [x1, x2] = [Math.max(this.x(from), this.box.left), Math.min(this.x(to), this.box.right)];
        if (x2 - x1 < 1) continue;
        group.append(svg("rect", { class: "chart-gap", fill: "url(#chart-gap)", x: x1, y: top, width: x2 - x1, height: bottom - top }));
        if (x2 - x1 > 5 * rem) group.append(svg("text", { class: "chart-gap-text", x: (x1 + x2) / 2, y: bottom - 0.7 * rem, "text-anchor": "middle" }, this.words.gap[language()]));
      }
    }

    line(group, series, y, bottom, rem) {
      let path = "";
      let above = [];
      let below = [];
      const band = [];
      const cut = () => {
        if (above.length > 1) band.push(`M${above.join("L")}L${below.reverse().join("L")}Z`);
        [above, below] = [[], []];
      };
      for (const row of series.rows) {
        const [x, at] = [this.x(row.x).toFixed(1), y(row.mean).toFixed(1)];
        if (row.broken) cut();
        path += row.broken ? `M${x} ${at}h0` : `L${x} ${at}`;
        above.push(`${x} ${y(row.high).toFixed(1)}`);
        below.push(`${x} ${y(row.low).toFixed(1)}`);
      }
      cut();
      const look = `s${(series.place % 4) + 1}${series.shift ? " past" : ""}`;
      if (series.rows.some((row) => row.high > row.low)) group.append(svg("path", { class: `chart-band ${look}`, d: band.join("") }));
      group.append(svg("path", { class: `chart-line ${look}`, d: path }));
      const sign = 0.28 * rem;
      let last = -1e9;
      for (const row of series.rows) {
        if (!(row.flags & this.words.odd) || this.x(row.x) - last < 2 * sign) continue;
        last = this.x(row.x);
        group.append(svg("path", { class: "chart-odd", d: `M${last} ${y(row.mean) - 2.6 * sign}l${sign} ${-1.7 * sign}h${-2 * sign}z` }));
      }
      for (const [ms] of series.revisions) group.append(svg("path", { class: "chart-revised", d: `M${this.x(ms)} ${bottom - 2.4 * sign}l${sign} ${sign}l${-sign} ${sign}l${-sign} ${-sign}z` }));
    }

    /* The letter of each series where it ends, so that lines are told apart without their colours. */
    names(lane, y, taken, rem) {
      const places = [];
      return lane.series.flatMap((series) => {
        const last = series.rows[series.rows.length - 1];
        if (!last) return [];
        let at = y(last.mean) + 0.28 * rem;
        const crowds = (place) => places.some((one) => Math.abs(one - place) < 0.95 * rem) || taken.some((value) => Math.abs(y(value) + 0.28 * rem - place) < 0.9 * rem);
        for (let n = 0; n < 8 && crowds(at); n++) at += 0.95 * rem;
        places.push(at);
        const letter = this.shown.series.length > 1 ? `${String.fromCharCode(65 + series.place)} ` : "";
        return [svg("text", { class: `chart-last s${(series.place % 4) + 1}`, x: this.box.right + 0.3 * rem, y: at }, `${letter}${number(last.mean)}`)];
      });
    }

    axis(image, rem, height) {
      for (const [ms, text] of this.time.ticks(this.shown.from, this.shown.to, (this.box.right - this.box.left) / (4.6 * rem))) {
        const x = this.x(ms);
        image.append(svg("line", { class: "chart-grid", x1: x, x2: x, y1: this.box.top, y2: this.box.bottom }));
        if (x < this.box.right - 1.4 * rem) image.append(svg("text", { class: "chart-tick", x, y: height - 0.55 * rem, "text-anchor": "middle" }, text));
      }
      image.append(svg("text", { class: "chart-tick", x: this.box.right + 3.9 * rem, y: height - 0.55 * rem, "text-anchor": "end" }, this.shown.zone));
    }

    alarms(image, rem) {
      let last = -1e9;
      for (const alarm of this.shown.alarms) {
        const [x1, x2] = [Math.max(this.x(alarm.from), this.box.left), Math.min(this.x(alarm.to || this.shown.now), this.box.right)];
        if (x2 < this.box.left || x1 > this.box.right) continue;
        const link = svg("a", { href: `/alarms/${alarm.id}` }, svg("title", {}, `${[alarm.zh, alarm.en][language()]} · #${alarm.id}`));
        link.append(svg("rect", { class: `chart-alarm p${alarm.p}`, x: x1, y: 1.05 * rem, width: Math.max(2, x2 - x1), height: 0.3 * rem }));
        if (x1 - last > 1.1 * rem) {
          link.append(svg("text", { class: `chart-alarm-text p${alarm.p}`, x: x1, y: 0.85 * rem }, `⚑${alarm.p}`));
          last = x1;
        }
        image.append(link);
      }
    }

    said() {
      return this.shown.series.map((series) => `${series.name[language()]} ${series.rows.length ? number(series.rows[series.rows.length - 1].mean) : this.words.gap[language()]} ${series.unit}`).join(", ");
    }

    at(event) {
      return event.clientX - this.holder.getBoundingClientRect().left;
    }

    when(x) {
      return this.shown.from + ((x - this.box.left) / (this.box.right - this.box.left)) * (this.shown.to - this.shown.from);
    }

    down(event) {
      if (!this.shown || event.button !== 0 || event.target.closest("a")) return;
      this.drag = { from: Math.min(Math.max(this.at(event), this.box.left), this.box.right) };
      this.holder.setPointerCapture(event.pointerId);
    }

    move(event) {
      if (!this.shown || !this.box) return;
      const x = Math.min(Math.max(this.at(event), this.box.left), this.box.right);
      if (this.drag && Math.abs(x - this.drag.from) > LEAST_DRAG) {
        this.drag.to = x;
        for (const [name, value] of Object.entries({ x: Math.min(x, this.drag.from), width: Math.abs(x - this.drag.from), visibility: "visible" })) this.chosen.setAttribute(name, value);
      }
      for (const name of ["x1", "x2"]) this.cursor.setAttribute(name, x);
      this.cursor.setAttribute("visibility", "visible");
      center.readSeries(this, this.when(x), x);
    }

    up() {
      const drag = this.drag;
      this.drag = null;
      if (!drag || drag.to === undefined) return;
      const [from, to] = [this.when(Math.min(drag.from, drag.to)), this.when(Math.max(drag.from, drag.to))];
      this.chosen.setAttribute("visibility", "hidden");
      this.onSpan(Math.round(from), Math.round(to));
    }

    leave() {
      if (this.drag || !this.cursor) return;
      this.cursor.setAttribute("visibility", "hidden");
      this.readout.hidden = true;
    }

    /* Let go of a selection; whether there was one. */
    drop() {
      const held = this.drag !== null;
      this.drag = null;
      if (this.chosen) this.chosen.setAttribute("visibility", "hidden");
      return held;
    }
  };
})();
