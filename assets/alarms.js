/* The alarm list (/alarms): the stream, the order, the keys, and what the server is asked to do.

   While somebody works in the list (a key, a pointer over it, something selected, a question open) its order stands
   still: rows change where they are, what closed stays and says so, and what is new waits behind a bar that counts it. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const say = (...key) => center.alarmText.say(...key);
  const CALM_MS = 8000; // this long after the last key nobody works in the list any more
  const COUNT_MS = 900;
  const CARD_MS = 15000; // an open card is asked for anew: its series and neighbours go on

  /* Where the list stands alone, at /alarms: its card beside it, its address that of the card. A page that has the list
     as a part gives its own; `key(event)` is asked before the list's own keys, `offerKeys()` what `?` says beside them. */
  const ALONE = {
    begin(list) {
      const [, , number] = location.pathname.split("/");
      if (number) list.open(Number(number));
    },
    opened(id, again) {
      byId("alarm-side").classList.toggle("open", id !== null);
      if (!again) history.replaceState(history.state, "", id === null ? "/alarms" : `/alarms/${id}`);
    },
    key: () => false,
    offerKeys: () => [],
  };

  center.AlarmPage = class {
    constructor(config, host = ALONE) {
      this.config = config;
      this.host = host;
      center.alarmText.configure(config);
      this.offsetMs = 0;
      center.alarmNowUs = () => (Date.now() + this.offsetMs) * 1000;
      this.state = new center.AlarmState();
      this.sound = new center.AlarmSound();
      this.unfolded = new Set();
      this.workedAt = -CALM_MS;
      this.countedAt = -COUNT_MS;
      this.waiting = []; // what the bar counts
      this.closedSince = 0;
      this.connected = false;
      this.heardUs = 0;
      this.asked = 0;
      this.commands = new center.AlarmCommands(this);
      this.build(byId("alarm-page"));
      this.unsubscribe = center.page.live.add({
        wanted: () => ({ alarms: true, ...(this.state.seq === null ? {} : { alarms_seq: this.state.seq }) }),
        onAlarms: (frame) => this.take(frame),
        onHeartbeat: (heartbeat) => this.beat(heartbeat),
        onState: (connected) => this.connection(connected),
      });
      document.addEventListener("keydown", (this.onKey = (event) => this.key(event)));
      document.addEventListener("click", (this.onClick = (event) => this.click(event)));
      this.languages = new MutationObserver(() => this.speak());
      this.languages.observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      this.ticking = setInterval(() => this.tick(), 1000);
      this.tell("alarm-views-ask", {});
      this.host.begin(this);
    }

    build(page) {
      const part = (className, ...children) => center.el("div", className, {}, ...children);
      this.strip = new center.AlarmStrip(part("alarm-strip"));
      this.soundButton = center.el("button", "chip sound", { type: "button" });
      this.soundButton.addEventListener("click", () => this.toggleSound());
      this.helpButton = center.el("button", "chip", { type: "button" }, "?");
      this.helpButton.addEventListener("click", () => this.help());
      this.strip.holder.append(this.soundButton, this.helpButton);
      const filters = part("alarm-filter");
      this.filter = new center.AlarmFilter(filters, () => this.filtered());
      this.filter.onSave = () => this.saveView();
      this.filter.onDrop = (name) => this.tell("alarm-views-ask", { drop: name });
      this.head = part("alarm-head");
      this.bar = center.el("button", "alarm-bar", { type: "button", hidden: "" });
      this.bar.addEventListener("click", () => this.release());
      const holder = center.el("div", "alarm-rows", { tabindex: "0", role: "grid" });
      this.empty = part("alarm-empty");
      this.foot = part("alarm-foot");
      this.said = center.el("div", "alarm-said", { role: "status", "aria-live": "polite" });
      page.replaceChildren(this.strip.holder, filters, part("alarm-table", this.head, this.bar, holder, this.empty), this.foot, this.said);
      this.rows = new center.AlarmRows(holder, {
        find: (id) => this.state.find(id) || this.ghost(id),
        childCount: (id) => (this.filter.value.show === "open" && this.state.children.has(id) ? this.state.children.get(id).size : 0),
        isUnfolded: (id) => this.unfolded.has(id),
        onMeasured: (scrollbar) => (this.head.style.marginRight = `${scrollbar}px`),
        onMoved: () => this.rows && this.moved(),
        onPick: (id) => this.picked(id),
        onOpen: (id) => this.open(id),
        onUnfold: (id) => this.unfold(id),
      });
      this.buttons = this.config.acts.map((act) => this.actButton(act));
      this.count = center.el("span", "count-text");
      this.foot.append(this.count, center.el("span", "spring"), ...this.buttons);
      this.speak();
      page.addEventListener("click", (event) => this.clicked(event));
      holder.focus();
    }

    /* Whoever pressed a button with the mouse goes on with the keys of the list. */
    clicked(event) {
      const pressed = event.detail > 0 && event.target.closest("button");
      if (pressed && !document.querySelector("dialog[open]")) this.rows.holder.focus({ preventScroll: true });
    }

    actButton(act) {
      const button = center.el("button", "act", { type: "button" });
      button.addEventListener("click", () => this.commands.command(act));
      return button;
    }

    /* ---- the stream ---- */

    take(frame) {
      for (const id of frame.all ? this.rows.at.keys() : frame.gone) this.keepGhost(id);
      const announced = this.state.take(frame);
      this.sound.announce(announced.filter((row) => this.state.isLine(row)));
      if (this.opened && (frame.set.some((row) => row.id === this.opened) || frame.gone.includes(this.opened))) this.open(this.opened, true);
      this.refresh(false);
      if (performance.now() - this.countedAt > COUNT_MS) this.standing();
      document.documentElement.dataset.alarms = String(this.state.rows.size);
    }

    beat(heartbeat) {
      this.offsetMs = heartbeat.server_time_us / 1000 - Date.now();
      this.age = center.alarmAge(heartbeat);
      this.heardUs = heartbeat.server_time_us;
      this.standing();
    }

    connection(connected) {
      this.connected = connected;
      this.standing();
    }

    /* ---- the order, and whether it may change ---- */

    get working() {
      const resting = performance.now() - this.workedAt > CALM_MS;
      return !resting || this.rows.pointed !== null || this.rows.selected.size > 0 || document.querySelector("dialog[open]") !== null;
    }

    keepGhost(id) {
      const row = this.state.rows.get(id);
      if (row && this.rows.at.has(id)) (this.ghosts = this.ghosts || new Map()).set(id, row);
    }

    ghost(id) {
      return this.ghosts && this.ghosts.get(id);
    }

    refresh(now) {
      const fresh = this.state.order(this.filter.criteria, this.unfolded);
      const held = !now && this.working && this.rows.entries.length > 0;
      if (held) this.hold(fresh);
      else this.put(fresh);
      this.summarise(fresh.length);
    }

    filtered() {
      if (this.filter.value.show === "closed") this.tell("alarm-closed-ask", {});
      this.refresh(true);
    }

    put(fresh) {
      const cursor = this.rows.cursor;
      const lost = cursor !== null && this.ghost(cursor) && !fresh.some((entry) => entry.id === cursor);
      if (lost) fresh.splice(Math.min(this.rows.at.get(cursor), fresh.length), 0, { id: cursor, depth: 0, gone: true });
      else this.ghosts = new Map();
      this.waiting = [];
      this.closedSince = 0;
      this.showBar();
      this.rows.show(fresh);
    }

    hold(fresh) {
      const there = new Set(fresh.map((entry) => entry.id));
      for (const entry of this.rows.entries) entry.gone = !there.has(entry.id);
      this.waiting = fresh.filter((entry) => !this.rows.at.has(entry.id));
      this.closedSince = this.rows.entries.filter((entry) => entry.gone).length;
      this.showBar();
      this.rows.schedule();
    }

    release() {
      this.workedAt = -CALM_MS;
      this.refresh(true);
      this.rows.holder.focus();
    }

    showBar() {
      const counts = [1, 2, 3, 4].map((priority) => this.waiting.filter(({ id }) => this.state.find(id).priority === priority).length);
      const hidden = !this.waiting.length && !this.closedSince;
      const look = [hidden, ...counts, this.closedSince, center.alarmText.language()].join();
      if (look === this.barLook) return;
      this.barLook = look;
      this.bar.hidden = hidden;
      const parts = this.waiting.length ? [center.el("b", "", {}, say("new", this.waiting.length))] : [];
      counts.forEach((count, i) => count && parts.push(center.el("span", `p${i + 1} waits`, {}, center.el("i", "shape", {}, String(i + 1)), `×${count}`)));
      if (this.closedSince) parts.push(center.el("span", "quiet", {}, say("left", this.closedSince)));
      this.bar.replaceChildren(...parts, center.el("span", "spring"), say("take_in"), center.el("kbd", "", {}, "."));
    }

    /* ---- what is said around the list ---- */

    tick() {
      const counts = this.standing();
      this.sound.repeat(counts[1][1] > 0);
      center.countDown(center.alarmNowUs());
      this.offerRules();
      if (this.opened && performance.now() - this.openedAt > CARD_MS) this.open(this.opened, true);
      if (!this.working) this.refresh(false);
      this.rows.schedule();
    }

    /* Say what stands and how old that is; return the counts. */
    standing() {
      const nowUs = center.alarmNowUs();
      this.countedAt = performance.now();
      const counts = this.state.counts();
      const lostUs = this.connected ? 0 : nowUs - this.heardUs;
      const age = (this.connected && this.age) || {};
      this.strip.show(counts, this.state.flood(nowUs), { starting: this.state.seq === null, lost_s: lostUs / 1e6, ...age });
      document.documentElement.dataset.stream = this.connected && !age.stale_s ? "ok" : "lost";
      return counts;
    }

    summarise(shown) {
      const chosen = this.rows.selected.size;
      const parts = [say("listed", shown.toLocaleString("en-US"), this.state.rows.size.toLocaleString("en-US"))];
      if (chosen) parts.push(say("chosen", chosen));
      const text = parts.join(" · ");
      if (this.count.textContent !== text) this.count.textContent = text;
      this.empty.hidden = shown > 0 || this.state.seq === null;
    }

    offerRules() {
      const rules = new Map();
      for (const row of this.state.rows.values()) if (!rules.has(row.rule)) rules.set(row.rule, row.label);
      this.filter.offerRules(rules);
    }

    moved() {
      this.workedAt = performance.now();
      this.summarise(this.rows.entries.length);
    }

    speak() {
      const columns = ["", "column_priority", "column_state", "column_raised", "column_what", "column_where", "column_value", "column_owner", "column_flags"];
      this.head.replaceChildren(...columns.map((key) => center.el("span", "", {}, key && say(key))));
      this.empty.textContent = say("nothing");
      this.rows.holder.setAttribute("aria-label", say("list"));
      this.buttons.forEach((button, i) => button.replaceChildren(say(`act_${this.config.acts[i]}`), center.el("kbd", "", {}, center.alarmKeys.KEYS_OF[this.config.acts[i]])));
      this.strip.speak();
      this.filter.speak();
      this.showSound();
      this.helpButton.title = say("keys");
      this.helpButton.setAttribute("aria-label", say("keys"));
      this.barLook = null;
      this.showBar();
      this.rows.schedule();
      if (this.state.seq !== null) this.refresh(false);
    }

    toggleSound() {
      this.sound.toggle();
      this.showSound();
    }

    showSound() {
      this.soundButton.textContent = say(this.sound.on ? "sound_on" : "sound_off");
      this.soundButton.setAttribute("aria-pressed", String(this.sound.on));
    }

    help() {
      const others = this.host.offerKeys();
      const taken = new Set(others.map(([key]) => key));
      const keys = Object.entries(center.alarmKeys.HELP).filter(([key, word]) => !taken.has(key) && (!word.startsWith("act_") || this.config.acts.includes(word.slice(4))));
      center.showKeys([...others, ...keys.map(([key, word]) => [key, say(word)])]);
    }

    /* ---- keys ---- */

    key(event) {
      if (!byId("alarm-page")) return this.leave();
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (typing && event.key === "Escape") return this.rows.holder.focus();
      if (typing && event.key === "Enter" && event.target === this.filter.search) return this.rows.holder.focus();
      if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (event.target.tagName === "BUTTON" && (event.key === "Enter" || event.key === " ")) return;
      if (this.host.key(event)) return event.preventDefault();
      const { MOVES, ACTS } = center.alarmKeys;
      const act = MOVES[event.key] || (ACTS[event.key] && (() => this.commands.command(ACTS[event.key])));
      if (!act) return;
      event.preventDefault();
      this.workedAt = performance.now();
      act(this, event);
    }

    leave() {
      document.removeEventListener("keydown", this.onKey);
      document.removeEventListener("click", this.onClick);
      clearInterval(this.ticking);
      this.unsubscribe();
      this.languages.disconnect();
    }

    selectAll() {
      const { selected, entries } = this.rows;
      if (selected.size === entries.length) selected.clear();
      else for (const entry of entries) selected.add(entry.id);
      this.moved();
      this.rows.schedule();
    }

    escape() {
      if (this.rows.selected.size) this.rows.selected.clear();
      else if (this.opened) this.open(null);
      this.moved();
      this.rows.schedule();
    }

    unfold(id) {
      if (!this.state.children.has(id)) return;
      if (!this.unfolded.delete(id)) this.unfolded.add(id);
      this.refresh(true);
    }

    /* Buttons of the card: data-alarm says what, data-id of which alarm. */
    click(event) {
      const button = event.target.closest("[data-alarm]");
      if (!button) return;
      const { alarm, id, actName } = button.dataset;
      if (alarm === "close") this.open(null);
      else if (alarm === "open") this.open(Number(id));
      else if (alarm === "act") this.commands.command(actName, [Number(id)]);
    }

    /* ---- what the server is asked ---- */

    /* Ask the server; returns the number of the question, which its answer may name. */
    tell(store, data) {
      const n = ++this.asked;
      dash_clientside.set_props(store, { data: { ...data, n } });
      return n;
    }

    open(id, again) {
      this.opened = id;
      this.openedAt = performance.now();
      this.host.opened(id, Boolean(again));
      this.tell("alarm-open", { id, again: Boolean(again) });
    }

    /* A click on a row shows its card where one is open, or where the page has a place for it anyway. */
    picked(id) {
      if (this.host.always || byId("alarm-side").classList.contains("open")) this.open(id);
    }

    targets() {
      if (this.rows.selected.size) return [...this.rows.selected];
      if (this.rows.cursor !== null) return [this.rows.cursor];
      return [];
    }

    async saveView() {
      const asked = { title: say("save_view"), fields: [{ name: "name", label: say("view_name"), kind: "line", required: true, value: this.filter.views.value }], yes: say("save_view") };
      const answers = await center.ask(asked);
      if (answers) this.tell("alarm-views-ask", { save: answers.name, view: this.filter.value });
    }

    closed(rows) {
      this.state.closed = new Map(rows.map((row) => [row.id, { ...row, waits: false }]));
      this.refresh(true);
    }
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.alarms = {
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      requestAnimationFrame(() => (center.alarms = new center.AlarmPage(config)));
      return true;
    },
    outcome: (data) => (data && center.alarms && center.alarms.commands.outcome(data), window.dash_clientside.no_update),
    views: (data) => (data && center.alarms && center.alarms.filter.offerViews(data), window.dash_clientside.no_update),
    closed: (data) => (data && center.alarms && center.alarms.closed(data), window.dash_clientside.no_update),
  };
})();
