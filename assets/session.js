/* The session as a page sees it: says a minute before that it ends, says when it has ended and why, and tells the server
   of signs of a person (a key, a pointer, a touch) at most once a minute. What a page asks by itself is no such sign.

   opsCenter.session is there on every page behind the sign-in. The page's texts stand in both languages in
   ops_center/screens/session_parts.py; this script only sets attributes of <html>:
   data-session = "" | "ending" | "ended", data-why = "idle" | "limit" | "ended" | "left" | "rights". */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const root = document.documentElement;
  const ASK_MS = 10000;
  const TICK_MS = 250;
  const SIGN_MS = 60000;
  const HURRY_MS = 3000; // while the end is announced a sign is sent sooner
  const SAME_MS = 1000; // the key that presses the button is the same sign
  const ANNOUNCE_MS = 60000;
  const DISPLAY_MS = 4000; // a display says what happened before it enrols again
  const SIGNS = ["keydown", "pointerdown", "touchstart", "wheel"];
  const NO_TIME = Number.POSITIVE_INFINITY;

  center.remembered = (name) => {
    try {
      return localStorage.getItem(`ops-center.${name}`);
    } catch (error) {
      return null; // a browser without storage starts the same each time
    }
  };
  center.remember = (name, value) => {
    try {
      localStorage.setItem(`ops-center.${name}`, value);
    } catch (error) {
      // nothing is lost but the habit
    }
  };
  center.forget = (name) => {
    try {
      localStorage.removeItem(`ops-center.${name}`);
    } catch (error) {
      // there is nothing to forget
    }
  };
  if (center.remembered("language") === "en") root.dataset.language = root.lang = "en";

  class Session {
    constructor() {
      this.kind = center.remembered("display") ? "display" : "person"; // until the server says
      this.idleAt = this.endsAt = NO_TIME;
      this.signedAt = 0;
      this.over = false;
      this.dismissed = false;
      this.known = false;
      this.asking = setInterval(() => this.ask(), ASK_MS);
      this.ticking = setInterval(() => this.tick(), TICK_MS);
      for (const kind of SIGNS) document.addEventListener(kind, () => this.sign(), { capture: true, passive: true });
      document.addEventListener("visibilitychange", () => document.hidden || this.ask());
      document.addEventListener("click", (event) => this.click(event));
      document.addEventListener("keydown", (event) => event.key === "Escape" && this.closeMenu());
      document.addEventListener("submit", (event) => event.target.action.endsWith("/sign-out") && (this.leaving = true));
    }

    /* Return whether the session goes on, as far as the server could be asked. */
    async ask(address, options) {
      if (this.over) return false;
      if (!this.served()) return true;
      this.known = true;
      let answer;
      try {
        answer = await fetch(address || "/session", { cache: "no-store", ...options });
      } catch (error) {
        return true; // the server is away; that says nothing of the session
      }
      if (answer.status === 401) this.ended();
      else if (answer.ok) this.know(await answer.json());
      return answer.status !== 401;
    }

    /* Trials and measurements have pages but nobody who signs in. */
    served() {
      const part = document.getElementById("session-ended");
      return Boolean(part && part.dataset.served === "yes");
    }

    know(state) {
      const now = performance.now();
      this.kind = state.kind;
      if (this.kind !== "display") center.forget("display");
      this.idleAt = state.idle_in_s === null ? NO_TIME : now + 1000 * state.idle_in_s;
      this.endsAt = state.ends_in_s === null ? NO_TIME : now + 1000 * state.ends_in_s;
      if (!center.remembered("language") && state.language !== root.dataset.language) {
        if (center.wall) center.wall.speak(state.language);
        else if (center.speak) center.speak(state.language);
      }
      this.tick();
    }

    sign(now) {
      const pause = now ? SAME_MS : root.dataset.session === "ending" ? HURRY_MS : SIGN_MS;
      if (this.over || this.kind !== "person") return;
      if (this.signedAt && performance.now() - this.signedAt < pause) return;
      this.signedAt = performance.now();
      this.ask("/session/active", { method: "POST" });
    }

    tick() {
      if (this.over) return;
      if (!this.known) this.ask();
      const left = Math.min(this.idleAt, this.endsAt) - performance.now();
      const why = this.idleAt < this.endsAt ? "idle" : "limit";
      if (left > ANNOUNCE_MS) this.dismissed = false;
      const ending = left <= ANNOUNCE_MS && !(this.dismissed && why === "limit");
      this.say(ending ? "ending" : "", ending ? why : "");
      if (!ending) return;
      for (const place of document.querySelectorAll(".session-left")) place.textContent = String(Math.max(0, Math.ceil(left / 1000)));
      if (left < -500 && !(this.askedAt > performance.now() - 2000)) {
        this.askedAt = performance.now();
        this.ask();
      }
    }

    say(state, why) {
      if (root.dataset.session === state && root.dataset.why === why) return;
      const appeared = root.dataset.session !== state;
      root.dataset.session = state;
      root.dataset.why = why;
      const first = appeared && state && document.querySelector(`#session-${state} [data-first="${why}"], #session-${state} [data-first=""]`);
      if (first) requestAnimationFrame(() => first.focus());
    }

    /* The session is no more. Why is known from the clocks, unless whoever calls knows better. */
    ended(known) {
      if (this.over || this.leaving) return;
      const now = performance.now() + 1500;
      const why = known || (this.endsAt <= now ? "limit" : this.idleAt <= now ? "idle" : "ended");
      this.over = true;
      clearInterval(this.asking);
      clearInterval(this.ticking);
      const back = encodeURIComponent(location.pathname + location.search);
      for (const link of document.querySelectorAll(".session-again")) link.href = `/sign-in?next=${back}`;
      this.say("ended", why);
      if (this.kind === "display") setTimeout(() => location.replace("/display"), DISPLAY_MS);
    }

    click(event) {
      const act = event.target.closest("[data-act]");
      if (act && act.dataset.act === "stay") this.sign(true);
      if (act && act.dataset.act === "understood") this.dismissed = true;
      if (!event.target.closest("#user-menu")) this.closeMenu();
    }

    closeMenu() {
      const menu = document.getElementById("user-menu");
      if (menu && menu.open) menu.open = false;
    }
  }

  /* A page that asks for something after its session ended learns it from the answer, not a poll later. */
  const plain = window.fetch.bind(window);
  window.fetch = async (...asked) => {
    const answer = await plain(...asked);
    if (answer.status === 401 && center.session && new URL(answer.url, location.href).origin === location.origin) center.session.ended();
    return answer;
  };
  center.session = new Session();
})();
