/* Parts of the phone page: words in both languages, times, a task as a card, where it is, the way there. Nothing here asks. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const MINUTE_US = 60e6;
  const SVG = "http://www.w3.org/2000/svg";
  const METRES_PER_DEGREE = 111320;

  const el = (...given) => center.el(...given);
  const words = (zh, en) => [el("span", "zh", {}, zh), el("span", "en", {}, en)];
  const of = (label) => (label ? words(label.zh, label.en) : []);

  /* What becomes of a task by what waits to be sent: nobody has to wait for the line to go on. */
  const AFTER = { accept: "accepted", refuse: "refused", start: "under_way", arrive: "under_way", done: "reported" };
  const STAGES = {
    assigned: ["待接受", "to be accepted"],
    accepted: ["已接受", "accepted"],
    under_way: ["执行中", "under way"],
    reported: ["已上报完成", "reported done"],
    refused: ["已拒绝", "refused"],
  };
  const ACTS = {
    accept: ["接受任务", "Accept"],
    refuse: ["拒绝", "Refuse"],
    start: ["出发", "Under way"],
    arrive: ["到达现场", "Arrived"],
    photo: ["拍照", "Photo"],
    done: ["完成上报", "Done"],
  };

  function clock(us, zone) {
    return new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone }).format(us / 1000);
  }

  /* How long there is, or how late it is: a sign, a number, words. */
  function left(task, nowUs) {
    const minutes = Math.round((task.due_us - nowUs) / MINUTE_US);
    const late = minutes < 0;
    const said = Math.abs(minutes) < 120 ? [`${Math.abs(minutes)} 分`, `${Math.abs(minutes)} min`] : [`${Math.round(Math.abs(minutes) / 60)} 小时`, `${Math.round(Math.abs(minutes) / 60)} h`];
    const what = task.now === "assigned" ? ["接受", "accept"] : ["完成", "done"];
    return late
      ? el("b", "field-late", {}, "▲ ", ...words(`逾期 ${said[0]}`, `${said[1]} late`))
      : el("b", "field-left", {}, ...words(`${said[0]}内${what[0]}`, `${what[1]} within ${said[1]}`));
  }

  function stage(task) {
    const [zh, en] = STAGES[task.now] || [task.stage_label.zh, task.stage_label.en];
    return el("span", `field-stage field-${task.now}`, {}, ...words(zh, en));
  }

  function waiting(count) {
    return count ? [el("span", "field-waits", {}, "⏳ ", ...words(`${count} 项待发送`, `${count} to be sent`))] : [];
  }

  function taskCard(task, nowUs) {
    const due = task.now === "reported" || task.now === "refused" ? [] : [left(task, nowUs)];
    const head = el("span", "field-row", {}, stage(task), ...due, ...waiting(task.waits));
    const level = el("span", `field-level field-level-${task.incident.level}`, {}, ...of(task.incident.level_label));
    const where = el("span", "field-of", {}, level, ` ${task.incident.title}`);
    return el("button", "field-card", { type: "button", "data-task": task.id }, head, el("b", "field-title", {}, ...of(task.title)), where);
  }

  function fact(zh, en, ...content) {
    return el("div", "field-fact", {}, el("span", "field-name", {}, ...words(zh, en)), el("div", "", {}, ...content));
  }

  /* Everything about one task, what is urgent first. */
  function taskBody(task, nowUs, zone) {
    const { incident, sent } = task;
    const parts = [el("h2", "", {}, ...of(task.title)), el("p", "field-row", {}, stage(task), left(task, nowUs), ...waiting(task.waits))];
    if (task.text) parts.push(el("p", "field-text", {}, ...of(task.text)));
    if (incident.hazards.length) parts.push(hazards(incident.hazards));
    parts.push(fact("事件", "Incident", `${incident.title}`, el("div", "field-quiet", {}, ...of(incident.type), " · ", ...of(incident.level_label))));
    if (incident.place) parts.push(place(incident, sent, zone));
    if (incident.commander) parts.push(fact("指挥员", "Commander", ...of(incident.commander)));
    if (incident.lead) parts.push(fact("牵头部门", "Led by", ...of(incident.lead.label), ...call(incident.lead.phone)));
    parts.push(fact("完成期限", "Done by", clock(task.done_by_us, zone)));
    if (task.result) parts.push(fact("结果", "Result", task.result));
    const shown = task.files.map((file) => el("img", "", { src: `/api/field/incidents/${incident.id}/files/${file}`, alt: "", loading: "lazy" }));
    if (shown.length) parts.push(el("div", "field-photos", {}, ...shown));
    return parts;
  }

  function hazards(list) {
    const head = el("b", "", {}, "⚠ ", ...words("现场危险", "Hazards on scene"));
    return el("div", "field-hazards", {}, head, el("ul", "", {}, ...list.map((one) => el("li", "", {}, ...of(one)))));
  }

  function call(phone) {
    return phone ? [el("a", "field-call", { href: `tel:${phone}` }, "☎ ", phone)] : [];
  }

  function place({ place: at, title }, sent, zone) {
    const spot = `${at.lat.toFixed(6)},${at.lon.toFixed(6)}`;
    const link = el("a", "field-go", { href: `geo:${spot}?q=${spot}(${encodeURIComponent(title)})` }, "➤ ", ...words("地图导航", "Open in maps"));
    const parts = [at.name ? el("div", "", {}, at.name) : "", el("div", "field-quiet num", {}, spot), link];
    if (sent && sent.route.length > 1) parts.push(...way(sent, zone));
    return fact("地点", "Where", ...parts);
  }

  /* The way there as a line, north up, with its length; it needs no map and no line. */
  function way({ route, eta_us }, zone) {
    const squeeze = Math.cos((route[0][1] * Math.PI) / 180);
    const points = route.map(([lon, lat]) => [lon * squeeze, -lat]);
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const size = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)) || 1e-4;
    const at = ([x, y]) => [((x - Math.min(...xs)) / size) * 100, ((y - Math.min(...ys)) / size) * 100];
    const placed = points.map(at);
    const [width, height] = [0, 1].map((axis) => Math.max(...placed.map((point) => point[axis])));
    const svg = draw("svg", { viewBox: `-8 -10 ${width + 16} ${height + 16}`, class: "field-way", role: "img" });
    svg.append(draw("polyline", { points: placed.map((point) => point.map((value) => value.toFixed(2)).join(",")).join(" ") }));
    svg.append(draw("circle", { cx: placed[0][0], cy: placed[0][1], r: 3, class: "from" }));
    const end = placed[placed.length - 1];
    svg.append(draw("path", { d: `M${end[0]} ${end[1]} l-4 -8 h8 z`, class: "to" }));
    const metres = points.slice(1).reduce((sum, [x, y], n) => sum + Math.hypot(x - points[n][0], y - points[n][1]) * METRES_PER_DEGREE, 0);
    const far = `${(metres / 1000).toFixed(1)} km`;
    const when = eta_us ? clock(eta_us, zone) : "";
    return [svg, el("div", "field-quiet", {}, ...words(`路程 ${far}${when && `，预计 ${when} 到达`}`, `${far}${when && `, expected ${when}`}`))];
  }

  function draw(tag, attributes) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  /* What can be said of a task as it is now: the next step first. */
  function acts(task, unit) {
    const arrives = unit && !task.arrived ? ["arrive"] : [];
    const next = { assigned: ["accept", "refuse"], accepted: ["start", "photo", "done", "refuse"], under_way: [...arrives, "done", "photo", "refuse"], reported: ["photo"] };
    return next[task.now] || [];
  }

  center.field = { el, words, of, clock, taskCard, taskBody, acts, AFTER, ACTS };
})();
