/* Open incidents on the wall: a few lines, the gravest first, each with where it stands and how far its tasks are. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const painters = (center.painters = center.painters || {});
  const TICK_MS = 10000;
  const ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"];
  const zh = () => document.documentElement.dataset.language !== "en";
  const words = (chinese, english) => (zh() ? chinese : english);

  class IncidentPanel {
    constructor(element, said) {
      Object.assign(this, { element, said });
      this.rows = new Map();
      this.seq = null;
      this.lines = center.el("ol", "sp-incidents");
      this.calm = center.el("p", "sp-calm");
      this.more = center.el("p", "sp-more");
      element.replaceChildren(this.lines, this.calm, this.more);
      this.offsetMs = 0;
      this.leave = center.page.live.add({
        wanted: () => ({ incidents: true, ...(this.seq === null ? {} : { incidents_seq: this.seq }) }),
        onIncidents: (frame) => this.take(frame),
        onHeartbeat: (heartbeat) => (this.offsetMs = heartbeat.server_time_us / 1000 - Date.now()),
      });
      this.watch = new MutationObserver(() => this.paint());
      this.watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      this.timer = setInterval(() => this.paint(), TICK_MS);
      this.paint();
    }

    close() {
      this.leave();
      this.watch.disconnect();
      clearInterval(this.timer);
    }

    take(frame) {
      if (frame.complete) this.rows.clear();
      for (const row of frame.set) this.rows.set(row.id, row);
      for (const id of frame.gone) this.rows.delete(id);
      this.seq = frame.seq;
      this.paint();
    }

    paint() {
      const { levels, departments, most } = this.said;
      const fits = (row) => (!levels.length || levels.includes(row.level)) && (!departments.length || departments.includes(row.lead_department));
      const rows = [...this.rows.values()].filter(fits).sort((a, b) => a.level - b.level || b.tasks.overdue - a.tasks.overdue || a.reported_us - b.reported_us);
      this.lines.replaceChildren(...rows.slice(0, most).map((row) => this.line(row)));
      this.calm.hidden = rows.length > 0;
      this.calm.textContent = this.seq === null ? words("正在读取…", "reading …") : words("没有未结的突发事件", "no incident is open");
      this.more.hidden = rows.length <= most;
      this.more.textContent = words(`另有 ${rows.length - most} 起`, `and ${rows.length - most} more`);
    }

    line(row) {
      const { el, alarmText: text } = center;
      const nowUs = (Date.now() + this.offsetMs) * 1000;
      const { done, all, overdue } = row.tasks;
      const facts = [text.of(this.said.states[row.state]), row.district && text.of(text.named("districts", row.district)), all ? words(`任务 ${done}/${all}`, `${done} of ${all} tasks done`) : ""];
      const late = overdue ? [el("b", "sp-late", {}, words(`△ 超时 ${overdue}`, `△ ${overdue} late`))] : [];
      const drill = row.drill ? [el("b", "sp-drill", {}, words("演练", "drill"))] : [];
      const said = el("div", "words", {}, el("b", "", {}, row.title), el("span", "place", {}, facts.filter(Boolean).join(" · "), ...(late.length ? [" ", ...late] : []), ...drill));
      const level = el("i", `incident-level l${row.level}`, { title: words(`${ROMAN[row.level]}级`, `level ${ROMAN[row.level]}`) }, ROMAN[row.level]);
      return el("li", `sp-incident l${row.level}`, { "data-incident": String(row.id) }, level, said, el("span", "sp-age num", {}, text.span((nowUs - row.reported_us) / 1e6)));
    }
  }

  painters.incidents = {
    paint(element, said) {
      if (element.panel) element.panel.close();
      element.panel = new IncidentPanel(element, said);
    },
    gone(element) {
      if (element.panel) element.panel.close();
      element.panel = null;
    },
  };
})();
