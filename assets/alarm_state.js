/* The open alarms as a browser holds them: what /live sends, in which order they are listed, how many stand.

   No page, no drawing: the list (alarms.js) and the wall (alarm_map.js) hold one AlarmState each. A row is what
   services/alarm_words.py says of an alarm. Times are µs. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const UNACKNOWLEDGED = new Set(["unacknowledged", "returned_unacknowledged", "latched_unacknowledged"]);
  const FLOOD_WITHIN_US = 600e6; // ISA-18.2: a flood begins above ten alarms in ten minutes, and ends below five
  const FLOOD_BEGINS = 10;
  const FLOOD_ENDS = 5;
  const SECOND = 2 ** 32;

  const waits = (row) => UNACKNOWLEDGED.has(row.state) && row.aside === "";
  /* Priority first, then what waits for somebody, then the newest. One exact number, so that sorting is cheap. */
  const rank = (row) => (row.priority * 2 + (waits(row) ? 0 : 1)) * SECOND + (SECOND - Math.floor(row.raised_us / 1e6));

  center.AlarmState = class {
    constructor() {
      this.rows = new Map();
      this.children = new Map();
      this.closed = new Map();
      this.seq = null;
      this.flooded = false;
    }

    /* Take a frame; return the rows that are to be announced: new, raised again, or worse. */
    take({ seq, all, set, gone }) {
      const first = this.seq === null;
      const before = all ? this.rows : null;
      if (all) this.rows = new Map();
      if (all) this.children = new Map();
      const announced = [];
      for (const row of set) {
        const held = (before || this.rows).get(row.id);
        const again = !held || row.times > held.times || row.priority < held.priority;
        if (again && !first && waits(row) && !row.parent) announced.push(row);
        this.put(row, held);
      }
      for (const id of gone) this.drop(id);
      this.seq = seq;
      return announced;
    }

    put(row, held) {
      if (held && held.parent !== row.parent) this.unlink(held);
      row.rank = rank(row);
      row.waits = waits(row);
      this.rows.set(row.id, row);
      if (!row.parent) return;
      const children = this.children.get(row.parent);
      if (children) children.add(row.id);
      else this.children.set(row.parent, new Set([row.id]));
    }

    drop(id) {
      const row = this.rows.get(id);
      if (row && this.rows.delete(id)) this.unlink(row);
    }

    unlink(row) {
      const children = row.parent && this.children.get(row.parent);
      if (children && children.delete(row.id) && !children.size) this.children.delete(row.parent);
    }

    find(id) {
      return this.rows.get(id) || this.closed.get(id);
    }

    childrenOf(id) {
      return [...(this.children.get(id) || [])].map((child) => this.rows.get(child)).filter(Boolean);
    }

    /* Return what is listed: [{id, depth}], children under their parents where those are unfolded. */
    order(filter, unfolded) {
      const source = filter.show === "closed" ? this.closed : this.rows;
      const nested = filter.show === "open";
      const found = [];
      for (const row of source.values()) {
        if (nested ? !this.isLine(row) : filter.show !== "closed" && row.aside !== filter.show) continue;
        if (matches(row, filter) || (nested && this.hasMatch(row.id, filter))) found.push(row);
      }
      found.sort(filter.show === "closed" ? latest : urgent);
      return nested ? this.withChildren(found, filter, unfolded) : found.map((row) => ({ id: row.id, depth: 0 }));
    }

    /* One of the lines that operators are shown: nothing lies over it, and what explains it isn't in sight. */
    isLine(row) {
      const explained = row.parent && this.rows.has(row.parent);
      return !explained && (row.aside === "" || (row.aside === "suppressed" && row.parent !== 0));
    }

    hasMatch(id, filter) {
      return this.children.has(id) && this.childrenOf(id).some((row) => matches(row, filter));
    }

    withChildren(found, filter, unfolded) {
      const listed = [];
      for (const row of found) {
        listed.push({ id: row.id, depth: 0 });
        if (!unfolded.has(row.id)) continue;
        const children = this.childrenOf(row.id).filter((child) => matches(child, filter)).sort(urgent);
        for (const child of children) listed.push({ id: child.id, depth: 1 });
      }
      return listed;
    }

    /* Return for each priority [standing, unacknowledged], counted in lines. */
    counts() {
      const counts = { 1: [0, 0], 2: [0, 0], 3: [0, 0], 4: [0, 0] };
      for (const row of this.rows.values()) {
        if (!this.isLine(row)) continue;
        counts[row.priority][0] += 1;
        if (row.waits) counts[row.priority][1] += 1;
      }
      return counts;
    }

    aside(kind) {
      let count = 0;
      for (const row of this.rows.values()) if (row.aside === kind) count += 1;
      return count;
    }

    /* Return how many lines began in the last ten minutes, if that is a flood; else 0. */
    flood(nowUs) {
      let recent = 0;
      for (const row of this.rows.values()) if (this.isLine(row) && nowUs - row.raised_us < FLOOD_WITHIN_US) recent += 1;
      this.flooded = this.flooded ? recent >= FLOOD_ENDS : recent > FLOOD_BEGINS;
      return this.flooded ? recent : 0;
    }
  };

  const urgent = (a, b) => a.rank - b.rank || b.id - a.id;
  const latest = (a, b) => b.closed_us - a.closed_us || b.id - a.id;

  function matches(row, filter) {
    if (filter.priorities.size && !filter.priorities.has(row.priority)) return false;
    if (filter.waiting && !row.waits) return false;
    if (filter.district && row.district !== filter.district) return false;
    if (filter.department && row.department !== filter.department && row.assigned_department !== filter.department) return false;
    if (filter.rule && row.rule !== filter.rule) return false;
    return !filter.text || textOf(row).includes(filter.text);
  }

  /* Everything of a row that somebody may type, in both languages. */
  function textOf(row) {
    if (!row.text) {
      const { label, name } = row;
      const places = [center.alarmText.named("districts", row.district), center.alarmText.named("departments", row.department)];
      const words = [row.id, row.rule, label.zh, label.en, name && name.zh, name && name.en, ...places.flatMap((place) => [place.zh, place.en]), row.assigned_person];
      row.text = words.filter(Boolean).join("\n").toLowerCase();
    }
    return row.text;
  }

  /* Words, names, times and numbers as they are written; `configure` is given what the page's layout says. */
  center.alarmText = {
    words: {},
    names: { districts: {}, departments: {} },
    zone: "UTC",
    configure(config) {
      this.words = config.words;
      this.names = config.names;
      this.zone = config.timezone;
      const options = { timeZone: this.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
      this.clock = new Intl.DateTimeFormat("en-GB", options);
      this.day = new Intl.DateTimeFormat("en-CA", { timeZone: this.zone, month: "2-digit", day: "2-digit" });
    },
    language: () => (document.documentElement.dataset.language === "en" ? "en" : "zh"),
    of(label) {
      return label ? label[this.language()] : "";
    },
    say(key, ...values) {
      const words = this.words[key];
      const text = words ? words[this.language() === "en" ? 1 : 0] : key;
      return text.replace(/\{(\d)\}/g, (_, place) => values[place]);
    },
    named(kind, code) {
      return this.names[kind][code] || { zh: code, en: code };
    },
    time(us) {
      return us ? this.clock.format(new Date(us / 1000)) : "—";
    },
    date(us) {
      return us ? `${this.day.format(new Date(us / 1000))} ${this.time(us)}` : "—";
    },
    /* Seconds as people say them, the same in both languages. */
    span(seconds) {
      const s = Math.max(0, Math.round(seconds));
      if (s < 60) return `${s} s`;
      if (s < 3600) return `${Math.floor(s / 60)} min`;
      const [minutes, hours] = [Math.floor((s % 3600) / 60), Math.floor((s % 86400) / 3600)];
      if (s < 86400) return `${hours} h${minutes ? ` ${String(minutes).padStart(2, "0")}` : ""}`;
      return `${Math.floor(s / 86400)} d${hours ? ` ${hours} h` : ""}`;
    },
    number(value) {
      if (value === null || value === undefined) return "—";
      return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
    },
  };
})();
