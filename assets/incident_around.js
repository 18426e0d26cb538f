/* What is around an incident: reached in how many minutes, ways around what is closed, what lies inside a drawn area.
   A part of the panel "who goes" (incident_dispatch.js). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const MINUTES = [5, 10, 15];
  const AREAS = ["cordon", "evacuation", "area", "closure"];
  const MOST_CORNERS = 200;

  center.IncidentAround = class {
    constructor(panel, root) {
      Object.assign(this, { panel, root, incident: null, reached: false, ways: null, inside: null, area: "" });
      this.bar = root.appendChild(el("div", "dispatch-bar"));
      this.found = root.appendChild(el("div", "dispatch-found"));
      root.addEventListener("click", (event) => this.act(event));
    }

    get place() {
      const points = this.incident.places[0].coordinates;
      return [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
    }

    get areas() {
      const { area, drawings } = this.incident;
      const drawn = drawings.filter(({ kind, place }) => AREAS.includes(kind) && place.kind === "area").map(({ id, kind, label, place }) => ({ key: `d${id}`, name: [0, 1].map((side) => [t.pair(`drawing_${kind}`)[side], label].filter(Boolean).join(" · ")), place }));
      return [...(area ? [{ key: "affected", name: t.pair("dispatch_affected"), place: area }] : []), ...drawn];
    }

    show(incident) {
      const before = this.incident;
      this.incident = incident;
      if (before && JSON.stringify(before.places[0]) !== JSON.stringify(incident.places[0])) this.reach(false);
      if (this.inside && !this.areas.some(({ key }) => key === this.area)) this.inside = null;
      this.paint();
    }

    paint() {
      const toggle = (name, on, key, hint) => el("button", "chip", { type: "button", "data-around": name, "data-key": name, "aria-pressed": String(on), ...(hint ? t.titled(hint) : {}) }, ...t.both(key));
      const choice = el("select", "", { "data-key": "area", "aria-label": t.say("dispatch_area") });
      choice.append(t.option(t.pair("dispatch_inside"), ""), ...this.areas.map(({ key, name }) => t.option(name, key, key === this.area && Boolean(this.inside))));
      choice.addEventListener("change", () => this.look(choice.value));
      const placed = this.incident.places.length > 0;
      const inside = this.areas.length ? [choice] : [el("span", "quiet", {}, ...t.both("dispatch_no_area"))];
      center.incidentPut(this.bar, ...(placed ? [toggle("reach", this.reached, "dispatch_reach", "dispatch_reach_hint")] : []), toggle("ways", Boolean(this.ways), "dispatch_diversions"), ...inside);
      center.incidentPut(this.found, ...(this.ways ? this.wayNodes() : []), ...(this.inside ? this.insideNodes() : []));
    }

    wayNodes() {
      if (!this.ways.length) return [el("p", "quiet", {}, ...t.both("dispatch_no_diversion"))];
      const streets = (route) => ["zh", "en"].map((language) => route.streets.slice(0, 4).map((name) => name[language]).join(" → "));
      const way = (one, place) => {
        if (!one.route) return el("li", "", {}, el("b", "", {}, ...t.label(one.street)), el("span", "wrong", {}, ...t.both("dispatch_no_way_round")));
        const [zh, en] = streets(one.route);
        const more = Math.max(0, one.route.minutes - one.minutes_before).toFixed(1);
        const draw = this.panel.room.mayChange ? [el("button", "copy", { type: "button", "data-divert": String(place), "data-key": `divert-${place}` }, ...t.both("dispatch_draw"))] : [];
        return el("li", "", {}, el("b", "", {}, ...t.label(one.street)), el("span", "", {}, ...t.label({ zh: t.pair("dispatch_via", zh)[0], en: t.pair("dispatch_via", en)[1] })), el("b", "num", {}, ...t.both("dispatch_longer", more)), ...draw);
      };
      return [el("ol", "dispatch-ways", {}, ...this.ways.map(way))];
    }

    insideNodes() {
      const { residents, workers, buildings, places } = this.inside;
      const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
      const figure = (key, value) => el("div", "", {}, el("b", "num", {}, whole.format(value)), el("span", "quiet", {}, ...t.both(key)));
      const place = (one) => el("li", "", {}, el("span", "", {}, ...t.label(one.label)), ...(one.vulnerable ? [el("b", "dispatch-vulnerable", {}, ...t.both("dispatch_vulnerable"))] : []), ...(one.hazardous ? [el("b", "dispatch-hazard", {}, ...t.both("dispatch_hazardous"), ` ${one.hazardous} ${whole.format(one.hazardous_t)} t`)] : []));
      return [el("div", "dispatch-figures", {}, figure("dispatch_residents", residents), figure("dispatch_workers", workers), figure("dispatch_buildings", buildings)), el("ul", "dispatch-places", {}, ...places.map(place))];
    }

    /* ---- what is asked ---- */

    act(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const { around, divert } = button.dataset;
      if (around === "reach") this.reach(!this.reached);
      else if (around === "ways") this.divert(!this.ways);
      else if (divert) this.take(this.ways[Number(divert)]);
    }

    async reach(on) {
      this.reached = on;
      if (!on) this.panel.map.rings(null);
      this.paint();
      if (!on) return;
      const [longitude, latitude] = this.place;
      const found = await this.ask(`/routing/isochrone?longitude=${longitude}&latitude=${latitude}&urgent=true&${MINUTES.map((one) => `minutes=${one}`).join("&")}`);
      if (found && this.reached) this.panel.map.rings(found);
    }

    async divert(on) {
      this.ways = null;
      const found = on ? await this.ask(`/routing/diversions?incident=${this.panel.room.id}`) : null;
      this.ways = found;
      this.panel.map.around(found && found.filter(({ route }) => route).map(({ route }) => route.coordinates));
      this.paint();
    }

    /* Put a way around on the shared picture. */
    take({ street, route }) {
      const step = Math.ceil(route.coordinates.length / 1000);
      const coordinates = route.coordinates.filter((_, place) => place % step === 0 || place === route.coordinates.length - 1);
      this.panel.room.attempt({ do: "draw", kind: "diversion", label: street.zh, english: street.en, place: { kind: "line", coordinates, name: "" } });
    }

    async look(key) {
      this.area = key;
      const chosen = this.areas.find((one) => one.key === key);
      this.inside = null;
      if (chosen) {
        const step = Math.ceil(chosen.place.coordinates.length / MOST_CORNERS);
        const corners = chosen.place.coordinates.filter((_, place) => place % step === 0).map((point) => point.join(",")).join(";");
        this.inside = await this.ask(`/incidents/${this.panel.room.id}/inside?area=${encodeURIComponent(`polygon:${corners}`)}`);
        center.dispatchFit(this.panel.room.map, chosen.place.coordinates);
      }
      this.paint();
    }

    async ask(path) {
      const found = await center.dispatchAsk("GET", path);
      if (!found.ok) this.panel.room.tell(t.label(found), true);
      return found.ok ? found.body : null;
    }
  };
})();
