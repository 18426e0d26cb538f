/* One picture on several displays: the view of a part from the view of the whole, and back. Seen from straight above.

   A part {x, y, width, height} of full_width × full_height CSS pixels has the zoom and bearing of the whole; its middle
   lies elsewhere, by as many pixels as the middles are apart. Tilted, each part would need the whole's perspective, off
   its own axis, which MapLibre's padding gives only within the canvas: a map that spans displays therefore stays flat. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const TILE_PX = 512;
  const RADIANS = Math.PI / 180;
  const worldPx = (zoom) => TILE_PX * 2 ** zoom;
  const across = (longitude) => (longitude + 180) / 360;
  const down = (latitude) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (latitude * RADIANS) / 2)) / (2 * Math.PI);
  const latitudeAt = (place) => (2 * Math.atan(Math.exp((0.5 - place) * 2 * Math.PI)) - Math.PI / 2) / RADIANS;

  /* The view whose middle lies (right, below) pixels of the screen away. */
  function moved(view, right, below) {
    const turn = (view.bearing || 0) * RADIANS;
    const [east, south] = [right * Math.cos(turn) - below * Math.sin(turn), right * Math.sin(turn) + below * Math.cos(turn)];
    const size = worldPx(view.zoom);
    return { ...view, longitude: (across(view.longitude) + east / size) * 360 - 180, latitude: latitudeAt(down(view.latitude) + south / size) };
  }

  const apart = (span) => [span.x + span.width / 2 - span.full_width / 2, span.y + span.height / 2 - span.full_height / 2];

  center.mapSpan = {
    part: (whole, span) => ({ ...moved(whole, ...apart(span)), pitch: 0 }),
    whole: (part, span) => moved(part, ...apart(span).map((length) => -length)),
    /* The view of the whole that shows [[west, south], [east, north]] inside `padding` ({left, top, right, bottom} px). */
    fit([[west, south], [east, north]], { full_width, full_height }, { left = 0, top = 0, right = 0, bottom = 0 } = {}) {
      const [wide, high] = [across(east) - across(west), down(south) - down(north)];
      const size = Math.min((full_width - left - right) / wide, (full_height - top - bottom) / high);
      const middle = { longitude: (west + east) / 2, latitude: latitudeAt((down(south) + down(north)) / 2), zoom: Math.log2(size / TILE_PX), pitch: 0, bearing: 0 };
      return moved(middle, (right - left) / 2, (bottom - top) / 2);
    },
  };
})();
