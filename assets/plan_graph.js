/* The steps of a plan as a graph: a lane for each department, a column for each wave, lines from what is done before.

   opsCenter.planGraph(holder, editor): every step is a button; its times are by the deadlines of the plan. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const el = (...given) => center.el(...given);
  const SVG = "http://www.w3.org/2000/svg";
  const [NAME, WIDE, GAP, HIGH, BETWEEN, PAD] = [8.5, 11, 2.6, 4.4, 0.7, 0.6]; // rem

  /* Waves and times: a step is one wave behind the last of those before it; circles stand where they are met. */
  function ordered(steps, level) {
    const byId = new Map(steps.map((step) => [step.id, step]));
    const done = new Map();
    const share = (step) => (level && step.faster && step.faster[level]) || 1;
    const of = (id, above) => {
      if (done.has(id)) return done.get(id);
      if (above.has(id)) return { wave: 0, ends: 0 };
      const step = byId.get(id);
      const before = (step.after || []).filter((other) => byId.has(other)).map((other) => of(other, new Set([...above, id])));
      const begins = Math.max(0, ...before.map(({ ends }) => ends));
      const found = { wave: before.length ? 1 + Math.max(...before.map(({ wave }) => wave)) : 0, begins, ends: begins + (Number(step.done_minutes) || 0) * share(step) };
      done.set(id, found);
      return found;
    };
    steps.forEach(({ id }) => of(id, new Set()));
    return done;
  }

  const minutes = (value) => (value < 120 ? `${Math.round(value)} min` : `${Math.round(value / 6) / 10} h`);

  center.planGraph = function (holder, editor) {
    const { steps } = editor.form;
    const times = ordered(steps, editor.level);
    const lanes = [...new Set(steps.map(({ department }) => department))];
    const placed = new Map();
    let top = 0;
    const heads = lanes.map((department) => {
      const counts = new Map();
      steps.forEach((step, place) => {
        if (step.department !== department) return;
        const { wave } = times.get(step.id);
        const row = counts.get(wave) || 0;
        counts.set(wave, row + 1);
        placed.set(place, { x: NAME + wave * (WIDE + GAP), y: top + PAD + row * (HIGH + BETWEEN) });
      });
      const high = Math.max(...counts.values()) * (HIGH + BETWEEN) - BETWEEN + 2 * PAD;
      const lane = el("div", "plan-lane", { style: `top:${top}rem;height:${high}rem` }, el("span", "", {}, center.planParts.department(editor, department)));
      top += high;
      return lane;
    });
    const wide = NAME + (1 + Math.max(...[...times.values()].map(({ wave }) => wave))) * (WIDE + GAP);
    const kept = document.activeElement && holder.contains(document.activeElement) ? document.activeElement.dataset.place : null;
    const board = el("div", "plan-board", { style: `width:${wide}rem;height:${top}rem` }, ...heads, lines(steps, placed, wide, top), ...steps.map((step, place) => box(editor, step, place, placed.get(place), times.get(step.id))));
    holder.setAttribute("aria-label", center.spoken("步骤与先后", "steps and their order"));
    holder.replaceChildren(board);
    const again = kept && holder.querySelector(`[data-place="${kept}"]`);
    if (again) again.focus();
  };

  function box(editor, step, place, { x, y }, time) {
    const off = editor.level && !(step.levels || [1, 2, 3, 4]).includes(editor.level);
    const wrong = editor.faulty.has(place);
    const look = ["plan-step", place === editor.chosen ? "chosen" : "", wrong ? "wrong" : "", off ? "off" : ""].filter(Boolean).join(" ");
    const words = [el("b", "", {}, ...center.both(step.title.zh || "—", step.title.en || "—")), el("span", "plan-when num", {}, `${minutes(time.begins || 0)} → ${minutes(time.ends)}`)];
    if (off) words.push(el("span", "plan-said", {}, ...center.both("此级别不执行", "not at this level")));
    if (wrong) words.push(el("span", "plan-said bad", {}, ...center.both("有误", "not right")));
    const element = el("button", look, { type: "button", "data-place": String(place), "aria-pressed": String(place === editor.chosen), style: `left:${x}rem;top:${y}rem` }, ...words);
    element.addEventListener("click", () => editor.choose(place));
    return element;
  }

  function lines(steps, placed, wide, high) {
    const drawing = document.createElementNS(SVG, "svg");
    drawing.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    drawing.setAttribute("preserveAspectRatio", "xMinYMin meet"); // the board may be wider than its steps
    drawing.setAttribute("class", "plan-lines");
    drawing.setAttribute("aria-hidden", "true");
    const byId = new Map(steps.map((step, place) => [step.id, place]));
    steps.forEach((step, place) => {
      for (const id of step.after || []) {
        if (!byId.has(id) || byId.get(id) === place) continue;
        const from = placed.get(byId.get(id));
        const to = placed.get(place);
        const [x1, y1, x2, y2] = [from.x + WIDE, from.y + HIGH / 2, to.x - 0.35, to.y + HIGH / 2];
        const bend = Math.min(1.6, Math.max(0.7, (x2 - x1) / 2));
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}M${x2 - 0.45} ${y2 - 0.3}L${x2 + 0.1} ${y2}L${x2 - 0.45} ${y2 + 0.3}`);
        drawing.append(path);
      }
    });
    return drawing;
  }
})();
