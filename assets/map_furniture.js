/* The scale bar, the arrow to the north, and whose data the ground is.

   new opsCenter.MapFurniture(view, {holder, bar, text, north}): elements that the page has; the holder wears the map's theme.
   MapFurniture.inside(view, holder, attribution) makes them in a corner of the map itself. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const AROUND_M = 40075016.686; // the equator
  const WIDEST_REM = 9;
  const NORTH_UP = { zh: "正北朝上", en: "north up" };
  const UNITS = { zh: ["公里", "米"], en: ["km", "m"] };

  center.MapFurniture = class {
    constructor(view, { holder, bar, text, north }) {
      Object.assign(this, { view, bar, text, arrow: north });
      holder.dataset.theme = view.theme;
      for (const told of ["move", "ready"]) view.on(told, () => this.show());
      for (const told of ["ready", "theme"]) view.on(told, () => (holder.dataset.theme = view.theme));
    }

    static inside(view, holder, attribution) {
      const [bar, text, arrow] = [part("i", "bar"), part("span", "num"), part("i", "arrow")];
      const north = part("button", "to-north", arrow, "N");
      north.type = "button";
      north.addEventListener("click", () => view.north());
      holder.append(part("span", "source", `© ${attribution.join(" · ")}`), part("span", "scale", text, bar), north);
      const furniture = new center.MapFurniture(view, { holder, bar, text, north: arrow });
      furniture.button = north;
      return furniture;
    }

    show() {
      if (this.button) this.button.title = NORTH_UP[this.view.language];
      const { map, language } = this.view;
      if (!map) return;
      const metresPerPixel = (AROUND_M * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
      const [metres, pixels] = niceLength(metresPerPixel, center.rootPx() * WIDEST_REM);
      this.bar.style.width = `${pixels}px`;
      const [far, near] = UNITS[language];
      const said = metres >= 1000 ? `${metres / 1000} ${far}` : `${metres} ${near}`;
      if (this.text.textContent !== said) this.text.textContent = said;
      this.arrow.style.transform = `rotate(${-map.getBearing()}deg)`;
    }
  };

  const part = (name, className, ...children) => {
    const element = document.createElement(name);
    element.className = className;
    element.append(...children);
    return element;
  };

  /* Return the roundest length of at most `most` pixels: [metres, pixels]. */
  const niceLength = (metresPerPixel, most) => {
    const reach = metresPerPixel * most;
    const power = 10 ** Math.floor(Math.log10(reach));
    const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= reach);
    return [metres, metres / metresPerPixel];
  };
})();
