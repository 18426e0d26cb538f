/* Points that stand too close to be told apart, gathered into groups: how many, and how bad the worst of them is.

   A grid in the Mercator plane whose squares are as wide as a sign; one grid for each step of zoom, made anew only when
   the step, a place or a severity changes, never for a frame. 100,000 points take some milliseconds (typed arrays).
   Severities are those of layers/contract.py: 0 normal … 4 severe, 255 aged or never received. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const STEP = 0.5; // zoom levels between two grids
  const SQUARE_PX = 46; // at a desk
  const FEWEST = 4; // fewer are not gathered
  const MOST_SQUARES = 1 << 20; // a finer grid gathers nothing worth it
  const NOTHING_KNOWN = 255;
  const AWAY = 0.22; // of a square, from its middle: so far two groups' signs stay apart
  const WORLD_PX = 512;

  center.mercatorX = (longitude) => longitude / 360 + 0.5;
  center.mercatorY = (latitude) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) / (2 * Math.PI);
  const longitudeOf = (x) => (x - 0.5) * 360;
  const latitudeOf = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

  center.groupStep = (zoom) => Math.round(zoom / STEP);

  /* Return the Mercator places of [longitude, latitude, …], 0 to 1: {x, y}. */
  center.projected = function (positions, size) {
    const count = positions.length / size;
    const x = new Float64Array(count), y = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      x[i] = center.mercatorX(positions[size * i]);
      y[i] = center.mercatorY(positions[size * i + 1]);
    }
    return { x, y };
  };

  /* Return which group each point is in (`of`, Int32Array, -1: it stands alone) and the groups, each array by group:
     {of, count, worst, positions}. `colors`: RGBA words; what is transparent is not counted. */
  center.groupPoints = function ({ x, y }, severity, colors, step, scale) {
    const points = x.length;
    const squares = (WORLD_PX * 2 ** (step * STEP)) / (SQUARE_PX * scale);
    const of = new Int32Array(points).fill(-1);
    const box = bounds(x, y);
    const [left, top] = [Math.floor(box[0] * squares), Math.floor(box[1] * squares)];
    const wide = Math.floor(box[2] * squares) - left + 1, high = Math.floor(box[3] * squares) - top + 1;
    if (!points || wide * high > MOST_SQUARES) return { of, count: new Uint32Array(0), worst: new Uint8Array(0), positions: new Float32Array(0) };
    const inSquare = new Uint32Array(wide * high);
    for (let i = 0; i < points; i++) {
      if (!(colors[i] >>> 24)) continue;
      of[i] = (Math.floor(y[i] * squares) - top) * wide + Math.floor(x[i] * squares) - left;
      inSquare[of[i]]++;
    }
    const group = new Int32Array(wide * high).fill(-1);
    let groups = 0;
    for (let square = 0; square < group.length; square++) if (inSquare[square] >= FEWEST) group[square] = groups++;
    const count = new Uint32Array(groups), rank = new Uint8Array(groups);
    const sumX = new Float64Array(groups), sumY = new Float64Array(groups);
    for (let i = 0; i < points; i++) {
      const g = of[i] < 0 ? -1 : group[of[i]];
      of[i] = g;
      if (g < 0) continue;
      count[g]++;
      sumX[g] += x[i];
      sumY[g] += y[i];
      rank[g] = Math.max(rank[g], severity[i] === NOTHING_KNOWN ? 0 : severity[i] + 1);
    }
    const positions = new Float32Array(2 * groups);
    for (let square = 0; square < group.length; square++) {
      const g = group[square];
      if (g < 0) continue;
      positions[2 * g] = longitudeOf(nearMiddle((sumX[g] / count[g]) * squares) / squares);
      positions[2 * g + 1] = latitudeOf(nearMiddle((sumY[g] / count[g]) * squares) / squares);
    }
    return { of, count, worst: rank.map((r) => (r ? r - 1 : NOTHING_KNOWN)), positions };
  };

  function bounds(x, y) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < x.length; i++) {
      if (x[i] < box[0]) box[0] = x[i];
      if (y[i] < box[1]) box[1] = y[i];
      if (x[i] > box[2]) box[2] = x[i];
      if (y[i] > box[3]) box[3] = y[i];
    }
    return box;
  }

  function nearMiddle(place) {
    const middle = Math.floor(place) + 0.5;
    return Math.min(middle + AWAY, Math.max(middle - AWAY, place));
  }

  /* ---- how groups look ---- */

  const LOOKS = { 0: "circle", 1: "square", 2: "diamond", 3: "pentagon", 4: "burst", 255: "ring" };
  const written = (n) => (n < 1000 ? String(n) : n < 9950 ? `${(n / 1000).toFixed(1)}k` : `${Math.round(n / 1000)}k`);

  /* Return the deck.gl data of a layer's groups and of their numbers. `style`: {icons: name → place in the atlas,
     colors: severity → [r, g, b], cell: size of a sign in the atlas}. */
  center.groupData = function (groups, style, scale) {
    const count = groups.count.length;
    const colors = new Uint8Array(4 * count), sizes = new Float32Array(count), icons = new Float32Array(7 * count);
    const texts = [];
    for (let g = 0; g < count; g++) {
      const worst = groups.worst[g];
      const [red, green, blue] = style.colors[worst];
      const known = worst !== NOTHING_KNOWN;
      colors.set([red, green, blue, known ? 245 : 200], 4 * g);
      sizes[g] = 25 + 6 * Math.log10(groups.count[g]);
      icons.set([0, 0, style.icons[LOOKS[worst]] * style.cell, 0, style.cell, style.cell, 1], 7 * g);
      const bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 110;
      texts.push({
        p: [groups.positions[2 * g], groups.positions[2 * g + 1]],
        t: written(groups.count[g]),
        c: !known ? [...style.words, 255] : bright ? [8, 12, 18, 255] : [255, 255, 255, 255],
        s: 12.5 * scale,
        o: [0, 0],
      });
    }
    const attributes = {
      getPosition: { value: groups.positions, size: 2 },
      getColor: { value: colors, size: 4, normalized: true },
      getSize: { value: sizes, size: 1 },
      instanceIconDefs: { value: icons, size: 7 },
    };
    return { signs: { length: count, attributes }, texts };
  };
})();
