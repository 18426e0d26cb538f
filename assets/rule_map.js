/* The map of a rule's scope: a canvas with the city's own outlines, dots of what is reached, and an area that is drawn. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const LAYERS = ["districts", "water", "roads"];
  const MAJOR = new Set(["expressway", "arterial", "motorway", "trunk", "primary"]);
  const LOOKS = { ground: "field", district: "map-edge", name: "quiet", water: "map-water", road: "map-road", dot: "accent", area: "notice" };
  const paint = (name) => center.theme.color(LOOKS[name]);
  const view = { longitude: 0, latitude: 0, scale: 0 };
  let canvas = null;
  let ground = null;
  let dots = [];
  let ring = [];
  let path = "scope.area";
  let mode = "look";
  let grabbed = null;
  let frame = 0;
  let touched = false;

  const squeeze = () => Math.cos((view.latitude * Math.PI) / 180);
  const ratio = () => window.devicePixelRatio || 1;
  const project = ([x, y]) => [
    canvas.width / 2 + (x - view.longitude) * squeeze() * view.scale,
    canvas.height / 2 - (y - view.latitude) * view.scale,
  ];
  const unproject = (x, y) => [
    Math.round((view.longitude + (x - canvas.width / 2) / (squeeze() * view.scale)) * 1e6) / 1e6,
    Math.round((view.latitude - (y - canvas.height / 2) / view.scale) * 1e6) / 1e6,
  ];

  function parts(geometry) {
    if (!geometry) return [];
    const c = geometry.coordinates;
    return { LineString: [c], MultiLineString: c, Polygon: c, MultiPolygon: c ? c.flat() : [] }[geometry.type] || [];
  }

  async function load() {
    if (ground) return ground;
    ground = {};
    await Promise.all(
      LAYERS.map(async (name) => {
        const answer = await fetch(`/basemap/${name}.geojson`);
        ground[name] = answer.ok ? (await answer.json()).features : [];
      }),
    );
    ground.roads = ground.roads.filter((road) => MAJOR.has(road.properties.class));
    return ground;
  }

  function whole(points) {
    const xs = points.map((p) => p[0]);
    const ys = points.map((p) => p[1]);
    if (!xs.length) return;
    const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
    const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
    view.longitude = (least(xs) + most(xs)) / 2;
    view.latitude = (least(ys) + most(ys)) / 2;
    const width = Math.max((most(xs) - least(xs)) * squeeze(), 1e-3);
    view.scale = 0.92 * Math.min(canvas.width / width, canvas.height / Math.max(most(ys) - least(ys), 1e-3));
  }

  const everything = () => ground.districts.flatMap((one) => parts(one.geometry).flat());

  function trace(pen, points, closed) {
    points.forEach((point, n) => pen[n ? "lineTo" : "moveTo"](...project(point)));
    if (closed) pen.closePath();
  }

  function draw() {
    frame = 0;
    if (!canvas || !canvas.isConnected || !ground || !view.scale) return;
    const pen = canvas.getContext("2d");
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) * ratio();
    pen.fillStyle = paint("ground");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    fill(pen, ground.water, paint("water"));
    stroke(pen, ground.roads, paint("road"), 0.06 * rem);
    stroke(pen, ground.districts, paint("district"), 0.09 * rem);
    pen.fillStyle = paint("dot");
    const size = 0.22 * rem;
    for (const dot of dots) {
      const [x, y] = project(dot);
      pen.fillRect(x - size / 2, y - size / 2, size, size);
    }
    name(pen, rem);
    area(pen, rem);
  }

  function fill(pen, features, colour) {
    pen.fillStyle = pen.strokeStyle = colour;
    pen.lineWidth = 2 * ratio();
    for (const one of features) {
      const closed = /Polygon/.test(one.geometry ? one.geometry.type : "");
      pen.beginPath();
      parts(one.geometry).forEach((part) => trace(pen, part, closed));
      if (closed) pen.fill("evenodd");
      else pen.stroke();
    }
  }

  function stroke(pen, features, colour, width) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    for (const one of features) parts(one.geometry).forEach((part) => trace(pen, part, false));
    pen.stroke();
  }

  function name(pen, rem) {
    const english = document.documentElement.dataset.language === "en";
    pen.font = `${0.85 * rem}px sans-serif`;
    pen.textAlign = "center";
    pen.fillStyle = paint("name");
    for (const one of ground.districts) {
      const points = parts(one.geometry)[0] || [];
      const middle = [0, 1].map((n) => points.reduce((sum, p) => sum + p[n], 0) / Math.max(points.length, 1));
      const text = one.properties[english ? "name_en" : "name_zh"];
      if (text) pen.fillText(text, ...project(middle));
    }
  }

  function area(pen, rem) {
    if (!ring.length) return;
    pen.strokeStyle = paint("area");
    pen.fillStyle = `color-mix(in srgb, ${paint("area")} 14%, transparent)`;
    pen.lineWidth = 0.13 * rem;
    pen.beginPath();
    trace(pen, ring, mode !== "draw");
    if (mode !== "draw") pen.fill();
    pen.stroke();
    pen.fillStyle = paint("area");
    if (ring.length > 200) return;
    for (const point of ring) {
      const [x, y] = project(point);
      pen.beginPath();
      pen.arc(x, y, 0.3 * rem, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  const later = () => (frame = frame || requestAnimationFrame(draw));
  document.addEventListener("ops-center-theme", later);

  function sized() {
    const width = Math.round(canvas.clientWidth * ratio());
    const height = Math.round(canvas.clientHeight * ratio());
    if (!width || !height || (canvas.width === width && canvas.height === height)) return later();
    canvas.width = width;
    canvas.height = height;
    if (ground && ground.districts && !touched) whole(everything());
    later();
  }

  function mount(element) {
    if (canvas === element) return;
    canvas = element;
    view.scale = 0;
    touched = false;
    new ResizeObserver(sized).observe(canvas);
    canvas.addEventListener("pointerdown", down);
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("dblclick", () => mode === "draw" && finish());
    canvas.addEventListener("wheel", wheel, { passive: false });
    canvas.addEventListener("keydown", key);
    load().then(() => {
      if (canvas.width && canvas.height) whole(everything());
      sized();
    });
  }

  const at = (event) => [event.offsetX * ratio(), event.offsetY * ratio()];

  function down(event) {
    canvas.focus();
    const [x, y] = at(event);
    const near = ring.findIndex((point) => Math.hypot(project(point)[0] - x, project(point)[1] - y) < 12 * ratio());
    grabbed = { x, y, near: mode === "look" ? near : -1, moved: false };
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch (error) {
      /* a pointer that is gone already */
    }
  }

  function move(event) {
    if (!grabbed) return;
    const [x, y] = at(event);
    if (Math.hypot(x - grabbed.x, y - grabbed.y) > 4 * ratio()) grabbed.moved = true;
    if (!grabbed.moved) return;
    touched = true;
    if (grabbed.near >= 0) ring[grabbed.near] = unproject(x, y);
    else {
      view.longitude -= (x - grabbed.x) / (squeeze() * view.scale);
      view.latitude += (y - grabbed.y) / view.scale;
      grabbed.x = x;
      grabbed.y = y;
    }
    later();
  }

  function up(event) {
    const held = grabbed;
    grabbed = null;
    if (!held) return;
    if (held.near >= 0 && held.moved) say();
    if (mode === "draw" && !held.moved) {
      const point = unproject(...at(event));
      const last = ring[ring.length - 1];
      if (!last || Math.hypot(project(last)[0] - held.x, project(last)[1] - held.y) > 5 * ratio()) ring.push(point);
    }
    later();
  }

  function wheel(event) {
    event.preventDefault();
    touched = true;
    const [x, y] = at(event);
    const under = unproject(x, y);
    view.scale *= Math.exp(-event.deltaY * 0.0015);
    view.longitude = under[0] - (x - canvas.width / 2) / (squeeze() * view.scale);
    view.latitude = under[1] + (y - canvas.height / 2) / view.scale;
    later();
  }

  function key(event) {
    if (mode !== "draw") return;
    if (event.key === "Enter") finish();
    else if (event.key === "Backspace") ring.pop();
    else if (event.key === "Escape") {
      ring = held();
      look();
    } else return;
    event.preventDefault();
    later();
  }

  function look() {
    mode = "look";
    canvas.classList.remove("drawing");
  }

  function finish() {
    look();
    if (ring.length >= 3) say();
    else ring = held();
    later();
  }

  const box = () => [...document.querySelectorAll("textarea[id]")].find((one) => one.id.includes(`"path":"${path}"`) && one.id.includes('"area"'));

  function held() {
    const text = box() && box().value;
    try {
      return text ? JSON.parse(text) : [];
    } catch (error) {
      return [];
    }
  }

  const say = () => center.rules.put(path, "area", ring.length ? JSON.stringify(ring) : "");

  document.addEventListener("click", (event) => {
    const target = canvas && event.target.closest("[data-act]");
    if (!target) return;
    const act = target.dataset.act;
    if (act === "rule-draw") {
      path = target.dataset.path || (document.querySelector('[data-path^="parameters."]') || { dataset: {} }).dataset.path || "scope.area";
      document.querySelector('#rule-tabs [role="tab"]').click();
      mode = "draw";
      ring = [];
      canvas.classList.add("drawing");
      canvas.focus();
    } else if (act === "rule-undraw") {
      look();
      ring = [];
      say();
    } else if (act === "rule-whole" && ground) whole(everything());
    else if (act !== "language") return;
    later();
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.rule_map = {
    /* What the rule as it is typed reaches, and its outline. */
    shown(places, flat) {
      const element = document.getElementById("rule-map");
      if (element) mount(element);
      dots = places || [];
      const known = flat || {};
      path = known["parameters.area"] !== undefined && mode === "look" ? "parameters.area" : path;
      if (known["parameters.area"] === undefined && path !== "scope.area") path = "scope.area";
      if (mode === "look" && !grabbed) {
        try {
          ring = known[path] ? JSON.parse(known[path]) : [];
        } catch (error) {
          ring = [];
        }
        if (!Array.isArray(ring)) ring = [];
      }
      later();
      return window.dash_clientside.no_update;
    },
  };
})();
