/* "Send to the wall": a small dialog at the button that asks which display, and says what became of it.

   A button with data-wall-send="alarm|incident|camera|thing|view" and data-subject opens it (wall_control.send_button); scripts call
   opsCenter.wallSend.open({kind, subject, view, at: element}). For a view without one, the page's own map is asked:
   opsCenter.wallSend.mapOf = () => MapView. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const DONE_MS = 2500;

  const el = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const both = ({ zh, en }, className) => el("span", className || "", el("span", "zh", zh), el("span", "en", en));

  /* One question to /api/walls; {ok, body} or {ok: false, said: {zh, en}}. */
  async function ask(method, path, body) {
    let answer;
    try {
      answer = await fetch(`/api/walls${path}`, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return { ok: false, said: { zh: "服务器没有应答", en: "the server does not answer" } };
    }
    const found = await answer.json();
    if (answer.ok) return { ok: true, body: found };
    const [zh, en] = String(found.detail).split(" ⁄ ");
    return { ok: false, status: answer.status, said: en ? { zh, en } : { zh: "未能完成", en: zh } };
  }

  /* The displays of a wall as buttons that lie as they hang; 0 is all of them. */
  function displays(wall, on, choose) {
    const grid = el("div", "ws-grid");
    grid.style.gridTemplateColumns = `repeat(${wall.columns}, 1fr)`;
    for (let number = 1; number <= wall.columns * wall.rows; number++) {
      const button = el("button", "ws-display", el("b", "", String(number)));
      button.type = "button";
      button.style.aspectRatio = wall.display_px.join("/");
      if (!on.has(number)) button.append(both({ zh: "未开", en: "off" }, "ws-off"));
      button.onclick = () => choose(number);
      grid.append(button);
    }
    return grid;
  }

  class Sender {
    constructor({ kind, subject = "", view = null, at }) {
      Object.assign(this, { kind, subject, view, at });
      this.box = el("div", "ws-box");
      this.box.setAttribute("role", "dialog");
      this.box.setAttribute("aria-label", "发送到大屏 Send to the wall");
      document.body.append(this.box);
      this.outside = (event) => !this.box.contains(event.target) && !this.at.contains(event.target) && this.close();
      this.escape = (event) => event.key === "Escape" && (event.stopPropagation(), this.close(true));
      document.addEventListener("pointerdown", this.outside);
      document.addEventListener("keydown", this.escape, true);
      this.load();
    }

    async load() {
      this.say({ zh: "正在查询大屏…", en: "looking for walls…" });
      const found = await ask("GET", "");
      if (!found.ok) return this.say(found.said, "wrong");
      this.box.replaceChildren(...found.body.flatMap((wall) => this.wall(wall)));
      this.place();
      this.box.querySelector("button").focus();
    }

    wall(wall) {
      const on = new Set(wall.displays.map(({ display }) => display));
      const all = el("button", "ws-all", both({ zh: "整面大屏", en: "the whole wall" }));
      all.type = "button";
      all.onclick = () => this.send(wall.name, 0);
      const several = wall.columns * wall.rows > 1;
      return [el("h3", "", both(wall.label)), ...(several ? [displays(wall, on, (number) => this.send(wall.name, number))] : []), all, ...this.scene(wall)];
    }

    /* An incident may have the wall to itself: the scene that follows it, and the incident sent for it to follow. */
    scene(wall) {
      if (this.kind !== "incident") return [];
      const button = el("button", "ws-all", both({ zh: "整面大屏改为事件场景", en: "the whole wall, as the incident's scene" }));
      button.type = "button";
      button.onclick = async () => {
        const found = await ask("POST", `/${wall.name}/scene`, { scene: "incident" });
        return found.ok ? this.send(wall.name, 0) : this.say(found.said, "wrong");
      };
      return [button];
    }

    async send(wall, display) {
      const map = this.kind === "view" && center.wallSend.mapOf && center.wallSend.mapOf();
      const view = this.kind === "view" ? this.view || (map && center.wallViews.of(map)) : null;
      const found = await ask("POST", `/${wall}/sent`, { display, kind: this.kind, subject: this.subject, view });
      if (!found.ok) return this.say(found.said, "wrong");
      this.say(display ? { zh: `已发送到 ${display} 号屏`, en: `sent to display ${display}` } : { zh: "已发送到整面大屏", en: "sent to the whole wall" }, "good");
      setTimeout(() => this.close(true), DONE_MS);
    }

    say(said, tone = "") {
      const line = el("p", `ws-said ${tone}`, both(said));
      line.setAttribute("role", "status");
      this.box.replaceChildren(line);
      this.place();
    }

    place() {
      const { left, bottom, top } = this.at.getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = this.box;
      const below = bottom + height + 8 < innerHeight;
      this.box.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
      this.box.style.top = `${below ? bottom + 6 : Math.max(8, top - height - 6)}px`;
    }

    close(back = false) {
      document.removeEventListener("pointerdown", this.outside);
      document.removeEventListener("keydown", this.escape, true);
      this.box.remove();
      if (back && this.at.isConnected) this.at.focus();
      if (center.wallSend.now === this) center.wallSend.now = null;
    }
  }

  center.wallSend = {
    ask,
    el,
    both,
    now: null,
    open(what) {
      if (this.now) this.now.close();
      this.now = new Sender(what);
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-wall-send]");
    if (button) center.wallSend.open({ kind: button.dataset.wallSend, subject: button.dataset.subject || "", at: button });
  });
})();
