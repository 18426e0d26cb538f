/* Pages for a desk: the language of the page, options of choices in it, what is copied. Nothing here decides anything. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const root = document.documentElement;
  const REST_MS = 300;
  let chosen = "zh"; // what the account's choice of a language shows; its page begins with this
  const turns = new Map();
  const desk = () => document.getElementById("desk");

  function entitle(element) {
    const words = element.getAttribute(`data-title-${root.dataset.language === "en" ? "en" : "zh"}`);
    element.title = words;
    element.setAttribute("aria-label", words);
  }

  function speak(language) {
    if (!["zh", "en"].includes(language)) return;
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    center.remember("language", language);
    const page = desk();
    if (!page) return;
    document.title = page.getAttribute(`data-page-${language}`);
    page.querySelectorAll("[data-title-zh]").forEach(entitle);
    dash_clientside.set_props("language", { data: language });
  }

  center.speak = (language) => desk() && speak(language);

  /* What a list brings later has names for machines and mice too. */
  const watch = new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches("[data-title-zh]")) entitle(node);
        node.querySelectorAll("[data-title-zh]").forEach(entitle);
      }
    }
  });

  async function copy(button) {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.target).textContent);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 2000);
  }

  /* Choices of a form that nobody has touched. The library empties a choice whose options change (the page speaks another
     language, what it offers comes late) in the moment in which it is filled in: it is filled in again. */
  const isEmpty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  center.Untouched = class {
    constructor(prefix, names) {
      Object.assign(this, { prefix, names, values: {}, touched: new Set() });
      for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, (event) => this.touch(event.target), { capture: true, passive: true });
    }

    begin(values) {
      this.values = values;
      this.touched = new Set();
    }

    touch(element) {
      const field = element.closest(".mantine-InputWrapper-root");
      const own = field && field.querySelector(`[id^="${this.prefix}"]`);
      if (own) this.touched.add(this.names.find((name) => own.id === this.prefix + name));
    }

    /* What a field holds. */
    value(name, given) {
      const began = this.values[name];
      if (!isEmpty(given) || isEmpty(began) || !this.names.includes(name) || this.touched.has(name)) return given;
      dash_clientside.set_props(this.prefix + name, { value: began });
      return began;
    }
  };

  document.addEventListener("click", (event) => {
    const target = desk() && event.target.closest("[data-act]");
    if (!target) return;
    if (target.dataset.act === "language") speak(root.dataset.language === "en" ? "zh" : "en");
    else if (target.dataset.act === "copy") copy(target);
  });

  /* The id of the button of a pattern that was pressed, null: none; one that has only appeared was not. */
  center.pressedId = () => {
    const one = (dash_clientside.callback_context.triggered || []).find(({ value, prop_id }) => value && prop_id.startsWith("{"));
    return one ? JSON.parse(one.prop_id.slice(0, one.prop_id.lastIndexOf("."))) : null;
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.desk = {
    /* The page is there. */
    mount(ready) {
      watch.disconnect();
      watch.observe(document.body, { childList: true, subtree: true });
      requestAnimationFrame(() => speak(root.dataset.language === "en" ? "en" : "zh"));
      return ready;
    },
    /* The options of a choice, as the page speaks. */
    options(language, words) {
      return words.map(([value, zh, en]) => ({ value, label: language === "en" ? en : zh }));
    },
    /* The names of a table's columns, as the page speaks. What a box to choose a row says of itself is written when its
       row is drawn: such rows are drawn again. */
    columns(language, columns) {
      dash_ag_grid.getApiAsync(dash_clientside.callback_context.outputs_list.id).then((list) => {
        if (list.getGridOption("rowSelection")?.checkboxes) requestAnimationFrame(() => list.redrawRows());
      });
      return columns.map((column) => ({ ...column, headerName: column.context ? column.context[language] : column.headerName }));
    },
    open: (clicks) => (clicks ? true : window.dash_clientside.no_update),
    close: (...clicks) => (clicks.some(Boolean) ? false : window.dash_clientside.no_update),
    /* The account that is chosen in the list; that the list came anew chooses nothing. */
    chosen: (rows, held) => (rows && rows.length && rows[0].name !== held ? rows[0].name : window.dash_clientside.no_update),
    pressed() {
      const id = center.pressedId();
      return id ? { ...id, at: Date.now() } : window.dash_clientside.no_update;
    },
    /* What an account may do, as it is being edited: grants as text (domain/rights.py). */
    granted(_added, _removed, draft, role, department, district) {
      const removed = center.pressedId();
      if (removed) return (draft || []).filter((text) => text !== removed.index);
      if (!(dash_clientside.callback_context.triggered || []).some(({ value }) => value)) return dash_clientside.no_update;
      const scope = [department || "*", district || "*"];
      while (scope.length && scope.at(-1) === "*") scope.pop();
      return [...new Set([...(draft || []), [role, ...scope].join("/")])];
    },
    differs: (draft, held) => `row end saving${JSON.stringify(draft) === JSON.stringify(held) ? "" : " differs"}`,
    undo: (clicks, held) => (clicks ? held : window.dash_clientside.no_update),
    same() {
      const language = root.dataset.language === "en" ? "en" : "zh";
      return language === chosen ? window.dash_clientside.no_update : (chosen = language);
    },
    speak(language) {
      if (language) chosen = language;
      if (language && language !== root.dataset.language) speak(language);
      return window.dash_clientside.no_update;
    },
    /* What a form holds, as soon as nobody types (screens/form_values.py). */
    rested(values) {
      const of = dash_clientside.callback_context.outputs_list.id;
      const turn = (turns.get(of) || 0) + 1;
      turns.set(of, turn);
      if (!document.activeElement.matches("input, textarea")) return values;
      return new Promise((pass) => setTimeout(() => pass(turns.get(of) === turn ? values : dash_clientside.no_update), REST_MS));
    },
    /* The page of a list (screens/pages.py). From a page whose rows have not come yet nobody turns further back. */
    turned(...given) {
      const [page, behind] = given.slice(-2);
      const pressed = ((dash_clientside.callback_context.triggered || [])[0] || {}).prop_id || "";
      if (pressed.endsWith("-newer.n_clicks")) return page.slice(0, -1);
      if (!pressed.endsWith("-older.n_clicks")) return [];
      const follows = behind && behind.length === page.length + 1 && page.every((number, n) => number === behind[n]);
      return follows ? behind : dash_clientside.no_update;
    },
    /* What is exported is what is looked at. */
    exports(who, what, period) {
      const time = new URLSearchParams({ period: period || "all" });
      const query = new URLSearchParams({ who: who || "", what: what || "", period: period || "all" });
      return [`/audit/export.csv?${query}`, `/audit/export.jsonl?${time}`];
    },
  };

  const lists = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  /* A list is one stop of the Tab key; inside, arrows walk. */
  lists.leavesList = () => false;
  lists.listWords = ({ key, defaultValue, context }) => {
    const words = context && context.words && context.words[key];
    return words ? words[root.dataset.language === "en" ? 1 : 0] : defaultValue;
  };

  /* What stands in a list without rows (screens/states.py). */
  const words = ([zh, en]) => [
    React.createElement("span", { className: "zh", key: "zh" }, zh),
    React.createElement("span", { className: "en", key: "en" }, en),
  ];
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  /* A cell that speaks both languages: its value is {zh, en, tone, path}, path leading somewhere of our own; sorting and
     filtering use the value's text. */
  cells.Both = (props) => {
    const value = props.value;
    if (value === null || value === undefined) return null;
    const said = words([value.zh, value.en]);
    if (value.path && value.path.startsWith("/")) return React.createElement("a", { href: value.path, className: "thing-link" }, said);
    return React.createElement("span", { className: value.tone ? `badge ${value.tone}` : undefined }, said);
  };
  cells.Nothing = ({ sign, name, said }) =>
    React.createElement("div", { className: "stated state-empty" }, [
      React.createElement("span", { className: "state-sign", "aria-hidden": "true", key: "sign" }, sign[0]),
      React.createElement("b", { key: "name" }, words(name)),
      React.createElement("p", { key: "said" }, words(said)),
    ]);
})();
