/* Rings around what has just happened on a map: animated by the compositor, not by drawing the map anew.

   new opsCenter.MapRings(view, holder): `show()` when the picture changed, `place()` while the map moves. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});

  center.MapRings = class {
    constructor(view, holder) {
      Object.assign(this, { view, holder, places: [] });
    }

    show() {
      this.places = this.view.picture.pulses();
      const { holder } = this;
      while (holder.children.length > this.places.length) holder.lastChild.remove();
      while (holder.children.length < this.places.length) holder.appendChild(document.createElement("i"));
      this.place();
    }

    place() {
      this.places.forEach((place, i) => {
        const at = this.view.map.project(place);
        this.holder.children[i].style.transform = `translate(${at.x}px, ${at.y}px)`;
      });
    }
  };
})();
