/* The search box of the desk: asks /api/search while somebody types, lists what may be meant, and says what was chosen.

   new opsCenter.DeskSearch(holder, config, {at, onChosen}). Only the newest question is answered. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (key, ...more) => center.alarmText.say(`desk_${key}`, ...more);
  const PAUSE_MS = 70; // between keys: who types fast asks once
  const MOST = 12;

  center.DeskSearch = class {
    constructor(holder, config, handlers) {
      Object.assign(this, { config, handlers });
      this.hits = [];
      this.chosen = 0;
      this.asked = 0;
      this.input = center.el("input", "desk-find", { type: "search", maxlength: "100", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-expanded": "false", "aria-controls": "desk-hits" });
      this.list = center.el("div", "desk-hits", { id: "desk-hits", role: "listbox", hidden: "" });
      holder.append(center.el("span", "desk-find-key", {}, center.el("kbd", "", {}, "/")), this.input, this.list);
      this.input.addEventListener("input", () => this.typed());
      this.input.addEventListener("focus", () => this.input.value && this.typed());
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
      this.list.addEventListener("pointerdown", (event) => this.press(event));
      this.speak();
    }

    speak() {
      this.input.placeholder = say("find");
      this.input.setAttribute("aria-label", say("find"));
      if (!this.list.hidden) this.show();
    }

    focus() {
      this.input.focus();
      this.input.select();
    }

    typed() {
      clearTimeout(this.waiting);
      if (!this.input.value.trim()) return this.close();
      this.waiting = setTimeout(() => this.ask(), PAUSE_MS);
    }

    async ask() {
      const number = ++this.asked;
      const typed = this.input.value;
      const at = this.handlers.at();
      const query = new URLSearchParams({ q: typed, limit: String(MOST), ...(at ? { longitude: at.longitude.toFixed(5), latitude: at.latitude.toFixed(5) } : {}) });
      let hits = null;
      try {
        const answer = await fetch(`/api/search?${query}`);
        if (answer.ok) ({ hits } = await answer.json());
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the server is away: said below
      }
      if (number !== this.asked || !this.input.value.trim()) return;
      this.hits = hits || [];
      this.failed = hits === null;
      this.chosen = 0;
      this.show();
    }

    show() {
      this.list.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
      const nothing = this.failed ? say("find_failed") : say("found_nothing", this.input.value.trim());
      if (!this.hits.length) return this.list.replaceChildren(center.el("p", "quiet", {}, nothing));
      this.list.replaceChildren(...this.hits.map((hit, i) => this.line(hit, i)));
      this.point(this.chosen);
    }

    line(hit, place) {
      const text = center.alarmText;
      const sign = hit.alarm ? center.el("span", `p${hit.alarm.priority} waits`, {}, center.el("i", "shape", {}, String(hit.alarm.priority))) : center.el("span", `desk-kind kind-${hit.kind}`, {}, text.of(hit.said).slice(0, 1).toUpperCase());
      const name = center.el("b", "", {}, text.of(hit.name));
      const other = hit.name.zh === hit.name.en ? "" : text.language() === "en" ? hit.name.zh : hit.name.en;
      return center.el("div", "desk-hit", { role: "option", id: `desk-hit-${place}`, "data-place": String(place) }, sign, name, center.el("span", "other", { lang: text.language() === "en" ? "zh-CN" : "en", "data-any-language": "" }, other), center.el("span", "said", {}, text.of(hit.said)));
    }

    point(place) {
      this.chosen = (place + this.hits.length) % this.hits.length;
      [...this.list.children].forEach((line, i) => line.setAttribute("aria-selected", String(i === this.chosen)));
      const line = this.list.children[this.chosen];
      line.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", line.id);
    }

    key(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && this.hits.length && !this.list.hidden) {
        event.preventDefault();
        this.point(this.chosen + step);
      } else if (event.key === "Enter") this.enter(event);
      else if (event.key === "Escape") {
        event.preventDefault();
        this.input.value = "";
        this.close();
        this.handlers.onLeft();
      } else return;
      event.stopPropagation();
    }

    /* Enter before the answer is there means what comes first in it. */
    async enter(event) {
      event.preventDefault();
      clearTimeout(this.waiting);
      if (this.list.hidden) await this.ask();
      const hit = this.hits[this.chosen];
      if (hit) this.choose(hit);
    }

    press(event) {
      const line = event.target.closest(".desk-hit");
      event.preventDefault();
      if (line) this.choose(this.hits[Number(line.dataset.place)]);
    }

    choose(hit) {
      this.close();
      this.input.blur();
      this.handlers.onChosen(hit);
    }

    close() {
      this.asked += 1;
      this.list.hidden = true;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }
  };
})();
