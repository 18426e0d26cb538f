/* Maps of a scene: each panel of the kind "map" has a MapView, and the part of it that this display shows. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const painters = (center.painters = center.painters || {});
  const MARGIN_REM = 1;
  const language = () => (document.documentElement.dataset.language === "en" ? "en" : "zh");

  /* What panels that lie over a map leave of it, as padding in pixels. */
  function clearOf(section, scene) {
    const cells = section.dataset.clear.split(" ").map(Number);
    const [across, down] = [scene.clientWidth / Number(scene.dataset.columns), scene.clientHeight / Number(scene.dataset.rows)];
    const margin = MARGIN_REM * center.rootPx();
    const [left, top, right, bottom] = cells.map((count, side) => count * (side % 2 ? down : across) + margin);
    return { left, top, right, bottom };
  }

  /* Layers that somebody switched off in this scene, remembered by the browser. */
  const habit = (scene) => `layers-off.${scene.dataset.scene}`;
  function hiddenOf(said, panel) {
    const kept = center.remembered(habit(panel.scene));
    const off = new Set(kept === null || kept === undefined ? said.off : kept.split(","));
    return panel.config.layers.map(({ name }) => name).filter((name) => !said.offered.includes(name) || off.has(name));
  }

  /* The part of a large picture that a display shows: its map is no larger than that, and knows what it is a part of. */
  function cut(view, holder, panel) {
    const part = panel.part();
    const { clientWidth: full_width, clientHeight: full_height, offsetLeft: left, offsetTop: top } = panel.section;
    if (!part) {
      Object.assign(holder.style, { left: "", top: "", width: "", height: "", right: "", bottom: "" });
      if (view.span) view.setSpan(null);
      return;
    }
    const x = Math.max(0, part.x - left);
    const y = Math.max(0, part.y - top);
    const width = Math.min(full_width, part.x + part.width - left) - x;
    const height = Math.min(full_height, part.y + part.height - top) - y;
    if (width <= 0 || height <= 0) return;
    Object.assign(holder.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px`, right: "auto", bottom: "auto" });
    const whole = width >= full_width - 1 && height >= full_height - 1;
    view.setSpan(whole ? null : { x, y, width, height, full_width, full_height });
  }

  painters.map = {
    paint(element, said, panel) {
      if (element.view) return;
      const { config } = panel;
      const view = new center.MapView({
        id: `map-${panel.slot}-${panel.id}`,
        map: config.map,
        layers: config.layers,
        hidden: hiddenOf(said, panel),
        layerOptions: said.drawn,
        view: said.view,
        language: language(),
        motion: document.documentElement.dataset.motion !== "off" && config.motion,
        theme: said.theme === "page" ? null : said.theme,
        alarms: said.alarms ? config.alarms : null,
        padding: clearOf(panel.section, panel.scene),
        attribution: said.furniture ? config.attribution : null,
      });
      element.view = view;
      view.offered = said.offered;
      view.habit = habit(panel.scene);
      panel.maps.set(panel.id, view);
      view.isDrawn = new Promise((done) => view.on("drawn", done));
      view.on("ready", () => {
        if (said.closer && !said.view) view.setView({ zoom: view.map.getZoom() + said.closer });
        if (said.tilted) view.tilt(true);
      });
      const holder = panel.section.querySelector(".sp-map-holder");
      view.recut = () => cut(view, holder, panel);
      view.recut();
      if (center.wall) center.wall.hold(view);
      dash_clientside.set_props({ panel: panel.id, slot: panel.slot, type: "sp-map" }, { children: view.component() });
    },
    gone(element) {
      if (element.view) element.view.close();
      element.view = null;
    },
  };

  new MutationObserver(() => {
    for (const view of center.maps.values()) if (view.language !== language()) view.speak(language());
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
})();
