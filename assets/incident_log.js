/* The activity log of a room (ICS 214), and where one writes into it.

   A line that was corrected keeps what it said and is struck; the correction stands beside it. What is typed stays until the
   center has taken it, also when the page is loaded anew. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const MENTION = /@([A-Za-z0-9][A-Za-z0-9._-]{0,63})/g;
  const TYPED = /(?:^|[\s(（,，:：;；])@([A-Za-z0-9._-]*)$/;
  const LATER_US = 60e6; // written so much later than it happened: both times are said
  const NEAR_PX = 40;
  const OFFERED = 6;
  const KINDS = {
    all: () => true,
    notes: ({ act }) => act === "noted" || act === "corrected",
    decisions: ({ act }) => !["noted", "corrected", "task", "resource", "drawn", "erased"].includes(act),
    tasks: ({ act }) => act === "task" || act === "plan_opened",
    resources: ({ act }) => act === "resource",
    mine: ({ mentions, who }, me) => mentions.includes(me) || who === me,
  };

  center.IncidentLog = class {
    constructor(room) {
      Object.assign(this, { room, kind: "all", nodes: new Map(), corrects: null, draft: `ops-center.incident-draft-${room.id}` });
      this.list = byId("incident-log");
      this.form = byId("incident-compose");
      this.time = new center.ChartTime(t.timezone);
      this.build();
      room.on("log", (lines) => this.add(lines));
      room.on("changed", (standing) => this.changed(standing));
    }

    build() {
      const chips = Object.keys(KINDS).map((kind) => center.incidentButton("chip", `log_${kind}`, () => this.choose(kind), { "data-kind": kind, "aria-pressed": String(kind === "all") }));
      byId("incident-log-filter").replaceChildren(...chips);
      this.list.replaceChildren(center.incidentState("loading", t.both("log_reading")));
      this.list.addEventListener("scroll", () => this.atEnd() && (this.more.hidden = true), { passive: true });
      this.list.addEventListener("click", (event) => this.clicked(event));
      this.more = el("button", "incident-more-lines", { type: "button" }, ...t.both("log_more"));
      this.more.hidden = true;
      this.more.addEventListener("click", () => this.toEnd());
      this.list.after(this.more);
      this.compose();
    }

    /* ---- writing ---- */

    compose() {
      this.text = el("textarea", "", { id: "incident-text", rows: "2", maxlength: "4000", "aria-describedby": "incident-compose-said", "aria-autocomplete": "list", "aria-controls": "incident-mentions" });
      this.text.value = sessionStorage.getItem(this.draft) || "";
      this.at = el("input", "", { type: "datetime-local", step: "1", ...t.titled("log_when") });
      this.at.hidden = true;
      this.when = center.incidentButton("link", "log_now", () => this.toggleWhen(), { "aria-expanded": "false" });
      this.correcting = el("p", "incident-correcting");
      this.correcting.hidden = true;
      this.said = el("p", "incident-compose-said", { id: "incident-compose-said", role: "status" });
      this.offers = el("ul", "incident-mentions", { id: "incident-mentions", role: "listbox", ...t.titled("mention") });
      this.offers.hidden = true;
      this.send = el("button", "act main", { type: "submit" }, ...t.both("log_write"), el("kbd", "", {}, "↵"));
      this.form.replaceChildren(this.correcting, this.offers, this.text, el("div", "incident-compose-row", {}, this.when, this.at, el("span", "spring"), this.send), this.said);
      this.form.addEventListener("submit", (event) => [event.preventDefault(), this.write()]);
      this.text.addEventListener("keydown", (event) => this.typed(event));
      this.text.addEventListener("input", () => [sessionStorage.setItem(this.draft, this.text.value), this.offer()]);
      this.text.addEventListener("blur", () => setTimeout(() => this.hideOffers(), 150));
      const speak = () => [(this.text.placeholder = t.say("log_placeholder")), this.text.setAttribute("aria-label", t.say("log_placeholder"))];
      new MutationObserver(speak).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      speak();
    }

    toggleWhen() {
      this.at.hidden = !this.at.hidden;
      this.when.setAttribute("aria-expanded", String(!this.at.hidden));
      if (this.at.hidden) this.at.value = "";
      else [(this.at.value = this.time.typed(center.incidentClock.nowUs() / 1000)), this.at.focus()];
    }

    typed(event) {
      if (event.isComposing) return;
      const open = !this.offers.hidden;
      const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (open && steps) return [event.preventDefault(), this.step(steps)];
      if (open && ["Enter", "Tab"].includes(event.key)) return [event.preventDefault(), this.take(this.offers.querySelector('[aria-selected="true"]').dataset.account)];
      if (open && event.key === "Escape") return [event.stopPropagation(), this.hideOffers()];
      if (event.key === "Enter" && !event.shiftKey) [event.preventDefault(), this.write()];
      else if (event.key === "Escape" && this.corrects) this.correct(null);
      else if (event.key === "Escape") this.text.blur();
    }

    async write() {
      const text = this.text.value.trim();
      if (!text || this.writing) return;
      const command = { do: "note", text, ...(this.corrects ? { corrects: this.corrects } : {}) };
      const at = this.at.hidden ? null : this.time.read(this.at.value);
      if (at !== null) command.at_us = Math.min(Math.round(at * 1000), Math.round(center.incidentClock.nowUs()));
      this.writing = true;
      this.said.replaceChildren(...t.both("log_writing"));
      const answer = await this.room.do(command);
      this.writing = false;
      if (answer.code !== undefined) return this.said.replaceChildren(el("span", "wrong", {}, ...t.label(answer), " ", ...t.both("log_kept")));
      this.said.replaceChildren();
      if (this.text.value.trim() === text) this.text.value = ""; // what was typed meanwhile stays
      sessionStorage.setItem(this.draft, this.text.value);
      this.correct(null);
      if (!this.at.hidden) this.toggleWhen();
      this.toEnd();
      this.text.focus();
    }

    correct(line) {
      this.corrects = line ? line.id : null;
      this.correcting.hidden = !line;
      if (!line) return;
      const close = el("button", "close", { type: "button", ...t.titled("cancel") }, "✕");
      close.addEventListener("click", () => this.correct(null));
      this.correcting.replaceChildren(...t.both("log_correcting", t.time(line.at_us, true)), el("q", "", {}, line.text.slice(0, 80)), close);
      this.text.focus();
    }

    /* ---- mentions ---- */

    offer() {
      const typed = TYPED.exec(this.text.value.slice(0, this.text.selectionStart));
      const wanted = typed && typed[1].toLowerCase();
      const nameOf = (account) => JSON.stringify(t.person(account)).toLowerCase();
      const found = typed ? this.room.roster.filter((account) => account !== this.room.me && (account.toLowerCase().includes(wanted) || nameOf(account).includes(wanted))).slice(0, OFFERED) : [];
      this.offers.hidden = !found.length;
      this.offers.replaceChildren(...found.map((account, place) => this.offered(account, place === 0)));
    }

    offered(account, chosen) {
      const item = el("li", "", { role: "option", "aria-selected": String(chosen), "data-account": account }, el("b", "", {}, `@${account}`), el("span", "quiet", {}, ...t.label(t.person(account))));
      item.addEventListener("pointerdown", (event) => [event.preventDefault(), this.take(account)]);
      return item;
    }

    step(steps) {
      const items = [...this.offers.children];
      const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
      items.forEach((item, place) => item.setAttribute("aria-selected", String(place === (now + steps + items.length) % items.length)));
    }

    take(account) {
      const end = this.text.selectionStart;
      const begin = this.text.value.lastIndexOf("@", end - 1);
      this.text.setRangeText(`@${account} `, begin, end, "end");
      this.hideOffers();
      sessionStorage.setItem(this.draft, this.text.value);
      this.text.focus();
    }

    hideOffers() {
      this.offers.hidden = true;
    }

    /* ---- the lines ---- */

    choose(kind) {
      this.kind = kind;
      for (const chip of byId("incident-log-filter").children) chip.setAttribute("aria-pressed", String(chip.dataset.kind === kind));
      this.filter();
      this.toEnd();
    }

    filter() {
      let shown = 0;
      for (const line of this.room.lines) {
        const node = this.nodes.get(line.id);
        if (!node) continue;
        node.hidden = !this.fits(line);
        shown += node.hidden ? 0 : 1;
      }
      this.list.classList.toggle("nothing", !shown);
    }

    fits(line) {
      return KINDS[this.kind](line, this.room.me);
    }

    add(lines) {
      const before = this.nodes.size;
      if (!before) this.list.replaceChildren();
      const stays = before && !this.atEnd();
      const byMe = lines.some((line) => line.who === this.room.me);
      for (const line of lines) this.put(line, before > 0);
      this.filter();
      if (!lines.length) return;
      if (stays && !byMe) this.more.hidden = false;
      else this.toEnd();
      document.documentElement.dataset.incidentLines = String(this.nodes.size);
    }

    put(line, fresh) {
      const of = line.act === "corrected" && this.nodes.get(Number(line.detail.corrects));
      const node = this.line(line, fresh);
      this.nodes.set(line.id, node);
      if (!of) return this.list.append(node);
      of.classList.add("was-wrong");
      let after = of;
      while (after.nextSibling && after.nextSibling.classList.contains("correction")) after = after.nextSibling;
      node.classList.add("correction");
      after.after(node);
    }

    line(line, fresh) {
      const { me } = this.room;
      const later = line.recorded_us - line.at_us > LATER_US ? [el("span", "quiet num", {}, ...t.both("log_recorded", t.time(line.recorded_us, true)))] : [];
      const head = el("div", "incident-line-head", {}, el("time", "num", {}, t.moment(line.at_us, true)), el("b", "", {}, ...(line.who ? t.label(t.person(line.who)) : t.both("center_itself"))), el("span", "incident-act", {}, ...t.both(`act_${line.act}`)), ...later);
      const words = center.incidentLine(line, this.room);
      const said = [...(words.length ? [el("div", "incident-line-what", {}, ...words)] : []), ...(line.text ? [el("div", "incident-line-text", {}, ...this.textOf(line))] : [])];
      const wrong = line.act === "noted" ? [el("button", "link incident-correct", { type: "button", "data-correct": String(line.id) }, ...t.both("log_correct"))] : [];
      return el("li", `incident-line act-${line.act}${line.mentions.includes(me) ? " to-me" : ""}${fresh ? " fresh" : ""}`, { "data-line": String(line.id) }, head, ...said, ...wrong);
    }

    /* A text with whom it mentions. */
    textOf({ text }) {
      const parts = [];
      let from = 0;
      for (const found of text.matchAll(MENTION)) {
        parts.push(text.slice(from, found.index), el("em", found[1] === this.room.me ? "mention me" : "mention", {}, found[0]));
        from = found.index + found[0].length;
      }
      return [...parts, text.slice(from)];
    }

    clicked(event) {
      const button = event.target.closest("[data-correct]");
      if (button) this.correct(this.room.lines.find((line) => line.id === Number(button.dataset.correct)));
    }

    atEnd() {
      return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_PX;
    }

    toEnd() {
      this.list.scrollTop = this.list.scrollHeight;
      this.more.hidden = true;
    }

    /* Whoever may only look writes nothing; also where nothing could be read. */
    changed(standing) {
      if (!standing) this.list.replaceChildren(center.incidentState(this.room.refusal.status === 404 || this.room.refusal.status === 403 ? "forbidden" : "failed", t.label(this.room.refusal)));
      this.form.hidden = !this.room.takesPart;
    }
  };
})();
