/* How the layers of a picture lie over one another, and what is where in them. Base of Picture (picture.js). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const BELOW_M = 40; // what lies under the street, deeper than it is so that it is seen to be below
  const ABOVE = 0.3; // opacity of what lies above, seen through
  const SINKING = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, -BELOW_M, 1];

  center.PictureStack = class {
    /* Return the layers for deck.gl from the ground up: each layer, then the groups, then what is written. */
    deckLayers() {
      const drawn = [], over = [];
      for (const layer of this.layers.values()) {
        const { config, options } = layer;
        const shown = this.visible.has(config.name);
        const scales = config.scales ? { [config.scales]: this.scale * this.growth } : {};
        const sunk = !this.below ? {} : config.buried ? { modelMatrix: SINKING } : { opacity: ABOVE };
        const asColumns = config.columns && options.as === "columns";
        drawn.push({ ...config.deck, ...scales, ...sunk, visible: shown && !asColumns, data: [] });
        if (asColumns) drawn.push({ ...config.columns, visible: shown, data: [] });
        if (config.groups && options.group) {
          over.push({ ...config.groups.signs, sizeScale: this.scale, visible: shown, data: [] });
          over.push({ ...config.groups.texts, visible: shown, data: [] });
        }
        if (config.text) over.push({ ...config.text, visible: shown, data: [] });
      }
      return [...drawn, ...over];
    }

    /* ---- what is where ---- */

    /* What a click on row `index` of a layer means: a feature {layer, id, time_s}, a group {group, of, lngLat}, null. */
    feature(deckLayer, index) {
      const group = this.groupAt(deckLayer, index);
      if (group) return group;
      const layer = this.layers.get(deckLayer) || [...this.layers.values()].find(({ config }) => config.columns && config.columns.id === deckLayer);
      if (!layer) return null;
      const row = deckLayer === layer.config.name && layer.isArea ? (layer.parts[index] || {}).i : index;
      return row in layer.ids ? { layer: layer.config.name, id: layer.ids[row], time_s: layer.times[row] } : null;
    }

    groupAt(deckLayer, index) {
      for (const { config, groups } of this.layers.values()) {
        if (!groups || !config.groups || config.groups.signs.id !== deckLayer) continue;
        return { group: groups.count[index], of: config.name, lngLat: [groups.positions[2 * index], groups.positions[2 * index + 1]] };
      }
      return null;
    }

    /* Places of the features that ask for attention: [longitude, latitude]. */
    pulses() {
      const places = [];
      for (const [name, layer] of this.layers) {
        if (!this.visible.has(name) || !layer.laidOut) continue;
        for (const cell of layer.cells.values()) {
          for (const row of cell.pulse || []) places.push([layer.positions[layer.size * row], layer.positions[layer.size * row + 1]]);
        }
      }
      return places;
    }

    counts() {
      let features = 0;
      for (const layer of this.layers.values()) features += layer.rows || 0;
      return features;
    }
  };
})();
