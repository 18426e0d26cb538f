/* The leader's page: which number is opened (also in the address), which area is shown, and courses drawn as SVG in the
   colours of the page, so that they follow its theme and print sharply. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SVG = "http://www.w3.org/2000/svg";
  const page = () => document.getElementById("leader");

  function node(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  const known = (values) => (values || []).filter((value) => value !== null);

  function scale(course, width, height, room, limits) {
    const times = [...course.t, ...(course.ft || [])];
    const values = [...known(course.v), ...known(course.lo), ...known(course.hi), ...known(course.f)];
    let [low, high] = [Math.min(...values), Math.max(...values)];
    const near = limits.filter((limit) => limit >= low - (high - low) && limit <= high + (high - low));
    [low, high] = [Math.min(low, ...near), Math.max(high, ...near)];
    const spare = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
    [low, high] = [low - spare, high + spare];
    const [first, last] = [Math.min(...times), Math.max(...times)];
    return {
      x: (time) => room.left + ((time - first) / (last - first || 1)) * (width - room.left - room.right),
      y: (value) => height - room.bottom - ((value - low) / (high - low)) * (height - room.top - room.bottom),
      low, high, first, last,
    };
  }

  /* Gaps stay gaps: a line goes on only where the hours follow each other. */
  function line(times, values, at, step) {
    let path = "";
    let before = null;
    times.forEach((time, index) => {
      const value = values[index];
      if (value === null) return (before = null);
      path += `${before !== null && time - before <= step ? "L" : "M"}${at.x(time).toFixed(1)} ${at.y(value).toFixed(1)}`;
      return (before = time);
    });
    return path;
  }

  function band(course, at) {
    const points = [];
    course.ft.forEach((time, index) => course.hi[index] !== null && points.push([time, course.hi[index]]));
    [...course.ft].reverse().forEach((time, index) => {
      const value = course.lo[course.ft.length - 1 - index];
      if (value !== null) points.push([time, value]);
    });
    return points.map(([time, value], index) => `${index ? "L" : "M"}${at.x(time).toFixed(1)} ${at.y(value).toFixed(1)}`).join("") + "Z";
  }

  function draw(holder, course, big) {
    const low = holder.classList.contains("low");
    const [width, height] = big ? [640, low ? 110 : 190] : [120, 30];
    const room = big ? { left: 52, right: 8, top: 8, bottom: 22 } : { left: 1, right: 1, top: 2, bottom: 2 };
    const step = big && low ? 25 : 1; // a day may have 25 hours
    const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: big ? "xMidYMid meet" : "none" });
    const at = scale(course, width, height, room, big ? course.limits || [] : []);
    if (big) axes(svg, course, at, width, height, room);
    if (course.ft && course.ft.length) {
      svg.append(node("path", { d: band(course, at), class: "band" }));
      svg.append(node("path", { d: line(course.ft, course.f, at, 1), class: "ahead" }));
    }
    svg.append(node("path", { d: line(course.t, course.v, at, step), class: "past" }));
    holder.replaceChildren(svg);
  }

  function number(value) {
    const size = Math.abs(value);
    return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2).replace("-", "−");
  }

  function axes(svg, course, at, width, height, room) {
    for (const limit of (course.limits || []).filter((one) => one > at.low && one < at.high)) {
      svg.append(node("line", { x1: room.left, x2: width - room.right, y1: at.y(limit), y2: at.y(limit), class: "limit" }));
      svg.append(node("text", { x: room.left - 6, y: at.y(limit) + 3.5, "text-anchor": "end", class: "limit" }, number(limit)));
    }
    if (!(course.limits || []).length) {
      for (const value of [at.low + (at.high - at.low) * 0.12, at.high - (at.high - at.low) * 0.12]) {
        svg.append(node("text", { x: room.left - 6, y: at.y(value) + 3.5, "text-anchor": "end" }, number(value)));
      }
    }
    for (const [hour, text] of course.marks || []) {
      svg.append(node("line", { x1: at.x(hour), x2: at.x(hour), y1: room.top, y2: height - room.bottom, class: "day" }));
      svg.append(node("text", { x: at.x(hour) + 3, y: height - 7 }, text));
    }
    if (course.ft && course.ft.length) {
      const now = at.x(course.ft[0]);
      svg.append(node("line", { x1: now, x2: now, y1: room.top, y2: height - room.bottom, class: "now" }));
    }
  }

  function drawAll() {
    const here = page();
    if (!here) return;
    for (const holder of here.querySelectorAll("[data-course]:not([data-drawn])")) {
      holder.dataset.drawn = "yes";
      const course = holder.dataset.course ? JSON.parse(holder.dataset.course) : null;
      if (course && known(course.v).length > 1) draw(holder, course, holder.classList.contains("leader-chart"));
    }
  }

  function fromAddress() {
    const asked = new URLSearchParams(location.search);
    return asked.get("indicator") ? { indicator: asked.get("indicator").slice(0, 60), area: (asked.get("area") || "city").slice(0, 120) } : null;
  }

  function show(opened, remember) {
    if (remember) history.pushState(null, "", opened ? `?${new URLSearchParams(opened)}` : location.pathname);
    page().classList.toggle("opened", Boolean(opened));
    dash_clientside.set_props("leader-open", { data: opened });
  }

  document.addEventListener("click", (event) => {
    const here = page();
    const target = here && here.contains(event.target) && event.target.closest("button[data-indicator], button[data-show], button[data-close], button[data-print]");
    if (!target) return;
    if (target.dataset.print) window.print();
    else if (target.dataset.close) show(null, true);
    else if (target.dataset.show) dash_clientside.set_props("leader-area", { data: target.dataset.show });
    else show({ indicator: target.dataset.indicator, area: target.dataset.area }, true);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && page() && page().classList.contains("opened")) show(null, true);
  });
  window.addEventListener("popstate", () => page() && show(fromAddress(), false));

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.leader = {
    /* The page is there: draw what comes, and open what the address names. */
    mount(ready) {
      new MutationObserver(drawAll).observe(page(), { childList: true, subtree: true });
      drawAll();
      const asked = fromAddress();
      if (asked) requestAnimationFrame(() => show(asked, false));
      return ready;
    },
  };
  center.leader = { draw: drawAll };
})();
