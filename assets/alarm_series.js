/* The series of an alarm as one line: limits dashed, its onset marked, the last value written. Drawn as SVG into every
   element with data-series (ops_center/screens/alarm_series.py), again whenever that attribute changes. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SVG = "http://www.w3.org/2000/svg";
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 190, 46, 64, 12, 24];
  const GAP_S = 900; // longer silence is no line

  const svg = (tag, attributes, text) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  function draw(holder) {
    const { t, v, unit, limits, onset, from, to } = JSON.parse(holder.dataset.series);
    const known = v.filter((value) => value !== null);
    if (!known.length) return holder.replaceChildren();
    const near = limits.filter((limit) => limit <= 3 * Math.max(...known) + 1e-9 || limits.length === 1);
    const [low, high] = [Math.min(...known, ...near), Math.max(...known, ...near)];
    const pad = (high - low || Math.abs(high) || 1) * 0.1;
    const x = (second) => LEFT + ((second - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
    const y = (value) => TOP + ((high + pad - value) / (high - low + 2 * pad)) * (HEIGHT - TOP - BOTTOM);
    const image = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${center.alarmText.number(known[known.length - 1])} ${unit}` });
    for (let i = 0; i <= 4; i++) {
      const second = from + ((to - from) * i) / 4;
      image.append(svg("line", { class: "grid-line", x1: x(second), x2: x(second), y1: TOP, y2: HEIGHT - BOTTOM }));
      image.append(svg("text", { class: "tick", x: x(second), y: HEIGHT - 6, "text-anchor": "middle" }, center.alarmText.time(second * 1e6).slice(0, 5)));
    }
    for (const value of [low, high]) image.append(svg("text", { class: "tick", x: LEFT - 8, y: y(value) + 5, "text-anchor": "end" }, center.alarmText.number(value)));
    for (const limit of near) {
      image.append(svg("line", { class: "limit", x1: LEFT, x2: WIDTH - RIGHT, y1: y(limit), y2: y(limit) }));
      image.append(svg("text", { class: "limit-text", x: WIDTH - RIGHT + 6, y: y(limit) + 5 }, center.alarmText.number(limit)));
    }
    if (onset >= from && onset <= to) image.append(svg("line", { class: "onset", x1: x(onset), x2: x(onset), y1: TOP, y2: HEIGHT - BOTTOM }), svg("path", { class: "onset-mark", d: `M${x(onset)} ${TOP} l-7 -10 h14 z` }));
    let path = "";
    t.forEach((second, i) => {
      if (v[i] === null) return;
      path += `${path && second - t[i - 1] < GAP_S ? "L" : "M"}${x(second).toFixed(1)} ${y(v[i]).toFixed(1)}`;
    });
    image.append(svg("path", { class: "line", d: path }));
    const last = known[known.length - 1];
    image.append(svg("circle", { class: "last", cx: x(t[v.lastIndexOf(last)]), cy: y(last), r: 4 }));
    image.append(svg("text", { class: "last-text", x: WIDTH - RIGHT + 6, y: y(last) + (near.some((limit) => Math.abs(y(limit) - y(last)) < 14) ? 20 : 5) }, center.alarmText.number(last)));
    holder.replaceChildren(image);
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") draw(change.target);
      for (const node of change.addedNodes || []) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.dataset.series) draw(node);
        node.querySelectorAll("[data-series]").forEach(draw);
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-series"] });
})();
