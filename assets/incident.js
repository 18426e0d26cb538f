/* Words, names and times of the pages of incidents, and what is asked of /api/incidents.

   `configure` is given what the layout says (screens/incident_words.py). A text is put on a page in both languages, and the
   style sheet shows the one that is spoken: `both("key")`. Attributes and options follow by `data-title-*` (desk.js) and
   `option`. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SECOND_US = 1e6;
  const pad = (number) => String(number).padStart(2, "0");
  const filled = (text, values) => text.replace(/\{(\d)\}/g, (_, place) => values[place]);

  const text = (center.incidentText = {
    words: {},
    types: {},
    names: { departments: {}, districts: {} },
    account: "",
    people: {},
    configure(config) {
      Object.assign(this, config);
      const options = { timeZone: this.timezone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
      this.clock = new Intl.DateTimeFormat("en-GB", options);
      this.day = new Intl.DateTimeFormat("en-CA", { timeZone: this.timezone, month: "2-digit", day: "2-digit" });
      this.whole = new Intl.DateTimeFormat("en-CA", { timeZone: this.timezone, year: "numeric", month: "2-digit", day: "2-digit" });
    },
    get isEnglish() {
      return document.documentElement.dataset.language === "en";
    },
    /* What fills another text, in its language. */
    part(key) {
      const [zh, en] = this.pair(key);
      return { zh, en };
    },
    /* A text in both languages; what fills it may be a label {zh, en} itself. */
    pair(key, ...values) {
      const part = (value, language) => (value && value.zh !== undefined ? value[language] : value);
      return (this.words[key] || [key, key]).map((one, at) => filled(one, values.map((value) => part(value, at ? "en" : "zh"))));
    },
    say(key, ...values) {
      return this.pair(key, ...values)[this.isEnglish ? 1 : 0];
    },
    /* A text in both languages, as nodes. */
    both(key, ...values) {
      return spans(this.pair(key, ...values));
    },
    /* A label {zh, en}, or what is the same in both, as nodes. */
    label(given) {
      return typeof given === "string" ? [given] : given ? spans([given.zh, given.en]) : [];
    },
    /* What a drawing is called, as a label: who drew it by hand gave it one name, a plan and the center give two. */
    drawn({ label, english }) {
      return { zh: label, en: english || label };
    },
    /* Attributes of an element whose name only machines and mice read. */
    titled(key, ...values) {
      const [zh, en] = this.pair(key, ...values);
      return { "data-title-zh": zh, "data-title-en": en, "aria-label": this.isEnglish ? en : zh, title: this.isEnglish ? en : zh };
    },
    option(label, value, chosen = false) {
      const { zh, en } = Array.isArray(label) ? { zh: label[0], en: label[1] } : label;
      const made = new Option(this.isEnglish ? en : zh, value, false, chosen);
      made.dataset.zh = zh;
      made.dataset.en = en;
      return made;
    },
    named(kind, code) {
      return this.names[kind][code] || { zh: code, en: code };
    },
    type(code) {
      return (this.types[code] || {}).label || { zh: code, en: code };
    },
    person(account) {
      return this.people[account] || account;
    },
    time(us, seconds = false) {
      const said = us ? this.clock.format(new Date(us / 1000)) : "—";
      return seconds || !us ? said : said.slice(0, 5);
    },
    /* With the day where it isn't today's. */
    moment(us, seconds = false) {
      if (!us) return "—";
      const same = this.whole.format(new Date(us / 1000)) === this.whole.format(new Date(nowUs() / 1000));
      return same ? this.time(us, seconds) : `${this.day.format(new Date(us / 1000))} ${this.time(us, seconds)}`;
    },
    /* With its year: of what is long past. */
    dated(us) {
      return us ? `${this.whole.format(new Date(us / 1000))} ${this.time(us)}` : "—";
    },
    /* How long something took, in words: a pair for `label`. */
    span(minutes) {
      const whole = Math.round(minutes);
      const [zh, en] = whole < 1 ? this.pair("span_less") : whole < 60 ? this.pair("span_min", whole) : whole < 1440 ? this.pair("span_hours", Math.floor(whole / 60), whole % 60) : this.pair("span_days", Math.floor(whole / 1440), Math.floor((whole % 1440) / 60));
      return { zh, en };
    },
    /* How long ago, and what is left, as clocks show it: 4:05, 1:02:40, 3 d 04:00. */
    clockOf(us) {
      const s = Math.max(0, Math.floor(us / SECOND_US));
      if (s < 3600) return `${Math.floor(s / 60)}:${pad(s % 60)}`;
      if (s < 86400) return `${Math.floor(s / 3600)}:${pad(Math.floor((s % 3600) / 60))}:${pad(s % 60)}`;
      return `${Math.floor(s / 86400)} d ${pad(Math.floor((s % 86400) / 3600))}:${pad(Math.floor((s % 3600) / 60))}`;
    },
  });

  const spans = ([zh, en]) => (zh === en ? [zh] : [center.el("span", "zh", {}, zh), center.el("span", "en", {}, en)]);

  /* The server's time, µs: deadlines count by it. */
  let offsetMs = 0;
  const nowUs = () => (Date.now() + offsetMs) * 1000;
  center.incidentClock = {
    nowUs,
    hear: (heartbeat) => (offsetMs = heartbeat.server_time_us / 1000 - Date.now()),
  };

  /* A level: its roman numeral in a frame that is the heavier the graver. */
  const ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"];
  center.incidentLevel = (level) => center.el("i", `incident-level l${level}`, { ...text.titled(`level_${level}`), role: "img" }, ROMAN[level]);
  center.incidentRoman = (level) => ROMAN[level];

  /* One question to the center; {ok, body} or {ok: false, status, code, zh, en}. */
  center.incidentAsk = (method, path, body) => center.askCenter(method, `/api/incidents${path}`, body);
  center.askCenter = async function (method, address, body) {
    let answer;
    try {
      const bytes = body instanceof Blob;
      const headers = body ? { "content-type": bytes ? "application/octet-stream" : "application/json" } : {};
      answer = await fetch(address, { method, cache: "no-store", headers, body: bytes ? body : body && JSON.stringify(body) });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return refused(0, "no_answer");
    }
    const found = await answer.json().catch(() => ({}));
    if (answer.ok) return { ok: true, status: answer.status, body: found };
    const said = found.zh ? found : found.detail && found.detail.zh ? found.detail : null;
    return said ? { ok: false, status: answer.status, code: said.code || "", zh: said.zh, en: said.en } : refused(answer.status, { 401: "signed_out", 403: "forbidden", 404: "unknown", 503: "database_away" }[answer.status] || "failed");
  };

  function refused(status, key) {
    const [zh, en] = text.pair(`fails_${key}`);
    return { ok: false, status, code: key, zh, en };
  }

  /* A state of a panel that has nothing to show as usual (screens/states.py). */
  center.incidentState = function (state, sentence, ...acts) {
    const signs = { empty: "○", loading: "…", aged: "◇", failed: "!", forbidden: "×" };
    return center.el("div", `stated state-${state}`, { role: state === "failed" ? "alert" : "status" }, center.el("span", "state-sign", { "aria-hidden": "true" }, signs[state]), center.el("b", "", {}, ...text.both(`state_${state}`)), center.el("p", "", {}, ...sentence), ...acts);
  };

  /* A button with a text in both languages. */
  center.incidentButton = function (className, key, act, attributes = {}) {
    const button = center.el("button", className, { type: "button", ...attributes }, ...text.both(key));
    button.addEventListener("click", act);
    return button;
  };

  /* Put other nodes into a place; what had the focus has it again, by its data-key. */
  center.incidentPut = function (holder, ...nodes) {
    const held = holder.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const open = new Set([...holder.querySelectorAll("details[open][data-key]")].map((one) => one.dataset.key));
    const top = holder.scrollTop;
    holder.replaceChildren(...nodes);
    for (const one of holder.querySelectorAll("details[data-key]")) one.open = one.open || open.has(one.dataset.key);
    holder.scrollTop = top;
    const again = held && holder.querySelector(`[data-key="${CSS.escape(held)}"]`);
    if (again) again.focus({ preventScroll: true });
  };

  new MutationObserver(() => {
    const language = text.isEnglish ? "en" : "zh";
    for (const option of document.querySelectorAll("option[data-zh]")) option.textContent = option.dataset[language];
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
})();
