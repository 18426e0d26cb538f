/* Enrols a display: /display#<token> posts the token, forgets it, and goes to the wall. Tries again by itself for ever;
   a display that has been enrolled before needs no token in the address, the server remembers it in a cookie that
   scripts can't read. */
(function () {
  "use strict";
  const root = document.documentElement;
  const PAUSE_S = { away: 5, busy: 15, missing: 20, revoked: 60 };
  const PATIENCE_MS = 10000;
  let token = "";
  let timer = 0;

  function takeToken() {
    const found = location.hash.slice(1);
    if (!found) return false;
    token = found;
    history.replaceState(null, "", location.pathname); // nothing that stays on the screen or in the history opens anything
    return true;
  }

  /* A page that loses its session before it has learned whose it is has to know where to go (assets/session.js). */
  function remember(enrolled) {
    try {
      if (enrolled) localStorage.setItem("ops-center.display", "yes");
      else localStorage.removeItem("ops-center.display");
    } catch (error) {
      // without storage such a page waits at the sign-in
    }
  }

  function show(state, seconds) {
    root.dataset.display = state;
    if (state === "revoked" || state === "missing") remember(false);
    const number = document.getElementById("seconds");
    clearInterval(timer);
    if (!seconds) return;
    const due = performance.now() + 1000 * seconds;
    const step = () => {
      const left = Math.max(0, Math.ceil((due - performance.now()) / 1000));
      number.textContent = String(left);
      if (left) return;
      clearInterval(timer);
      enrol();
    };
    timer = setInterval(step, 250);
    step();
  }

  async function enrol() {
    if (!root.dataset.display) show("connecting");
    let answer;
    try {
      answer = await fetch("/display", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(token ? { token } : {}),
        signal: AbortSignal.timeout(PATIENCE_MS),
        cache: "no-store",
      });
    } catch (error) {
      show("away", PAUSE_S.away);
      return;
    }
    if (answer.ok) {
      token = "";
      remember(true);
      location.replace("/wall");
    } else if (answer.status === 401) show("revoked", PAUSE_S.revoked);
    else if (answer.status === 404) show("missing", PAUSE_S.missing);
    else if (answer.status === 429) show("busy", Number(answer.headers.get("Retry-After")) || PAUSE_S.busy);
    else show("away", PAUSE_S.away);
  }

  window.addEventListener("hashchange", () => takeToken() && enrol());
  takeToken();
  enrol();
})();
