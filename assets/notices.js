/* What somebody is told on the pages: on every page with a user's menu, and so never on a display. What is new comes over
   /live; of several tabs one tells it (one that is looked at, if there is one), and what was read in one is read in all.

   Habits of this browser: ops-center.notices ("off": nothing pops up), ops-center.notices-sound ("on"),
   ops-center.notices-system ("on": the browser's own notifications, which a click asked for). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const CHANNEL = "ops-center.notices";
  const TOLD = "notices-told"; // ids that some tab of this browser has told
  const REMEMBERED = 300;
  const OLD_MS = 10 * 60000; // what was told longer ago is counted, and pops up no more
  const SHOWN = 4;
  const STAYS_MS = { 1: Infinity, 2: Infinity, 3: 20000, 4: 12000 };
  const HIDDEN_WAITS_MS = 600; // so long a tab that nobody looks at leaves it to one that is looked at
  const SHAPES = { 1: "■", 2: "▲", 3: "◆", 4: "●" };
  const words = (zh, en) => [el("span", "zh", {}, zh), el("span", "en", {}, en)];
  const wants = (name) => center.remembered(name) === "on";
  const pops = () => center.remembered("notices") !== "off";
  const mayShow = () => "Notification" in window && Notification.permission === "granted";

  function el(tag, className, attributes, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  class Notices {
    constructor() {
      this.shown = new Map(); // id → {part, row, timer, others}: others of the same place, told by the same card
      this.unread = 0;
      this.sound = new center.AlarmSound();
      this.tabs = "BroadcastChannel" in window ? new BroadcastChannel(CHANNEL) : null;
      if (this.tabs) this.tabs.onmessage = ({ data }) => data.read.forEach((id) => this.take(id));
      document.addEventListener("pointerdown", () => this.unlock(), { capture: true });
      document.addEventListener("keydown", () => this.unlock(), { capture: true });
      document.addEventListener("click", (event) => this.click(event));
      new MutationObserver(() => this.mount()).observe(document.body, { childList: true, subtree: true });
      this.mount();
    }

    /* The page is there, or another one took its place. */
    mount() {
      const menu = document.getElementById("user-menu");
      if (!menu || menu.dataset.notices !== "yes" || menu.dataset.counted) return;
      menu.dataset.counted = "yes";
      this.bell = el("a", "notice-bell", { href: menu.dataset.noticesAt || "/notifications?show=mine", hidden: "" });
      menu.before(this.bell);
      this.count();
      this.switches();
      if (this.holder) return;
      this.holder = el("div", "", { id: "notices", role: "log", "aria-live": "polite" });
      document.body.append(this.holder);
      center.page.live.add({
        wanted: () => ({ notices: true }),
        onNotices: (frame) => this.frame(frame),
        onState: (connected) => connected || center.line.check(), // the page says so at once, not with its next question
      });
    }

    frame({ unread, new: rows, read }) {
      this.unread = unread;
      this.count();
      read.forEach((id) => this.take(id));
      const now = Date.now();
      const fresh = rows.filter((row) => now - row.at_us / 1000 < OLD_MS && !this.cardOf(row.id)).reverse();
      if (fresh.length && pops()) setTimeout(() => this.claim(fresh), document.hidden ? HIDDEN_WAITS_MS : 0);
    }

    /* Each is told by one tab: whoever writes first that it does. */
    async claim(rows) {
      const mine = await exclusively(() => {
        const told = JSON.parse(center.remembered(TOLD) || "[]");
        const left = rows.filter((row) => !told.includes(row.id));
        if (left.length) center.remember(TOLD, JSON.stringify([...told, ...left.map((row) => row.id)].slice(-REMEMBERED)));
        return left;
      });
      if (!mine.length) return;
      mine.forEach((row) => this.show(row));
      this.beep(mine);
      if (document.hidden) this.system(mine);
    }

    /* One card for a place: the gravest is said, the newest of those, and how many more there are. */
    show(row) {
      const same = (row.alarm || row.link) && [...this.shown.values()].find((one) => placeOf(one.row) === placeOf(row));
      if (!same) return this.card(row, []);
      this.away(same);
      const isGraver = (row.priority || 4) <= (same.row.priority || 4);
      this.card(isGraver ? row : same.row, [isGraver ? same.row.id : row.id, ...same.others]);
    }

    card(row, others) {
      const urgent = row.priority || 4;
      const mark = el("span", `mark p${urgent}`, { "aria-hidden": "true" }, row.priority ? SHAPES[urgent] : "i");
      const said = row.alarm ? words("打开报警", "Open the alarm") : words("查看", "Look");
      const ids = [row.id, ...others].join(" ");
      const link = el("a", "", { href: placeOf(row), "data-notice": ids }, ...said);
      const close = el("button", "", { type: "button", "data-notice": ids }, ...words("知道了", "Understood"));
      const more = others.length ? [el("span", "notice-more", {}, ...words(`另有 ${others.length} 条`, `${others.length} more`))] : [];
      const part = el("div", `notice p${urgent}`, {}, mark, el("p", "", {}, row.subject), el("div", "acts", {}, link, close, ...more));
      this.holder.prepend(part);
      const stays = STAYS_MS[urgent];
      const timer = Number.isFinite(stays) ? setTimeout(() => this.take(row.id), stays) : null;
      this.shown.set(row.id, { part, row, timer, others });
      for (const id of [...this.shown.keys()].slice(0, Math.max(0, this.shown.size - SHOWN))) this.take(id);
    }

    cardOf(id) {
      return this.shown.get(id) || [...this.shown.values()].find(({ others }) => others.includes(id));
    }

    /* It was read, or has stood long enough: its card goes, or tells of one less. */
    take(id) {
      const found = this.cardOf(id);
      if (!found) return;
      this.away(found);
      if (found.row.id !== id) this.card(found.row, found.others.filter((other) => other !== id));
    }

    away({ part, row, timer }) {
      clearTimeout(timer);
      part.remove();
      this.shown.delete(row.id);
    }

    click(event) {
      const about = event.target.closest("[data-notice]");
      if (about) this.read(about.dataset.notice.split(" ").map(Number));
      const act = event.target.closest("[data-act]");
      if (act && act.dataset.act === "notice-toggle") this.toggle(act.dataset.what);
    }

    /* What was read is kept by the center; where it can't be now, it stays unread and says so again. */
    async read(ids) {
      ids.forEach((id) => this.take(id));
      if (this.tabs) this.tabs.postMessage({ read: ids });
      try {
        await fetch("/api/notifications/read", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ ids }),
          keepalive: true,
        });
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the server is away: the next page counts it as unread
      }
    }

    count() {
      if (!this.bell) return;
      this.bell.hidden = !this.unread;
      this.bell.replaceChildren(el("b", "num", {}, String(this.unread)), ...words("条未读通知", "unread"));
    }

    /* ---- habits ---- */

    async toggle(what) {
      if (what === "pops") center.remember("notices", pops() ? "off" : "on");
      if (what === "sound") {
        center.remember("notices-sound", wants("notices-sound") ? "off" : "on");
        if (!wants("notices-sound") && this.sound.on) this.sound.toggle();
        this.unlock();
      }
      if (what === "system" && "Notification" in window) {
        const on = !(wants("notices-system") && mayShow());
        if (on && Notification.permission === "default") await Notification.requestPermission();
        center.remember("notices-system", on && mayShow() ? "on" : "off");
      }
      this.switches();
    }

    /* The switches of the page of notifications, where they are. */
    switches() {
      const on = { pops: pops(), sound: wants("notices-sound"), system: wants("notices-system") && mayShow() };
      for (const button of document.querySelectorAll('[data-act="notice-toggle"]')) {
        const { what } = button.dataset;
        button.setAttribute("aria-pressed", String(on[what]));
        button.disabled = what === "system" && (!("Notification" in window) || Notification.permission === "denied");
      }
    }

    /* Browsers let a page sound only after somebody pressed something. The list of alarms has a sound of its own. */
    unlock() {
      if (wants("notices-sound") && !this.sound.on && !this.onAlarms()) this.sound.toggle();
    }

    onAlarms() {
      return location.pathname === "/alarms" || /^\/alarms\/\d+$/.test(location.pathname);
    }

    beep(rows) {
      if (wants("notices-sound") && !this.onAlarms()) this.sound.announce(rows.map((row) => ({ priority: row.priority || 4 })));
    }

    system(rows) {
      if (!wants("notices-system") || !mayShow()) return;
      for (const row of rows) {
        const made = new Notification(row.subject, { tag: `ops-center-${row.id}` });
        made.onclick = () => {
          window.focus();
          this.read([row.id]);
          if (row.alarm || row.link) location.assign(placeOf(row));
        };
      }
    }
  }

  /* Where what somebody was told of is looked at: addresses of ours alone. */
  function placeOf(row) {
    if (row.alarm) return `/alarms/${row.alarm}`;
    if (typeof row.link === "string" && /^\/[a-z]/.test(row.link)) return row.link;
    return row.act === "warning" ? "/warnings" : "/notifications?show=mine";
  }

  /* Do it while no other tab does. */
  function exclusively(work) {
    return navigator.locks ? navigator.locks.request(CHANNEL, work) : Promise.resolve(work());
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.notices = {
    /* The page of notifications begins with what the address asks for. */
    chosen: (search) => (new URLSearchParams(search || "").get("show") === "mine" ? "mine" : window.dash_clientside.no_update),
    /* The switches are there now. */
    ready(id) {
      if (center.notices) center.notices.switches();
      return window.dash_clientside.no_update;
    },
  };

  center.notices = null;
  const begin = () => (center.notices = new Notices());
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
