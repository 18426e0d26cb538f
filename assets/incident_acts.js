/* What is decided about an incident, and what each decision asks for. A question stays open, with what was typed in it, until
   the center has taken the answer; why it was not taken is said in it.

   new opsCenter.IncidentActs(room).ask(name); opsCenter.incidentQuestion({title, said, fields, yes, send}). A field is
   {name, label, kind, value, required, options}; kinds: text, line, person, choice, many, number, pick. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  let lists = 0;

  center.IncidentActs = class {
    constructor(room) {
      this.room = room;
    }

    ask(name, from) {
      const asked = this[name]();
      const { make, ...question } = asked;
      const refused = async (answers) => {
        const made = make(answers);
        for (const command of Array.isArray(made) ? made : [{ do: name, ...made }]) {
          const answer = await this.room.do(command);
          if (answer.code !== undefined && !(Array.isArray(made) && answer.code === "same")) return answer;
        }
        return null;
      };
      return center.incidentQuestion({ title: t.pair(`do_${name}`), said: t.words[`said_${name}`] && t.pair(`said_${name}`), yes: t.pair(`do_${name}`), send: refused, from, ...question });
    }

    remark(required = false) {
      return { name: "text", label: t.pair(required ? "what_to_know" : "remark"), kind: "text", required };
    }

    reason() {
      return { name: "reason", label: t.pair("reason"), kind: "text", required: true };
    }

    verify() {
      return { fields: [this.remark()], make: (given) => given };
    }

    dismiss() {
      return { fields: [this.reason()], make: (given) => given };
    }

    open() {
      const { incident, me } = this.room;
      const plans = Object.entries(t.plans || {}).map(([name, label]) => [label, name]);
      const fits = this.fitting(incident.type);
      return {
        fields: [
          { name: "commander", label: t.pair("commander"), kind: "person", value: incident.commander || me, required: true },
          { name: "plan", label: t.pair("plan"), kind: "choice", value: fits, options: [[t.pair("no_plan"), ""], ...plans] },
          this.remark(),
        ],
        make: (given) => given,
      };
    }

    /* The plan for a type, or for the nearest above it in the tree. */
    fitting(type) {
      for (let code = type; code; code = (t.types[code] || {}).parent) if (t.plan_of && t.plan_of[code]) return t.plan_of[code];
      return "";
    }

    contain() {
      return { fields: [this.remark()], make: (given) => given };
    }

    resolve() {
      return { fields: [this.remark()], make: (given) => given };
    }

    close() {
      return { fields: [{ name: "lessons", label: t.pair("lessons"), kind: "text", required: true }], make: (given) => given };
    }

    reopen() {
      return { fields: [this.reason()], make: (given) => given };
    }

    hand_over() {
      return { fields: [{ name: "commander", label: t.pair("to_whom"), kind: "person", required: true }, this.remark(true)], make: (given) => given };
    }

    open_plan() {
      const plans = Object.entries(t.plans || {}).map(([name, label]) => [label, name]);
      return { fields: [{ name: "plan", label: t.pair("plan"), kind: "choice", value: this.fitting(this.room.incident.type), options: plans }], make: (given) => given };
    }

    give_task() {
      const departments = Object.entries(t.names.departments).map(([code, label]) => [label, code]);
      return {
        fields: [
          { name: "title", label: t.pair("task_title"), kind: "line", required: true },
          { name: "text", label: t.pair("task_text"), kind: "text" },
          { name: "department", label: t.pair("department"), kind: "choice", value: this.room.incident.lead_department, options: departments },
          { name: "person", label: t.pair("person"), kind: "person" },
          { name: "accept_minutes", label: t.pair("accept_within"), kind: "number", value: 10, required: true },
          { name: "done_minutes", label: t.pair("done_within"), kind: "number", value: 60, required: true },
        ],
        make: (given) => ({ ...given, accept_minutes: Number(given.accept_minutes), done_minutes: Number(given.done_minutes) }),
      };
    }

    link() {
      return { fields: [{ name: "picked", label: t.pair("link_which"), kind: "pick", required: true, kinds: ["alarm", "incident", "case", "camera"], many: true }], make: ({ picked }) => linksOf(picked) };
    }

    merge() {
      const first = () => center.incidentOpenOnes(this.room.id);
      return {
        fields: [{ name: "into", label: t.pair("merge_into"), kind: "pick", required: true, kinds: ["incident"], first }, this.reason()],
        make: ({ into, reason }) => ({ into: into[0].id, reason }),
      };
    }

    split() {
      const { alarms } = this.room.incident;
      return {
        fields: [
          { name: "title", label: t.pair("split_title"), kind: "line", required: true },
          { name: "alarms", label: t.pair("split_alarms"), kind: "many", options: alarms.map((id) => [t.pair("alarm_n", id), String(id)]) },
          this.reason(),
        ],
        make: ({ alarms: chosen, ...given }) => ({ ...given, alarms: chosen.map(Number) }),
      };
    }
  };

  /* One command for each kind of what was picked; what is linked already is no reason to stop. */
  const linksOf = (picked) => ["alarms", "links", "cameras"].map((kind) => ({ do: "link", kind, what: picked.filter((one) => one.kind === kind).map(({ id }) => id) })).filter(({ what }) => what.length);

  /* ---- the question ---- */

  center.incidentQuestion = function ({ title, said, fields, yes, send, from }) {
    const dialog = el("dialog", "ask incident-ask", { "aria-labelledby": "incident-ask-title" });
    const form = el("form", "", { method: "dialog" }, el("h2", "", { id: "incident-ask-title" }, ...spans(title)));
    if (said) form.append(el("p", "quiet", {}, ...spans(said)));
    const inputs = fields.map((field) => ({ field, input: inputOf(field) }));
    for (const { field, input } of inputs) form.append(["many", "pick"].includes(field.kind) ? el("fieldset", "asked", {}, el("legend", "", {}, ...spans(field.label)), input) : el("label", "asked", {}, el("span", "", {}, ...spans(field.label)), input));
    const refusal = el("p", "incident-refusal", { role: "alert" });
    refusal.hidden = true;
    const no = el("button", "plain", { type: "button" }, ...t.both("cancel"), el("kbd", "", {}, "Esc"));
    const done = el("button", "main", { type: "submit" }, ...spans(yes), el("kbd", "", {}, "Ctrl+Enter"));
    form.append(refusal, el("div", "buttons-row", {}, no, done));
    dialog.append(form);
    document.getElementById("desk").append(dialog);
    return new Promise((resolve) => {
      const close = (answer) => {
        dialog.close();
        dialog.remove();
        if (from && from.isConnected) from.focus();
        resolve(answer);
      };
      const refuse = (why) => [(refusal.hidden = false), refusal.replaceChildren(...t.label(why))];
      no.addEventListener("click", () => close(false));
      dialog.addEventListener("cancel", (event) => [event.preventDefault(), close(false)]);
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        if (done.disabled) return;
        const missing = inputs.find(({ field, input }) => field.kind === "pick" && field.required && !input.values.length);
        if (missing) return refuse({ zh: t.pair("pick_none")[0], en: t.pair("pick_none")[1] });
        done.disabled = true;
        const why = await send(Object.fromEntries(inputs.map(({ field, input }) => [field.name, valueOf(field, input)])));
        done.disabled = false;
        if (why === null) return close(true);
        refuse(why);
      });
      dialog.addEventListener("keydown", (event) => {
        event.stopPropagation(); // the page has keys of its own
        const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
        if (sends && form.reportValidity()) form.requestSubmit();
      });
      dialog.showModal();
      if (inputs.length) (inputs[0].input.querySelector("input") || inputs[0].input).focus();
    });
  };

  const spans = ([zh, en]) => t.label({ zh, en });

  function inputOf({ kind, options, value, required, ...pick }) {
    if (kind === "pick") return center.incidentPick(pick);
    if (kind === "choice") {
      const select = el("select", "");
      for (const [words, code] of options) select.append(t.option(words, code, code === value));
      return select;
    }
    if (kind === "many") return el("div", "incident-many", {}, ...options.map(([words, code]) => el("label", "", {}, el("input", "", { type: "checkbox", value: code }), ...spans(words))));
    const input = kind === "text" ? el("textarea", "", { rows: "3", maxlength: "4000" }) : el("input", "", { type: kind === "number" ? "number" : "text", maxlength: "200", autocomplete: "off" });
    if (kind === "number") [(input.min = "1"), (input.step = "any")];
    if (kind === "person") input.setAttribute("list", peopleList());
    input.required = Boolean(required);
    if (value !== undefined) input.value = value;
    return input;
  }

  const valueOf = ({ kind }, input) => (kind === "pick" ? input.values : kind === "many" ? [...input.querySelectorAll(":checked")].map((one) => one.value) : input.value.trim());

  /* Accounts to choose from, once on the page. */
  function peopleList() {
    let list = document.getElementById("incident-accounts");
    if (!list) {
      list = el("datalist", "", { id: "incident-accounts" });
      document.body.append(list);
    }
    if (lists !== Object.keys(t.people).length) list.replaceChildren(...Object.keys(t.people).map((account) => t.option(t.person(account).zh ? t.person(account) : [account, account], account)));
    lists = Object.keys(t.people).length;
    return list.id;
  }
})();
