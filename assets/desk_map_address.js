/* The address of what the desk shows, so that everything on it can be sent as a link and the back button works.

   /desk?at=lon,lat,zoom[,pitch,bearing]&layers=a,b&alarm=17&thing=producer/id&here=lon,lat&select=polygon:…&compare=…
   opsCenter.deskAddress: read(search) → state, write(state) → search. A part that can't be read is left out. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const AREA = /^(polygon:-?[\d.]+,-?[\d.]+(;-?[\d.]+,-?[\d.]+){2,199}|circle:-?[\d.]+,-?[\d.]+,[\d.]+|box:-?[\d.]+(,-?[\d.]+){3}|district:.{1,64})$/;
  const COMPARE = /^(times:(now|\d{10,17}),(now|\d{10,17})|districts:[^,]{1,64},[^,]{1,64})$/;

  function numbers(text, least, most) {
    const found = (text || "").split(",").map(Number);
    return found.length >= least && found.length <= most && found.every(Number.isFinite) ? found : null;
  }

  function read(search) {
    const given = new URLSearchParams(search);
    const at = numbers(given.get("at"), 3, 5);
    const here = numbers(given.get("here"), 2, 2);
    const [select, compare, alarm] = [given.get("select") || "", given.get("compare") || "", given.get("alarm") || ""];
    return {
      at: at && Math.abs(at[1]) <= 90 ? { longitude: at[0], latitude: at[1], zoom: at[2], pitch: at[3] || 0, bearing: at[4] || 0 } : null,
      layers: given.has("layers") ? given.get("layers").split(",").filter(Boolean) : null,
      alarm: /^\d{1,15}$/.test(alarm) ? Number(alarm) : null,
      thing: (given.get("thing") || "").slice(0, 300) || null,
      here,
      select: AREA.test(select) ? select : null,
      kinds: (given.get("kinds") || "").split(",").filter(Boolean),
      compare: COMPARE.test(compare) ? compare : null,
    };
  }

  const short = (value, digits) => String(Number(value.toFixed(digits)));

  function write({ at, layers, alarm, thing, here, select, kinds, compare }) {
    const parts = [];
    if (at) {
      const turned = at.pitch || at.bearing ? [short(at.pitch, 1), short(at.bearing, 1)] : [];
      parts.push(`at=${[short(at.longitude, 5), short(at.latitude, 5), short(at.zoom, 2), ...turned].join(",")}`);
    }
    const add = (name, value) => value && parts.push(`${name}=${encodeURIComponent(value).replace(/%2F/g, "/").replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%3B/g, ";")}`);
    if (layers) parts.push(`layers=${layers.join(",")}`);
    add("alarm", alarm);
    add("thing", thing);
    add("here", here && here.map((value) => short(value, 6)).join(","));
    add("select", select);
    add("kinds", kinds && kinds.length ? kinds.join(",") : null);
    add("compare", compare);
    return parts.length ? `?${parts.join("&")}` : "";
  }

  center.deskAddress = { read, write };
})();
