/* What a line of the log says beside the text that somebody wrote, in both languages. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const join = (parts, between = " · ") => parts.flatMap((part, place) => (place ? [between, ...part] : part));

  /* A fact's value as people say it, as nodes. */
  const VALUES = {
    type: (value) => t.label(t.type(value)),
    level: (value) => t.both(`level_${value}`),
    lead_department: (value) => (value ? t.label(t.named("departments", value)) : ["—"]),
    district: (value) => (value ? t.label(t.named("districts", value)) : ["—"]),
    departments: (value) => (value.length ? join(value.map((code) => t.label(t.named("departments", code)))) : ["—"]),
    occurred_us: (value) => [t.moment(value, true)],
    places: (value) => t.both("places_n", value.length),
    area: (value) => t.both(value ? "area_is" : "area_none"),
    casualties: (value) => join(Object.entries(value).filter(([, count]) => count).map(([name, count]) => [...t.both(`casualties_${name}`), ` ${count}`])).concat(Object.values(value).some(Boolean) ? [] : ["0"]),
  };
  center.incidentValue = (name, value) => (VALUES[name] ? VALUES[name](value) : [String(value || "—")]);

  const changed = (detail) =>
    Object.entries(detail).map(([name, { from, to }]) => el("span", "incident-fact", {}, ...t.both(`fact_${name}`), ": ", ...(["description", "places", "area", "lessons"].includes(name) ? center.incidentValue(name, to) : [el("s", "", {}, ...center.incidentValue(name, from)), " → ", el("b", "", {}, ...center.incidentValue(name, to))])));

  const link = (kind, what) => {
    if (kind === "alarms") return [el("a", "", { href: `/alarms/${what}` }, ...t.both("alarm_n", what))];
    if (kind === "links" || kind === "incident") return [el("a", "", { href: `/incidents/${what}` }, ...t.both("incident_n", what))];
    if (kind === "cameras") return [el("a", "", { href: `/things/${what}` }, ...t.both("camera_n", what))];
    return t.both("file_n", String(what).slice(0, 8));
  };
  /* A file by its name; where there is no room around the line, it can't be opened. */
  const file = (hash, name, room) => (room.id ? [el("a", "", { href: `/api/incidents/${room.id}/files/${hash}`, download: name }, name)] : [name]);
  center.incidentLink = link;

  const taskOf = (detail, room) => {
    const task = room.tasks.find(({ id }) => id === Number(detail.task));
    return task ? t.label(task.title) : detail.title && detail.title.zh ? t.label(detail.title) : t.both("task_n", detail.task);
  };

  /* A plan names its drawings as their kind is called: once is enough. */
  const drawing = (detail) => [...t.both(`drawing_${detail.kind}`), ...(detail.label && !t.pair(`drawing_${detail.kind}`).includes(detail.label) ? [" “", ...t.label(t.drawn(detail)), "”"] : [])];

  const SAYINGS = {
    opened: ({ commander }) => [...t.both("commander"), ": ", ...t.label(t.person(commander))],
    changed,
    command_handed_over: ({ from, to }) => [el("s", "", {}, ...t.label(t.person(from))), " → ", el("b", "", {}, ...t.label(t.person(to)))],
    linked: ({ kind, what, name }, room) => (name ? file(what[0], name, room) : join(what.map((one) => link(kind, one)))),
    unlinked: ({ kind, what }) => join(what.map((one) => link(kind, one))),
    merged: ({ into, from }) => (into ? [...t.both("merged_into"), " ", ...link("links", into)] : [...t.both("merged_from"), " ", ...link("links", from)]),
    split: ({ to, alarms }) => [...link("links", to), " · ", ...t.both("alarms_n", (alarms || []).length)],
    plan_opened: ({ plan, version, tasks }) => [...t.label((t.plans && t.plans[plan]) || plan), ` v${version} · `, ...t.both("tasks_n", tasks)],
    task: (detail, room) => [el("b", "", {}, ...taskOf(detail, room)), " · ", ...t.both(`did_${detail.did}`), ...(detail.department && detail.did === "assigned" ? [" → ", ...t.label(t.named("departments", detail.department)), detail.person ? ` ${detail.person}` : ""] : [])],
    resource: (detail) => [el("b", "", {}, ...(detail.unit && !detail.store ? center.incidentUnit(detail.unit) : [`${detail.item || ""} ${detail.quantity || ""} ${detail.unit || ""}`])), " · ", ...t.both(`unit_${detail.did}`), ...(detail.eta_us ? [" · ", ...t.both("eta", t.time(detail.eta_us))] : [])],
    drawn: (detail) => drawing(detail),
    erased: (detail) => drawing(detail),
  };

  center.incidentLine = (line, room) => {
    const say = SAYINGS[line.act];
    return say && Object.keys(line.detail).length ? say(line.detail, room) : [];
  };
})();
