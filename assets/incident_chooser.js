/* Several of many: what is chosen stands as signs that can be taken away, the rest in a list to add from. It stays two lines high
   however many there are, and a click never loses what was chosen before.

   opsCenter.incidentChooser([[label, code], …], addKey) → an element with `values`; it says `input` when somebody chooses. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const el = (...given) => center.el(...given);
  const t = center.incidentText;

  center.incidentChooser = function (options, addKey) {
    const labels = new Map(options.map(([label, code]) => [code, label]));
    const chosen = el("ul", "incident-chosen");
    const adding = el("select", "", t.titled(addKey));
    const holder = el("div", "incident-chooser", {}, chosen, adding);
    let values = [];

    const sign = (code) => {
      const label = labels.get(code) || { zh: code, en: code };
      const away = el("button", "close", { type: "button", "data-key": `away-${code}`, ...t.titled("choose_away", label) }, "✕");
      away.disabled = adding.disabled;
      away.hidden = adding.disabled;
      away.addEventListener("click", () => put(values.filter((one) => one !== code)));
      return el("li", "", {}, el("span", "", {}, ...t.label(label)), away);
    };

    const draw = () => {
      center.incidentPut(chosen, ...values.map(sign));
      adding.replaceChildren(t.option(t.pair(addKey), ""), ...options.filter(([, code]) => !values.includes(code)).map(([label, code]) => t.option(label, code)));
      adding.hidden = adding.disabled;
    };

    const put = (next) => {
      holder.values = next;
      holder.dispatchEvent(new Event("input", { bubbles: true }));
    };

    adding.addEventListener("input", (event) => {
      event.stopPropagation();
      if (adding.value) put([...values, adding.value]);
      adding.focus();
    });
    Object.defineProperty(holder, "values", { get: () => values, set: (given) => [(values = [...given]), draw()] });
    new MutationObserver(draw).observe(adding, { attributes: true, attributeFilter: ["disabled"] });
    draw();
    return holder;
  };
})();
