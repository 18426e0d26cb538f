/* The filter over the alarm list: what is looked for, and the controls that say so. One plain object is the whole of it,
   so that it can be saved as a view: {text, priorities, show, waiting, district, department, rule}. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SHOWS = ["open", "shelved", "suppressed", "out_of_service", "closed"];
  const EMPTY = { text: "", priorities: [], show: "open", waiting: false, district: "", department: "", rule: "" };
  const say = (...key) => center.alarmText.say(...key);

  center.AlarmFilter = class {
    constructor(holder, onChange) {
      this.onChange = onChange;
      this.value = { ...EMPTY };
      this.search = center.el("input", "search", { type: "search", maxlength: "100", autocomplete: "off" });
      this.search.addEventListener("input", () => this.set({ text: this.search.value }));
      this.priorities = [1, 2, 3, 4].map((priority) => this.chip(`p${priority}`, () => this.togglePriority(priority)));
      this.priorities.forEach((chip, i) => chip.append(center.el("i", "shape", {}, String(i + 1))));
      this.waiting = this.chip("", () => this.set({ waiting: !this.value.waiting }));
      this.shows = SHOWS.map((show) => this.chip("", () => this.set({ show })));
      this.selects = ["district", "department", "rule"].map((name) => [name, this.select(name)]);
      const shown = center.el("div", "segments", { role: "group" }, ...this.shows);
      this.clear = this.chip("clear", () => this.apply({}));
      this.views = center.el("select", "views");
      this.views.addEventListener("change", () => this.chooseView());
      this.save = this.chip("", () => this.onSave());
      this.drop = this.chip("", () => this.onDrop(this.views.value));
      holder.append(this.search, center.el("div", "chips", {}, ...this.priorities), this.waiting, shown, ...this.selects.map(([, select]) => select), this.clear, center.el("span", "spring"), this.views, this.save, this.drop);
      this.saved = [];
      this.rules = new Map();
      this.speak();
    }

    chip(className, act) {
      const button = center.el("button", `chip ${className}`, { type: "button" });
      button.addEventListener("click", act);
      return button;
    }

    select(name) {
      const select = center.el("select", "");
      select.addEventListener("change", () => this.set({ [name]: select.value }));
      return select;
    }

    set(changes) {
      Object.assign(this.value, changes);
      this.show();
      this.onChange();
    }

    apply(view) {
      this.set({ ...EMPTY, ...view });
      this.search.value = this.value.text;
    }

    togglePriority(priority) {
      const chosen = new Set(this.value.priorities);
      if (!chosen.delete(priority)) chosen.add(priority);
      this.set({ priorities: [...chosen].sort() });
    }

    /* As AlarmState.order takes it. */
    get criteria() {
      return { ...this.value, text: this.value.text.trim().toLowerCase(), priorities: new Set(this.value.priorities) };
    }

    get isEmpty() {
      return JSON.stringify(this.value) === JSON.stringify(EMPTY);
    }

    show() {
      const pressed = (button, on) => button.setAttribute("aria-pressed", String(on));
      this.priorities.forEach((chip, i) => pressed(chip, this.value.priorities.includes(i + 1)));
      pressed(this.waiting, this.value.waiting);
      this.shows.forEach((chip, i) => pressed(chip, this.value.show === SHOWS[i]));
      for (const [name, select] of this.selects) select.value = this.value[name];
      for (const [name, select] of this.selects) select.classList.toggle("set", Boolean(this.value[name]));
      this.clear.hidden = this.isEmpty;
      this.drop.hidden = !this.views.value;
    }

    /* The rules are those that have raised something; districts and departments are the city's. */
    offerRules(rules) {
      this.rules = rules;
      const select = this.selects[2][1];
      if (select.dataset.offered === String(rules.size) + center.alarmText.language()) return;
      select.dataset.offered = String(rules.size) + center.alarmText.language();
      fill(select, say("every_rule"), [...rules].map(([name, label]) => [name, center.alarmText.of(label)]), this.value.rule);
    }

    offerViews(views) {
      this.saved = views;
      fill(this.views, say("views"), views.map(({ name }) => [name, name]), this.views.value);
      this.show();
    }

    chooseView() {
      const found = this.saved.find(({ name }) => name === this.views.value);
      if (found) this.apply(found.view);
      this.show();
    }

    speak() {
      const { names } = center.alarmText;
      this.search.placeholder = say("search");
      this.search.setAttribute("aria-label", say("search"));
      this.priorities.forEach((chip, i) => (chip.title = say(`priority_${i + 1}`)));
      this.priorities.forEach((chip, i) => chip.setAttribute("aria-label", say(`priority_${i + 1}`)));
      this.waiting.textContent = say("waiting");
      this.shows.forEach((chip, i) => (chip.textContent = say(`show_${SHOWS[i]}`)));
      const offered = (kind) => Object.entries(names[kind]).map(([code, label]) => [code, center.alarmText.of(label)]);
      fill(this.selects[0][1], say("every_district"), offered("districts"), this.value.district);
      fill(this.selects[1][1], say("every_department"), offered("departments"), this.value.department);
      this.offerRules(this.rules);
      fill(this.views, say("views"), this.saved.map(({ name }) => [name, name]), this.views.value);
      this.clear.textContent = say("clear");
      this.save.textContent = say("save_view");
      this.drop.textContent = say("drop_view");
      this.show();
    }
  };

  function fill(select, nothing, options, value) {
    select.replaceChildren(new Option(nothing, ""), ...options.map(([code, words]) => new Option(words, code)));
    select.value = value;
    select.setAttribute("aria-label", nothing);
  }
})();
