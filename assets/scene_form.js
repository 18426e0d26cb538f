/* Forms of the editor of scenes, made from what the server says of a kind's options (screens/panels/schema.py).

   opsCenter.sceneForm(fields, value, {offers, disabled, onChange(value), pickView(view) → Promise}) → an element. Values are
   what the scene holds; what is empty is left out, so that its default counts. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  let listCount = 0;
  const both = (zh, en) => [center.el("span", "zh", {}, zh), center.el("span", "en", {}, en)];
  const spoken = (zh, en) => (document.documentElement.dataset.language === "en" ? en : zh);
  center.both = both;
  center.spoken = spoken;
  const isEmpty = (value) => value === null || value === undefined || value === "";

  center.sceneForm = function (fields, value, context) {
    const form = center.el("div", "scf");
    let held = { ...value };
    const put = (name, given) => {
      held = { ...held };
      if (given === undefined) delete held[name];
      else held[name] = given;
      context.onChange(held);
    };
    for (const field of fields) {
      const given = held[field.name] === undefined ? field.default : held[field.name];
      form.append(row(field, control(field, given, context, (next) => put(field.name, meant(field, next)))));
    }
    return form;
  };

  /* What is left empty says nothing: the default counts. */
  const meant = (field, value) => (isEmpty(value) && !field.required ? undefined : value);

  function row(field, part) {
    const tag = ["group", "list", "words", "view"].includes(field.kind) ? "div" : "label";
    const name = center.el("span", "scf-name", {}, ...both(field.zh, field.en));
    if (field.required) name.append(center.el("i", "scf-must", { "aria-hidden": "true" }, " *"));
    return center.el(tag, `scf-row scf-${field.kind}`, { "data-field": field.name, ...(tag === "div" ? { role: "group", "aria-label": spoken(field.zh, field.en) } : {}) }, name, part);
  }

  function control(field, value, context, set) {
    const make = controls[field.kind] || controls.json;
    return make(field, value, context, set);
  }

  const input = (attributes, context, set, read) => {
    const element = center.el("input", "", attributes);
    element.disabled = context.disabled;
    element.addEventListener("change", () => set(read(element)));
    return element;
  };

  const numberOf = (element) => (element.value === "" ? undefined : Number(element.value));

  const controls = {
    check: (field, value, context, set) => {
      const box = input({ type: "checkbox" }, context, set, (element) => element.checked);
      box.checked = Boolean(value);
      return box;
    },
    number: (field, value, context, set) => {
      const bounds = { ...(field.low === null ? {} : { min: field.low }), ...(field.high === null ? {} : { max: field.high }) };
      const element = input({ type: "number", step: field.whole ? 1 : "any", ...bounds }, context, set, numberOf);
      element.value = isEmpty(value) ? "" : String(value);
      return element;
    },
    choice: (field, value, context, set) => {
      const element = center.el("select", "", {}, ...field.choices.map((choice) => center.el("option", "", { value: choice }, choiceName(choice))));
      element.value = value === null ? field.choices[0] : value;
      element.disabled = context.disabled;
      element.addEventListener("change", () => set(element.value));
      return element;
    },
    text: (field, value, context, set) => {
      const offers = field.offers && context.offers[field.offers];
      const element = input({ type: "text", autocomplete: "off", ...(field.most ? { maxlength: field.most } : {}) }, context, set, (one) => one.value.trim());
      element.value = isEmpty(value) ? "" : value;
      return offers ? center.el("span", "scf-offered", {}, element, listed(element, offers)) : element;
    },
    words: (field, value, context, set) => {
      const pair = { zh: "", en: "", ...(value || {}) };
      const changed = () => set(pair.zh || pair.en ? { ...pair } : undefined);
      const part = (language, name) => {
        const element = center.el(field.long ? "textarea" : "input", "", { "aria-label": name, placeholder: name, ...(field.long ? { rows: 3 } : { type: "text" }) });
        element.value = pair[language];
        element.disabled = context.disabled;
        element.addEventListener("change", () => ((pair[language] = element.value.trim()), changed()));
        return element;
      };
      return center.el("span", "scf-pair", {}, part("zh", "中文"), part("en", "English"));
    },
    group: (field, value, context, set) => center.sceneForm(field.fields, value || {}, { ...context, onChange: (next) => set(Object.keys(next).length ? next : undefined) }),
    list: (field, value, context, set) => (field.offers && context.offers[field.offers] && field.item.kind !== "group" ? several : many)(field, value, context, set),
    view: (field, value, context, set) => {
      const said = center.el("span", "num", {}, value ? `${value.longitude.toFixed(4)}, ${value.latitude.toFixed(4)} · ${value.zoom.toFixed(1)}` : "");
      const pick = button(value ? ["在地图上修改", "Change on a map"] : ["在地图上选取", "Choose on a map"], context, async () => set((await context.pickView(value)) || value || undefined));
      const drop = button(["全市", "Whole city"], context, () => set(undefined));
      return center.el("span", "scf-seen", {}, said, pick, ...(value ? [drop] : []));
    },
    json: (field, value, context, set) => {
      const element = center.el("textarea", "", { rows: 4, spellcheck: "false" });
      element.value = isEmpty(value) ? "" : JSON.stringify(value, null, 1);
      element.disabled = context.disabled;
      element.addEventListener("change", () => {
        try {
          set(element.value.trim() ? JSON.parse(element.value) : undefined);
        } catch (error) {
          set(element.value); // the server says what is wrong with it
        }
      });
      return element;
    },
  };

  function button([zh, en], context, then) {
    const element = center.el("button", "copy", { type: "button" }, ...both(zh, en));
    element.disabled = context.disabled;
    element.addEventListener("click", then);
    return element;
  }

  /* What may be typed, with its name in the language of the page. */
  function listed(element, offers) {
    const id = `scf-list-${(listCount += 1)}`;
    element.setAttribute("list", id);
    const options = offers.map(([value, zh, en]) => center.el("option", "", { value, label: spoken(zh, en) }));
    return center.el("datalist", "", { id }, ...options);
  }

  /* Some of what is offered. */
  function several(field, value, context, set) {
    const chosen = new Set(value === null && field.nullable ? context.offers[field.offers].map(([one]) => one) : value || []);
    const boxes = context.offers[field.offers].map(([one, zh, en]) => {
      const box = center.el("input", "", { type: "checkbox" });
      box.checked = chosen.has(one);
      box.disabled = context.disabled;
      box.addEventListener("change", () => {
        box.checked ? chosen.add(one) : chosen.delete(one);
        set(context.offers[field.offers].map(([code]) => code).filter((code) => chosen.has(code)));
      });
      return center.el("label", "scf-box", {}, box, center.el("span", "", {}, ...both(zh, en)));
    });
    return center.el("span", "scf-several", {}, ...boxes);
  }

  /* An input that has no label of its own says what it is to those who don't see where it stands. */
  function names(part, name) {
    const box = part.matches(".scf-offered") ? part.firstElementChild : part;
    if (box.matches("input, select, textarea")) box.setAttribute("aria-label", name);
  }

  /* Any number of the same. */
  function many(field, value, context, set) {
    const items = [...(value || [])];
    const item = { ...field.item, name: "item", default: null, required: true, offers: field.offers };
    const parts = items.map((one, place) => {
      const part = control(item, one, context, (next) => set(items.map((old, at) => (at === place ? next : old))));
      names(part, `${spoken(field.zh, field.en)} ${place + 1}`);
      const drop = button(["去掉", "Remove"], context, () => set(items.filter((_, at) => at !== place)));
      return center.el("div", "scf-item", {}, part, drop);
    });
    const fresh = item.kind === "group" ? begun(item.fields, context) : "";
    return center.el("div", "scf-many", {}, ...parts, button(["增加一项", "Add one"], context, () => set([...items, fresh])));
  }

  /* A new one says what it must: the first that is offered. */
  const begun = (fields, { offers }) => Object.fromEntries(fields.filter(({ required }) => required).map((field) => [field.name, field.offers ? (offers[field.offers][0] || [""])[0] : ""]));

  const CHOICES = {
    page: ["随页面", "as the page"], dark: ["深色", "dark"], light: ["浅色", "light"], highest: ["由高到低", "highest first"], lowest: ["由低到高", "lowest first"],
    small: ["小", "small"], medium: ["中", "medium"], large: ["大", "large"], left: ["靠左", "left"], middle: ["居中", "in the middle"], pictures: ["画面", "pictures"], names: ["名称", "names"],
  };
  const choiceName = (choice) => (CHOICES[choice] ? spoken(...CHOICES[choice]) : choice);
})();
