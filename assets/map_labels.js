/* Values written on a map, and which of them stay: those of the worst state first, as long as they don't cover one another.

   Places are compared on the screen as it is turned and tilted now; called when the view has come to rest or what is
   written has changed, never for a frame. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const WORLD_PX = 512;
  const WIDE = 0.62; // of a digit, in its height
  const AIR_PX = 3; // between two labels, at a desk
  const SQUARE_PX = 64;
  const INSIDE_PX = 26; // a sign this big has its value inside, at a desk
  const NOTHING_KNOWN = 255;

  /* Return what could be written of a layer: inside a sign that is big enough, else under it. `quiet`: colour of words. */
  center.labelsOf = function (layer, scale, quiet) {
    if (!layer.texts.some(Boolean)) return [];
    const bytes = new Uint8Array(layer.colors.buffer);
    const { x, y } = layer.mercator();
    const labels = [];
    for (let i = 0; i < layer.rows; i++) {
      if (!layer.texts[i] || (layer.groups && layer.groups.of[i] >= 0)) continue;
      const inside = !layer.anchors && layer.sizes[i] >= INSIDE_PX;
      const [r, g, b, a] = bytes.subarray(4 * i, 4 * i + 4);
      const bright = 0.2126 * r + 0.7152 * g + 0.0722 * b > 110;
      const severity = layer.severities[i] === NOTHING_KNOWN ? 0 : layer.severities[i];
      labels.push({
        x: x[i],
        y: y[i],
        p: layer.anchors ? [layer.anchors[2 * i], layer.anchors[2 * i + 1]] : [layer.positions[layer.size * i], layer.positions[layer.size * i + 1]],
        t: layer.texts[i],
        c: inside && a > 200 ? (bright ? [8, 12, 18, 255] : [255, 255, 255, 255]) : [...quiet, layer.anchors ? 255 : Math.max(a, 150)],
        s: (layer.anchors ? 18 : inside ? 12.5 : 11) * scale,
        o: [0, inside ? 0 : layer.anchors ? 20 * scale : (layer.sizes[i] / 2 + 8) * scale],
        rank: 1000 * severity + (layer.anchors ? 900 : Math.min(layer.sizes[i], 800)),
      });
    }
    return labels;
  };

  /* Return the labels ({x, y: Mercator, t, s: pixels, o: offset, rank}) that may stay, best rank first. */
  center.placeLabels = function (labels, { zoom, bearing, pitch }, scale) {
    const world = WORLD_PX * 2 ** zoom;
    const [sin, cos] = [Math.sin((-bearing * Math.PI) / 180), Math.cos((-bearing * Math.PI) / 180)];
    const flat = Math.cos((pitch * Math.PI) / 180);
    const taken = new Map();
    const kept = [];
    for (const label of [...labels].sort((one, other) => other.rank - one.rank)) {
      const x = (label.x * cos - label.y * sin) * world + label.o[0];
      const y = (label.x * sin + label.y * cos) * world * flat + label.o[1];
      const [halfWidth, halfHeight] = [(label.t.length * WIDE * label.s) / 2 + AIR_PX * scale, label.s / 2 + AIR_PX * scale];
      const box = [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
      if (!claim(taken, box, SQUARE_PX * scale)) continue;
      kept.push(label);
    }
    return kept;
  };

  /* Take the place of a box if nothing has it; boxes are found by the squares of a grid that they touch. */
  function claim(taken, box, square) {
    const touched = [];
    for (let column = Math.floor(box[0] / square); column <= Math.floor(box[2] / square); column++) {
      for (let row = Math.floor(box[1] / square); row <= Math.floor(box[3] / square); row++) touched.push(`${column} ${row}`);
    }
    const meets = (other) => other[0] < box[2] && box[0] < other[2] && other[1] < box[3] && box[1] < other[3];
    if (touched.some((name) => (taken.get(name) || []).some(meets))) return false;
    for (const name of touched) taken.set(name, [...(taken.get(name) || []), box]);
    return true;
  }
})();
