/* Which of the values written on a map stay: those of the worst state first, as long as they don't cover one another.

   Places are compared on the screen as it is turned and tilted now; called when the view has come to rest or what is
   written has changed, never for a frame. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const WORLD_PX = 512;
  const WIDE = 0.62; // of a digit, in its height
  const AIR_PX = 3; // between two labels, at a desk
  const SQUARE_PX = 64;

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
