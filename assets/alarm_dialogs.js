/* Questions of the alarm pages: one dialog, made of fields; asked again by every command that wants an answer.

   opsCenter.ask({title, said, fields: [{name, label, kind, options, value, required}], yes}) → Promise of the answers,
   null where somebody thought better of it. Kinds: text (several lines), line, choice, file. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (...key) => center.alarmText.say(...key);

  center.ask = function ({ title, said, fields, yes }) {
    const dialog = center.el("dialog", "ask");
    const form = center.el("form", "", { method: "dialog" });
    form.append(center.el("h2", "", {}, title));
    if (said) form.append(center.el("p", "quiet", {}, said));
    const inputs = fields.map((field) => ({ field, input: inputOf(field) }));
    for (const { field, input } of inputs) form.append(center.el("label", "asked", {}, center.el("span", "", {}, field.label), input));
    const no = center.el("button", "plain", { type: "button" }, say("cancel"), kbd("Esc"));
    const done = center.el("button", "main", { type: "submit" }, yes, kbd("Ctrl+Enter"));
    form.append(center.el("div", "buttons-row", {}, no, done));
    dialog.append(form);
    document.getElementById("desk").append(dialog);
    return new Promise((resolve) => {
      const close = (answer) => {
        dialog.close();
        dialog.remove();
        resolve(answer);
      };
      no.addEventListener("click", () => close(null));
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        close(null);
      });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        close(Object.fromEntries(inputs.map(({ field, input }) => [field.name, input.type === "file" ? input.files[0] : input.value.trim()])));
      });
      dialog.addEventListener("keydown", (event) => {
        event.stopPropagation(); // the page has keys of its own
        const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey || event.target.tagName === "SELECT");
        if (sends && form.reportValidity()) form.requestSubmit();
      });
      dialog.showModal();
      if (inputs.length) inputs[0].input.focus();
    });
  };

  function inputOf({ kind, options, value, required }) {
    if (kind === "choice") {
      const select = center.el("select", "");
      for (const [code, words] of options) select.append(new Option(words, code, false, code === value));
      return select;
    }
    const input = kind === "text" ? center.el("textarea", "", { rows: "3", maxlength: "4000" }) : center.el("input", "", { type: kind === "file" ? "file" : "text", maxlength: "200" });
    input.required = Boolean(required);
    if (value) input.value = value;
    return input;
  }

  const kbd = (key) => center.el("kbd", "", {}, key);

  /* What can be pressed, shown on `?`. */
  center.showKeys = function (keys) {
    const list = center.el("dl", "keys");
    for (const [key, words] of keys) list.append(center.el("dt", "", {}, ...key.split(" ").map(kbd)), center.el("dd", "", {}, words));
    const dialog = center.el("dialog", "ask help", {}, center.el("h2", "", {}, say("keys")), list);
    document.getElementById("desk").append(dialog);
    const close = () => dialog.remove();
    dialog.addEventListener("close", close);
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      dialog.close();
    });
    dialog.showModal();
  };
})();
