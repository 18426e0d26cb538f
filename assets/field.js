/* The phone page of a crew: its unit, its tasks by their deadline, and what it says of them. What was known last stands there
   while the line is away, with its age; what is pressed meanwhile waits in the queue (field_queue.js) and counts at once. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const KEPT = "ops-center.field-seen";
  const EVERY_MS = 20000;
  const SOON_MS = 250;
  const TICK_MS = 10000;
  const OLD_MS = 60000;
  const PRESS_MS = 2000; // the end of a press may never come: a dialog, the camera
  const CLICK_MS = 300; // a click follows the finger that went up, in a task of its own
  const QUICK = {
    refuse: [["车辆故障", "vehicle broken down"], ["正在执行其他任务", "busy with another task"], ["道路不通", "road blocked"], ["缺少装备", "equipment missing"]],
    done: [["已完成，现场恢复正常", "done, all normal again"], ["已完成，留人看守", "done, somebody stays on watch"]],
  };
  const SAID = { refuse: ["拒绝的理由", "Why you refuse"], done: ["处置结果", "What was done"] };

  class Field {
    constructor(root) {
      this.root = root;
      this.parts = center.field;
      this.zone = root.dataset.zone;
      this.connected = true;
      this.failed = "";
      this.open = Number(new URLSearchParams(location.search).get("task")) || 0;
      const { el } = this.parts;
      this.line = el("div", "field-line", { role: "status", "aria-live": "polite" });
      this.place = el("div", "field-place");
      this.bar = el("div", "field-acts");
      this.camera = el("input", "", { type: "file", accept: "image/*", capture: "environment", hidden: "", id: "field-camera" });
      this.camera.onchange = () => this.photo();
      root.replaceChildren(this.line, this.place, this.bar, this.camera);
      root.addEventListener("click", (event) => this.click(event));
      root.addEventListener("click", () => this.hold(0), true);
      root.addEventListener("pointerdown", () => this.hold(PRESS_MS));
      this.lifted = () => this.pressed && this.hold(CLICK_MS);
      for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, this.lifted);
      this.seen = recalled(root.dataset.account);
      this.queue = new center.FieldQueue(root.dataset.account, () => this.render());
      this.leave = center.page.live.add({
        wanted: () => ({ incidents: true, ...(this.seq ? { incidents_seq: this.seq } : {}) }),
        onIncidents: (frame) => this.heard(frame),
        onNotices: () => this.soon(),
        onState: (connected) => this.state(connected),
      });
      this.timers = [setInterval(() => document.hidden || this.ask(), EVERY_MS), setInterval(() => this.render(), TICK_MS)];
      this.online = () => (this.queue.send(), this.ask());
      window.addEventListener("online", this.online);
      document.addEventListener("visibilitychange", this.online);
      this.render();
      this.ask();
    }

    /* ---- what is known ---- */

    heard(frame) {
      this.seq = frame.seq;
      this.soon();
    }

    state(connected) {
      this.connected = connected;
      if (connected) this.online();
      else this.render();
    }

    soon() {
      clearTimeout(this.asking);
      this.asking = setTimeout(() => this.ask(), SOON_MS);
    }

    async ask() {
      if (!this.root.isConnected) return this.close();
      try {
        const answer = await fetch("/api/field", { cache: "no-store" });
        if (!answer.ok) throw new TypeError(`answered ${answer.status}`);
        this.seen = { ...(await answer.json()), read_ms: Date.now() };
        this.failed = "";
        remember(this.seen);
        this.queue.send();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        this.failed = error.message;
      }
      this.render();
    }

    close() {
      this.leave();
      this.timers.forEach(clearInterval);
      window.removeEventListener("online", this.online);
      for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, this.lifted);
      document.removeEventListener("visibilitychange", this.online);
      this.leave = () => {};
    }

    /* Tasks as they will be when all that waits is sent. */
    tasks() {
      const waiting = this.queue.mine().filter((one) => !one.refused);
      return (this.seen ? this.seen.tasks : []).map((task) => {
        const own = waiting.filter((one) => one.task === task.id);
        const now = own.reduce((stage, one) => this.parts.AFTER[one.act] || stage, task.stage);
        const arrived = Boolean(task.sent && task.sent.arrived_us) || own.some((one) => one.act === "arrive");
        return { ...task, now, arrived, waits: own.length };
      });
    }

    nowUs() {
      return this.seen ? this.seen.now_us + (Date.now() - this.seen.read_ms) * 1000 : Date.now() * 1000;
    }

    /* ---- what is shown ---- */

    /* A button that is replaced under a finger is never clicked: what is new waits, for so long at most. */
    hold(ms) {
      this.pressed = ms > 0;
      clearTimeout(this.pressing);
      this.pressing = setTimeout(() => this.release(), ms);
    }

    release() {
      this.pressed = false;
      if (this.late) this.render();
    }

    render() {
      this.late = this.pressed;
      if (this.late) return;
      this.lineOf();
      if (this.form) return; // somebody writes
      const task = this.open && this.tasks().find((one) => one.id === this.open);
      if (this.choosing) this.showUnits();
      else if (task) this.showTask(task);
      else this.showAll();
    }

    lineOf() {
      const { el, words, clock } = this.parts;
      const waits = this.queue.mine().filter((one) => !one.refused).length;
      const old = this.seen && Date.now() - this.seen.read_ms > OLD_MS;
      const away = this.failed || !this.connected || !navigator.onLine;
      this.root.dataset.line = away ? "away" : "good";
      const said = away
        ? ["○ ", ...words("信号中断", "no connection"), ...(this.seen ? [" · ", ...words(`${clock(this.seen.read_ms * 1000, this.zone)} 的数据`, `as of ${clock(this.seen.read_ms * 1000, this.zone)}`)] : [])]
        : old ? ["◐ ", ...words("数据较旧", "data is aged")] : ["● ", ...words("已连接", "connected")];
      const parts = [el("span", "field-signal", {}, ...said)];
      if (waits) parts.push(el("b", "field-waits", {}, "⏳ ", ...words(`${waits} 项待发送`, `${waits} to be sent`)));
      if (this.queue.memory) parts.push(el("b", "field-late", {}, "▲ ", ...words("手机存储已满，请勿关闭页面", "storage is full: keep this page open")));
      this.line.replaceChildren(...parts, ...this.refused());
    }

    /* What the center did not take stands there until somebody has read it. */
    refused() {
      const { el, words, of, ACTS } = this.parts;
      return this.queue.mine().filter((one) => one.refused).map((one) => {
        const task = this.seen && this.seen.tasks.find((known) => known.id === one.task);
        const [zh, en] = ACTS[one.act];
        const about = el("p", "", {}, "✕ ", el("b", "", {}, ...words(`${zh}未被接受`, `${en}: not accepted`)), " ", ...(task ? of(task.title) : []));
        return el("div", "field-refused", { role: "alert" }, about, el("p", "", {}, ...of(one.refused)), el("button", "", { type: "button", "data-drop": one.key }, ...words("知道了", "Understood")));
      });
    }

    showAll() {
      const { el, words, taskCard } = this.parts;
      this.bar.replaceChildren();
      if (!this.seen) return this.place.replaceChildren(this.failed ? state("!", "读取失败", "Could not be read", "连接恢复后会自动重试。", "It is tried again as soon as there is a line.") : state("…", "正在读取", "Loading", "正在读取任务。", "Tasks are on their way."));
      const now = this.nowUs();
      const tasks = this.tasks().filter((one) => one.now !== "refused");
      const mine = tasks.filter((one) => one.mine || one.waits);
      const others = tasks.filter((one) => !one.mine && !one.waits);
      const parts = [this.unitCard(), el("h2", "", {}, ...words(`我的任务 ${mine.length}`, `My tasks ${mine.length}`)), ...mine.map((one) => taskCard(one, now))];
      if (!mine.length) parts.push(state("✓", "没有任务", "No tasks", "有新任务时会在这里出现并提示。", "A new one appears here, and you are told."));
      if (others.length) parts.push(el("h2", "", {}, ...words(`本部门待接受 ${others.length}`, `For my department ${others.length}`)), ...others.map((one) => taskCard(one, now)));
      this.place.replaceChildren(...parts);
    }

    unitCard() {
      const { el, words, of, clock } = this.parts;
      const unit = this.seen.unit;
      if (!unit) return el("section", "field-unit field-none", {}, el("p", "", {}, ...words("您还没有上岗。", "You are not signed on to a unit.")), el("button", "field-main", { type: "button", "data-choose": "" }, ...words("选择班组上岗", "Sign on to a unit")));
      const head = el("div", "", {}, el("b", "field-title", {}, ...of(unit.label)), el("div", "field-quiet", {}, ...of(unit.kind), " · ", ...words(`${unit.members} 人 · ${clock(unit.since_us, this.zone)} 上岗`, `${unit.members} people · on since ${clock(unit.since_us, this.zone)}`)));
      return el("section", "field-unit", {}, head, el("button", "", { type: "button", "data-choose": "" }, ...words("更换", "Change")));
    }

    showUnits() {
      const { el, words, of } = this.parts;
      const unit = this.seen.unit;
      const one = (entry) => el("button", "field-card", { type: "button", "data-unit": entry.id, ...(unit && unit.id === entry.id ? { "aria-current": "true" } : {}) },
        el("b", "field-title", {}, ...of(entry.label)), el("span", "field-of", {}, ...of(entry.kind), ...(entry.held_by && !(unit && unit.id === entry.id) ? [" · ", ...words(`现由 ${entry.held_by.zh} 使用，上岗即接替`, `held by ${entry.held_by.en}: you take over`)] : [])));
      const parts = [el("h2", "", {}, ...words("选择班组", "Choose a unit")), ...this.seen.units.map(one)];
      if (!this.seen.units.length) parts.push(state("–", "没有班组", "No units", "您的部门没有可上岗的班组。", "Your department has no units."));
      this.place.replaceChildren(...parts);
      const off = unit ? [el("button", "", { type: "button", "data-off": "" }, ...words("离岗", "Sign off"))] : [];
      this.bar.replaceChildren(el("div", "field-more", {}, el("button", "", { type: "button", "data-back": "" }, ...words("返回", "Back")), ...off));
    }

    showTask(task) {
      const { el, words, taskBody, acts, ACTS } = this.parts;
      const back = el("button", "field-back", { type: "button", "data-back": "" }, "‹ ", ...words("全部任务", "All tasks"));
      this.place.replaceChildren(back, ...taskBody(task, this.nowUs(), this.zone));
      const [main, ...more] = acts(task, this.seen.unit).map((act, n) => el("button", n ? "" : "field-main", { type: "button", "data-act-of": act }, ...words(...ACTS[act])));
      this.bar.replaceChildren(...(main ? [main] : []), ...(more.length ? [el("div", "field-more", {}, ...more)] : []));
    }

    /* ---- what somebody does ---- */

    click(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const { task, drop, unit, actOf, say } = button.dataset;
      if (drop) this.queue.drop(drop);
      else if (task) this.go(Number(task));
      else if ("choose" in button.dataset) this.go(0, true);
      else if ("back" in button.dataset) this.go(0);
      else if (unit) this.sign("on", { unit });
      else if ("off" in button.dataset) this.sign("off");
      else if (say) this.form.text.value = say;
      else if (actOf) this.act(actOf);
    }

    go(task, choosing = false) {
      this.open = task;
      this.choosing = choosing;
      this.form = null;
      this.render();
      window.scrollTo(0, 0);
    }

    act(act) {
      if (act === "photo") return this.camera.click();
      if (SAID[act]) return this.ask_for(act);
      this.say(act);
    }

    say(act, more = {}) {
      const task = this.tasks().find((one) => one.id === this.open);
      this.form = null;
      if (task) this.queue.add({ incident: task.incident.id, task: task.id, act, ...more });
      this.render();
    }

    /* A reason or a result: chips for gloves, and a field for more. */
    ask_for(act) {
      const { el, words } = this.parts;
      const text = el("textarea", "", { rows: "3", maxlength: "1000", required: "", id: "field-text" });
      const english = document.documentElement.dataset.language === "en";
      const chips = QUICK[act].map((said) => el("button", "field-chip", { type: "button", "data-say": said[english ? 1 : 0] }, ...words(...said)));
      const send = el("button", "field-main", { type: "submit" }, ...words(...this.parts.ACTS[act]));
      const back = el("button", "", { type: "button", "data-back-form": "" }, ...words("取消", "Cancel"));
      const form = el("form", "field-form", {}, el("label", "", { for: "field-text" }, ...words(...SAID[act])), el("div", "field-chips", {}, ...chips), text, send, el("div", "field-more", {}, back));
      back.onclick = (event) => (event.stopPropagation(), (this.form = null), this.render());
      form.onsubmit = (event) => {
        event.preventDefault();
        if (text.value.trim()) this.say(act, { text: text.value.trim() });
      };
      this.form = { text };
      this.bar.replaceChildren(form);
      text.focus();
    }

    async photo() {
      const [file] = this.camera.files;
      this.camera.value = "";
      if (!file) return;
      try {
        this.say("photo", { photo: await center.fieldPhoto(file) });
      } catch (error) {
        this.tell("无法读取这张照片", "this photo can't be read");
      }
    }

    async sign(way, body) {
      try {
        const answer = await fetch(`/api/field/sign-${way}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
        const said = await answer.json();
        if (!answer.ok) return this.tell(said.zh || "未能完成", said.en || "could not be done");
        this.go(0);
        if (said.took_over) this.tell("已接替原班组人员", "you took the unit over from another crew");
        await this.ask();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        this.tell("上岗需要网络连接", "signing on needs a connection");
      }
    }

    tell(zh, en) {
      const { el, words } = this.parts;
      const told = el("div", "field-told", { role: "alert" }, ...words(zh, en));
      this.line.after(told);
      setTimeout(() => told.remove(), 6000);
    }
  }

  function state(sign, zh, en, zhMore, enMore) {
    const { el, words } = center.field;
    return el("div", "state", {}, el("span", "state-sign", { "aria-hidden": "true" }, sign), el("b", "", {}, ...words(zh, en)), el("p", "", {}, ...words(zhMore, enMore)));
  }

  /* What this account saw last on this phone; what others saw is none of its business. */
  function recalled(account) {
    try {
      const seen = JSON.parse(localStorage.getItem(KEPT));
      return seen && seen.account === account ? seen : null;
    } catch (error) {
      return null;
    }
  }

  function remember(seen) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(seen));
    } catch (error) {
      // the line will be there again
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.field = {
    begin(id) {
      const root = document.getElementById(id);
      if (root) center.fieldPage = new Field(root);
      return window.dash_clientside.no_update;
    },
  };
})();
