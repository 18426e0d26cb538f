/* A wall in small: its displays as they hang, the panels of the scene on them, what was sent, and how each display is.

   opsCenter.wallMiniature(wall, frame, {scene, kinds, chosen, now_us}) → element; displays carry data-display. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const SIGNS = { alarm: 13, camera: 7, thing: 5, view: 1, incident: 13 }; // places in assets/icons.svg
  const LATE_MS = 100;
  const part = (length, whole) => `${(100 * length) / whole}%`;

  /* How a display is, in one word and one sign. */
  function health(pages, frame, now_us) {
    const page = pages[0];
    if (!page) return { state: "off", sign: "○", zh: "未开", en: "off" };
    if (page.fault) return { state: "fault", sign: "✕", zh: "出错", en: "fault", title: page.fault };
    if (!page.ready) return { state: "prepares", sign: "…", zh: "准备中", en: "preparing" };
    const behind = frame.scene && (page.scene !== frame.scene || page.version !== frame.version);
    if (behind && now_us > frame.switch_at_us + 3e6) return { state: "behind", sign: "◇", zh: "未切换", en: "behind" };
    if (page.late_ms > LATE_MS) return { state: "late", sign: "●", zh: `晚 ${Math.round(page.late_ms)} 毫秒`, en: `${Math.round(page.late_ms)} ms late` };
    return { state: "ok", sign: "●", zh: page.dimmed ? "正常 · 夜间调暗" : "正常", en: page.dimmed ? "on, dimmed" : "on" };
  }

  function sentOn(frame, number) {
    const mine = frame.sent.filter(({ display }) => display === 0 || display === number);
    const last = (views) => mine.filter(({ kind }) => (kind === "view") === views).pop();
    return [last(false), last(true)].filter(Boolean);
  }

  function panels(scene, kinds, { el, both }) {
    const layer = el("div", "wm-scene");
    const sorted = [...scene.panels].sort((a, b) => b.w * b.h - a.w * a.h);
    for (const { kind, x, y, w, h } of sorted) {
      const box = el("div", "wm-panel", both(kinds[kind] || { zh: kind, en: kind }));
      box.dataset.kind = kind;
      Object.assign(box.style, { left: part(x, scene.columns), top: part(y, scene.rows), width: part(w, scene.columns), height: part(h, scene.rows) });
      layer.append(box);
    }
    return layer;
  }

  function display(one, frame, options, { el, both }) {
    const pages = frame.displays.filter(({ display: number }) => number === one.number);
    const how = health(pages, frame, options.now_us);
    const word = el("span", `wm-health ${how.state}`, el("i", "", how.sign), both(how));
    if (how.title) word.title = how.title;
    const box = el("button", "wm-display", el("b", "wm-number num", String(one.number)), word);
    box.type = "button";
    box.dataset.display = one.number;
    box.setAttribute("aria-pressed", String(options.chosen === one.number));
    for (const sent of sentOn(frame, one.number)) {
      box.append(el("span", `wm-sent ${sent.kind}`, center.wallMiniature.sign(sent.kind), both(sent.name)));
    }
    return box;
  }

  center.wallMiniature = function (wall, frame, options) {
    const parts = center.wallSend;
    const [width, height] = wall.size;
    const box = parts.el("div", "wm");
    box.style.aspectRatio = `${width} / ${height}`;
    box.style.setProperty("--ratio", width / height);
    if (options.scene) box.append(panels(options.scene, options.kinds, parts));
    for (const one of wall.parts) {
      const shown = display(one, frame, options, parts);
      Object.assign(shown.style, { left: part(one.x, width), top: part(one.y, height), width: part(one.width, width), height: part(one.height, height) });
      box.append(shown);
    }
    return box;
  };
  /* The sign of what was sent, cut out of assets/icons.svg. */
  center.wallMiniature.sign = (kind) => {
    const sign = center.wallSend.el("i", "wm-sign");
    sign.setAttribute("aria-hidden", "true");
    sign.style.setProperty("--place", SIGNS[kind]);
    return sign;
  };
})();
