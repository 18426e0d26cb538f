/* Areas and the columns in them, as deck.gl takes them: few, so objects. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});

  /* Return one object for each part of each area of a layer: {i: row, c: colour, e: height, p: rings}. */
  center.areasOf = function ({ rows, colors, sizes, positions, size, starts }) {
    const areas = [];
    for (let i = 0; i < rows; i++) {
      const look = { i, c: [...new Uint8Array(colors.buffer, 4 * i, 4)], e: sizes[i] };
      for (const rings of center.partsOf(positions, size, starts[i], starts[i + 1])) areas.push({ ...look, p: rings });
    }
    return areas;
  };

  /* Return one column in each area, as high as its value says. */
  center.columnsOf = function ({ rows, colors, sizes, anchors }) {
    return Array.from({ length: rows }, (_, i) => ({
      p: [anchors[2 * i], anchors[2 * i + 1]],
      c: [...new Uint8Array(colors.buffer, 4 * i, 3), 255],
      e: sizes[i],
    }));
  };

  /* The parts of an area as rings of [longitude, latitude]: a row of NaN ends a ring; a ring with the clock is a hole. */
  center.partsOf = function (positions, size, from, to) {
    const parts = [];
    let ring = [];
    const close = () => {
      if (ring.length < 3) ring = [];
      else if (parts.length && turn(ring) < 0) parts[parts.length - 1].push(ring);
      else parts.push([ring]);
      ring = [];
    };
    for (let i = from; i < to; i++) {
      if (Number.isNaN(positions[size * i])) close();
      else ring.push([positions[size * i], positions[size * i + 1]]);
    }
    close();
    return parts;
  };

  /* Greater than 0 against the clock. */
  const turn = (ring) => ring.reduce((sum, [x, y], i) => sum + x * ring[(i + 1) % ring.length][1] - ring[(i + 1) % ring.length][0] * y, 0);
})();
