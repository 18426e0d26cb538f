/* Something to be searched and picked for an incident: alarms, incidents, cameras. Nobody types numbers that the center knows.

   opsCenter.incidentPick({kinds, many, first}) → an element with `values`: [{kind, id}]; kind is alarms, links or cameras, as links are
   called in incidents. `first()` may answer what is offered before anything is typed, and is searched as well. While the
   list still answers what was typed before, Enter takes nothing. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const PAUSE_MS = 120;
  const ASKED = 50; // what the search gives at most: others stand between
  const SHOWN = 8;
  let number = 0;

  /* What a hit of the search can be linked as; null: nothing of these kinds. */
  function meant({ kind, id, name, said, alarm }, kinds) {
    if (["incident", "case"].includes(kind) && kinds.includes(kind)) return { kind: "links", id: Number(id), name, said };
    if (kind === "camera" && kinds.includes("camera")) return { kind: "cameras", id, name, said };
    if (alarm && kinds.includes("alarm")) return { kind: "alarms", id: alarm.id, name: { zh: `#${alarm.id} ${name.zh}`, en: `#${alarm.id} ${name.en}` }, said: kind === "alarm" ? said : { zh: `报警 · ${said.zh}`, en: `alarm · ${said.en}` } };
    return null;
  }

  async function search(typed, kinds) {
    let answer;
    try {
      answer = await fetch(`/api/search?${new URLSearchParams({ q: typed, limit: String(ASKED) })}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return null;
    }
    if (!answer.ok) return null;
    return (await answer.json()).hits.map((hit) => meant(hit, kinds)).filter(Boolean);
  }

  const once = (found) => [...new Map(found.map((one) => [one.kind + one.id, one])).values()];
  const says = ({ name, said }, typed) => [name.zh, name.en, said.zh, said.en].some((text) => text.toLowerCase().includes(typed.toLowerCase()));

  class Pick {
    constructor({ kinds, many = false, first = null }) {
      Object.assign(this, { kinds, many, first, chosen: [], hits: [], offered: [], at: 0, asked: 0 });
      this.id = `incident-pick-${++number}`;
      this.input = el("input", "", { type: "search", maxlength: "100", autocomplete: "off", spellcheck: "false", role: "combobox", "aria-expanded": "false", "aria-controls": this.id, ...t.titled("pick_find") });
      this.input.placeholder = t.say("pick_find");
      this.list = el("ul", "incident-hits", { id: this.id, role: "listbox", ...t.titled("pick_found") });
      this.list.hidden = true;
      this.said = el("p", "quiet incident-pick-said", { role: "status" });
      this.signs = el("ul", "incident-chosen");
      this.holder = el("div", "incident-pick", {}, this.signs, this.input, this.list, this.said);
      Object.defineProperty(this.holder, "values", { get: () => this.chosen });
      this.input.addEventListener("input", () => this.typed());
      this.input.addEventListener("focus", () => this.input.value || this.offer());
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.list.addEventListener("pointerdown", (event) => this.press(event));
    }

    typed() {
      clearTimeout(this.waiting);
      this.asked += 1; // what was asked before is answered no more
      if (!this.input.value.trim()) return this.offer();
      this.list.setAttribute("aria-busy", "true");
      this.waiting = setTimeout(() => this.ask(() => this.found(this.input.value.trim())), PAUSE_MS);
    }

    async found(typed) {
      const found = await search(typed, this.kinds);
      return found && once([...this.offered.filter((one) => says(one, typed)), ...found]).slice(0, SHOWN);
    }

    offer() {
      if (this.first && (this.many || !this.chosen.length)) this.ask(() => this.offers());
      else this.show([]);
    }

    async offers() {
      const found = await this.first();
      this.offered = found || [];
      return found;
    }

    /* Only the newest question is answered. */
    async ask(question) {
      const mine = ++this.asked;
      const hits = await question();
      if (mine !== this.asked) return;
      this.said.replaceChildren(...(hits === null ? t.both("pick_failed") : hits.length ? [] : t.both("pick_nothing")));
      this.show(hits || []);
    }

    show(hits) {
      const taken = new Set(this.chosen.map(({ kind, id }) => kind + id));
      this.list.removeAttribute("aria-busy");
      this.hits = hits.filter(({ kind, id }) => !taken.has(kind + id));
      this.list.hidden = !this.hits.length;
      this.input.setAttribute("aria-expanded", String(!this.list.hidden));
      this.list.replaceChildren(...this.hits.map((hit, place) => el("li", "", { role: "option", id: `${this.id}-${place}`, "data-place": String(place) }, el("b", "", {}, ...t.label(hit.name)), el("span", "quiet", {}, ...t.label(hit.said)))));
      this.point(0);
    }

    point(place) {
      if (!this.hits.length) return this.input.removeAttribute("aria-activedescendant");
      this.at = (place + this.hits.length) % this.hits.length;
      [...this.list.children].forEach((line, i) => line.setAttribute("aria-selected", String(i === this.at)));
      this.list.children[this.at].scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
    }

    key(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) [event.preventDefault(), this.hits.length && !this.list.hasAttribute("aria-busy") && this.choose(this.hits[this.at])];
      else if (step && this.hits.length) [event.preventDefault(), this.point(this.at + step)];
    }

    press(event) {
      const line = event.target.closest("[data-place]");
      event.preventDefault();
      if (line) this.choose(this.hits[Number(line.dataset.place)]);
    }

    choose(hit) {
      this.chosen = this.many ? [...this.chosen, hit] : [hit];
      this.input.value = "";
      this.asked += 1;
      this.said.replaceChildren();
      this.show([]);
      this.draw();
      this.input.focus();
    }

    draw() {
      this.signs.replaceChildren(...this.chosen.map((one) => this.sign(one)));
    }

    sign(one) {
      const away = el("button", "close", { type: "button", ...t.titled("choose_away", one.name) }, "✕");
      away.addEventListener("click", () => [(this.chosen = this.chosen.filter((other) => other !== one)), this.draw(), this.input.focus()]);
      return el("li", "", {}, el("span", "", {}, ...t.label(one.name)), away);
    }
  }

  center.incidentPick = (options) => new Pick(options).holder;

  /* The incidents that are open, but for one. */
  center.incidentOpenOnes = async function (but) {
    const found = await center.incidentAsk("GET", "?state=open&limit=50");
    if (!found.ok) return null;
    return found.body.incidents.filter(({ id }) => id !== but).slice(0, SHOWN).map((row) => ({ kind: "links", id: row.id, name: { zh: `${row.title} #${row.id}`, en: `${row.title} #${row.id}` }, said: { zh: t.pair(`state_of_${row.state}`)[0], en: t.pair(`state_of_${row.state}`)[1] } }));
  };
})();
