/* Time in the city's zone: ticks of an axis, texts, and what is typed into a field. All times are ms since 1970. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const MINUTE = 60e3;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const STEPS = [1, 2, 5, 10, 15, 30].map((n) => n * MINUTE).concat([1, 2, 3, 6, 12].map((n) => n * HOUR), [1, 2, 4, 7, 14].map((n) => n * DAY));
  const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120];
  const SECONDS = [1, 5, 15, 30].map((n) => n * 1e3);

  center.ChartTime = class {
    constructor(zone) {
      this.zone = zone;
      const parts = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
      this.parts = new Intl.DateTimeFormat("en-CA", parts);
    }

    /* The clock on the wall of the city, as if it were UTC. */
    local(ms) {
      const found = Object.fromEntries(this.parts.formatToParts(new Date(ms)).map(({ type, value }) => [type, Number(value)]));
      return Date.UTC(found.year, found.month - 1, found.day, found.hour, found.minute, found.second) + (((ms % 1000) + 1000) % 1000);
    }

    /* The other way; where a clock is set forward or back, the later of the two. */
    instant(local) {
      let ms = local;
      for (let i = 0; i < 3; i++) ms += local - this.local(ms);
      return ms;
    }

    /* What a tick says: the time within a day, else the date. */
    tick(local, step) {
      const text = new Date(local).toISOString();
      if (step < 60e3) return text.slice(11, 19);
      if (step < DAY && local % DAY) return text.slice(11, 16);
      return step >= 28 * DAY ? text.slice(0, 7) : text.slice(5, 10);
    }

    text(ms, seconds = true) {
      return new Date(this.local(ms)).toISOString().replace("T", " ").slice(0, seconds ? 19 : 16);
    }

    /* As <input type="datetime-local"> has it. */
    typed(ms) {
      return new Date(this.local(ms)).toISOString().slice(0, 16);
    }

    read(text) {
      const local = Date.parse(`${text}Z`);
      return Number.isFinite(local) ? this.instant(local) : null;
    }

    /* At most `most` ticks over [from, to]: [ms, text] each. */
    ticks(from, to, most) {
      const least = (to - from) / Math.max(most, 1);
      const step = [...SECONDS, ...STEPS].find((one) => one >= least);
      if (!step) return this.months(from, to, least);
      const found = [];
      const begin = this.local(from);
      for (let local = Math.ceil(begin / step) * step; local <= this.local(to); local += step) found.push([this.instant(local), this.tick(local, step)]);
      return found;
    }

    months(from, to, least) {
      const step = MONTHS.find((one) => one * 30 * DAY >= least) || MONTHS[MONTHS.length - 1];
      const begin = new Date(this.local(from));
      const found = [];
      for (let month = Math.ceil((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / step) * step; ; month += step) {
        const local = Date.UTC(Math.floor(month / 12), month % 12, 1);
        if (local > this.local(to)) return found;
        if (local >= this.local(from)) found.push([this.instant(local), this.tick(local, 30 * DAY)]);
      }
    }
  };

  /* Round values between low and high, about `most` of them. */
  center.niceTicks = (low, high, most) => {
    const rough = (high - low) / Math.max(most, 1);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((one) => one * power >= rough);
    const found = [];
    for (let n = Math.ceil(low / step); n * step <= high + step * 1e-9; n++) found.push(Number((n * step).toPrecision(12)));
    return found;
  };
})();
