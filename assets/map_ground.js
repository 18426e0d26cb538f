/* What a map's ground looks like besides its style: language, buildings flat or standing, the view below the street.

   opsCenter.ground.dress(map, {language, isTilted, isUnderground}): idempotent; called whenever one of these changes
   and after a new style was taken. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const NAMES = { zh: "地图：方向键移动，加减键缩放", en: "map: arrows move it, plus and minus zoom" };
  const SPACING = { zh: 0.35, en: 0.12 };
  const BELOW = { "fill-extrusion": 0.18, line: 0.35, fill: 0.35 }; // opacity of what lies above, seen through

  function speak(map, language) {
    for (const { id, layout } of map.getStyle().layers) {
      if (!layout || !layout["text-field"]) continue;
      map.setLayoutProperty(id, "text-field", ["coalesce", ["get", `name_${language}`], ["get", "name_zh"], ""]);
      map.setLayoutProperty(id, "text-letter-spacing", id === "road-name" ? 0 : SPACING[language]);
    }
  }

  function stand(map, tilted) {
    map.setLayoutProperty("buildings", "visibility", tilted ? "visible" : "none");
    map.setLayoutProperty("buildings-flat", "visibility", tilted ? "none" : "visible");
  }

  /* A map is one stop of the Tab key and has a name: its own canvas, not the one that lies over it. */
  function name(map, language) {
    map.getCanvas().setAttribute("aria-label", NAMES[language]);
    const view = map.getContainer().closest(".map-view");
    for (const canvas of view ? view.querySelectorAll("canvas:not(.maplibregl-canvas)") : []) canvas.tabIndex = -1;
  }

  const own = new WeakMap(); // map → layer → its opacity in the style

  function dig(map, below) {
    if (!own.has(map)) own.set(map, new Map());
    const kept = own.get(map);
    for (const { id, type, source } of map.getStyle().layers) {
      if (!(type in BELOW) || !/^(roads|buildings)$/.test(source)) continue;
      const property = `${type}-opacity`;
      if (!kept.has(id)) kept.set(id, map.getPaintProperty(id, property));
      map.setPaintProperty(id, property, below ? BELOW[type] : kept.get(id));
    }
  }

  center.ground = {
    dress(map, { language, isTilted, isUnderground }) {
      name(map, language);
      if (!map.getLayer("buildings")) return;
      speak(map, language);
      stand(map, isTilted);
      if (isUnderground || own.has(map)) dig(map, isUnderground);
    },
  };
})();
