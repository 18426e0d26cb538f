/* The page of notification routes: what is typed is a draft that the browser keeps until it is saved or dropped. */
(function () {
  "use strict";
  const KEPT = 20;
  const PREFIX = "route-f-";
  const LISTS = ["targets", "acts", "priorities", "rules", "departments", "districts"];
  const CHOSEN = ["channel", "language", "state", "realms", ...LISTS.slice(1)];
  const untouched = new window.opsCenter.Untouched(PREFIX, CHOSEN);
  const nothing = () => window.dash_clientside.no_update;
  const empty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  const same = (one, other) => (empty(one) && empty(other)) || JSON.stringify(one) === JSON.stringify(other);
  const part = (type, props) => ({ namespace: "dash_html_components", type, props });
  const words = (zh, en) =>
    part("Span", { children: [part("Span", { className: "zh", children: zh }), part("Span", { className: "en", children: en })] });
  const named = (list) => list.map((one) => one.id).filter((id) => id.startsWith(PREFIX)).map((id) => id.slice(PREFIX.length));
  const without = (drafts, key) => {
    const kept = { ...(drafts || {}) };
    delete kept[key];
    return kept;
  };
  let asks = 0;
  const open = (name) => {
    history.replaceState(history.state, "", name ? `/notifications/routes?route=${encodeURIComponent(name)}` : "/notifications/routes");
    return { name, n: (asks += 1) };
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.routes = {
    /* Which route is to be opened: of the address, of the list, or a new one (""). */
    asked(search, rows, clicks, target) {
      const by = (dash_clientside.callback_context.triggered || []).map((one) => one.prop_id);
      if (by.includes("route-new.n_clicks") && clicks) return open("");
      if (by.includes("route-rows.selectedRows")) {
        const name = rows && rows.length ? rows[0].name : null;
        return name === null || (target && target.name === name) ? nothing() : open(name);
      }
      const query = new URLSearchParams(search || "");
      return query.has("route") ? { name: query.get("route"), n: (asks += 1) } : nothing();
    },
    /* What a list offers, with what it holds already: a rule that was removed meanwhile stays until somebody takes it out. */
    offers(language, words, _target, held) {
      const known = new Set(words.map(([code]) => code));
      const others = (held || []).filter((code) => !known.has(code)).map((code) => ({ value: code, label: code }));
      return [...words.map(([value, zh, en]) => ({ value, label: language === "en" ? en : zh })), ...others];
    },
    begun(fill, drafts) {
      const names = named(dash_clientside.callback_context.outputs_list);
      if (!fill) return [...names.map(nothing), null, [], [], "route-page"];
      const kept = (drafts || {})[fill.target.key];
      const values = kept ? kept.values : fill.values;
      const target = kept ? { ...fill.target, seen: kept.seen } : fill.target;
      const told = kept ? part("P", { className: "answer", children: words("已恢复未保存的改动。", "Your unsaved changes are back.") }) : [];
      const held = names.map((name) => (empty(values[name]) ? (LISTS.includes(name) ? [] : "") : values[name]));
      untouched.begin(values);
      const shape = fill.target.name ? "route-page editing" : "route-page editing making";
      return [...held, target, words(fill.title.zh, fill.title.en), told, shape];
    },
    gathered(...given) {
      const names = named(dash_clientside.callback_context.inputs_list);
      const [target, fill, drafts] = given.slice(names.length);
      if (!target || !fill) return [null, nothing()];
      const typed = {};
      names.forEach((name, n) => (typed[name] = untouched.value(name, given[n])));
      const differs = names.some((name) => !same(typed[name], fill.values[name]));
      const known = (drafts || {})[target.key];
      const kept = without(drafts, target.key);
      if (differs) kept[target.key] = { values: typed, seen: target.seen };
      const ids = Object.keys(kept);
      for (const id of ids.slice(0, Math.max(0, ids.length - KEPT))) delete kept[id];
      const unchanged = differs ? known && same(known.values, typed) : !known;
      return [typed, unchanged ? nothing() : kept];
    },
    /* What this account has not saved. */
    kept(drafts, me) {
      const mine = Object.keys(drafts || {}).filter((key) => key.startsWith(`${me}/`)).map((key) => key.slice(me.length + 1));
      const links = mine.map((name) =>
        part("A", {
          className: "copy",
          href: `/notifications/routes?route=${name === "+" ? "" : encodeURIComponent(name)}`,
          children: name === "+" ? words("新建路由", "New route") : name,
        }),
      );
      return links.length ? [words("未保存：", "Unsaved:"), ...links] : [];
    },
    dropped(clicks, target, drafts) {
      if (!clicks || !target) return [nothing(), nothing()];
      return [without(drafts, target.key), open(target.name)];
    },
    saved(done, target, drafts) {
      if (!done) return [nothing(), nothing()];
      return [without(drafts, done.key), open(done.name)];
    },
  };
})();
