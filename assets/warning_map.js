/* The area of a public warning: districts are chosen by a click, a circle is drawn by dragging. No tiles, no graphics card. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const LOOKS = { ground: "field", edge: "map-edge", chosen: "notice", name: "quiet", water: "map-water", circle: "notice" };
  const paint = (name) => center.theme.color(LOOKS[name]);
  const tint = (name, percent) => `color-mix(in srgb, ${paint(name)} ${percent}%, transparent)`;
  const KM = 111.32; // of a degree of latitude
  let canvas = null;
  let ground = null;
  let view = null;
  let values = {};
  let held = null;
  let frame = 0;

  const ratio = () => window.devicePixelRatio || 1;
  const squeeze = () => Math.cos((view.latitude * Math.PI) / 180);
  const project = ([x, y]) => [canvas.width / 2 + (x - view.longitude) * squeeze() * view.scale, canvas.height / 2 - (y - view.latitude) * view.scale];
  const unproject = (x, y) => [view.longitude + (x - canvas.width / 2) / (squeeze() * view.scale), view.latitude - (y - canvas.height / 2) / view.scale];
  const rings = (geometry) => ({ Polygon: geometry.coordinates, MultiPolygon: geometry.coordinates.flat() })[geometry.type] || [];
  const code = (district) => district.properties.district_id;
  const number = (name) => (typeof values[name] === "number" ? values[name] : NaN);

  async function load() {
    const [districts, water] = await Promise.all(
      ["districts", "water"].map(async (name) => {
        const answer = await fetch(`/basemap/${name}.geojson`);
        return answer.ok ? (await answer.json()).features.filter((one) => one.geometry && /Polygon/.test(one.geometry.type)) : [];
      }),
    );
    ground = { districts, water };
    sized();
  }

  function sized() {
    canvas.width = Math.round(canvas.clientWidth * ratio());
    canvas.height = Math.round(canvas.clientHeight * ratio());
    const points = ground ? ground.districts.flatMap((one) => rings(one.geometry).flat()) : [];
    if (!canvas.width || !points.length) return;
    const [west, east] = points.reduce(([a, b], [x]) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
    const [south, north] = points.reduce(([a, b], [, y]) => [Math.min(a, y), Math.max(b, y)], [Infinity, -Infinity]);
    view = { longitude: (west + east) / 2, latitude: (south + north) / 2, scale: 1 };
    view.scale = 0.94 * Math.min(canvas.width / ((east - west) * squeeze()), canvas.height / (north - south));
    later();
  }

  function trace(pen, feature) {
    pen.beginPath();
    for (const ring of rings(feature.geometry)) {
      ring.forEach((point, n) => pen[n ? "lineTo" : "moveTo"](...project(point)));
      pen.closePath();
    }
  }

  function draw() {
    frame = 0;
    if (!view || !canvas.isConnected) return;
    const pen = canvas.getContext("2d");
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) * ratio();
    pen.fillStyle = paint("ground");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = paint("water");
    for (const one of ground.water) {
      trace(pen, one);
      pen.fill("evenodd");
    }
    const chosen = new Set(values.districts || []);
    for (const one of ground.districts) {
      trace(pen, one);
      pen.fillStyle = tint("chosen", 20);
      if (chosen.has(code(one))) pen.fill("evenodd");
      pen.strokeStyle = paint("edge");
      pen.lineWidth = 0.09 * rem;
      pen.stroke();
    }
    names(pen, rem);
    circle(pen, rem);
  }

  function centroid(ring) {
    let [area, x, y] = [0, 0, 0];
    ring.forEach(([x1, y1], n) => {
      const [x2, y2] = ring[(n + 1) % ring.length];
      const cross = (x1 - ring[0][0]) * (y2 - ring[0][1]) - (x2 - ring[0][0]) * (y1 - ring[0][1]);
      area += cross;
      x += cross * (x1 + x2 + ring[0][0]);
      y += cross * (y1 + y2 + ring[0][1]);
    });
    return [x / (3 * area), y / (3 * area)];
  }

  function names(pen, rem) {
    const name = document.documentElement.dataset.language === "en" ? "name_en" : "name_zh";
    pen.font = `${0.8 * rem}px sans-serif`;
    pen.textAlign = "center";
    pen.fillStyle = paint("name");
    for (const one of ground.districts) {
      const middle = centroid(rings(one.geometry)[0] || []);
      const [x, y] = project(middle);
      String(one.properties[name] || "").split(" ").forEach((line, n) => pen.fillText(line, x, y + n * rem));
    }
  }

  function circle(pen, rem) {
    const [x, y] = project([number("longitude"), number("latitude")]);
    const radius = (number("radius_km") / KM) * view.scale;
    if (!Number.isFinite(x + y + radius)) return;
    pen.strokeStyle = paint("circle");
    pen.fillStyle = tint("circle", 14);
    pen.lineWidth = 0.13 * rem;
    pen.beginPath();
    pen.arc(x, y, Math.max(radius, 2), 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }

  const later = () => (frame = frame || requestAnimationFrame(draw));
  document.addEventListener("ops-center-theme", later);
  const at = (event) => [event.offsetX * ratio(), event.offsetY * ratio()];

  function dragged(event) {
    const [x, y] = at(event);
    return Math.hypot(x - held[0], y - held[1]) > 5 * ratio() ? Math.hypot(x - held[0], y - held[1]) : 0;
  }

  function drawn(far) {
    const [longitude, latitude] = unproject(...held).map((degree) => Math.round(degree * 1e5) / 1e5);
    return { longitude, latitude, radius_km: Math.max(Math.round((far / view.scale) * KM * 100) / 100, 0.05) };
  }

  function down(event) {
    if (!view) return;
    held = at(event);
    canvas.setPointerCapture(event.pointerId);
  }

  function move(event) {
    const far = held && dragged(event);
    if (!far) return;
    values = { ...values, ...drawn(far) };
    later();
  }

  function up(event) {
    if (!held) return;
    const far = dragged(event);
    if (far) Object.entries(drawn(far)).forEach(([name, value]) => center.warnings.put(name, value));
    else toggle();
    held = null;
  }

  function toggle() {
    const pen = canvas.getContext("2d");
    const found = ground.districts.find((one) => {
      trace(pen, one);
      return pen.isPointInPath(...held, "evenodd");
    });
    if (!found) return;
    const now = values.districts || [];
    const without = now.filter((one) => one !== code(found));
    center.warnings.put("districts", without.length < now.length ? without : [...now, code(found)]);
  }

  function mount(element) {
    canvas = element;
    view = null;
    new ResizeObserver(() => ground && sized()).observe(canvas);
    canvas.addEventListener("pointerdown", down);
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", up);
    if (ground) sized();
    else load();
  }

  new MutationObserver(() => view && later()).observe(document.documentElement, { attributeFilter: ["data-language"] });

  center.warningMap = {
    /* What the fields hold. */
    show(typed) {
      const element = document.getElementById("warn-map");
      if (element && element !== canvas) mount(element);
      values = { ...typed };
      later();
    },
  };
})();
