/* The tasks of a room, by department: where each stands, how long there is left, and what can be done about it. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const MINUTE_US = 60e6;
  const SIGNS = { waiting: "◷", assigned: "○", accepted: "◔", under_way: "◑", reported: "◕", verified: "●", refused: "⊘", cancelled: "–" };
  const RANK = { refused: 0, assigned: 1, reported: 2, under_way: 3, accepted: 4, waiting: 5, verified: 6, cancelled: 7 };
  const OVER = new Set(["verified", "cancelled"]);
  /* What can be done at a stage; the first is what usually comes next. */
  const ACTS = {
    waiting: ["task_assign", "task_cancel"],
    assigned: ["task_accept", "task_start", "task_report", "task_refuse", "task_assign", "task_cancel"],
    accepted: ["task_start", "task_report", "task_refuse", "task_assign", "task_cancel"],
    under_way: ["task_report", "task_refuse", "task_assign", "task_cancel"],
    reported: ["task_verify", "task_send_back"],
    refused: ["task_assign", "task_cancel"],
    verified: [],
    cancelled: [],
  };
  const ASKS = { task_refuse: "reason", task_send_back: "reason", task_cancel: "reason", task_report: "result", task_assign: "assign" };

  /* Until when a task is to be accepted or done, µs; 0 where nothing is due. */
  const dueUs = (task) => {
    if (!task.begins_us) return 0;
    const [accept, done] = [task.accept_minutes, task.done_minutes].map((minutes) => task.begins_us + minutes * MINUTE_US);
    if (["assigned", "refused"].includes(task.stage)) return Math.min(accept, done);
    return ["accepted", "under_way"].includes(task.stage) ? done : 0;
  };
  const isLate = (task, nowUs) => dueUs(task) > 0 && nowUs > dueUs(task);
  center.incidentDue = { dueUs, isLate, SIGNS };

  /* A countdown: what is left, or by how much it is late; opsCenter.incidentCount(nowUs) keeps all of them. */
  center.incidentCountdown = (us) => el("span", "incident-due num", { "data-due-us": String(Math.round(us)) });
  center.incidentCount = (nowUs, within = document) => {
    for (const place of within.querySelectorAll("[data-due-us]")) {
      const left = Number(place.dataset.dueUs) - nowUs;
      const late = left < 0;
      const said = t.clockOf(Math.abs(left));
      if (place.dataset.said === said && place.classList.contains("late") === late) continue;
      place.dataset.said = said;
      place.classList.toggle("late", late);
      place.classList.toggle("soon", !late && left < 5 * MINUTE_US);
      place.replaceChildren(...(late ? ["△ ", ...t.both("late_by", said)] : t.both("left", said)));
    }
  };

  center.IncidentTasks = class {
    constructor(room) {
      this.room = room;
      this.place = byId("incident-tasks");
      this.head = byId("incident-tasks-head");
      this.place.addEventListener("click", (event) => this.clicked(event));
      this.place.replaceChildren(center.incidentState("loading", t.both("tasks_reading")));
      room.on("changed", (standing) => standing && this.show(standing));
      room.on("tick", (nowUs) => this.tick(nowUs));
    }

    show({ tasks, incident }) {
      const nowUs = center.incidentClock.nowUs();
      this.lates = tasks.map((task) => isLate(task, nowUs)).join();
      const look = JSON.stringify([tasks, this.lates, this.room.mayChange, incident.state]);
      if (look === this.look) return;
      this.look = look;
      const late = tasks.filter((task) => isLate(task, nowUs)).length;
      const done = tasks.filter((task) => ["reported", "verified"].includes(task.stage)).length;
      const add = this.room.mayChange && incident.state !== "closed" ? [center.incidentButton("copy", "give_task_short", (event) => new center.IncidentActs(this.room).ask("give_task", event.currentTarget), { "data-key": "give-task" })] : [];
      center.incidentPut(this.head, el("h2", "", {}, ...t.both("tasks")), ...(tasks.length ? [el("span", "quiet num", {}, ...t.both("tasks_done", done, tasks.length))] : []), ...(late ? [el("span", "incident-late", {}, "△ ", ...t.both("overdue_n", late))] : []), el("span", "spring"), ...add);
      if (!tasks.length) return this.place.replaceChildren(center.incidentState("empty", t.both(incident.plan ? "no_tasks_yet" : "no_plan_yet")));
      center.incidentPut(this.place, ...this.groups(tasks, nowUs));
      center.incidentCount(nowUs, this.place);
    }

    groups(tasks, nowUs) {
      const departments = [...new Set(tasks.map(({ department }) => department))];
      const lates = (department) => tasks.filter((task) => task.department === department && isLate(task, nowUs)).length;
      departments.sort((a, b) => lates(b) - lates(a) || tasks.findIndex((task) => task.department === a) - tasks.findIndex((task) => task.department === b));
      return departments.map((department) => this.group(department, tasks.filter((task) => task.department === department), nowUs, lates(department)));
    }

    group(department, tasks, nowUs, late) {
      const rank = (task) => (isLate(task, nowUs) ? -1 : RANK[task.stage]);
      const open = tasks.filter((task) => !OVER.has(task.stage)).sort((a, b) => rank(a) - rank(b) || a.id - b.id);
      const over = tasks.filter((task) => OVER.has(task.stage));
      const head = el("h3", "", {}, ...t.label(t.named("departments", department)), el("span", "quiet num", {}, `${tasks.length - open.length}/${tasks.length}`), ...(late ? [el("span", "incident-late", {}, "△ ", String(late))] : []));
      const past = over.length ? [el("details", "incident-over", { "data-key": `over-${department}` }, el("summary", "", {}, ...t.both("tasks_over", over.length)), ...over.map((task) => this.task(task, nowUs)))] : [];
      return el("section", "incident-department", {}, head, ...open.map((task) => this.task(task, nowUs)), ...past);
    }

    task(task, nowUs) {
      const late = isLate(task, nowUs);
      const due = dueUs(task);
      const when = due ? [center.incidentCountdown(due)] : task.stage === "waiting" ? [] : [el("span", "quiet num", {}, t.moment(task.verified_us || task.reported_us))];
      const stage = el("span", `incident-stage stage-${task.stage}`, {}, el("i", "", { "aria-hidden": "true" }, SIGNS[task.stage]), ...t.both(`stage_${task.stage}`));
      const who = task.person ? [el("span", "incident-person", {}, ...t.label(t.person(task.person)))] : [];
      const told = task.escalated ? [el("span", "badge notice", {}, ...t.both("escalated_n", task.escalated))] : [];
      const words = [task.stage === "refused" && el("p", "incident-reason", {}, ...t.both("refused_because"), ": ", task.refused_reason), task.result && el("p", "incident-result", {}, ...t.both("result"), ": ", task.result), task.stage === "waiting" && task.after.length && el("p", "quiet", {}, ...t.both("waits_for"), ": ", ...this.before(task))].filter(Boolean);
      const text = task.text && (task.text.zh || task.text.en) ? [el("details", "incident-task-text", { "data-key": `text-${task.id}` }, el("summary", "", {}, ...t.label(task.title)), el("p", "", {}, ...t.label(task.text)))] : [el("b", "incident-task-title", {}, ...t.label(task.title))];
      return el("article", `incident-task${late ? " late" : ""}`, { "data-task": String(task.id) }, el("div", "incident-task-head", {}, ...text, ...when), el("div", "incident-task-line", {}, stage, ...who, ...told, el("span", "incident-task-acts", {}, ...this.buttons(task))), ...words);
    }

    before(task) {
      const tasks = task.after.map((step) => this.room.tasks.find((one) => one.step === step)).filter(Boolean);
      return tasks.flatMap((one, place) => [...(place ? [" · "] : []), ...t.label(one.title)]);
    }

    buttons(task) {
      if (!this.room.takesPart || this.room.incident.state === "closed") return [];
      const [first, ...others] = ACTS[task.stage];
      if (!first) return [];
      const button = (name, look) => el("button", look, { type: "button", "data-act": name, "data-task": String(task.id), "data-key": `${name}-${task.id}` }, ...t.both(name));
      const more = others.length ? [el("details", "incident-menu", { "data-key": `menu-${task.id}` }, el("summary", "copy", t.titled("more"), "⋯"), el("div", "", {}, ...others.map((name) => button(name, "act"))))] : [];
      return [button(first, "copy"), ...more];
    }

    clicked(event) {
      const button = event.target.closest("button[data-act]");
      if (!button) return;
      const menu = button.closest("details.incident-menu");
      if (menu) menu.open = false;
      this.act(button.dataset.act, this.room.tasks.find(({ id }) => id === Number(button.dataset.task)), button);
    }

    act(name, task, from) {
      const kind = ASKS[name];
      if (!kind) return this.room.attempt({ do: name, task: task.id });
      const departments = Object.entries(t.names.departments).map(([code, label]) => [label, code]);
      const fields = {
        reason: [{ name: "reason", label: t.pair("reason"), kind: "text", required: true }],
        result: [{ name: "result", label: t.pair("result"), kind: "text", required: true }],
        assign: [{ name: "department", label: t.pair("department"), kind: "choice", value: task.department, options: departments }, { name: "person", label: t.pair("person"), kind: "person", value: task.person }],
      }[kind];
      const send = async (answers) => {
        const answer = await this.room.do({ do: name, task: task.id, ...answers, ...(kind === "result" ? { files: [] } : {}) });
        return answer.code === undefined ? null : answer;
      };
      const title = t.pair(name).map((one, place) => `${one} · ${[task.title.zh, task.title.en][place]}`);
      center.incidentQuestion({ title, fields, yes: t.pair(name), send, from });
    }

    tick(nowUs) {
      if (!this.room.standing) return;
      center.incidentCount(nowUs);
      const lates = this.room.tasks.map((task) => isLate(task, nowUs)).join();
      if (lates !== this.lates) this.show(this.room.standing);
    }
  };
})();
