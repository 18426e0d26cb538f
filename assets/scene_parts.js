/* What stands around the grid of the editor of scenes: the list, the bar, the form, the foot, the map to choose a view on. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const both = (...given) => center.both(...given);
  const DAYS = { mon: ["一", "Mo"], tue: ["二", "Tu"], wed: ["三", "We"], thu: ["四", "Th"], fri: ["五", "Fr"], sat: ["六", "Sa"], sun: ["日", "Su"] };
  const PLACE = [
    { name: "x", zh: "列", en: "column", kind: "number", low: 0, high: null, whole: true },
    { name: "y", zh: "行", en: "row", kind: "number", low: 0, high: null, whole: true },
    { name: "w", zh: "宽", en: "width", kind: "number", low: 1, high: null, whole: true },
    { name: "h", zh: "高", en: "height", kind: "number", low: 1, high: null, whole: true },
  ].map((field) => ({ ...field, required: true, default: 0, nullable: false }));
  const SCENE = [
    { name: "label", zh: "名称", en: "name", kind: "words", required: true },
    { name: "purpose", zh: "用途", en: "purpose", kind: "words", required: true },
    { name: "columns", zh: "列数", en: "columns", kind: "number", low: 4, high: 384, whole: true, required: true },
    { name: "rows", zh: "行数", en: "rows", kind: "number", low: 3, high: 216, whole: true, required: true },
    { name: "order", zh: "顺序", en: "order", kind: "number", low: 0, high: 1000, whole: true, required: true },
    { name: "rotate_s", zh: "轮播时长（秒，0 为不轮播）", en: "its turn, seconds (0: none)", kind: "number", low: 0, high: 86400, whole: true, required: true },
  ].map((field) => ({ ...field, default: null, nullable: false }));

  const button = (words, then, { look = "copy", disabled = false, title } = {}) => {
    const element = el("button", look, { type: "button", ...(title ? { title: center.spoken(...title), "aria-label": center.spoken(...title) } : {}) }, ...(Array.isArray(words) ? both(...words) : [words]));
    element.disabled = disabled;
    element.addEventListener("click", then);
    return element;
  };

  const parts = (center.sceneParts = {
    /* ---- all scenes ---- */
    list(editor) {
      byId("scene-list").replaceChildren(...editor.data.scenes.map((row) => card(editor, row)));
    },

    /* ---- what is done to the picture as a whole ---- */
    bar(editor) {
      const { form, disabled, data } = editor;
      const adding = el("select", "", { "aria-label": center.spoken("添加面板", "add a panel") }, el("option", "", { value: "" }, center.spoken("＋ 添加面板", "+ Add a panel")));
      for (const kind of data.kinds.filter(({ offered }) => offered)) adding.append(el("option", "", { value: kind.name, title: center.spoken(...kind.purpose) }, center.spoken(kind.zh, kind.en)));
      adding.disabled = disabled;
      adding.addEventListener("change", () => adding.value && editor.add(adding.value));
      const live = el("input", "", { type: "checkbox" });
      live.checked = editor.live;
      live.addEventListener("change", () => {
        editor.live = live.checked;
        center.remember("scene-live", live.checked ? "on" : "off");
        byId("stage").hidden = !live.checked;
        document.documentElement.dataset.sceneLive = live.checked ? "on" : "off";
        editor.preview(true);
      });
      const walls = el("select", "", { "aria-label": center.spoken("大屏", "wall") }, ...data.walls.map((wall) => el("option", "", { value: wall.name }, center.spoken(wall.zh, wall.en))));
      walls.addEventListener("change", () => ((editor.wall = data.walls.find(({ name }) => name === walls.value)), editor.paint()));
      if (editor.wall) walls.value = editor.wall.name;
      byId("scene-bar").replaceChildren(
        el("b", "scb-name", {}, ...both(form.label.zh, form.label.en)),
        el("code", "quiet", {}, editor.name),
        el("span", "grow"),
        button("↶", () => editor.undo("undone", "redone"), { disabled: !editor.undone.length, title: ["撤销（Ctrl+Z）", "undo (Ctrl+Z)"] }),
        button("↷", () => editor.undo("redone", "undone"), { disabled: !editor.redone.length, title: ["重做（Ctrl+Y）", "redo (Ctrl+Y)"] }),
        adding,
        ...(data.walls.length > 1 ? [walls] : []),
        el("label", "scb-live", {}, live, el("span", "", {}, ...both("实况预览", "live preview"))),
        el("a", "copy", { href: `/wall/${editor.name}`, target: "_blank" }, ...both("全屏打开", "Open on this screen")),
      );
    },

    /* ---- what is chosen ---- */
    form(editor) {
      const panel = editor.form.panels.find(({ id }) => id === editor.chosen);
      byId("scene-form").replaceChildren(...(panel ? panelForm(editor, panel) : sceneForm(editor)));
    },

    /* What was there; drawn alone when it comes. */
    versions(editor) {
      byId("scene-form").querySelector(".scf-history").replaceChildren(...versions(editor));
    },

    /* ---- what is wrong, what was answered, saving ---- */
    foot(editor) {
      const foot = byId("scene-foot");
      const told = editor.told ? [el("p", `answer ${editor.told.ok ? "good" : "wrong"}`, {}, ...both(...editor.told.said))] : [];
      const faults = editor.faults.slice(0, 4).map(([field, zh, en]) => el("p", "scene-fault", {}, el("code", "", {}, field), " ", ...both(zh, en)));
      const place = foot.querySelector(".scf-told") || el("div", "scf-told");
      place.replaceChildren(...told, ...faults);
      if (!place.isConnected) foot.prepend(place);
      const old = foot.querySelector(".scene-saving");
      const typed = old && old.querySelector("input") === document.activeElement;
      if (typed && editor.differs() && document.activeElement.value === (editor.reason || "")) return;
      if (old) old.remove();
      if (editor.disabled || !editor.differs()) return;
      const reason = el("input", "", { type: "text", maxlength: 500, placeholder: center.spoken("修改原因", "why it is changed"), "aria-label": center.spoken("修改原因", "why it is changed") });
      reason.value = editor.reason || "";
      const save = button(["保存为新版本", "Save as a new version"], () => editor.save(), { look: "copy main" });
      reason.addEventListener("input", () => (editor.reason = reason.value));
      reason.addEventListener("keydown", (event) => event.key === "Enter" && editor.save());
      foot.append(el("div", "scene-saving", {}, el("span", "", {}, ...both("未保存（草稿已保留在本机）", "not saved (the draft is kept here)")), reason, button(["放弃修改", "Drop"], () => editor.drop()), save));
    },

    pickView(editor, view) {
      const room = byId("scene-picker-room");
      const config = center.stage.config;
      const panel = editor.form.panels.find(({ id }) => id === editor.chosen);
      const layers = panel && panel.options.layers;
      const map = new center.MapView({
        id: "scene-picker-map", map: config.map, layers: config.layers, view, language: center.spoken("zh", "en"), motion: false, theme: center.theme.current(),
        hidden: layers ? config.layers.map(({ name }) => name).filter((name) => !layers.includes(name)) : [],
      });
      room.hidden = false;
      return new Promise((resolve) => {
        const done = (found) => {
          room.hidden = true;
          bar.remove();
          map.close();
          document.removeEventListener("keydown", key, true);
          dash_clientside.set_props("scene-picker", { children: [] });
          resolve(found);
        };
        const use = () => {
          const { longitude, latitude, zoom, pitch, bearing } = map.view();
          const round = (value, digits) => Number(value.toFixed(digits));
          done({ longitude: round(longitude, 5), latitude: round(latitude, 5), zoom: round(zoom, 2), pitch: round(pitch, 1), bearing: round(bearing, 1) });
        };
        const key = (event) => event.key === "Escape" && (event.stopPropagation(), done(null));
        const bar = el("div", "scene-picker-bar", {}, el("span", "", {}, ...both("拖动、缩放；按住右键倾斜与旋转", "drag and zoom; tilt and turn with the right button")), button(["取消", "Cancel"], () => done(null)), button(["采用此视野", "Use this view"], use, { look: "copy main" }));
        room.append(bar);
        document.addEventListener("keydown", key, true);
        dash_clientside.set_props("scene-picker", { children: map.component() });
      });
    },
  });

  function card(editor, row) {
    const { form } = row;
    const marks = [];
    if (editor.data.due === row.name) marks.push(el("span", "badge good", {}, ...both("现在应播", "due now")));
    if (form.schedule.length) marks.push(el("span", "badge", {}, ...both("定时", "by schedule")));
    if (form.rotate_s) marks.push(el("span", "badge num", {}, ...both(`轮播 ${form.rotate_s} 秒`, `turn of ${form.rotate_s} s`)));
    marks.push(el("span", "badge", {}, ...(row.shipped ? both("随系统", "shipped") : both(`第 ${row.version} 版`, `version ${row.version}`))));
    const drafted = row.name === editor.name && editor.form ? editor.differs(row) : Boolean(editor.draftOf(row.name));
    if (drafted) marks.push(el("span", "badge notice", {}, ...both("有草稿", "draft")));
    const element = el("button", `scene-card${row.name === editor.name ? " opened" : ""}`, { type: "button", "aria-pressed": String(row.name === editor.name) });
    element.append(thumb(form), el("span", "scene-words", {}, el("b", "", {}, ...both(form.label.zh, form.label.en)), el("span", "quiet", {}, ...both(form.purpose.zh, form.purpose.en)), el("span", "badges", {}, ...marks)));
    element.addEventListener("click", () => editor.open(row.name));
    return element;
  }

  /* The arrangement as a small drawing. */
  function thumb(form) {
    const drawing = el("span", "scene-thumb", { "aria-hidden": "true" });
    const ordered = [...form.panels].sort((a, b) => (a.kind === "map" ? 0 : 1) - (b.kind === "map" ? 0 : 1));
    for (const panel of ordered) {
      const part = el("i", panel.kind === "map" ? "ground" : "");
      center.placePanel(part, panel, form);
      drawing.append(part);
    }
    return drawing;
  }

  const context = (editor, onChange) => ({ offers: editor.data.offers, disabled: editor.disabled, onChange, pickView: (view) => editor.pickView(view) });

  function panelForm(editor, panel) {
    const kind = editor.data.kinds.find(({ name }) => name === panel.kind);
    const { id, x, y, w, h } = panel;
    const head = el("div", "scf-head", {}, el("h2", "", {}, ...both(...(kind ? [kind.zh, kind.en] : [panel.kind, panel.kind]))), el("code", "quiet", {}, id), el("span", "grow"), button(["移除", "Remove"], () => editor.remove(id), { disabled: editor.disabled }));
    const said = kind ? [el("p", "quiet", {}, ...both(...kind.purpose))] : [];
    const place = center.sceneForm(PLACE, { x, y, w, h }, context(editor, (next) => editor.changePanel(id, next)));
    place.classList.add("scf-place");
    const options = kind ? center.sceneForm(kind.fields, panel.options, context(editor, (next) => editor.changePanel(id, { options: next }))) : el("p", "answer wrong", {}, ...both("本中心没有这种面板", "this center has no such kind"));
    return [button(["‹ 场景", "‹ Scene"], () => editor.choose(null), { look: "link" }), head, ...said, place, options];
  }

  function sceneForm(editor) {
    const { form } = editor;
    const fields = center.sceneForm(SCENE, form, context(editor, (next) => editor.change({ ...form, ...next })));
    return [el("h2", "", {}, ...both("场景", "Scene")), fields, el("h3", "", {}, ...both("定时播出", "Shown by schedule")), ...windows(editor), ...more(editor), el("div", "scf-history", {}, ...versions(editor))];
  }

  function windows(editor) {
    const { form, disabled } = editor;
    const put = (schedule) => editor.change({ ...form, schedule });
    const at = (place, change) => put(form.schedule.map((one, n) => (n === place ? { ...one, ...change } : one)));
    const lines = form.schedule.map((one, place) => {
      const time = (name) => {
        const element = el("input", "num scf-time", { type: "text", inputmode: "numeric", maxlength: 5, placeholder: "00:00", "aria-label": center.spoken(name === "begins" ? "开始" : "结束", name) });
        element.value = one[name];
        element.disabled = disabled;
        element.addEventListener("change", () => at(place, { [name]: moment(element.value) }));
        return element;
      };
      const nextDay = one.ends <= one.begins ? [el("span", "quiet", {}, ...both("次日", "next day"))] : [];
      const days = editor.data.days.map((day) => {
        const on = one.days.includes(day);
        const days_ = editor.data.days.filter((other) => (other === day ? !on : one.days.includes(other)));
        const part = button(DAYS[day], () => days_.length && at(place, { days: days_ }), { look: `scf-day${on ? " on" : ""}`, disabled });
        part.setAttribute("aria-pressed", String(on));
        return part;
      });
      return el("div", "scf-window", {}, el("span", "scf-days", {}, ...days), el("span", "scf-times", {}, time("begins"), "–", time("ends"), ...nextDay), button("✕", () => put(form.schedule.filter((_, n) => n !== place)), { disabled, title: ["去掉此时段", "remove this window"] }));
    });
    const fresh = { days: ["mon", "tue", "wed", "thu", "fri"], begins: "07:00", ends: "09:00" };
    return [...lines, button(["增加时段", "Add a window"], () => put([...form.schedule, fresh]), { disabled })];
  }

  /* A time of day as it is written: 9:30 is 09:30, 24 is 24:00; what is no time stays, and the server says so. */
  const moment = (typed) => {
    const [, hour, minute] = /^\s*(\d{1,2})(?:[:：](\d{2}))?\s*$/.exec(typed) || [];
    return hour === undefined ? typed.trim() : `${hour.padStart(2, "0")}:${minute || "00"}`;
  };

  /* Copies, and the way out of the world. */
  function more(editor) {
    if (editor.disabled) return [];
    const row = editor.row(editor.name);
    const name = el("input", "", { type: "text", maxlength: 60, placeholder: "new_name", "aria-label": center.spoken("新场景的代码", "code of the new scene") });
    name.value = editor.copyName || "";
    name.addEventListener("input", () => (editor.copyName = name.value)); // the form may be drawn anew meanwhile
    const copied = button(["复制为新场景", "Duplicate"], () => {
      const code = name.value.trim();
      const { zh, en } = editor.form.label;
      editor.reason = editor.reason || center.spoken(`复制自 ${editor.name}`, `copied from ${editor.name}`);
      editor.act("duplicate", { new: code, zh: `${zh}（副本）`, en: `${en} (copy)`, reason: editor.reason });
    });
    const doomed = row && !row.ships ? [button(["删除场景", "Delete this scene"], () => sure(editor, ["确实要删除这个场景？各版本会保留。", "Delete this scene? Its versions are kept."]) && editor.act("delete", { reason: editor.reason || center.spoken("不再需要", "not needed any more") }), { look: "copy risky" })] : [];
    return [el("h3", "", {}, ...both("副本", "Copies")), el("div", "scf-copy", {}, name, copied), ...doomed];
  }

  const sure = (editor, words) => window.confirm(center.spoken(...words));

  function versions(editor) {
    if (!editor.versions) return [];
    const row = editor.row(editor.name);
    const lines = editor.versions.map((one) => {
      const back = one.version !== row.version && !editor.disabled && !one.gone;
      return el(
        "div", "scf-version", {},
        el("b", "num", {}, ...both(`第 ${one.version} 版`, `version ${one.version}`)),
        el("span", "quiet num", {}, one.at),
        el("span", "", {}, ...both(...one.author)),
        ...(back ? [button(["恢复", "Revert"], () => editor.act("revert", { version: one.version, reason: editor.reason || center.spoken(`恢复第 ${one.version} 版`, `back to version ${one.version}`) }))] : [el("span")]),
        el("p", "quiet", {}, ...both(...one.reason)),
      );
    });
    const shipped = row && row.ships && !row.shipped && !editor.disabled ? [button(["恢复为随系统提供的样子", "Back to what ships"], () => editor.act("shipped", { reason: editor.reason || center.spoken("恢复为随系统提供的样子", "back to what ships") }))] : [];
    return [el("h3", "", {}, ...both("版本", "Versions")), ...shipped, el("div", "scf-versions", {}, ...lines)];
  }
})();
