/* The scale bar and the arrow to the north of a map.

   new opsCenter.MapFurniture(view, {bar, text, north}): elements; bar and text belong together. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const AROUND_M = 40075016.686; // the equator
  const WIDEST_REM = 9;
  const UNITS = { zh: ["公里", "米"], en: ["km", "m"] };

  center.MapFurniture = class {
    constructor(view, { bar, text, north }) {
      Object.assign(this, { view, bar, text, arrow: north });
      view.on("move", () => this.show());
      view.on("ready", () => this.show());
    }

    show() {
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

  /* Return the roundest length of at most `most` pixels: [metres, pixels]. */
  const niceLength = (metresPerPixel, most) => {
    const reach = metresPerPixel * most;
    const power = 10 ** Math.floor(Math.log10(reach));
    const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= reach);
    return [metres, metres / metresPerPixel];
  };
})();
