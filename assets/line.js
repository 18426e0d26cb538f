/* Whether the center answers, on every page for a desk, and its database to the center: says when it does not, since when,
   and that what was asked for meanwhile was not done. Lists of alarms and the wall say the first of it in their own words.

   What asks is whatever a page asks anyway (and the stream, notices.js); while nothing answers, GET /api/alive. Of the
   database the stream's heartbeat tells (live_page.js). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const root = document.documentElement;
  const AGAIN_MS = 2000;
  const SAID_MS = 20000;
  const UPDATE = "/_dash-update-component";
  const ACTS = /\.n_clicks$|^alarm-command\./; // what a person does; lists that come anew by themselves are none
  const AWAY = [502, 504]; // a proxy says so for us
  const plain = window.fetch.bind(window);

  function el(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  const clock = (ms) => new Date(ms).toTimeString().slice(0, 8);

  function alert(id, zh, en) {
    const made = el("div", "", el("span", "zh", zh), el("span", "en", en));
    made.id = id;
    made.setAttribute("role", "alert");
    document.body.append(made);
    return made;
  }

  class Line {
    constructor() {
      this.lost = false;
      this.heardAt = Date.now();
      window.addEventListener("offline", () => this.check());
      window.addEventListener("online", () => this.check());
    }

    heard() {
      this.heardAt = Date.now();
      if (!this.lost) return;
      this.lost = false;
      clearTimeout(this.asking);
      delete root.dataset.line;
      if (this.bar) this.bar.remove();
    }

    /* Ask whether somebody is there. */
    async check() {
      clearTimeout(this.asking);
      try {
        await window.fetch("/api/alive", { cache: "no-store" });
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // said by `silent` already
      }
    }

    silent() {
      clearTimeout(this.asking);
      this.asking = setTimeout(() => this.check(), AGAIN_MS);
      if (this.lost) return;
      this.lost = true;
      root.dataset.line = "lost";
      this.show();
    }

    show() {
      if (!document.getElementById("desk")) return;
      const at = clock(this.heardAt);
      this.bar = alert("line-lost", `连接中断：画面停留在 ${at}，正在重连`, `CONNECTION LOST: this is of ${at}; reconnecting`);
    }

    /* For how long the database has not answered the center; 0: it answers. */
    asOf(stale_s) {
      const silent = stale_s > 0 && Boolean(document.getElementById("desk"));
      if (silent === Boolean(this.old)) return;
      if (this.old) {
        this.old.remove();
        this.old = null;
        delete root.dataset.database;
        return;
      }
      root.dataset.database = "silent";
      const at = clock(Date.now() - 1000 * stale_s);
      this.old = alert("line-old", `数据库无应答：画面停留在 ${at}`, `THE DATABASE DOES NOT ANSWER: this is of ${at}`);
    }

    /* Something that a person asked for got no answer. Sent into a line that was dead already it did not arrive. */
    unanswered(wasLost) {
      const words = wasLost || navigator.onLine === false
        ? ["没有执行：与中心的连接中断。恢复后请再试。", "Not done: the center can't be reached. Try again when it is back."]
        : ["没有应答：不知道是否已执行。恢复后请核对。", "No answer: whether it was done is not known. Look when it is back."];
      if (this.told) this.told.remove();
      this.told = alert("line-told", ...words);
      const told = this.told;
      setTimeout(() => told.remove(), SAID_MS);
    }
  }

  const line = (center.line = new Line());

  function isAct(address, options) {
    if (!String(address).includes(UPDATE) || !options || typeof options.body !== "string") return false;
    const { changedPropIds } = JSON.parse(options.body);
    return Array.isArray(changedPropIds) && changedPropIds.some((name) => ACTS.test(name));
  }

  const isOurs = (address) => new URL(address instanceof Request ? address.url : address, location.href).origin === location.origin;

  window.fetch = async (address, options) => {
    const ours = isOurs(address);
    const act = ours && isAct(address, options);
    const wasLost = line.lost;
    try {
      const answer = await plain(address, options);
      if (ours && AWAY.includes(answer.status)) {
        line.silent();
        if (act) line.unanswered(wasLost);
      } else if (ours) line.heard();
      return answer;
    } catch (error) {
      if (ours && error instanceof TypeError) {
        line.silent();
        if (act) {
          line.unanswered(wasLost);
          return new Response(null, { status: 204 }); // Dash frees the button that it made busy only for an answer
        }
      }
      throw error;
    }
  };
})();
