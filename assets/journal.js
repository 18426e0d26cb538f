/* Pages that look back: what an address asks for, what is exported, links to alarms. Nothing here decides anything. */
(function () {
  "use strict";
  const FIELDS = ["period", "act", "actor", "rule", "thing", "alarm"];
  const nothing = () => window.dash_clientside.no_update;
  const part = (type, props) => ({ namespace: "dash_html_components", type, props });
  const words = (zh, en) => part("Span", { children: [part("Span", { className: "zh", children: zh }), part("Span", { className: "en", children: en })] });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.journal = {
    /* The filters, as the address that led here says. */
    asked() {
      const given = new URLSearchParams(location.search);
      const span = {};
      for (const name of ["since", "until"]) if (/^\d{1,16}$/.test(given.get(name) || "")) span[name] = given.get(name);
      return [...FIELDS.map((name) => (given.has(name) ? given.get(name) : nothing())), span, true];
    },
    /* What is exported is what is looked at. */
    exported(...values) {
      const span = values.pop() || {};
      const query = new URLSearchParams();
      FIELDS.forEach((name, n) => values[n] && query.set(name, values[n]));
      for (const [name, value] of Object.entries(span)) query.set(name, value);
      return `/alarms/journal/export.csv?${query}`;
    },
    /* A period of its own is said, and can be dropped. */
    spanned(span) {
      if (!span || (!span.since && !span.until)) return [];
      const timeZone = document.getElementById("desk").dataset.zone;
      const told = (us) => (us ? new Date(Number(us) / 1000).toLocaleString("sv-SE", { hour12: false, timeZone }).slice(0, 16) : "…");
      const text = `${told(span.since)} – ${told(span.until)}`;
      const drop = part("Button", { children: words("取消", "drop"), className: "link", "data-act": "journal-span" });
      return [words("只看：", "Only: "), text, " ", drop];
    },
    some: (rows) => !(rows && rows.length),
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-act="journal-span"]')) dash_clientside.set_props("journal-span", { data: {} });
  });

  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  /* A number that leads to its alarm. */
  cells.AlarmLink = (props) =>
    props.value ? React.createElement("a", { href: `/alarms/${Number(props.value)}`, className: "alarm-link" }, `#${props.value}`) : null;
})();
