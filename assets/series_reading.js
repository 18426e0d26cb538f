/* A chart in words: what each series was at a moment, and the whole of it as a table that needs no eyes for colours. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const MOST_ROWS = 400;
  const language = () => (document.documentElement.dataset.language === "en" ? 1 : 0);
  const el = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  function oddities(flags, words) {
    return words.flags.filter(([bit]) => flags & bit).map(([, zh, en]) => [zh, en][language()]);
  }

  function nearest(series, ms) {
    let best = null;
    for (const row of series.rows) if (!best || Math.abs(row.x - ms) < Math.abs(best.x - ms)) best = row;
    const silent = series.gaps.some(([from, to]) => from <= ms && ms <= to);
    return silent ? null : best;
  }

  /* What stands beside the cursor. */
  center.readSeries = (chart, ms, x) => {
    const { shown, words, readout } = chart;
    readout.replaceChildren(el("b", "num", chart.time.text(ms, shown.to - shown.from < 2 * 86400e3)));
    for (const series of shown.series) {
      const row = nearest(series, ms);
      const line = el("div", `chart-read s${(series.place % 4) + 1}`);
      const letter = shown.series.length > 1 ? `${String.fromCharCode(65 + series.place)} ` : "";
      line.append(el("i", "", letter || "●"), el("span", "", series.label[language()]));
      line.append(el("b", "num", row ? `${center.chartNumber(row.mean)} ${series.unit}` : words.gap[language()]));
      if (row && row.high > row.low) line.append(el("span", "quiet num", `${center.chartNumber(row.low)} – ${center.chartNumber(row.high)}`));
      if (row && oddities(row.flags, words).length) line.append(el("span", "chart-odd-text", `▾ ${oddities(row.flags, words).join(" ")}`));
      const half = (shown.to - shown.from) / Math.max(shown.width, 1) * 6;
      for (const [at, was] of series.revisions) if (Math.abs(at - ms) < half) line.append(el("span", "quiet", `◇ ${words.was[language()]} ${center.chartNumber(was)}`));
      readout.append(line);
    }
    for (const alarm of shown.alarms) if (alarm.from <= ms && ms <= (alarm.to || shown.now)) readout.append(el("div", `chart-read p${alarm.p}`, `⚑${alarm.p} ${[alarm.zh, alarm.en][language()]}`));
    readout.hidden = false;
    const room = chart.holder.clientWidth - readout.offsetWidth;
    readout.style.left = `${Math.min(Math.max(0, x > room - 24 ? x - readout.offsetWidth - 14 : x + 14), Math.max(0, room))}px`;
  };

  /* The rows that are drawn, newest first; gaps are rows of their own. */
  center.seriesTable = (chart) => {
    const { shown, words } = chart;
    const table = el("table", "list chart-table");
    const head = el("tr");
    for (const name of words.columns) head.append(Object.assign(el("th", "", name[language()]), { scope: "col" }));
    table.append(el("thead"), el("tbody"));
    table.tHead.append(head);
    const lines = shown.series.flatMap((series) => [
      ...series.rows.map((row) => [row.begin, series, row]),
      ...series.gaps.map(([from, to]) => [from, series, null, to]),
    ]);
    lines.sort((one, other) => other[0] - one[0]);
    for (const [at, series, row, to] of lines.slice(0, MOST_ROWS)) {
      const cells = row
        ? [chart.time.text(at), series.label[language()], `${center.chartNumber(row.mean)} ${series.unit}`, row.high > row.low ? `${center.chartNumber(row.low)} – ${center.chartNumber(row.high)}` : "", String(row.n), words.grains[row.grain][language()], oddities(row.flags, words).join(" ")]
        : [chart.time.text(at), series.label[language()], `${words.gap[language()]} → ${chart.time.text(to)}`, "", "0", "", ""];
      const line = el("tr");
      cells.forEach((cell, n) => line.append(el("td", n === 1 || n > 4 ? "" : "num", cell)));
      table.tBodies[0].append(line);
    }
    const more = lines.length - MOST_ROWS;
    return more > 0 ? [table, el("p", "quiet", words.more[language()].replace("{0}", String(more)))] : [table];
  };
})();
