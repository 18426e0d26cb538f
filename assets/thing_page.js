/* A thing's page: which series over which span is looked at, said in the address, asked of the server, drawn when it answers.
   Nothing here decides who may see what. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const HOUR = 3600e3;
  const RANGES = { hour: HOUR, day: 24 * HOUR, week: 168 * HOUR, month: 744 * HOUR, year: 8784 * HOUR };
  const LEAST = 30e3;
  const MOST = 40 * 365 * 24 * HOUR;
  const MOST_SERIES = 8;
  const AGAIN_MS = 10e3;
  const nothing = () => window.dash_clientside.no_update;
  const holder = () => document.getElementById("thing-chart");
  const language = () => (document.documentElement.dataset.language === "en" ? 1 : 0);
  let chart = null;
  let map = null;
  let look = null;
  let question = 0;
  let timer = 0;

  const words = () => chart.words;
  const span = () => (look.range ? [Date.now() - RANGES[look.range], Date.now() + 1000] : [look.from, look.to]);

  /* What the address says; else the last day, live, of the first property. */
  function asked(streams) {
    const given = new URLSearchParams(location.search);
    const keys = (given.get("series") || "").split(",").filter(Boolean).map(Number).filter((key) => streams.some((one) => one[0] === key));
    const others = (given.get("with") || "").split(",").filter(Boolean).map(Number).filter(Number.isInteger);
    const [from, to] = ["from", "to"].map((name) => Number(given.get(name)));
    const free = from > 0 && to - from >= LEAST && to - from <= MOST;
    return {
      range: free ? null : RANGES[given.get("range")] ? given.get("range") : "day",
      from: free ? from : 0,
      to: free ? to : 0,
      keys: keys.length ? keys : streams.slice(0, 1).map((one) => one[0]),
      others: others.map((key) => ({ key, label: null })),
      days: (given.get("days") || "").split(",").filter((one) => ["1", "7"].includes(one)).map(Number),
    };
  }

  function say() {
    const query = new URLSearchParams();
    if (look.range) query.set("range", look.range);
    else [query.set("from", Math.round(look.from)), query.set("to", Math.round(look.to))];
    query.set("series", look.keys.join(","));
    if (look.others.length) query.set("with", look.others.map((one) => one.key).join(","));
    if (look.days.length) query.set("days", look.days.join(","));
    history.replaceState(history.state, "", `${location.pathname}?${query}`);
    const [from, to] = span().map(Math.round);
    const keys = [...look.keys, ...look.others.map((one) => one.key)].filter((key) => key >= 0);
    const file = new URLSearchParams({ from, to, series: keys.join(",") });
    const link = document.getElementById("thing-csv");
    if (link) [(link.href = `/things/series.csv?${file}`), (link.hidden = !keys.length)];
  }

  function ask(again = false) {
    const [since, until] = span().map(Math.round);
    const now = [...look.keys, ...look.others.map((one) => one.key)].map((key) => ({ key, days: 0 }));
    const past = look.days.flatMap((days) => look.keys.map((key) => ({ key, days })));
    question += 1;
    holder().classList.toggle("waits", !again);
    dash_clientside.set_props("thing-ask", { data: { since, until, width: Math.min(8000, chart.width()), series: [...now, ...past].slice(0, MOST_SERIES), n: question, again } });
    if (!again) show();
  }

  function change(what) {
    Object.assign(look, what);
    say();
    ask();
  }

  function free(from, to) {
    const length = Math.min(Math.max(to - from, LEAST), MOST);
    change({ range: null, from: Math.max(0, from), to: Math.max(0, from) + length });
  }

  const STEPS = {
    back: ([from, to]) => free(from - (to - from) / 2, to - (to - from) / 2),
    on: ([from, to]) => (to + (to - from) / 2 >= Date.now() ? live(to - from) : free(from + (to - from) / 2, to + (to - from) / 2)),
    in: ([from, to]) => free(from + (to - from) / 4, to - (to - from) / 4),
    out: ([from, to]) => free(from - (to - from) / 2, Math.min(to + (to - from) / 2, Date.now())),
  };

  function live(length = RANGES.day) {
    const near = Object.entries(RANGES).reduce((best, one) => (Math.abs(Math.log(one[1] / length)) < Math.abs(Math.log(best[1] / length)) ? one : best));
    change({ range: near[0] });
  }

  /* Buttons that say what is looked at. */
  function show() {
    for (const button of document.querySelectorAll("[data-thing]")) {
      const { thing, value } = button.dataset;
      const on = { range: value === look.range, live: look.range !== null, days: look.days.includes(Number(value)) }[thing];
      if (on !== undefined) button.setAttribute("aria-pressed", String(on));
    }
    chips();
    const [from, to] = span();
    for (const [name, ms] of [["from", from], ["to", to]]) {
      const field = document.getElementById(`thing-${name}`);
      if (field && field !== document.activeElement) field.value = chart.time.typed(ms);
    }
  }

  /* What only machines and mice read, in the language of the page. */
  function entitle() {
    const other = document.getElementById("thing-other");
    if (other) [(other.placeholder = words().find[language()]), other.setAttribute("aria-label", words().find[language()])];
    for (const field of document.querySelectorAll("#thing-free input")) field.setAttribute("aria-label", words().free[Number(field.dataset.place)][language()]);
  }

  function chip(pair, pressed, act, className = "chip") {
    const button = document.createElement("button");
    button.className = className;
    button.textContent = pair[language()];
    button.setAttribute("aria-pressed", String(pressed));
    button.addEventListener("click", act);
    return button;
  }

  function chips() {
    const own = chart.streams.map(([key, zh, en]) =>
      chip([zh, en], look.keys.includes(key), () => {
        const keys = look.keys.includes(key) ? look.keys.filter((one) => one !== key) : [...look.keys, key];
        if (keys.length) change({ keys });
      }),
    );
    const others = look.others.map((one) => {
      const drawn = chart.shown && chart.shown.series.find((series) => series.key === one.key);
      const label = (drawn && drawn.label) || one.label || [`#${one.key}`, `#${one.key}`];
      const made = chip([`${label[0]} ✕`, `${label[1]} ✕`], true, () => change({ others: look.others.filter((other) => other !== one) }));
      made.title = words().drop[language()];
      return made;
    });
    document.getElementById("thing-chips").replaceChildren(...own, ...others);
  }

  /* Fields for a span of one's own; the browser has them, the library has not. */
  function fields() {
    const place = document.getElementById("thing-free");
    place.replaceChildren();
    ["from", "to"].forEach((name, n) => {
      const field = Object.assign(document.createElement("input"), { type: "datetime-local", id: `thing-${name}` });
      field.dataset.place = String(n);
      field.addEventListener("change", () => {
        const [from, to] = ["from", "to"].map((one) => chart.time.read(document.getElementById(`thing-${one}`).value));
        if (from !== null && to !== null && to > from) free(from, to);
      });
      place.append(field);
    });
  }

  /* The series of another thing: of the same property, where it has that. */
  function compare(button) {
    const offered = JSON.parse(button.dataset.offered);
    const wanted = chart.streams.filter((one) => look.keys.includes(one[0])).map((one) => one[3]);
    const found = offered.filter((one) => wanted.includes(one[3]));
    const added = (found.length ? found : offered.slice(0, 1)).filter(([key]) => !look.others.some((one) => one.key === key) && !look.keys.includes(key));
    const name = button.dataset.name ? JSON.parse(button.dataset.name) : null;
    change({ others: [...look.others, ...added.map(([key, zh, en]) => ({ key, label: name ? [`${zh} · ${name[0]}`, `${en} · ${name[1]}`] : [zh, en] }))].slice(-4) });
    dash_clientside.set_props("thing-other", { value: "" });
  }

  document.addEventListener("click", (event) => {
    const button = holder() && look && event.target.closest("[data-thing]");
    if (!button) return;
    const { thing, value } = button.dataset;
    if (thing === "range") change({ range: value });
    else if (thing === "live") live(look.range ? RANGES[look.range] : look.to - look.from);
    else if (thing === "step") STEPS[value](span());
    else if (thing === "with") compare(button);
    else if (thing === "days") change({ days: look.days.includes(Number(value)) ? look.days.filter((one) => one !== Number(value)) : [...look.days, Number(value)].sort() });
  });
  document.addEventListener("click", (event) => {
    const button = map && event.target.closest('[data-thing="map"]');
    if (!button) return;
    if (button.dataset.value === "here") [(map.key = ""), map.show({ ...map.data })];
    else map.zoom(button.dataset.value === "in" ? 1.6 : 1 / 1.6);
  });

  document.addEventListener("keydown", (event) => {
    if (!holder() || !look || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select, summary")) return;
    const key = { ArrowLeft: "back", ArrowRight: "on", "+": "in", "=": "in", "-": "out" }[event.key];
    if (key) STEPS[key](span());
    else if (event.key === "Home") live(look.range ? RANGES[look.range] : look.to - look.from);
    else if (event.key === "Escape") chart.drop();
    else return;
    event.preventDefault();
  });

  function begin(element) {
    const { streams, words: said, zone } = element.dataset;
    chart = new center.SeriesChart(element, { zone, words: JSON.parse(said), onSpan: free });
    chart.streams = JSON.parse(streams);
    look = asked(chart.streams);
    fields();
    entitle();
    document.getElementById("thing-table").addEventListener("toggle", table);
    clearInterval(timer);
    timer = setInterval(() => {
      if (!holder()) return clearInterval(timer);
      if (look.range && !document.hidden && !chart.drag) ask(true);
    }, AGAIN_MS);
    say();
    ask();
  }

  function table() {
    const place = document.getElementById("thing-rows");
    if (!place || !chart.shown) return;
    place.replaceChildren(...(document.getElementById("thing-table").open ? center.seriesTable(chart) : []));
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.thing = {
    mount() {
      const element = holder();
      if (element && (!chart || chart.holder !== element)) begin(element);
      return nothing();
    },
    draw(shown) {
      if (!shown || !chart || !holder()) return nothing();
      if (shown.n === question) {
        holder().classList.remove("waits");
        chart.show(shown);
      } else if (chart.shown) chart.draw();
      entitle();
      chips();
      table();
      document.documentElement.dataset.drawn = String(shown.n);
      return nothing();
    },
    mapped(data) {
      const canvas = document.getElementById("thing-map");
      if (!canvas || !data) return nothing();
      if (!map || map.canvas !== canvas) map = new center.PlaceMap(canvas);
      map.data = data;
      map.show(data);
      return nothing();
    },
  };
})();
