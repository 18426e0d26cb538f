/* What people do to alarms: asks what a command needs, sends it, and says of each alarm what became of it.

   new opsCenter.AlarmCommands(page); the server's end is ops_center/screens/alarm_commands.py. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (...key) => center.alarmText.say(...key);
  const MANY = 20; // from here on it is asked whether all of them are meant
  const UNDO_MS = 20000;
  const PATIENCE_MS = 15000; // for the outcome of one command, while others wait behind it
  const LOOK_MS = 500;
  const HOURS = [0.5, 1, 2, 4, 8, 12, 24, 72, 168];
  const LARGEST_FILE = 2.5e6; // bytes; what a request may carry, as base64

  async function contentOf(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
    return btoa(text);
  }

  center.AlarmCommands = class {
    constructor(page) {
      this.page = page;
      this.undo = null;
      this.queue = []; // the first of them is under way
      this.sent = null; // its number
    }

    async command(act, ids) {
      const wanted = ids || this.page.targets();
      if (!this.page.config.acts.includes(act) || !wanted.length) return;
      const one = wanted.length === 1 ? this.page.state.find(wanted[0]) : null;
      const title = one ? `${say(`act_${act}`)} · ${center.alarmText.of(one.label)}` : `${say(`act_${act}`)} · ${say("many", wanted.length)}`;
      const answers = await this.question(act, title, wanted.length);
      if (!answers) return;
      const { file, hours, ...given } = answers;
      if (hours) given.until_us = Math.round(center.alarmNowUs() + hours * 3600e6);
      if (file && file.size > LARGEST_FILE) return this.fails("too_large");
      if (file) Object.assign(given, { name: file.name, content: await contentOf(file) });
      this.send({ act, ids: wanted, ...given });
    }

    /* One after the other: of what is asked in one moment Dash sends the last alone, and it drops an answer when it is to ask
       again before that has come. */
    send(command) {
      this.queue.push(command);
      if (this.queue.length === 1) this.next();
    }

    next() {
      this.sent = this.page.tell("alarm-command", this.queue[0]);
      this.sentAt = performance.now();
      this.looking = setInterval(() => this.look(), LOOK_MS);
    }

    done() {
      clearInterval(this.looking);
      this.sent = null;
      this.queue.shift();
      if (this.queue.length) this.next();
    }

    /* No outcome holds up what waits for ever. Of a line that is lost line.js has told already. */
    look() {
      const lost = document.documentElement.dataset.line === "lost";
      if (!lost && performance.now() - this.sentAt < PATIENCE_MS) return;
      const left = !document.getElementById("alarm-page"); // and with it what a command is sent by, and its outcome
      if (left ? this.queue.length > 1 : !lost) center.line.unanswered(false);
      if (left) this.queue = [];
      this.done();
    }

    fails(key) {
      const [zh, en] = this.page.config.words[key];
      this.outcome({ act: "attach", done: [], failed: { zh, en } });
    }

    question(act, title, many) {
      const reason = { name: "text", label: say("reason"), kind: "text", required: true };
      const departments = Object.entries(center.alarmText.names.departments).map(([code, label]) => [code, center.alarmText.of(label)]);
      const asked = {
        shelve: [{ name: "hours", label: say("how_long"), kind: "choice", value: 1, options: HOURS.map((h) => [h, center.alarmText.span(h * 3600)]) }, reason],
        out_of_service: [reason],
        comment: [{ ...reason, label: say("remark") }],
        assign: [{ name: "department", label: say("department"), kind: "choice", options: [["", say("nobody")], ...departments] }, { name: "person", label: say("person"), kind: "line" }],
        attach: [{ name: "file", label: say("file"), kind: "file", required: true }],
      }[act];
      if (asked) return center.ask({ title, fields: asked, yes: say(`act_${act}`), said: say(`said_${act}`) });
      return many > MANY ? center.ask({ title, fields: [], yes: say(`act_${act}`), said: say("said_many") }) : {};
    }

    /* The outcome of a command: how many it was done to, why not to others, and the way back where there is one. */
    outcome({ act, done, refused, undo, failed, n }) {
      if (n === this.sent) this.done(); // not that of one which was given up
      const parts = [];
      if (failed) parts.push(center.el("span", "wrong", {}, center.alarmText.of(failed)));
      if (done.length) parts.push(center.el("b", "", {}, say("done", say(`act_${act}`), done.length)));
      for (const { label, ids } of refused || []) {
        const why = center.el("button", "link", { type: "button" }, `${center.alarmText.of(label)} ×${ids.length}`);
        why.addEventListener("click", () => this.point(ids));
        parts.push(center.el("span", "wrong", {}, say("not_done")), why);
      }
      if (undo && done.length) {
        const back = center.el("button", "chip", { type: "button" }, say("undo"), center.el("kbd", "", {}, "u"));
        this.undo = () => this.goBack(undo, done);
        back.addEventListener("click", () => this.undo && this.undo());
        parts.push(back);
      } else this.undo = null;
      this.page.said.replaceChildren(...parts);
      clearTimeout(this.quieting);
      this.quieting = setTimeout(() => this.quiet(), UNDO_MS);
      if (!failed && !(refused || []).length) this.page.rows.selected.clear();
      if (this.page.opened) this.page.open(this.page.opened, true);
      this.page.moved();
      this.page.rows.schedule();
    }

    quiet() {
      this.page.said.replaceChildren();
      this.undo = null;
    }

    goBack(undo, ids) {
      this.undo = null;
      this.send({ act: undo, ids });
    }

    point(ids) {
      this.page.rows.selected = new Set(ids.filter((id) => this.page.rows.at.has(id)));
      if (this.page.rows.selected.size) this.page.rows.put([...this.page.rows.selected][0]);
    }
  };
})();
