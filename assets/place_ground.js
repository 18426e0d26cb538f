/* What lies under a small map: the city's own districts, waters and roads, loaded once for all maps of a page, and the scale.
   Drawn by assets/place_map.js. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const LAYERS = ["districts", "water", "roads"];
  const MAJOR = new Set(["expressway", "arterial", "motorway", "trunk", "primary"]);
  const CLOSE = 60000; // pixels a degree from which all streets are drawn
  const ratio = () => window.devicePixelRatio || 1;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  let ground = null;

  function parts(geometry) {
    if (!geometry) return [];
    const c = geometry.coordinates;
    return { LineString: [c], MultiLineString: c, Polygon: c, MultiPolygon: c ? c.flat() : [] }[geometry.type] || [];
  }

  function boxed(features) {
    return features.map((one) => {
      const lines = parts(one.geometry);
      const xs = lines.flat().map((point) => point[0]);
      const ys = lines.flat().map((point) => point[1]);
      const box = [xs, ys].map((values) => [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)]);
      return { lines, box, closed: /Polygon/.test(one.geometry ? one.geometry.type : ""), properties: one.properties };
    });
  }

  function load() {
    ground =
      ground ||
      Promise.all(LAYERS.map((name) => fetch(`/basemap/${name}.geojson`).then((answer) => (answer.ok ? answer.json() : { features: [] })))).then((found) =>
        Object.fromEntries(LAYERS.map((name, n) => [name, boxed(found[n].features)])),
      );
    return ground;
  }

  function draw(map, pen, rem) {
    const { ground: found } = map;
    const near = map.view.scale > CLOSE * ratio();
    const large = (road) => MAJOR.has(road.properties.class);
    strokes(map, pen, found.water, colour("map-water"), 0.12 * rem, true);
    if (near) strokes(map, pen, found.roads.filter((road) => !large(road)), colour("map-road"), 0.08 * rem);
    strokes(map, pen, found.roads.filter(large), colour("map-road"), (near ? 0.22 : 0.07) * rem);
    strokes(map, pen, found.districts, colour("map-edge"), 0.09 * rem);
    names(map, pen, rem);
  }

  function strokes(map, pen, features, look, width, fill = false) {
    const [west, south] = map.unproject([0, map.canvas.height]);
    const [east, north] = map.unproject([map.canvas.width, 0]);
    pen.strokeStyle = pen.fillStyle = look;
    pen.lineWidth = width;
    for (const { lines, box, closed } of features) {
      if (box[0][1] < west || box[0][0] > east || box[1][1] < south || box[1][0] > north) continue;
      pen.beginPath();
      for (const line of lines) line.forEach((point, n) => pen[n ? "lineTo" : "moveTo"](...map.project(point)));
      if (fill && closed) pen.fill("evenodd");
      else pen.stroke();
    }
  }

  function names(map, pen, rem) {
    const english = document.documentElement.dataset.language === "en";
    pen.font = `${0.8 * rem}px sans-serif`;
    pen.textAlign = "center";
    pen.fillStyle = colour("quiet");
    const placed = [];
    for (const { box, properties } of map.ground.districts) {
      const text = properties[english ? "name_en" : "name_zh"];
      const [x, y] = map.project(box.map(([low, high]) => (low + high) / 2));
      const half = text ? pen.measureText(text).width / 2 : 0;
      if (!text || placed.some((one) => Math.abs(one[0] - x) < one[2] + half && Math.abs(one[1] - y) < rem)) continue;
      placed.push([x, y, half]);
      pen.fillText(text, x, y);
    }
  }

  function scale(map, pen, rem) {
    const per = 111195 / map.view.scale;
    const metres = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000].find((one) => one / per > 4 * rem) || 50000;
    const [x, y, width] = [0.8 * rem, map.canvas.height - 0.8 * rem, metres / per];
    pen.strokeStyle = pen.fillStyle = colour("quiet");
    pen.lineWidth = 0.1 * rem;
    pen.beginPath();
    for (const [dx, dy] of [[0, -0.3 * rem], [0, 0], [width, 0], [width, -0.3 * rem]]) pen.lineTo(x + dx, y + dy);
    pen.stroke();
    pen.font = `${0.75 * rem}px sans-serif`;
    pen.textAlign = "left";
    pen.fillText(metres < 1000 ? `${metres} m` : `${metres / 1000} km`, x + width + 0.4 * rem, y);
  }

  center.placeGround = { load, draw, scale };
})();
