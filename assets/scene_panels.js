/* Panels of the scenes on a stage: what the browser paints in them, and how old what the server painted is.

   A place with data-painter is handed to opsCenter.painters[name] = { paint(element, said, panel), gone?(element) }, again
   whenever what it was told (data-said) changes. `panel` is {id, kind, slot, scene, section, config, maps}. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const TICK_MS = 1000;
  const AGED_AFTER = 3; // as often as it should have been asked for anew
  const painters = (center.painters = center.painters || {});

  center.ScenePanels = class {
    constructor(stage, config, life) {
      Object.assign(this, { stage, config, life });
      this.slots = { a: new Map(), b: new Map() }; // panel id → MapView
      this.part = null;
      if (config.alarms) center.alarmText.configure(config.alarms);
      if (config.incidents) center.incidentText.configure(config.incidents);
      new MutationObserver((changes) => this.changed(changes)).observe(stage, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-said"] });
      setInterval(() => this.tick(), TICK_MS);
    }

    changed(changes) {
      const fresh = new Set();
      for (const { type, target, addedNodes, removedNodes } of changes) {
        if (type === "attributes") fresh.add(target);
        for (const node of addedNodes) this.each(node, (element) => fresh.add(element));
        for (const node of removedNodes) this.each(node, (element) => this.gone(element));
        const body = type === "childList" && target.closest(".sp-body");
        if (body && !target.closest("[data-painter]")) body.heardAt = performance.now();
      }
      for (const element of fresh) if (element.isConnected) this.paint(element);
      if (fresh.size) this.tick();
    }

    each(node, fn) {
      if (node.nodeType !== Node.ELEMENT_NODE) return;
      if (node.dataset.painter) fn(node);
      node.querySelectorAll("[data-painter]").forEach(fn);
    }

    paint(element) {
      const painter = painters[element.dataset.painter];
      if (!painter) return;
      painter.paint(element, JSON.parse(element.dataset.said), this.panelOf(element));
    }

    gone(element) {
      const painter = painters[element.dataset.painter];
      if (painter && painter.gone && !element.isConnected) painter.gone(element);
    }

    panelOf(element) {
      const section = element.closest("[data-panel]");
      const slot = element.closest(".sp-slot").id.slice(-1);
      const { panel: id, kind } = section.dataset;
      return { id, kind, slot, section, scene: section.closest(".sp-scene"), config: this.config, maps: this.slots[slot], part: () => this.part };
    }

    maps(slot) {
      return Object.fromEntries(this.slots[slot]);
    }

    /* Resolves when all maps of a slot have a ground and have drawn what they know. */
    async drawn(slot) {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      await Promise.all([...this.slots[slot].values()].map((view) => view.isDrawn));
    }

    leave(slot) {
      for (const view of this.slots[slot].values()) view.close();
      this.slots[slot].clear();
    }

    cut(part) {
      this.part = part;
      for (const slot of Object.values(this.slots)) for (const view of slot.values()) if (view.recut) view.recut();
    }

    /* What gets older while nothing comes: how long ago something was, and whether a panel is still asked for. */
    tick() {
      const nowMs = this.life.serverMs();
      for (const element of this.stage.querySelectorAll("[data-since-us]")) {
        const said = ago((nowMs - Number(element.dataset.sinceUs) / 1000) / 1000);
        if (element.textContent !== said) element.textContent = said;
      }
      for (const section of this.stage.querySelectorAll('[data-panel]:not([data-refresh-s="0"])')) {
        const body = section.querySelector(".sp-body");
        if (!body.heardAt) body.heardAt = performance.now();
        const late = performance.now() - body.heardAt > AGED_AFTER * 1000 * Number(section.dataset.refreshS);
        if (section.classList.contains("late") !== late) section.classList.toggle("late", late);
      }
    }
  };

  /* How long ago, as people say it. */
  const ago = (seconds) => {
    const zh = document.documentElement.dataset.language !== "en";
    const minutes = Math.floor(Math.max(0, seconds) / 60);
    if (minutes < 1) return zh ? "刚刚" : "just now";
    if (minutes < 60) return zh ? `${minutes} 分钟前` : `${minutes} min ago`;
    return zh ? `${Math.floor(minutes / 60)} 小时前` : `${Math.floor(minutes / 60)} h ago`;
  };
  center.ago = ago;
  new MutationObserver(() => center.stage && center.stage.panels.tick()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
})();
