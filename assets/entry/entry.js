/* Makes the sign-in pages kinder; they do without it: the other language without loading anything, a password that can be
   shown, Caps Lock, seconds that count down, how good a new password is. Nothing typed is sent before the form is. */
(function () {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const remembered = (name) => {
    try {
      return localStorage.getItem(`ops-center.${name}`);
    } catch (error) {
      return null;
    }
  };

  /* A display whose session is gone has nobody who could sign in: it enrols again by itself. */
  if (location.pathname === "/sign-in" && remembered("display")) location.replace("/display");

  function speak(language, keep) {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    document.title = root.getAttribute(`data-title-${language}`);
    for (const field of document.querySelectorAll('input[name="language"]')) field.value = language;
    if (!keep) return;
    try {
      localStorage.setItem("ops-center.language", language);
    } catch (error) {
      // the next page starts with the browser's language
    }
  }

  function reveal(button) {
    const field = byId(button.getAttribute("aria-controls"));
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    field.focus();
  }

  async function copy(button) {
    const target = byId(button.dataset.target);
    const items = target.querySelectorAll("li");
    const text = items.length ? [...items].map((item) => item.textContent).join("\n") : target.textContent.replaceAll(" ", "");
    await navigator.clipboard.writeText(text);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 2000);
  }

  function caps(event) {
    const hint = event.target.id && byId(`${event.target.id}-caps`);
    if (hint && event.getModifierState) hint.hidden = !event.getModifierState("CapsLock");
  }

  /* Nothing can be sent for some seconds: say how many are left, then let it be sent. */
  function countDown(notice) {
    const until = performance.now() + 1000 * Number(notice.dataset.seconds);
    const buttons = document.querySelectorAll(".panel .send");
    const step = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      for (const number of notice.querySelectorAll(".seconds")) number.textContent = String(Math.max(left, 0));
      for (const button of buttons) button.disabled = left > 0;
      if (left > 0) setTimeout(step, 200);
      else notice.hidden = true;
    };
    step();
  }

  /* How a password looks from here; what counts is what the server says, which knows what has leaked elsewhere. */
  function grade(password, name, shortest) {
    const text = password.toLowerCase();
    const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
    const distinct = new Set(text).size;
    const runs = (text.match(/(.)\1{2,}|0123|1234|2345|3456|4567|5678|6789|abcd|qwer|asdf|password|admin/g) || []).length;
    const long = password.length >= shortest;
    const named = name && text.includes(name.toLowerCase());
    const varied = distinct >= 8 && !runs;
    let found = 1 + (long ? 1 : 0) + (long && varied ? 1 : 0) + (long && varied && (password.length >= shortest + 4 || kinds >= 3) ? 1 : 0);
    if (named) found = 1;
    return { grade: found, met: [long, !named && password.length > 0, varied] };
  }

  function strength(field) {
    const box = byId(field.dataset.strength);
    const found = grade(field.value, field.dataset.name, Number(field.getAttribute("minlength")));
    box.hidden = !field.value;
    box.dataset.grade = String(found.grade);
    document.querySelectorAll("#rules li").forEach((rule, place) => {
      if (place in found.met) rule.dataset.met = found.met[place] ? "yes" : "no";
    });
  }

  function same(field) {
    const hint = byId("differs");
    const differs = field.value && field.value !== byId(field.dataset.same).value;
    if (hint) hint.hidden = !differs;
    field.setAttribute("aria-invalid", String(Boolean(differs)));
  }

  const acts = { reveal, copy, print: () => window.print() };
  const kept = remembered("language");
  speak(kept === "zh" || kept === "en" ? kept : root.dataset.language, false);
  for (const hiddenUntilNow of document.querySelectorAll(".reveal, [data-act=copy], [data-act=print]")) hiddenUntilNow.hidden = false;
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-act]");
    if (!target) return;
    if (target.dataset.act === "language") {
      event.preventDefault();
      speak(root.dataset.language === "en" ? "zh" : "en", true);
    } else if (acts[target.dataset.act]) acts[target.dataset.act](target);
  });
  for (const kind of ["keydown", "keyup", "mousedown"]) document.addEventListener(kind, caps);
  document.addEventListener("input", (event) => {
    if (event.target.dataset.strength) strength(event.target);
    const repeated = document.querySelector("[data-same]");
    if (repeated) same(repeated);
  });
  document.addEventListener("submit", (event) => {
    // A second click while the first is under way would be a second attempt.
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));
  const waiting = document.querySelector("[data-seconds]");
  if (waiting) countDown(waiting);
})();
