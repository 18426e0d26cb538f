/* What a crew pressed, until the center has answered: kept in this browser with the time when it happened, sent in its order,
   each once. No answer: it is sent again, under the same key, by which the center knows it. Refused: it stays to be read.

   new opsCenter.FieldQueue(account, changed): add(act) → whether it is kept should the page close, mine(), send(), drop(key).
   An act is {incident, task, act, text?, photo?: data URL}; it gets {key, at_us, account} here. Those of another account that
   signed in on this phone wait for it. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const KEPT = "ops-center.field-queue";
  const FIRST_MS = 2000;
  const LONGEST_MS = 30000;
  const PATIENCE_MS = 30000; // a line that says nothing for so long is none
  const AGAIN = [401, 408, 425, 429]; // and whatever the center answers while it can't: 5xx
  const UNKNOWN = { zh: "未被接受", en: "not accepted" };

  center.FieldQueue = class {
    constructor(account, changed) {
      this.account = account;
      this.changed = changed;
      this.memory = null; // what the browser would not keep
      this.wait = FIRST_MS;
    }

    all() {
      if (this.memory) return this.memory;
      try {
        return JSON.parse(localStorage.getItem(KEPT) || "[]");
      } catch (error) {
        return [];
      }
    }

    mine() {
      return this.all().filter((one) => one.account === this.account);
    }

    keep(list) {
      try {
        localStorage.setItem(KEPT, JSON.stringify(list));
        this.memory = null;
      } catch (error) {
        this.memory = list; // full, or no storage: it lasts as long as the page
      }
      this.changed();
      return !this.memory;
    }

    add(act) {
      const kept = this.keep([...this.all(), { ...act, key: newKey(), at_us: Date.now() * 1000, account: this.account }]);
      this.send();
      return kept;
    }

    drop(key) {
      this.keep(this.all().filter((one) => one.key !== key));
    }

    refuse(key, said) {
      this.keep(this.all().map((one) => (one.key === key ? { ...one, photo: undefined, refused: said } : one)));
    }

    /* Send what waits, one after the other, while no other tab does. */
    async send() {
      if (this.sending) return;
      this.sending = true;
      clearTimeout(this.timer);
      try {
        await exclusively(async () => {
          for (let next; (next = this.mine().find((one) => !one.refused)); ) {
            const answer = await post(next);
            if (answer === "later") return this.later();
            this.wait = FIRST_MS;
            if (answer === "done") this.drop(next.key);
            else this.refuse(next.key, answer);
          }
        });
      } finally {
        this.sending = false;
      }
    }

    later() {
      this.timer = setTimeout(() => this.send(), this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_MS);
    }
  };

  /* "done", "later", or why it was refused in both languages. */
  async function post(one) {
    const ending = new AbortController();
    const patience = setTimeout(() => ending.abort(), PATIENCE_MS);
    try {
      const answer = await (one.photo ? sendPhoto(one, ending.signal) : sendAct(one, ending.signal));
      if (answer.ok) return "done";
      if (AGAIN.includes(answer.status) || answer.status >= 500) return "later";
      const said = await answer.json().catch(() => ({}));
      return said.zh && said.en ? { zh: said.zh, en: said.en } : UNKNOWN;
    } catch (error) {
      if (error instanceof TypeError || error.name === "AbortError") return "later";
      throw error;
    } finally {
      clearTimeout(patience);
    }
  }

  function sendAct({ incident, task, act, key, at_us, text }, signal) {
    const body = JSON.stringify({ incident, task, act, key, at_us, text: text || "" });
    return fetch("/api/field/acts", { method: "POST", headers: { "Content-Type": "application/json" }, body, signal });
  }

  function sendPhoto({ incident, task, key, at_us, photo }, signal) {
    const asked = new URLSearchParams({ incident, task, key, at_us });
    const bytes = Uint8Array.from(atob(photo.split(",")[1]), (character) => character.charCodeAt(0));
    const headers = { "Content-Type": "application/octet-stream" };
    return fetch(`/api/field/photos?${asked}`, { method: "POST", headers, body: bytes, signal });
  }

  /* randomUUID is there on secure pages alone. */
  function newKey() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function exclusively(work) {
    return navigator.locks ? navigator.locks.request(KEPT, work) : work();
  }
})();
