/* A chart of the wall: today as a line, yesterday behind it, the newest value large. One SVG of two paths: nothing moves,
   nothing is animated, and a wall of twenty of them costs less than one of a charting library. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const painters = (center.painters = center.painters || {});
  const SVG = "http://www.w3.org/2000/svg";
  const GAP_MIN = 40; // longer silence is no line
  const DAY_MIN = 1440;

  const svg = (tag, attributes, text) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  function line([minutes, values], x, y) {
    let path = "";
    minutes.forEach((minute, i) => {
      const joined = i && minute - minutes[i - 1] < GAP_MIN;
      path += `${joined ? "L" : "M"}${x(minute).toFixed(1)} ${y(values[i]).toFixed(1)}`;
    });
    return path;
  }

  /* The ground under today's line, as far as it goes. */
  function area([minutes, values], x, y, bottom) {
    if (minutes.length < 2) return "";
    return `${line([minutes, values], x, y)}L${x(minutes[minutes.length - 1]).toFixed(1)} ${bottom}L${x(minutes[0]).toFixed(1)} ${bottom}Z`;
  }

  function range({ today, yesterday, limit, from_zero: fromZero }) {
    const known = [...today[1], ...yesterday[1]];
    if (!known.length) return null;
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const near = limit !== null && limit <= 2.5 * most ? [limit] : [];
    const low = fromZero ? Math.min(0, least) : Math.min(least, ...near);
    const high = Math.max(most, ...near) || (low === 0 ? 1 : 0);
    const pad = (high - low || Math.abs(high) || 1) * 0.12;
    return [fromZero && low === 0 ? 0 : low - pad, high + pad];
  }

  const short = (value) => (Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(2))));

  function draw(element, said) {
    const el = center.el;
    const head = el("div", "sp-now", {}, el("b", "num", {}, said.last), el("span", "unit", {}, said.unit));
    const plot = el("div", "sp-plot");
    element.replaceChildren(head, plot);
    const bounds = range(said);
    if (!bounds) return;
    const rem = center.rootPx();
    const [width, height] = [plot.clientWidth, plot.clientHeight];
    if (!width || height < rem) return;
    const [top, bottom, left, right] = [0.3 * rem, height - 1.15 * rem, 0, width - 2.6 * rem];
    const [low, high] = bounds;
    const x = (minute) => left + (minute / DAY_MIN) * (right - left);
    const y = (value) => top + ((high - value) / (high - low)) * (bottom - top);
    const image = svg("svg", { width, height, role: "img", "aria-label": `${said.last} ${said.unit}` });
    for (const hour of [0, 6, 12, 18, 24]) {
      image.append(svg("line", { class: "grid", x1: x(hour * 60), x2: x(hour * 60), y1: top, y2: bottom }));
      const anchor = hour === 0 ? "start" : hour === 24 ? "end" : "middle";
      image.append(svg("text", { class: "tick", x: x(hour * 60), y: height - 0.15 * rem, "text-anchor": anchor }, `${hour}`));
    }
    const pad = (high - low) * 0.1;
    for (const value of [low + pad, high - pad]) image.append(svg("text", { class: "tick", x: right + 0.35 * rem, y: y(value) + 0.28 * rem }, short(value)));
    if (said.limit !== null && said.limit < high) image.append(svg("line", { class: "limit", x1: left, x2: right, y1: y(said.limit), y2: y(said.limit) }));
    image.append(svg("path", { class: "before", d: line(said.yesterday, x, y) }));
    image.append(svg("path", { class: "under", d: area(said.today, x, y, bottom) }));
    image.append(svg("path", { class: "today", d: line(said.today, x, y) }));
    const last = said.today[0].length - 1;
    if (last >= 0) image.append(svg("circle", { class: "last", cx: x(said.today[0][last]), cy: y(said.today[1][last]), r: 0.26 * rem }));
    plot.append(image);
  }

  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) if (target.isConnected && target.dataset.said) draw(target, JSON.parse(target.dataset.said));
  });

  painters.chart = {
    paint(element, said) {
      draw(element, said);
      resized.observe(element);
    },
    gone: (element) => resized.unobserve(element),
  };
})();
