/* A small map on a canvas: the city's own outlines and whatever a page puts on it. No tiles, no graphics card; colours are
   those of the theme. `show` is given marks [{at, look, size, text, href}], lines [{points, look}] and where to look. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const ratio = () => window.devicePixelRatio || 1;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  center.PlaceMap = class {
    constructor(canvas, { onPlace = null } = {}) {
      Object.assign(this, { canvas, onPlace, ground: null, marks: [], lines: [], held: null, frame: 0, view: { x: 0, y: 0, scale: 0 } });
      new ResizeObserver(() => this.sized()).observe(canvas);
      canvas.addEventListener("pointerdown", (event) => this.down(event));
      canvas.addEventListener("pointermove", (event) => this.move(event));
      canvas.addEventListener("pointerup", (event) => this.up(event));
      canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      new MutationObserver(() => this.later()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "data-language"] });
      center.placeGround.load().then((found) => {
        this.ground = found;
        if (!this.view.scale) this.whole();
        this.later();
      });
    }

    /* `around`: [lon, lat, metres] to look at, or null for all of the city; only the first time for one `key`. */
    show({ marks = [], lines = [], around = null, key = "" }) {
      Object.assign(this, { marks, lines });
      if (key !== this.key) {
        this.key = key;
        this.around = around;
        this.view.scale = 0;
        this.look();
      }
      this.later();
    }

    look() {
      if (!this.canvas.width) return;
      if (!this.around) return this.whole();
      const [x, y, metres] = this.around;
      Object.assign(this.view, { x, y, scale: (Math.min(this.canvas.width, this.canvas.height) / 2 / metres) * 111195 });
    }

    whole() {
      if (!this.ground || !this.canvas.width) return;
      const boxes = this.ground.districts.map((one) => one.box);
      const edge = (axis, side, pick) => boxes.map((box) => box[axis][side]).reduce((a, b) => pick(a, b), side ? -Infinity : Infinity);
      const [west, east, south, north] = [edge(0, 0, Math.min), edge(0, 1, Math.max), edge(1, 0, Math.min), edge(1, 1, Math.max)];
      if (!(east > west)) return;
      Object.assign(this.view, { x: (west + east) / 2, y: (south + north) / 2 });
      this.view.scale = 0.92 * Math.min(this.canvas.width / ((east - west) * this.squeeze()), this.canvas.height / (north - south));
    }

    squeeze() {
      return Math.cos((this.view.y * Math.PI) / 180);
    }

    project([x, y]) {
      return [this.canvas.width / 2 + (x - this.view.x) * this.squeeze() * this.view.scale, this.canvas.height / 2 - (y - this.view.y) * this.view.scale];
    }

    unproject([x, y]) {
      return [this.view.x + (x - this.canvas.width / 2) / (this.squeeze() * this.view.scale), this.view.y - (y - this.canvas.height / 2) / this.view.scale];
    }

    sized() {
      const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map((length) => Math.round(length * ratio()));
      if (!width || !height) return;
      if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
      if (!this.view.scale) this.look();
      this.later();
    }

    later() {
      this.frame = this.frame || requestAnimationFrame(() => this.draw());
    }

    draw() {
      this.frame = 0;
      if (!this.ground || !this.view.scale || !this.canvas.isConnected) return;
      const pen = this.canvas.getContext("2d");
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) * ratio();
      pen.fillStyle = colour("ground");
      pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
      center.placeGround.draw(this, pen, rem);
      for (const line of this.lines) this.line(pen, line, rem);
      for (const mark of this.marks) this.mark(pen, mark, rem);
      center.placeGround.scale(this, pen, rem);
    }

    line(pen, { points, look, width = 0.2, dashed = false }, rem) {
      pen.strokeStyle = colour(look);
      pen.lineWidth = width * rem;
      pen.setLineDash(dashed ? [0.4 * rem, 0.3 * rem] : []);
      pen.lineJoin = pen.lineCap = "round";
      pen.beginPath();
      points.forEach((point, n) => pen[n ? "lineTo" : "moveTo"](...this.project(point)));
      pen.stroke();
      pen.setLineDash([]);
    }

    mark(pen, { at, look = "accent", shape = "dot", size = 0.35, text = "" }, rem) {
      const [x, y] = this.project(at);
      if (x < -99 || y < -99 || x > this.canvas.width + 99 || y > this.canvas.height + 99) return;
      const r = size * rem;
      pen.fillStyle = pen.strokeStyle = colour(look);
      pen.lineWidth = 0.16 * rem;
      pen.beginPath();
      if (shape === "square") pen.rect(x - r, y - r, 2 * r, 2 * r);
      else if (shape === "here") pen.arc(x, y, 0.9 * rem, 0, 7);
      else pen.arc(x, y, r, 0, 7);
      if (shape === "ring" || shape === "here") pen.stroke();
      else pen.fill();
      if (shape === "here") {
        pen.beginPath();
        pen.arc(x, y, r, 0, 7);
        pen.fill();
      }
      if (!text) return;
      pen.font = `${0.82 * rem}px sans-serif`;
      pen.textAlign = "left";
      pen.lineWidth = 0.25 * rem;
      pen.strokeStyle = colour("ground");
      pen.fillStyle = colour("text");
      pen.strokeText(text, x + r + 0.35 * rem, y + 0.3 * rem);
      pen.fillText(text, x + r + 0.35 * rem, y + 0.3 * rem);
    }

    at(event) {
      return [event.offsetX * ratio(), event.offsetY * ratio()];
    }

    down(event) {
      const at = this.at(event);
      const grabbed = this.onPlace && this.marks.find((mark) => mark.drag && Math.hypot(this.project(mark.at)[0] - at[0], this.project(mark.at)[1] - at[1]) < 16 * ratio());
      this.held = { at, first: at, grabbed, moved: false };
      this.canvas.setPointerCapture(event.pointerId);
    }

    move(event) {
      const at = this.at(event);
      if (!this.held) {
        const over = this.marks.some((mark) => (mark.href || mark.drag) && Math.hypot(this.project(mark.at)[0] - at[0], this.project(mark.at)[1] - at[1]) < 10 * ratio());
        this.canvas.style.cursor = over ? "pointer" : "";
        return;
      }
      if (Math.hypot(at[0] - this.held.first[0], at[1] - this.held.first[1]) > 4 * ratio()) this.held.moved = true;
      if (!this.held.moved) return;
      if (this.held.grabbed) this.held.grabbed.at = this.unproject(at);
      else {
        this.view.x -= (at[0] - this.held.at[0]) / (this.squeeze() * this.view.scale);
        this.view.y += (at[1] - this.held.at[1]) / this.view.scale;
      }
      this.held.at = at;
      this.later();
    }

    up(event) {
      const held = this.held;
      this.held = null;
      if (!held) return;
      const at = this.at(event);
      if (held.moved) return held.grabbed && this.onPlace(this.unproject(at));
      const near = this.marks.find((mark) => mark.href && Math.hypot(this.project(mark.at)[0] - at[0], this.project(mark.at)[1] - at[1]) < 10 * ratio());
      if (near) location.assign(near.href);
      else if (this.onPlace) this.onPlace(this.unproject(at));
    }

    wheel(event) {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.0015), this.at(event));
    }

    zoom(times, at = [this.canvas.width / 2, this.canvas.height / 2]) {
      const under = this.unproject(at);
      this.view.scale = Math.min(Math.max(this.view.scale * times, 500), 4e7);
      const after = this.unproject(at);
      this.view.x += under[0] - after[0];
      this.view.y += under[1] - after[1];
      this.later();
    }
  };
})();
