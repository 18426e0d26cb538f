/* The page of public warnings: what is typed is a draft that the browser keeps until it is issued or dropped. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const KEPT = 20;
  const PREFIX = "warn-f-";
  const nothing = () => window.dash_clientside.no_update;
  const empty = (value) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  const same = (one, other) => (empty(one) && empty(other)) || JSON.stringify(one) === JSON.stringify(other);
  const part = (type, props) => ({ namespace: "dash_html_components", type, props });
  const words = (zh, en) =>
    part("Span", { children: [part("Span", { className: "zh", children: zh }), part("Span", { className: "en", children: en })] });
  const named = (list) => list.map((one) => one.id).filter((id) => id.startsWith(PREFIX)).map((id) => id.slice(PREFIX.length));
  const untouched = new center.Untouched(PREFIX, ["severity", "urgency", "certainty", "category", "districts"]);
  const put = (name, value) => {
    untouched.touched.add(name);
    dash_clientside.set_props(PREFIX + name, { value });
  };
  let typed = {};
  let began = null;

  function closed() {
    history.replaceState(history.state, "", "/warnings");
    dash_clientside.set_props("warn-target", { data: null });
    began = null;
    return "warn";
  }

  function called(key, draft) {
    const [kind, id] = key.split(/:(.*)/s);
    const text = (language) => (draft.values && draft.values[`headline_${language}`]) || id;
    if (kind === "update") return words(`更新：${text("zh")}`, `Update: ${text("en")}`);
    return id === "0" ? words("新预警", "New warning") : words(`报警 #${id}`, `Alarm #${id}`);
  }

  center.warnings = { put, typed: () => typed };

  document.addEventListener("click", (event) => {
    const target = event.target.closest('[data-act="warn-no-circle"]');
    if (target) ["longitude", "latitude", "radius_km"].forEach((name) => put(name, ""));
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.warnings = {
    /* A draft begins with what the server proposes, or goes on where somebody left it. */
    begun(fill, drafts) {
      const names = named(dash_clientside.callback_context.outputs_list);
      began = fill;
      if (!fill) return [...names.map(nothing), null, [], [], "warn"];
      const kept = (drafts || {})[fill.target.key];
      const values = kept ? kept.values : fill.values;
      const target = kept ? { ...fill.target, seen: kept.seen } : fill.target;
      const title = words(fill.title.zh, fill.title.en);
      const told = kept ? part("P", { className: "answer", children: words("已恢复未完成的草稿。", "Your unfinished draft is back.") }) : [];
      const held = names.map((name) => (empty(values[name]) ? (name === "districts" ? [] : "") : values[name]));
      untouched.begin(values);
      return [...held, target, title, told, "warn writing"];
    },
    gathered(...given) {
      const names = named(dash_clientside.callback_context.inputs_list);
      const [target, fill, drafts] = given.slice(names.length);
      if (!target || !fill) return [null, nothing()];
      typed = {};
      names.forEach((name, n) => (typed[name] = untouched.value(name, given[n])));
      if (center.warningMap) center.warningMap.show(typed);
      const differs = names.some((name) => !same(typed[name], fill.values[name]));
      const kept = { ...(drafts || {}) };
      const known = kept[target.key];
      delete kept[target.key];
      if (differs) kept[target.key] = { values: typed, seen: target.seen };
      const ids = Object.keys(kept);
      for (const id of ids.slice(0, Math.max(0, ids.length - KEPT))) delete kept[id];
      const unchanged = differs ? known && same(known.values, typed) : !known;
      return [{ ...typed }, unchanged ? nothing() : kept];
    },
    /* What this account has not finished. */
    kept(drafts, me) {
      const mine = Object.entries(drafts || {}).filter(([key]) => key.startsWith(`${me}/`));
      const links = mine.map(([key, draft]) => {
        const own = key.slice(me.length + 1);
        const [kind, id] = own.split(/:(.*)/s);
        return part("A", { className: "copy", href: `/warnings?${kind}=${encodeURIComponent(id)}`, children: called(own, draft) });
      });
      return links.length ? [words("未完成的草稿：", "Unfinished:"), ...links] : [];
    },
    about(clicks, alarm) {
      if (clicks && alarm) location.assign(`/warnings?alarm=${encodeURIComponent(alarm)}`);
      return nothing();
    },
    dropped(clicks, target, drafts) {
      if (!clicks || !target) return [nothing(), nothing()];
      const kept = { ...(drafts || {}) };
      delete kept[target.key];
      return [kept, closed()];
    },
    issued(key, drafts) {
      if (!key) return [nothing(), nothing()];
      const kept = { ...(drafts || {}) };
      delete kept[key];
      return [kept, closed()];
    },
  };
})();
