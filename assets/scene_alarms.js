/* What waits for somebody, on the wall: a few lines, worst first, and how many there are of each priority. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const painters = (center.painters = center.painters || {});
  const PAINT_MS = 500; // at most this often, however much changes
  const say = (...key) => center.alarmText.say(...key);

  class AlarmPanel {
    constructor(element, said) {
      Object.assign(this, { element, said });
      const el = center.el;
      this.state = new center.AlarmState();
      this.lines = el("ol", "sp-alarms");
      this.more = el("p", "sp-more");
      this.calm = el("p", "sp-calm");
      this.strip = said.strip ? el("div", "alarm-strip") : null;
      element.replaceChildren(...(this.strip ? [this.strip] : []), this.lines, this.calm, this.more);
      if (this.strip) this.tiles = new center.AlarmStrip(this.strip);
      this.offsetMs = 0;
      this.age = {};
      this.leave = center.page.live.add({
        wanted: () => ({ alarms: true, ...(this.state.seq === null ? {} : { alarms_seq: this.state.seq }) }),
        onAlarms: (frame) => this.take(frame),
        onHeartbeat: (heartbeat) => this.beat(heartbeat),
      });
      this.watch = new MutationObserver(() => this.speak());
      this.watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      this.speak();
    }

    close() {
      this.leave();
      this.watch.disconnect();
      clearTimeout(this.waiting);
    }

    take(frame) {
      this.state.take(frame);
      document.documentElement.dataset.alarms = String(this.state.rows.size);
      this.paintSoon();
    }

    beat(heartbeat) {
      this.offsetMs = heartbeat.server_time_us / 1000 - Date.now();
      this.age = center.alarmAge(heartbeat);
      this.paintSoon();
    }

    speak() {
      if (this.tiles) this.tiles.speak();
      this.paint();
    }

    paintSoon() {
      if (this.waiting) return;
      this.waiting = setTimeout(() => this.paint(), PAINT_MS);
    }

    paint() {
      this.waiting = null;
      const nowUs = (Date.now() + this.offsetMs) * 1000;
      const starting = this.state.seq === null;
      const age = { starting, lost_s: 0, ...this.age };
      if (this.tiles) this.tiles.show(this.state.counts(), this.state.flood(nowUs), age);
      const { priorities, waiting, departments, most } = this.said;
      const fits = (row) =>
        this.state.isLine(row) &&
        row.aside === "" &&
        (!waiting || row.waits) &&
        (!priorities.length || priorities.includes(row.priority)) &&
        (!departments.length || departments.includes(row.department) || departments.includes(row.assigned_department));
      const rows = [...this.state.rows.values()].filter(fits).sort((a, b) => a.rank - b.rank || b.id - a.id);
      this.lines.replaceChildren(...rows.slice(0, most).map((row) => this.line(row, nowUs)));
      // Nothing is calm that nobody judges; the tiles say so where there are some.
      const doubt = center.alarmDoubt(age);
      const said = doubt ? (this.tiles ? "" : doubt) : rows.length ? "" : calm();
      this.calm.hidden = !said;
      this.calm.classList.toggle("doubt", Boolean(doubt) && !starting);
      this.calm.textContent = said;
      this.more.hidden = rows.length <= most;
      this.more.textContent = rows.length > most ? further(rows.length - most) : "";
    }

    line(row, nowUs) {
      const el = center.el;
      const place = [row.name && center.alarmText.of(row.name), row.district && center.alarmText.of(center.alarmText.named("districts", row.district))];
      const line = el("li", `sp-alarm p${row.priority}${row.waits ? " waits" : ""}`, { "data-alarm": "open", "data-id": String(row.id) });
      const words = el("div", "words", {}, el("b", "", {}, center.alarmText.of(row.label)), el("span", "place", {}, place.filter(Boolean).join(" · ")));
      line.append(el("i", "shape", {}, String(row.priority)), words, el("span", "sp-age num", {}, center.alarmText.span((nowUs - row.raised_us) / 1e6)));
      return line;
    }
  }

  const zh = () => document.documentElement.dataset.language !== "en";
  const calm = () => (zh() ? "没有需要处置的报警" : "nothing waits for anybody");
  const further = (count) => (zh() ? `另有 ${count} 条` : `and ${count} more`);

  painters.alarms = {
    paint(element, said) {
      if (element.panel) element.panel.close();
      element.panel = new AlarmPanel(element, said);
    },
    gone(element) {
      if (element.panel) element.panel.close();
      element.panel = null;
    },
  };
})();
