/* The tools over the desk's map: a column of buttons, some of which open a menu.

   new opsCenter.DeskTools(holder, run): `run(act)` is told what was pressed; `opsCenter.deskKeys` says which key is which. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const say = (key, ...more) => center.alarmText.say(`desk_${key}`, ...more);
  const SVG = "http://www.w3.org/2000/svg";
  const ICONS = {
    layers: "M12 3 3 8l9 5 9-5zM3 12.5l9 5 9-5M3 17l9 5 9-5",
    tilt: "M12 2 3 7v10l9 5 9-5V7zM3 7l9 5 9-5M12 12v10",
    night: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
    home: "M3 11 12 3l9 8M6 9.5V20h12V9.5",
    time: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5l3.5 2",
    measure: "M3 16 16 3l5 5L8 21zM7.5 11.5l2 2M11 8l2 2M14.5 4.5l2 2",
    draw: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
    select: "M4 4h4M12 4h4M20 4v4M20 12v4M4 8v4M4 16v4h4M12 20h3M14 13l7 3-3 1.2L16.8 20z",
    compare: "M3 5h7v14H3zM14 5h7v14h-7zM12 2v20",
    wall: "M3 4h18v12H3zM12 4v12M3 10h18M8 20h8M12 16v4",
    clear: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
    link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1.5-1.5",
    help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18v.5",
  };
  const MENUS = {
    measure: ["distance", "surface"],
    draw: ["draw_point", "draw_line", "draw_polygon", "draw_circle"],
    select: ["select_polygon", "select_circle", "select_view"],
    compare: ["compare_times", "compare_districts"],
    wall: ["wall_view", "wall_follow"],
  };
  const COLUMN = [["layers", "tilt", "night", "home", "time"], ["measure", "draw", "select", "compare", "wall"], ["clear", "link", "help"]];
  const KEYS = { l: "layers", t: "tilt", y: "night", h: "home", n: "north", T: "time", d: "distance", D: "surface", p: "select_polygon", i: "select_circle", v: "select_view", b: "compare_times", B: "compare_districts", x: "clear", w: "link" };
  const KEY_OF = Object.fromEntries(Object.entries(KEYS).map(([key, act]) => [act, key]));

  center.deskKeys = KEYS;

  center.DeskTools = class {
    constructor(holder, run, without = []) {
      Object.assign(this, { holder, run });
      this.buttons = new Map();
      for (const group of COLUMN) holder.append(center.el("div", "desk-tool-group", { role: "group" }, ...group.filter((name) => !without.includes(name)).map((name) => this.tool(name))));
      document.addEventListener("pointerdown", (event) => !event.target.closest(".desk-tool") && this.openMenu(null));
      this.speak();
    }

    tool(name) {
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("viewBox", "0 0 24 24");
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", ICONS[name]);
      svg.append(path);
      const button = center.el("button", "", { type: "button", "data-tool": name });
      button.append(svg);
      const tool = center.el("div", "desk-tool", {}, button);
      this.buttons.set(name, button);
      if (!MENUS[name]) button.addEventListener("click", () => this.press(name));
      else {
        const items = MENUS[name].map((act) => this.item(act));
        const menu = center.el("div", "desk-menu", { role: "group", hidden: "" }, ...items);
        button.setAttribute("aria-expanded", "false");
        button.addEventListener("click", () => this.openMenu(menu.hidden ? menu : null));
        tool.append(menu);
      }
      return tool;
    }

    item(act) {
      const words = center.el("span");
      const item = center.el("button", "", { type: "button", "data-tool": act }, words, KEY_OF[act] ? center.el("kbd", "", {}, KEY_OF[act]) : "");
      item.addEventListener("click", () => this.press(act));
      item.words = words;
      this.buttons.set(act, item);
      return item;
    }

    press(act) {
      this.openMenu(null);
      this.run(act);
    }

    openMenu(menu) {
      for (const other of this.holder.querySelectorAll(".desk-menu")) {
        other.hidden = other !== menu;
        other.previousSibling.setAttribute("aria-expanded", String(other === menu));
      }
      if (menu) menu.querySelector("button").focus();
    }

    get menuIsOpen() {
      return this.holder.querySelector(".desk-menu:not([hidden])") !== null;
    }

    /* Show which tools are on. */
    mark(on) {
      for (const [name, button] of this.buttons) button.setAttribute("aria-pressed", String(Boolean(on[name])));
    }

    speak() {
      for (const [name, button] of this.buttons) {
        const words = `${say(name)}${KEY_OF[name] ? ` (${KEY_OF[name]})` : ""}`;
        if (button.words) button.words.textContent = say(name);
        else {
          button.title = words;
          button.setAttribute("aria-label", words);
        }
      }
    }
  };
})();
