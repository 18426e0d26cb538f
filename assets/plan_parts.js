/* What stands around the graph of a plan: the list, the bar, the form, the foot, versions and what is different. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const both = (...given) => center.both(...given);
  const LEVELS = [[1, "Ⅰ级", "level I"], [2, "Ⅱ级", "level II"], [3, "Ⅲ级", "level III"], [4, "Ⅳ级", "level IV"]];
  const KINDS = ["cordon", "evacuation", "staging", "closure"];
  const field = (name, zh, en, kind, more = {}) => ({ name, zh, en, kind, default: null, nullable: false, required: true, ...more });
  const levels = field("levels", "级别", "levels", "list", { offers: "levels", item: { kind: "number" } });
  const words = (name, zh, en) => field(name, zh, en, "list", { item: { kind: "words", long: false } });
  const share = (level, zh, en) => field(String(level), zh, en, "number", { low: 0.05, high: 1, whole: false, required: false });
  const STEP = [
    field("title", "名称", "title", "words"),
    field("text", "要做什么", "what to do", "words", { long: true }),
    field("department", "部门", "department", "text", { offers: "departments", most: 64 }),
    field("accept_minutes", "接受时限（分钟）", "to be accepted within, minutes", "number", { low: 1, high: 10080, whole: false }),
    field("done_minutes", "完成时限（分钟）", "to be done within, minutes", "number", { low: 1, high: 10080, whole: false }),
    field("after", "前置步骤", "comes after", "list", { offers: "steps", item: { kind: "text" } }),
    levels,
    field("faster", "各级别的时限比例（1 为全部时间）", "share of the time at a level (1: all of it)", "group", { required: false, fields: LEVELS.map(([level, zh, en]) => share(level, zh, en)) }),
    field("units", "需要的队伍", "kinds of units that it wants", "list", { offers: "units", item: { kind: "text" } }),
    field("id", "步骤编号", "code of the step", "text", { most: 64 }),
  ];
  const PLAN = [
    field("label", "名称", "name", "words"),
    field("types", "事件类型", "types of incidents", "list", { offers: "types", item: { kind: "text" } }),
    levels,
    words("objectives", "处置目标（按先后）", "objectives, in order"),
    words("hazards", "对处置人员的危险", "hazards for those who help"),
    field("drawings", "启动时标绘", "drawn when it is opened", "list", { item: { kind: "group", fields: [field("kind", "类别", "kind", "choice", { choices: KINDS }), field("radius_m", "半径（米）", "radius, metres", "number", { low: 1, high: 20000, whole: false }), field("label", "名称", "name", "words"), levels] } }),
    field("sources", "依据", "sources", "list", { item: { kind: "text" } }),
  ];

  const button = (said, then, { look = "copy", disabled = false, title } = {}) => {
    const element = el("button", look, { type: "button", ...(title ? { title: center.spoken(...title), "aria-label": center.spoken(...title) } : {}) }, ...(Array.isArray(said) ? both(...said) : [said]));
    element.disabled = disabled;
    element.addEventListener("click", then);
    return element;
  };

  const nameIn = (list, code) => {
    const found = list.find(([one]) => one === code);
    return found ? center.spoken(found[1], found[2]) : code;
  };

  const parts = (center.planParts = {
    department: (editor, code) => nameIn(editor.data.departments, code),

    list(editor) {
      const roots = new Map();
      const top = (code) => {
        const found = editor.data.types.find(([one]) => one === code);
        return found && found[3] ? top(found[3]) : code;
      };
      for (const row of editor.data.plans) {
        const root = top(row.form.types[0]);
        roots.set(root, [...(roots.get(root) || []), row]);
      }
      byId("plan-list").replaceChildren(...[...roots].flatMap(([root, rows]) => [el("h2", "plan-kind", {}, nameIn(editor.data.types, root)), ...rows.map((row) => card(editor, row))]));
    },

    bar(editor) {
      const { form, disabled } = editor;
      const row = editor.row(editor.name);
      const level = el("select", "", { "aria-label": center.spoken("按级别查看", "as at a level") }, ...[[0, "各级别", "all levels"], ...LEVELS].map(([one, zh, en]) => el("option", "", { value: String(one) }, center.spoken(zh, en))));
      level.value = String(editor.level);
      level.addEventListener("change", () => ((editor.level = Number(level.value)), editor.paint({ keepForm: true })));
      const why = () => editor.reason || center.spoken(row.enabled ? "停用" : "启用", row.enabled ? "disabled" : "enabled");
      byId("plan-bar").replaceChildren(
        el("b", "plan-name", {}, ...both(form.label.zh, form.label.en)),
        el("span", "grow"),
        level,
        button("↶", () => editor.undo("undone", "redone"), { disabled: !editor.undone.length, title: ["撤销（Ctrl+Z）", "undo (Ctrl+Z)"] }),
        button("↷", () => editor.undo("redone", "undone"), { disabled: !editor.redone.length, title: ["重做（Ctrl+Y）", "redo (Ctrl+Y)"] }),
        button(["＋ 步骤", "+ Step"], () => editor.addStep(), { disabled }),
        button(row.enabled ? ["停用预案", "Disable"] : ["启用预案", "Enable"], () => editor.act(row.enabled ? "disable" : "enable", { reason: why() }), { disabled: disabled || editor.differs() }),
      );
    },

    form(editor) {
      byId("plan-form").replaceChildren(...(editor.chosen === null ? planForm(editor) : stepForm(editor, editor.chosen)));
      parts.marks(editor);
    },

    /* What was there; drawn alone when it comes. */
    versions(editor) {
      byId("plan-form").querySelector(".plan-history").replaceChildren(...versions(editor));
    },

    /* Says at the field itself what is wrong with it. */
    marks(editor) {
      const form = byId("plan-form");
      form.querySelectorAll(".plan-fault").forEach((one) => one.remove());
      const inside = editor.chosen === null ? "" : `steps[${editor.chosen}].`;
      for (const [at, zh, en] of editor.faults) {
        if (!at.startsWith(inside) || (!inside && at.startsWith("steps"))) continue;
        const named = /^[a-z_]+/.exec(at.slice(inside.length));
        const row = named && form.querySelector(`.scf > [data-field="${named[0]}"]`);
        if (row) row.append(el("span", "plan-fault", { role: "alert" }, ...both(zh, en)));
      }
    },

    foot(editor) {
      const foot = byId("plan-foot");
      const told = editor.told ? [el("p", `answer ${editor.told.ok ? "good" : "wrong"}`, {}, ...both(...editor.told.said))] : [];
      const faults = editor.faults.slice(0, 4).map(([at, zh, en]) => {
        const place = /^steps\[(\d+)\]/.exec(at);
        const step = place && editor.form.steps[Number(place[1])];
        const where = step ? button([step.title.zh || step.id, step.title.en || step.id], () => editor.choose(Number(place[1])), { look: "link" }) : el("code", "", {}, at);
        return el("p", "plan-fault", {}, where, " ", ...both(zh, en));
      });
      const room = foot.querySelector(".plan-told") || el("div", "plan-told");
      room.replaceChildren(...told, ...faults);
      if (!room.isConnected) foot.prepend(room);
      const old = foot.querySelector(".plan-saving");
      const typed = old && old.querySelector("input") === document.activeElement;
      if (typed && editor.differs() && document.activeElement.value === (editor.reason || "")) return;
      if (old) old.remove();
      if (editor.disabled || !editor.differs()) return;
      const reason = el("input", "", { type: "text", maxlength: 500, placeholder: center.spoken("修改原因", "why it is changed"), "aria-label": center.spoken("修改原因", "why it is changed") });
      reason.value = editor.reason || "";
      reason.addEventListener("input", () => (editor.reason = reason.value));
      reason.addEventListener("keydown", (event) => event.key === "Enter" && editor.save());
      const save = button(["保存为新版本", "Save as a new version"], () => editor.save(), { look: "copy main" });
      foot.append(el("div", "plan-saving", {}, el("span", "", {}, ...both("未保存（草稿已保留在本机）", "not saved (the draft is kept here)")), reason, button(["放弃修改", "Drop"], () => editor.drop()), save));
    },
  });

  function card(editor, row) {
    const { form } = row;
    const marks = [el("span", "badge", {}, form.levels.map((level) => ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"][level - 1]).join(" ")), el("span", "badge num", {}, ...both(`${form.steps.length} 步`, `${form.steps.length} steps`))];
    marks.push(el("span", "badge", {}, ...(row.shipped ? both("随系统", "shipped") : both(`第 ${row.version} 版`, `version ${row.version}`))));
    if (!row.enabled) marks.push(el("span", "badge notice", {}, ...both("已停用", "disabled")));
    const drafted = row.name === editor.name && editor.form ? editor.differs(row) : Boolean(editor.draftOf(row.name));
    if (drafted) marks.push(el("span", "badge notice", {}, ...both("有草稿", "draft")));
    const element = el("button", `plan-card${row.name === editor.name ? " opened" : ""}`, { type: "button", "aria-pressed": String(row.name === editor.name) }, el("b", "", {}, ...both(form.label.zh, form.label.en)), el("span", "badges", {}, ...marks));
    element.addEventListener("click", () => editor.open(row.name));
    return element;
  }

  const context = (editor, onChange) => {
    const steps = editor.form.steps.filter((_, place) => place !== editor.chosen).map(({ id, title }) => [id, title.zh, title.en]);
    const { departments, units, types } = editor.data;
    return { offers: { departments, units, types: types.map(([code, zh, en]) => [code, zh, en]), levels: LEVELS, steps }, disabled: editor.disabled, onChange };
  };

  function stepForm(editor, place) {
    const step = editor.form.steps[place];
    const head = el("div", "plan-head", {}, el("h2", "", {}, ...both(step.title.zh, step.title.en)), el("span", "grow"), button(["移除", "Remove"], () => editor.removeStep(place), { disabled: editor.disabled }));
    return [button(["‹ 整个预案", "‹ The plan"], () => editor.choose(null), { look: "link" }), head, center.sceneForm(STEP, step, context(editor, (next) => editor.changeStep(place, { ...step, ...next })))];
  }

  function planForm(editor) {
    const fields = center.sceneForm(PLAN, editor.form, context(editor, (next) => editor.change({ ...editor.form, ...next })));
    return [el("h2", "", {}, ...both("预案", "Plan")), fields, el("div", "plan-history", {}, ...versions(editor))];
  }

  function versions(editor) {
    if (!editor.versions) return [];
    const row = editor.row(editor.name);
    const lines = editor.versions.flatMap((one) => {
      const mine = !editor.disabled && one.version !== row.version;
      const compare = one.form ? [button(["比较", "Compare"], () => ((editor.compared = editor.compared === one.version ? 0 : one.version), editor.paint()))] : [];
      const back = mine ? [button(["恢复", "Revert"], () => editor.act("revert", { version: one.version, reason: editor.reason || center.spoken(`恢复第 ${one.version} 版`, `back to version ${one.version}`) }))] : [];
      const line = el("div", "plan-version", {}, el("b", "num", {}, ...both(`第 ${one.version} 版`, `version ${one.version}`)), el("span", "quiet num", {}, one.at), el("span", "", {}, ...both(...one.author)), el("span", "grow"), ...compare, ...back, el("p", "quiet", {}, ...both(...one.reason)));
      return editor.compared === one.version ? [line, difference(editor, one)] : [line];
    });
    const shipped = row.ships && !row.shipped && !editor.disabled ? [button(["恢复为随系统提供的样子", "Back to what ships"], () => editor.act("shipped", { reason: editor.reason || center.spoken("恢复为随系统提供的样子", "back to what ships") }))] : [];
    return [el("h3", "", {}, ...both("版本", "Versions")), ...shipped, el("div", "plan-versions", {}, ...lines)];
  }

  /* ---- what is different ---- */

  /* A plan as lines: where → what. Steps stand under their code, so that one more step moves nothing. */
  function flat(value, where, found) {
    if (Array.isArray(value)) value.forEach((one, at) => flat(one, `${where}[${one && one.id ? one.id : at + 1}]`, found));
    else if (value && typeof value === "object") for (const [name, one] of Object.entries(value)) flat(one, where ? `${where}.${name}` : name, found);
    else found.set(where, String(value));
    return found;
  }

  function difference(editor, one) {
    const [old, now] = [flat({ ...one.form, version: null }, "", new Map()), flat({ ...editor.form, version: null }, "", new Map())];
    const changed = [...new Set([...old.keys(), ...now.keys()])].filter((where) => old.get(where) !== now.get(where));
    const lines = changed.slice(0, 60).map((where) => el("p", "plan-change", {}, el("code", "", {}, where), ...(old.has(where) ? [el("del", "", {}, old.get(where))] : []), ...(now.has(where) ? [el("ins", "", {}, now.get(where))] : [])));
    const said = changed.length ? both(`第 ${one.version} 版 → 现在的草稿：${changed.length} 处不同`, `version ${one.version} → what is here now: ${changed.length} differences`) : both("与现在相同", "the same as now");
    return el("div", "plan-diff", {}, el("p", "quiet", {}, ...said), ...lines);
  }
})();
