/* The bar under which the last 24 hours of a page's maps are played (screens/time_slider.py makes its elements).

   new opsCenter.TimeSlider(element, { views, timezone, onChange }); `toggle()` opens and closes it: closed is live.
   Where it stands is said in the city's time; that the maps show the past is said on the page (html[data-time]). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SPAN_S = 86400;
  const STEP_S = 10;
  const MOVE_S = { back: -60, forward: 60 };
  const SAY_MS = 250;
  const LABEL_EVERY_H = 3;
  const HOUR_US = 3600e6;

  center.TimeSlider = class {
    constructor(element, { views, timezone, onChange = () => {} }) {
      this.element = element;
      this.timezone = timezone;
      this.speed = 300;
      this.past = new center.Past({ views, onChange: (state) => (this.say(), onChange(state)) });
      this.range = center.el("input", "", { type: "range", min: String(-SPAN_S), max: "0", step: String(STEP_S), value: "0" });
      this.ticks = center.el("div", "time-ticks", { "aria-hidden": "true" });
      element.querySelector(".time-track").append(this.range, this.ticks);
      this.range.addEventListener("input", () => this.dragged());
      this.range.addEventListener("change", () => (this.dragging = false));
      element.addEventListener("click", (event) => this.clicked(event.target.closest("[data-time]")));
      element.addEventListener("keydown", (event) => this.key(event));
      new MutationObserver(() => this.speak()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-language"] });
      this.speak();
    }

    get isOpen() {
      return !this.element.hidden;
    }

    toggle(open = !this.isOpen) {
      this.element.hidden = !open;
      clearInterval(this.saying);
      if (open) {
        this.saying = setInterval(() => this.say(), SAY_MS);
        this.tick();
        this.say();
        this.range.focus({ preventScroll: true });
      } else this.past.live();
    }

    /* Show what another page was told to show: {at_us, speed, from_us}, or null for live. */
    follow(state) {
      if (state) this.past.go(state);
      else this.past.live();
      if (Boolean(state) !== this.isOpen) this.toggle(Boolean(state));
    }

    clicked(button) {
      if (!button) return;
      const act = button.dataset.time;
      if (act === "play") this.play(!this.isPlaying);
      else if (act === "live") this.past.live();
      else if (act === "close") this.toggle(false);
      else if (act === "speed") this.setSpeed(Number(button.dataset.speed));
      else this.move(MOVE_S[act]);
    }

    key(event) {
      const steps = { ",": -60, ".": 60, "<": -600, ">": 600 };
      if (event.key === " " && event.target === this.range) this.play(!this.isPlaying);
      else if (event.key in steps) this.move(steps[event.key]);
      else if (event.key === "Escape") this.toggle(false);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    get isPlaying() {
      return Boolean(this.past.state && this.past.state.speed);
    }

    play(on) {
      const at_us = this.past.state ? this.past.positionUs() : this.past.nowUs() - HOUR_US;
      this.past.go({ at_us, speed: on ? this.speed : 0 });
    }

    setSpeed(speed) {
      this.speed = speed;
      if (this.isPlaying) this.play(true);
      this.say();
    }

    move(seconds) {
      const from = this.past.state ? this.past.positionUs() : this.past.nowUs();
      this.goTo(from + seconds * 1e6, this.isPlaying ? this.speed : 0);
    }

    dragged() {
      this.dragging = true;
      this.goTo(this.past.nowUs() + Number(this.range.value) * 1e6, 0);
    }

    goTo(us, speed) {
      const now = this.past.nowUs();
      if (us > now - STEP_S * 1e6) this.past.live();
      else this.past.go({ at_us: Math.max(us, now - SPAN_S * 1e6), speed });
    }

    /* ---- what it says ---- */

    speak() {
      this.language = document.documentElement.dataset.language === "en" ? "en" : "zh";
      const locale = this.language === "zh" ? "zh-CN" : "en-GB";
      const zone = { timeZone: this.timezone };
      const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
      this.moment = new Intl.DateTimeFormat(locale, { ...zone, month: "2-digit", day: "2-digit", weekday: "short", ...time });
      this.hour = new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      this.range.setAttribute("aria-label", this.element.getAttribute(`data-title-${this.language}`));
      this.tick();
      this.say();
    }

    say() {
      const at = this.past.positionUs();
      const { state, fault, shown } = this.past;
      const mode = !state ? "live" : fault ? "fault" : this.past.loading !== null && shown === null ? "loading" : state.speed ? "playing" : "standing";
      this.element.dataset.mode = mode;
      document.documentElement.dataset.time = state ? "past" : "live";
      this.element.querySelector('[data-time="play"]').setAttribute("aria-pressed", String(this.isPlaying));
      for (const one of this.element.querySelectorAll('[data-time="speed"]')) one.setAttribute("aria-pressed", String(Number(one.dataset.speed) === this.speed));
      const now = this.past.nowUs();
      const us = at === null ? now : at;
      set(this.element.querySelector(".time-moment"), this.moment.format(us / 1000));
      const said = at === null ? "" : ago((now - us) / 1e6, this.language);
      set(this.element.querySelector(".time-ago"), said);
      if (!this.dragging) this.range.value = String(Math.round((us - now) / 1e6));
      this.range.setAttribute("aria-valuetext", `${this.moment.format(us / 1000)} ${said}`);
      if (this.isOpen && now - (this.tickedUs || 0) > 30e6) this.tick();
    }

    /* Full hours of the city along the track. */
    tick() {
      if (!this.hour) return;
      const now = (this.tickedUs = this.past.nowUs());
      const marks = [];
      for (let us = Math.ceil((now - SPAN_S * 1e6) / HOUR_US) * HOUR_US; us < now; us += HOUR_US) {
        const said = this.hour.format(us / 1000);
        const named = Number(said.slice(0, 2)) % LABEL_EVERY_H === 0 && said.endsWith("00");
        const mark = center.el("i", named ? "named" : "", {}, ...(named ? [center.el("span", "num", {}, said)] : []));
        mark.style.left = `${(1 - (now - us) / (SPAN_S * 1e6)) * 100}%`;
        marks.push(mark);
      }
      this.ticks.replaceChildren(...marks);
    }
  };

  const set = (element, text) => element.textContent !== text && (element.textContent = text);

  function ago(seconds, language) {
    const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), Math.floor(seconds % 60)];
    const words = language === "zh" ? ["小时", "分", "秒", "前"] : ["h", "min", "s", "ago"];
    const parts = hours ? [[hours, 0], [minutes, 1]] : minutes ? [[minutes, 1]] : [[rest, 2]];
    return language === "zh" ? `${parts.map(([n, i]) => `${n} ${words[i]}`).join(" ")}${words[3]}` : `${parts.map(([n, i]) => `${n} ${words[i]}`).join(" ")} ${words[3]}`;
  }
})();
