"""What people do to an incident: each command returns the incident as it becomes with its lines, or says why not.

Pure. Called by ``ops_center.services`` with rows that are locked, so that everybody's command meets the incident as it
is then. Two people who change different facts both succeed; who changes a fact that somebody else changed since they
looked is told so (``Incident.touched``). Remarks never conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ops_center.domain.text import Label
from ops_center.incidents.changing import Said, changed
from ops_center.incidents.facts import FACTS, LONGEST_TEXT, fault_of, plain
from ops_center.incidents.incident import LED, Act, Change, Incident, Outcome, Refusal, State
from ops_center.incidents.joining import taken_over
from ops_center.incidents.parts import released

MOST_LINKED = 1000

Answer = Change | Refusal

CLOSED = Refusal("closed", Label("事件已结案", "the incident is closed"))
_TEXT = Refusal(
    "text", Label(f"须填写文字，不超过{LONGEST_TEXT}字", f"a text of at most {LONGEST_TEXT} characters is wanted")
)
_REASON = Refusal("reason", Label("须填写理由", "a reason is wanted"))
NOTHING = Refusal("same", Label("没有变化", "nothing would change"))
_SELF = Refusal("self", Label("不能与自身合并或关联", "an incident can't be joined to itself"))


def report(incident: Incident, text: str = "") -> Answer:
    """Return a new incident with its first line; the caller gives it an id and says what is known."""
    if fault := fault_of(incident):
        return fault
    said = Said(Act.REPORTED, incident.reported_by, incident.reported_us, text)
    return changed(replace(incident, state=State.REPORTED, version=0), {}, said)


def verify(incident: Incident, who: str, now_us: int, text: str = "") -> Answer:
    """Say that it is so."""
    said = Said(Act.VERIFIED, who, now_us, text)
    return _moved(incident, {State.REPORTED}, said, State.VERIFIED, {"verified_us": now_us})


def dismiss(incident: Incident, who: str, now_us: int, reason: str) -> Answer:
    """Close what was reported in error."""
    if not reason.strip():
        return _REASON
    changes = {"closed_us": now_us, "outcome": Outcome.FALSE, "units": released(incident.units, now_us)}
    said = Said(Act.CLOSED, who, now_us, reason)
    return _moved(incident, {State.REPORTED, State.VERIFIED}, said, State.CLOSED, changes)


def open_(incident: Incident, who: str, now_us: int, commander: str, text: str = "") -> Answer:
    """Set up command; what was only reported is verified by it."""
    if not commander:
        return Refusal("commander", Label("须指定指挥员", "a commander is wanted"))
    if not incident.lead_department:
        return Refusal("lead", Label("须指定牵头部门", "a leading department is wanted"))
    changes = {"commander": commander, "opened_us": now_us, "verified_us": incident.verified_us or now_us}
    said = Said(Act.OPENED, who, now_us, text, {"commander": commander})
    return _moved(incident, {State.REPORTED, State.VERIFIED}, said, State.OPEN, changes)


def contain(incident: Incident, who: str, now_us: int, text: str = "") -> Answer:
    """Say that it grows no more."""
    said = Said(Act.CONTAINED, who, now_us, text)
    return _moved(incident, {State.OPEN, State.REOPENED}, said, State.CONTAINED, {"contained_us": now_us})


def resolve(incident: Incident, who: str, now_us: int, unfinished: int, text: str = "") -> Answer:
    """Say that nothing is left to do on the ground; ``unfinished``: tasks that are neither done nor cancelled."""
    if unfinished:
        left = Label(f"还有{unfinished}项任务未完成或取消", f"{unfinished} tasks are neither done nor cancelled")
        return Refusal("tasks", left)
    said = Said(Act.RESOLVED, who, now_us, text)
    return _moved(incident, LED, said, State.RESOLVED, {"resolved_us": now_us})


def close(incident: Incident, who: str, now_us: int, lessons: str) -> Answer:
    """End it on paper: it becomes a case, with what it teaches. Units that it still holds are free again."""
    if not lessons.strip() or len(lessons) > LONGEST_TEXT:
        return _TEXT
    changes = {"closed_us": now_us, "outcome": Outcome.HANDLED, "lessons": lessons}
    changes["units"] = released(incident.units, now_us)
    return _moved(incident, {State.RESOLVED}, Said(Act.CLOSED, who, now_us, lessons), State.CLOSED, changes)


def reopen(incident: Incident, who: str, now_us: int, reason: str) -> Answer:
    """Lead again what was thought to be over; what was merged into another is led there."""
    if not reason.strip():
        return _REASON
    if incident.outcome is Outcome.MERGED:
        return Refusal(
            "merged", Label(f"已并入事件{incident.merged_into}", f"it was merged into {incident.merged_into}")
        )
    changes = {
        "resolved_us": 0, "closed_us": 0, "contained_us": 0, "outcome": Outcome.NONE, "reopened": incident.reopened + 1,
        "opened_us": incident.opened_us or now_us, "verified_us": incident.verified_us or now_us,
        "commander": incident.commander or who,
    }  # fmt: skip
    before = {State.CONTAINED, State.RESOLVED, State.CLOSED}
    return _moved(incident, before, Said(Act.REOPENED, who, now_us, reason), State.REOPENED, changes)


def change(incident: Incident, who: str, now_us: int, seen: int, facts: Mapping[str, Any], text: str = "") -> Answer:
    """Change facts, as of the version ``seen``: refused where one of them was changed since.

    ``facts``: names of :data:`FACTS` → values of the types of ``Incident``.
    """
    if incident.is_closed:
        return CLOSED
    unknown = sorted(set(facts) - set(FACTS))
    if unknown:
        raise ValueError(f"not facts of an incident: {', '.join(unknown)}")
    new = {name: value for name, value in facts.items() if getattr(incident, name) != value}
    if not new:
        return NOTHING
    if passed := sorted(name for name in new if incident.touched.get(name, 0) > seen):
        return Refusal(
            "passed", Label(f"他人已先行修改：{'、'.join(passed)}", f"somebody changed it first: {', '.join(passed)}")
        )
    after = replace(incident, **new)
    if fault := fault_of(after):
        return fault
    detail = {name: {"from": plain(getattr(incident, name)), "to": plain(value)} for name, value in new.items()}
    return changed(incident, new, Said(Act.CHANGED, who, now_us, text, detail))


def hand_over_command(incident: Incident, who: str, now_us: int, commander: str, text: str) -> Answer:
    """Give the command to somebody else, with what they need to know."""
    if not incident.is_led:
        return wrong(incident)
    if commander in {"", incident.commander}:
        return NOTHING
    if not text.strip() or len(text) > LONGEST_TEXT:
        return _TEXT
    detail = {"from": incident.commander, "to": commander}
    said = Said(Act.COMMAND, who, now_us, text, detail, (commander,))
    return changed(incident, {"commander": commander}, said)


def note(incident: Incident, who: str, now_us: int, text: str, at_us: int | None = None, corrects: int = 0) -> Answer:
    """Write a line, also of what is closed; ``at_us``: when it happened; ``corrects``: id of a line that was wrong.

    ``@account`` in the text mentions somebody.
    """
    if not text.strip() or len(text) > LONGEST_TEXT:
        return _TEXT
    if at_us is not None and at_us > now_us:
        return Refusal("future", Label("发生时间不能晚于现在", "it can't have happened later than now"))
    act = Act.CORRECTED if corrects else Act.NOTED
    detail = {"corrects": corrects} if corrects else {}
    return changed(incident, {}, Said(act, who, now_us if at_us is None else at_us, text, detail))


def link(incident: Incident, who: str, now_us: int, kind: str, what: Iterable[Any]) -> Answer:
    """Link alarms, cameras, files or other incidents (``links``)."""
    held: tuple[Any, ...] = getattr(incident, kind)
    new = tuple(one for one in dict.fromkeys(what) if one not in held)
    if kind == "links" and incident.id in new:
        return _SELF
    if not new:
        return NOTHING
    if len(held) + len(new) > MOST_LINKED:
        return Refusal("many", Label(f"最多关联{MOST_LINKED}项", f"at most {MOST_LINKED} can be linked"))
    said = Said(Act.LINKED, who, now_us, detail={"kind": kind, "what": list(new)})
    return changed(incident, {kind: held + new}, said)


def unlink(incident: Incident, who: str, now_us: int, kind: str, what: Any) -> Answer:
    """Take a link back; the line that made it stays."""
    held: tuple[Any, ...] = getattr(incident, kind)
    if what not in held:
        return NOTHING
    rest = tuple(one for one in held if one != what)
    return changed(incident, {kind: rest}, Said(Act.UNLINKED, who, now_us, detail={"kind": kind, "what": [what]}))


def merge(incident: Incident, into: Incident, who: str, now_us: int, reason: str) -> tuple[Change, Change] | Refusal:
    """Close ``incident`` as a part of ``into``, which takes over what it holds, its units and drawings as well.

    Tasks move by the caller. Returns what becomes of the two, in this order.
    """
    if incident.id == into.id:
        return _SELF
    if incident.is_closed or into.is_closed:
        return CLOSED
    if not reason.strip():
        return _REASON
    end = {"state": State.CLOSED, "closed_us": now_us, "outcome": Outcome.MERGED, "merged_into": into.id, "stocks": ()}
    end["units"] = released(incident.units, now_us)
    gone = changed(incident, end, Said(Act.MERGED, who, now_us, reason, {"into": into.id}))
    lists = ("alarms", "cameras", "files", "departments", "places")
    joined = {name: tuple(dict.fromkeys((*getattr(into, name), *getattr(incident, name)))) for name in lists}
    joined |= taken_over(incident, into)
    joined["links"] = tuple(one for one in dict.fromkeys((*into.links, *incident.links, incident.id)) if one != into.id)
    kept = changed(into, joined, Said(Act.MERGED, who, now_us, reason, {"from": incident.id}))
    return gone, kept


def split(
    incident: Incident, new: Incident, who: str, now_us: int, alarms: Iterable[int], reason: str
) -> tuple[Change, Change] | Refusal:
    """Make ``new`` (with an id, reported) of a part of ``incident``: these alarms move. Returns both, the old first."""
    moved = tuple(one for one in dict.fromkeys(alarms) if one in incident.alarms)
    if incident.is_closed:
        return CLOSED
    if not reason.strip():
        return _REASON
    rest = tuple(one for one in incident.alarms if one not in moved)
    links = tuple(dict.fromkeys((*incident.links, new.id)))
    said = Said(Act.SPLIT, who, now_us, reason, {"to": new.id, "alarms": list(moved)})
    old = changed(incident, {"alarms": rest, "links": links}, said)
    begun = report(replace(new, alarms=moved, split_from=incident.id, links=(incident.id,)), reason)
    return begun if isinstance(begun, Refusal) else (old, begun)


def opened_plan(incident: Incident, who: str, now_us: int, plan: str, version: int, tasks: int) -> Answer:
    """Note that a plan was opened and how many tasks it became; another one replaces none: its tasks are added."""
    if not incident.is_led:
        return wrong(incident)
    said = Said(Act.PLAN, who, now_us, detail={"plan": plan, "version": version, "tasks": tasks})
    return changed(incident, {"plan": plan, "plan_version": version}, said)


def told(incident: Incident, act: Act, who: str, now_us: int, text: str, detail: Mapping[str, object]) -> Change:
    """Return the line of what happened beside the incident itself: to a task, a resource, a report."""
    return changed(incident, {}, Said(act, who, now_us, text, detail))


def _moved(incident: Incident, before: Iterable[State], said: Said, state: State, changes: Mapping[str, Any]) -> Answer:
    if incident.state not in before:
        return CLOSED if incident.is_closed and state is not State.REOPENED else wrong(incident)
    if len(said.text) > LONGEST_TEXT:
        return _TEXT
    return changed(incident, {"state": state, **changes}, said)


def wrong(incident: Incident) -> Refusal:
    """Return that an incident is in a state in which this can't be done."""
    now = incident.state.label
    return Refusal("state", Label(f"当前状态为“{now.zh}”，不能这样做", f"it is {now.en}: this can't be done now"))
