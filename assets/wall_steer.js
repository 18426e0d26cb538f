/* The steering page (/walls): draws what /live says of a wall, and does what a coordinator wants through /api/walls.

   What is decided is decided upon what is seen: every command carries the seq of the picture it was given on, and who was
   passed is told by whom. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const TICK_MS = 1000;
  const TOLD_MS = 8000;
  const ACTS = {
    scene_set: { zh: "切换场景", en: "set the scene" },
    sent: { zh: "发送内容", en: "sent something" },
    taken_back: { zh: "撤回内容", en: "took something back" },
    followed: { zh: "让大屏跟随席位地图", en: "let the wall follow their map" },
    released: { zh: "释放大屏", en: "released the wall" },
  };

  class Steering {
    constructor(config) {
      Object.assign(this, { config, scenes: new Map(), frame: null, chosen: 0, asked: "" });
      this.page = document.getElementById("walls-page");
      this.wall = Object.values(config.walls)[0];
      center.clock.listen();
      center.page.live.add({
        wanted: () => ({ wall: { name: this.wall.name } }),
        onWall: (frame) => frame.name === this.wall.name && frame.display === null && this.take(frame),
        onState: (connected) => this.page.classList.toggle("ws-lost", !connected),
      });
      this.frameOf();
      this.askScenes("begin");
      setInterval(() => this.tick(), TICK_MS);
      this.page.addEventListener("click", (event) => this.clicked(event));
    }

    /* ---- the page's places ---- */

    frameOf() {
      const { el, both } = center.wallSend;
      const place = (name) => (this[name] = el("div", `wp-${name}`));
      this.told = el("p", "wp-told");
      this.told.setAttribute("role", "status");
      const side = el("aside", "", el("h2", "", both({ zh: "场景", en: "Scenes" })), place("list"), el("h2", "", both({ zh: "最近操作", en: "Lately" })), place("lately"));
      const lost = el("p", "wp-lost", both({ zh: "连接中断：以下内容可能已经过时", en: "Connection lost: what follows may be old" }));
      const sentHead = el("h2", "", both({ zh: "大屏上的内容", en: "What was sent" }));
      const main = el("section", "", lost, place("tabs"), place("head"), place("mini"), this.told, sentHead, place("sent"));
      this.page.replaceChildren(main, side);
      this.mini.append(el("p", "quiet", both({ zh: "正在读取大屏状态…", en: "looking at the wall…" })));
    }

    take(frame) {
      const news = !this.frame || this.frame.seq !== frame.seq;
      this.frame = frame;
      const known = this.scenes.get(frame.scene);
      if (frame.scene && (!known || known.version !== frame.version)) this.askScenes(`${frame.scene} ${frame.version}`);
      if (news) this.history();
      this.draw();
    }

    askScenes(why) {
      if (this.asked === why) return;
      this.asked = why;
      dash_clientside.set_props("walls-scenes-ask", { data: why });
    }

    know(scenes) {
      this.scenes = new Map(scenes.map((scene) => [scene.name, scene]));
      this.draw();
      if (this.frame) this.history();
    }

    /* ---- drawing ---- */

    draw() {
      if (!this.frame) return;
      this.drawTabs();
      this.drawHead();
      this.drawMiniature();
      this.drawSent();
      this.drawScenes();
    }

    drawTabs() {
      const walls = Object.values(this.config.walls);
      this.put(this.tabs, walls.length < 2 ? [] : walls.map((wall) => this.button(wall.label, { wall: wall.name }, wall === this.wall ? "now" : "")));
    }

    drawHead() {
      const { el, both } = center.wallSend;
      const { frame } = this;
      const scene = this.scenes.get(frame.scene);
      const label = scene ? scene.label : { zh: frame.scene || "未设场景", en: frame.scene || "no scene yet" };
      const how = frame.auto ? { zh: "按排程轮换", en: "by schedule" } : { zh: "人工选定", en: "chosen by hand" };
      const follow = frame.follow && { zh: `跟随 ${frame.follow.by_name || frame.follow.by} 的地图`, en: `follows the map of ${frame.follow.by_name || frame.follow.by}` };
      const acts = this.config.steers
        ? [
            this.button(frame.mine ? { zh: "停止跟随我的地图", en: "Stop following my map" } : { zh: "跟随我的席位地图", en: "Follow my desk map" }, { follow: frame.mine ? "no" : "yes" }),
            this.button({ zh: "释放大屏", en: "Release the wall" }, { release: "yes" }),
          ]
        : [el("span", "quiet", both({ zh: "只读：您的角色不控制大屏", en: "read only: your roles do not steer walls" }))];
      const words = [el("h1", "", both(label)), el("span", `badge ${frame.auto ? "" : "notice"}`, both(how)), ...(follow ? [el("span", "badge good", both(follow))] : []), this.countdown()];
      this.put(this.head, [...words, el("span", "wp-spring"), ...acts]);
    }

    countdown() {
      const { el, both } = center.wallSend;
      const left = (this.frame.switch_at_us / 1000 - center.clock.nowMs()) / 1000;
      return el("span", "quiet", ...(left > 0 ? [both({ zh: `${left.toFixed(1)} 秒后切换`, en: `changes in ${left.toFixed(1)} s` })] : []));
    }

    drawMiniature() {
      const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.display : null;
      const options = { scene: this.scenes.get(this.frame.scene), kinds: this.config.kinds, chosen: this.chosen, now_us: center.clock.nowMs() * 1000 };
      this.put(this.mini, [center.wallMiniature(this.wall, this.frame, options)]);
      if (focused) this.mini.querySelector(`[data-display="${focused}"]`).focus();
    }

    drawSent() {
      const { el, both } = center.wallSend;
      const { chosen } = this;
      const shown = this.frame.sent.filter(({ display }) => !chosen || display === 0 || display === chosen);
      const lines = shown.reverse().map((sent) => this.sentLine(sent));
      const nothing = chosen ? { zh: `${chosen} 号屏上没有发送的内容`, en: `nothing was sent to display ${chosen}` } : { zh: "没有发送的内容；在报警、摄像机、设备或地图处点“发送到大屏”", en: "nothing was sent; use “Send to the wall” at an alarm, a camera, a thing or a map" };
      this.put(this.sent, lines.length ? lines : [el("p", "empty", both(nothing))]);
    }

    sentLine(sent) {
      const { el, both } = center.wallSend;
      const where = sent.display ? { zh: `${sent.display} 号屏`, en: `display ${sent.display}` } : { zh: "整面", en: "all" };
      const who = el("span", "quiet", `${sent.by_name || sent.by} · `, el("span", "num", this.time(sent.at_us)));
      const line = el("div", `wp-line ${sent.kind}`, center.wallMiniature.sign(sent.kind), el("span", "wp-where", both(where)), both(sent.name, "wp-name"), who);
      if (this.config.steers) line.append(this.button({ zh: "撤回", en: "Take back" }, { back: sent.id }));
      return line;
    }

    drawScenes() {
      const { el, both } = center.wallSend;
      const lines = [...this.scenes.values()].map((scene) => {
        const now = scene.name === this.frame.scene;
        const notes = [scene.planned && { zh: "有排程", en: "planned" }, scene.rotates && { zh: "参加轮换", en: "rotates" }].filter(Boolean);
        const button = this.button(scene.label, { scene: scene.name }, now ? "now" : "");
        button.disabled = !this.config.steers;
        if (now) button.setAttribute("aria-current", "true");
        button.append(...notes.map((note) => both(note, "wp-note")), ...(now ? [both({ zh: "正在显示", en: "on the wall" }, "badge good")] : []));
        return button;
      });
      this.put(this.list, lines.length ? lines : [el("p", "empty", both({ zh: "还没有场景", en: "no scenes yet" }))]);
    }

    async history() {
      const { el, both, ask } = center.wallSend;
      const found = await ask("GET", `/${this.wall.name}/history?limit=12`);
      if (!found.ok) return;
      const lines = found.body.map(({ act, at, state }) => {
        const scene = this.scenes.get(state.scene);
        const what = act === "scene_set" ? (scene ? scene.label : { zh: state.scene, en: state.scene }) : act === "sent" && state.sent.length ? state.sent[state.sent.length - 1].name : { zh: "", en: "" };
        const who = state.by === "system" ? both({ zh: "排程", en: "schedule" }) : el("span", "", state.by_name || state.by);
        return el("li", "", el("span", "num quiet", this.time(Date.parse(at) * 1000)), who, both(ACTS[act] || { zh: act, en: act }), both(what, "quiet"));
      });
      this.put(this.lately, [el("ul", "", ...lines)]);
    }

    tick() {
      if (this.frame && this.frame.switch_at_us / 1000 > center.clock.nowMs() - 5000) this.draw();
    }

    /* Put other nodes there; those that are just the same stay, under the hand that is about to press one. */
    put(place, children) {
      const same = place.childNodes.length === children.length && children.every((node, n) => node.isEqualNode(place.childNodes[n]));
      if (!same) place.replaceChildren(...children);
    }

    button(label, data, className = "") {
      const { el, both } = center.wallSend;
      const made = el("button", `wp-button ${className}`, both(label, "wp-name"));
      made.type = "button";
      Object.assign(made.dataset, data);
      return made;
    }

    time(us) {
      const format = { timeZone: this.config.timezone, hour: "2-digit", minute: "2-digit", second: "2-digit" };
      return new Intl.DateTimeFormat("en-GB", format).format(us / 1000);
    }

    /* ---- what is done ---- */

    clicked(event) {
      const button = event.target.closest("button");
      if (!button || !this.page.contains(button)) return;
      const { display, wall, scene, back, follow, release } = button.dataset;
      if (display) this.choose(Number(display));
      else if (wall) this.turnTo(wall);
      else if (scene) this.command("scene", { scene });
      else if (back) this.command("taken-back", { sent: [Number(back)] });
      else if (follow) this.command("follow", { follow: follow === "yes" });
      else if (release) this.command("release", {});
    }

    choose(number) {
      this.chosen = this.chosen === number ? 0 : number;
      this.draw();
    }

    turnTo(name) {
      this.wall = this.config.walls[name];
      this.frame = null;
      this.chosen = 0;
      center.page.live.subscribe();
    }

    async command(path, body) {
      const found = await center.wallSend.ask("POST", `/${this.wall.name}/${path}`, { ...body, expected: this.frame.seq });
      this.say(found.ok ? null : found.said);
    }

    say(said) {
      clearTimeout(this.silence);
      this.told.replaceChildren(...(said ? [center.wallSend.both(said)] : []));
      if (said) this.silence = setTimeout(() => this.say(null), TOLD_MS);
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.walls = {
    mount(config) {
      if (!config) return window.dash_clientside.no_update;
      requestAnimationFrame(() => (center.steering = new Steering(config)));
      return true;
    },
    scenes(scenes) {
      if (scenes && center.steering) center.steering.know(scenes);
      return window.dash_clientside.no_update;
    },
  };
})();
