/* The rules page: which rule is opened, its draft, what is wrong beside its field. Nothing here decides what is right. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const KEPT = 30;
  const nothing = () => window.dash_clientside.no_update;
  const empty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  const same = (one, other) => (empty(one) && empty(other)) || JSON.stringify(one) === JSON.stringify(other);
  const words = (pair) => ({
    namespace: "dash_html_components",
    type: "Span",
    props: {
      children: ["zh", "en"].map((language, n) => ({
        namespace: "dash_html_components",
        type: "Span",
        props: { className: language, children: pair[n] },
      })),
    },
  });
  let opened = "";

  function open(name) {
    dash_clientside.set_props("rule-name", { data: name });
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-act]");
    if (!target) return;
    if (target.dataset.act === "rule-back") open("");
    const draft = target.closest("[data-draft]");
    if (draft) open(draft.dataset.draft);
  });

  center.rules = {
    field: (kind, path) => ({ kind, path, type: "rule-field" }),
    /* Put a value into a field, as if it were typed. */
    put(path, kind, value) {
      dash_clientside.set_props({ kind, path, type: "rule-field" }, { value });
    },
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.rules = {
    /* The rule that is opened: by the address at first, then by the list; that the list came anew opens nothing. */
    chosen(rows) {
      if (rows && rows.length) return rows[0].name === opened ? nothing() : rows[0].name;
      const asked = new URLSearchParams(location.search).get("rule");
      return asked && !opened ? asked : nothing();
    },
    opened(name) {
      const made = opened.startsWith("+") && opened.endsWith(`/${name}`);
      const before = opened;
      opened = name || "";
      const address = name && !name.startsWith("+") ? `/rules?rule=${encodeURIComponent(name)}` : "/rules";
      if (before !== opened) history.replaceState(history.state, "", address);
      if (!name) dash_clientside.set_props("rules-rows", { selectedRows: [] });
      return [`rules${name ? " open" : ""}`, made || before === opened ? nothing() : []];
    },
    /* What is typed: all fields as path → value; a draft as long as it differs from what was saved. */
    gathered(values, ids, held, drafts) {
      const flat = {};
      ids.forEach((id, n) => (flat[id.path] = values[n]));
      if (!held || !held.key || !ids.length) return [{}, nothing(), "saving rule-saving"];
      const differs = ids.some((id, n) => !same(values[n], held.flat[id.path])) || !held.version;
      const kept = { ...(drafts || {}) };
      const known = kept[held.key];
      delete kept[held.key];
      if (differs) kept[held.key] = { version: held.version, flat, at: Date.now() };
      const unchanged = differs ? known && same(known.flat, flat) : !known;
      const names = Object.keys(kept);
      for (const name of names.slice(0, Math.max(0, names.length - KEPT))) delete kept[name];
      return [flat, unchanged ? nothing() : kept, `saving rule-saving${differs ? " differs" : ""}`];
    },
    /* What is wrong stands beside its field, in both languages. */
    faulty(faults, ids) {
      return ids.map((id) => (faults && faults[id.path] ? words(faults[id.path]) : null));
    },
    options(language, lists) {
      return lists.map((list) => list.map(([value, zh, en]) => ({ value, label: language === "en" ? en : zh })));
    },
    undone(clicks, held, drafts, reload) {
      if (!clicks || !held) return [nothing(), nothing()];
      const kept = { ...(drafts || {}) };
      delete kept[held.key];
      return [kept, (reload || 0) + 1];
    },
    /* Somebody saved meanwhile: the draft goes on from their version, or it is dropped. */
    settled(clicks, held, drafts, reload) {
      const id = center.pressedId();
      if (!id || !held) return [nothing(), nothing(), nothing(), nothing()];
      const kept = { ...(drafts || {}) };
      if (id.act === "theirs") delete kept[held.key];
      else if (kept[held.key]) kept[held.key] = { ...kept[held.key], version: id.version };
      // Who saves at once, before the form has come again, saves over what they were told of.
      const over = id.act === "theirs" ? nothing() : { ...held, version: id.version };
      return [kept, (reload || 0) + 1, [], over];
    },
  };
})();
