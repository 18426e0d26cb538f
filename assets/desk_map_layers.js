/* The layers of the desk's map: switches with legends, which are the wall's, in a panel over the map.

   new opsCenter.DeskLayers(holder, config, {visible, onChange}). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (key, ...more) => center.alarmText.say(`desk_${key}`, ...more);

  center.DeskLayers = class {
    constructor(holder, config, handlers) {
      Object.assign(this, { holder, config, handlers });
      this.rows = config.switches.map((layer, place) => this.row(layer, place));
      this.head = center.el("h2");
      this.all = this.button(() => handlers.onChange(config.switches.map(({ name }) => name)));
      this.none = this.button(() => handlers.onChange([]));
      this.aged = center.el("p", "quiet");
      holder.append(center.el("div", "desk-panel-head", {}, this.head, this.all, this.none), ...this.rows.map(({ node }) => node), this.aged);
      holder.hidden = true;
      this.speak();
    }

    button(act) {
      const button = center.el("button", "link", { type: "button" });
      button.addEventListener("click", act);
      return button;
    }

    row(layer, place) {
      const name = center.el("span", "name");
      const key = place < 9 ? center.el("kbd", "", {}, String(place + 1)) : "";
      const button = center.el("button", "desk-switch", { type: "button", "aria-pressed": "true" }, key, name, center.el("span", "eye"));
      button.addEventListener("click", () => this.toggle(layer.name));
      const node = center.el("div", "desk-layer", { "data-layer": layer.name }, button);
      const legend = document.querySelector(`#desk-legends [data-legend="${layer.name}"]`);
      if (legend) node.append(legend);
      return { layer, node, name, button };
    }

    toggle(name) {
      const visible = new Set(this.handlers.visible());
      if (!visible.delete(name)) visible.add(name);
      this.handlers.onChange([...visible]);
    }

    toggleAt(place) {
      const row = this.rows[place];
      if (row) this.toggle(row.layer.name);
      return Boolean(row);
    }

    show() {
      const visible = new Set(this.handlers.visible());
      for (const { layer, node, button } of this.rows) {
        node.classList.toggle("off", !visible.has(layer.name));
        button.setAttribute("aria-pressed", String(visible.has(layer.name)));
      }
    }

    /* How old the feeds of a layer are. */
    beat(heartbeat) {
      for (const { node } of this.rows) {
        const feeds = (node.querySelector("[data-feed]")?.dataset.feed || "").split(" ").map((feed) => heartbeat.feeds[feed]);
        const state = feeds.some((feed) => feed && feed.aged) ? "aged" : "ok";
        if (node.dataset.state !== state) node.dataset.state = state;
      }
    }

    speak() {
      this.head.textContent = say("layers");
      this.all.textContent = say("layers_all");
      this.none.textContent = say("layers_none");
      this.aged.textContent = say("aged");
      for (const { layer, name } of this.rows) name.textContent = center.alarmText.of(layer.label);
    }
  };
})();
