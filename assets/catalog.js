/* The catalog: what is looked for, which thing is opened, its draft, its place on the map, the file that is sent. Nothing
   here decides what is right. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const FIELDS = ["text", "kind", "feed", "department", "district", "state"];
  const KEPT = 30;
  const nothing = () => window.dash_clientside.no_update;
  const same = (one, other) => (one || "") === (other || "");
  const part = (type, props) => ({ namespace: "dash_html_components", type, props });
  const words = ([zh, en]) => part("Span", { children: [part("Span", { className: "zh", children: zh }), part("Span", { className: "en", children: en })] });
  let opened = "";
  let map = null;
  let importing = false;

  const open = (name) => dash_clientside.set_props("catalog-name", { data: name });
  const field = (path, kind = "text") => ({ kind, path, type: "catalog-field" });

  document.addEventListener("click", (event) => {
    const target = document.getElementById("catalog-page") && event.target.closest("[data-act]");
    if (!target) return;
    if (target.dataset.act === "catalog-close") [(importing = false), open("")];
    else if (target.dataset.act === "catalog-draft") open(target.dataset.name);
  });

  function place([longitude, latitude]) {
    dash_clientside.set_props(field("crs", "select"), { value: "wgs84" });
    dash_clientside.set_props(field("x"), { value: longitude.toFixed(6) });
    dash_clientside.set_props(field("y"), { value: latitude.toFixed(6) });
  }

  /* The browser's own field for files: what is chosen is compressed and sent, and the server says what it is. */
  async function send(input) {
    const [file] = input.files;
    if (!file) return;
    input.value = "";
    const crs = input.dataset.crs || "wgs84";
    const told = (zh, en) => dash_clientside.set_props("catalog-import-told", { children: part("P", { className: "answer wrong", children: words([zh, en]) }) });
    try {
      const body = await new Response(file.stream().pipeThrough(new CompressionStream("gzip"))).blob();
      const answer = await fetch(`/catalog/imports?${new URLSearchParams({ name: file.name, crs })}`, { method: "POST", headers: { "Content-Type": "application/gzip" }, body });
      if (answer.ok) dash_clientside.set_props("catalog-import-n", { data: (await answer.json()).number + Math.random() });
      else if (answer.status === 413) told("文件太大。", "The file is too large.");
      else told("服务器拒绝了这个文件。", "The server refused this file.");
    } catch (error) {
      told("没有送达：连接中断。", "It did not arrive: the connection was lost.");
    }
  }

  function files() {
    const holder = document.getElementById("catalog-file-place");
    if (!holder || holder.firstChild) return;
    const input = Object.assign(document.createElement("input"), { type: "file", id: "catalog-file", accept: ".csv,.txt,.gpkg" });
    input.addEventListener("change", () => send(input));
    holder.append(input);
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.catalog = {
    /* The filters, as the address that led here says. */
    asked() {
      const given = new URLSearchParams(location.search);
      files();
      return [...FIELDS.map((name) => (given.has(name) ? given.get(name).slice(0, 200) : nothing())), true];
    },
    /* Where the list begins; who looks for something else is at its beginning again. */
    turned(...given) {
      const [offset, pages] = given.slice(-2);
      const pressed = ((dash_clientside.callback_context.triggered || [])[0] || {}).prop_id || "";
      if (pressed === "catalog-next.n_clicks") return Math.min(offset + pages.rows, pages.last);
      return pressed === "catalog-prev.n_clicks" ? Math.max(0, Math.min(offset, pages.last) - pages.rows) : 0;
    },
    exported(...values) {
      const query = new URLSearchParams();
      FIELDS.forEach((name, n) => values[n] && query.set(name, values[n]));
      return `/catalog/things.csv?${query}`;
    },
    /* The thing that is opened: by the address at first, then by the list; that the list came anew opens nothing. */
    chosen(rows) {
      if (rows && rows.length) return rows[0].key;
      const asked = new URLSearchParams(location.search).get("thing");
      return asked && !opened ? asked : nothing();
    },
    fresh: (clicks) => (clicks ? "+" : nothing()),
    opened(name) {
      const before = opened;
      opened = name || "";
      if (before !== opened) {
        const query = new URLSearchParams(location.search);
        query.delete("thing");
        if (opened && opened !== "+") query.set("thing", opened);
        history.replaceState(history.state, "", `/catalog${query.size ? `?${query}` : ""}`);
        if (!opened) dash_clientside.set_props("catalog-rows", { selectedRows: [] });
      }
      if (opened) importing = false;
      return [`catalog${opened ? " editing" : importing ? " importing" : ""}`, before === opened || before === "+" ? nothing() : []];
    },
    many(clicks) {
      if (!clicks) return nothing();
      files();
      importing = true;
      if (opened) open("");
      return "catalog importing";
    },
    /* What is typed: all fields as path → value; a draft as long as it differs from what is registered. */
    gathered(values, ids, held, drafts) {
      const flat = {};
      ids.forEach((id, n) => (flat[id.path] = values[n] === null || values[n] === undefined ? "" : String(values[n])));
      if (!held || !held.key || !ids.length) return [{}, nothing(), "saving row"];
      const differs = held.may && ids.some((id) => !same(flat[id.path], held.flat[id.path]));
      const kept = { ...(drafts || {}) };
      const known = kept[held.key];
      delete kept[held.key];
      if (differs) kept[held.key] = { print: held.print, flat, at: Date.now() };
      const unchanged = differs ? known && JSON.stringify(known.flat) === JSON.stringify(flat) && known.print === held.print : !known;
      const names = Object.keys(kept);
      for (const name of names.slice(0, Math.max(0, names.length - KEPT))) delete kept[name];
      return [flat, unchanged ? nothing() : kept, `saving row${differs ? " differs" : ""}`];
    },
    /* What is wrong stands beside its field, in both languages. */
    faulty: (faults, ids) => ids.map((id) => (faults && faults[id.path] ? words(faults[id.path]) : null)),
    options: (language, lists) => lists.map((list) => list.map(([value, zh, en]) => ({ value, label: language === "en" ? en : zh }))),
    placed(found, name) {
      const canvas = document.getElementById("catalog-map");
      if (!canvas) return nothing();
      if (!map || map.canvas !== canvas) map = new center.PlaceMap(canvas, { onPlace: (at) => map.moves && place(at) });
      map.moves = Boolean(found && found.moves);
      const at = found && found.at;
      const key = `${name} ${at ? "there" : "nowhere"}`;
      map.show({ marks: at ? [{ at: [...at], look: "accent", shape: "here", size: 0.4, drag: map.moves }] : [], around: at ? [...at, 900] : null, key });
      return nothing();
    },
    /* Drafts that wait, each a way back to it. */
    drafted(drafts, name, me) {
      const mine = Object.keys(drafts || {}).filter((key) => key.startsWith(`${me} `)).map((key) => key.slice(me.length + 1));
      const others = mine.filter((one) => one !== name);
      if (!others.length) return [];
      const links = others.map((one) => part("Button", { className: "link", "data-act": "catalog-draft", "data-name": one, children: one === "+" ? words(["新设备", "a new thing"]) : one.slice(one.indexOf("/") + 1) }));
      return [words(["未保存的草稿：", "Drafts that wait: "]), ...links];
    },
    undone(clicks, held, drafts, reload) {
      if (!clicks || !held) return [nothing(), nothing()];
      const kept = { ...(drafts || {}) };
      delete kept[held.key];
      return [kept, (reload || 0) + 1];
    },
    /* Somebody changed it meanwhile: the draft goes on from what it is now, or it is dropped. */
    settled(clicks, held, drafts, reload) {
      const id = center.pressedId();
      if (!id || !held) return [nothing(), nothing(), nothing(), nothing()];
      const kept = { ...(drafts || {}) };
      if (id.act === "theirs") delete kept[held.key];
      else if (kept[held.key]) kept[held.key] = { ...kept[held.key], print: id.print };
      // Who saves at once, before the form has come again, saves over what they were told of.
      const over = id.act === "theirs" ? nothing() : { ...held, print: id.print };
      return [kept, (reload || 0) + 1, [], over];
    },
    crs(value) {
      const input = document.getElementById("catalog-file");
      if (input) input.dataset.crs = value;
      return nothing();
    },
  };

  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  cells.ThingLink = (props) =>
    props.value ? React.createElement("a", { href: props.value, className: "thing-link" }, document.documentElement.dataset.language === "en" ? "open" : "打开") : null;
})();
