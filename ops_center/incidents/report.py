"""The situation report: what is known of an incident at one moment, made from it, its tasks and its log. Pure.

It is a document of sections in one language (``report_document``). Called by ``services.incidents.reports``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from ops_center.domain.text import Label, Language
from ops_center.incidents.incident import Incident
from ops_center.incidents.log_line import Line
from ops_center.incidents.parts import Assignment
from ops_center.incidents.report_document import Document, Fact, Row, Section, Table
from ops_center.incidents.report_words import MEASURES, Names, drawing_kind, said
from ops_center.incidents.task import DONE, OVER, Task

MOST_LINES = 200
"""of the log; the newest, since what came first is told by the times at the top"""
MOST_ROWS = 300


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor that the incident concerns, as it was last heard."""

    name: Label
    reading: Label
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that a report is made from."""

    incident: Incident
    tasks: Sequence[Task]
    lines: Sequence[Line]
    names: Names
    city: Label
    clock: Callable[[int], str]
    """µs UTC → the city's date and time"""
    now_us: int
    sensors: Sequence[Sensor] = ()
    banner: Label | None = None
    number: int = 0
    author: str = ""
    """account that issues it; "" while it is live"""
    outlook: str = ""
    """what its author expects"""
    lines_before: int = 0
    """how many older lines were left out before"""


def make_report(told: Told, language: Language) -> Document:
    """Return the report in one language."""
    write = _Writer(told, language)
    kicker = f"{told.city.in_language(language)} · {write.say('突发事件情况快报', 'Situation report')}"
    made = (
        write.summary(), Section("map", write.say("态势图", "Map")), write.people(), write.tasks(), write.units(),
        write.closures(), write.stocks(), write.sensors(), write.outlook(), write.timeline(),
    )  # fmt: skip
    banner = told.banner.in_language(language) if told.banner else ""
    sections = tuple(one for one in made if one is not None)
    return Document(language, told.number, told.incident.title, kicker, write.state(), banner, sections)


class _Writer:
    """Writes one report in one language."""

    def __init__(self, told: Told, language: Language) -> None:
        self.told = told
        self.incident = told.incident
        self.language = language
        self.names = told.names

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def time(self, us: int) -> str:
        return self.told.clock(us) if us else "—"

    def name(self, kind: str, code: str) -> str:
        return self.names.of(kind, code, self.language)

    def person(self, account: str) -> str:
        return self.names.person(account, self.language)

    def state(self) -> str:
        at = self.time(self.told.now_us)
        if not self.told.number:
            return self.say(f"实时稿，截至 {at}", f"live, as of {at}")
        who = self.person(self.told.author)
        return self.say(f"第 {self.told.number} 期，{at} 由{who}签发", f"No. {self.told.number}, issued {at} by {who}")

    # ---- sections ----

    def summary(self) -> Section:
        one = self.incident
        facts = [
            (self.say("事件编号", "Incident"), f"{one.id}"),
            (self.say("类型", "Type"), self.name("types", one.type)),
            (self.say("级别", "Level"), one.level.label.in_language(self.language)),
            (self.say("状态", "State"), one.state.label.in_language(self.language)),
            (self.say("行政区", "District"), self.name("districts", one.district) or "—"),
            (self.say("地点", "Place"), self._place()),
            (self.say("发生", "Happened"), self.time(one.occurred_us)),
            (self.say("接报", "Reported"), f"{self.time(one.reported_us)} · {self.person(one.reported_by)}"),
        ]
        moments = (
            (self.say("启动处置", "Opened"), one.opened_us), (self.say("受控", "Contained"), one.contained_us),
            (self.say("处置完毕", "Resolved"), one.resolved_us), (self.say("结案", "Closed"), one.closed_us),
        )  # fmt: skip
        facts += [(name, self.time(us)) for name, us in moments if us]
        if one.commander:
            facts.append((self.say("指挥员", "Commander"), self.person(one.commander)))
        if one.lead_department:
            facts.append((self.say("牵头部门", "Leading department"), self.name("organisations", one.lead_department)))
        if others := [code for code in one.departments if code != one.lead_department]:
            facts.append(
                (self.say("参与部门", "Departments"), self.join(self.name("organisations", code) for code in others))
            )
        if one.plan:
            facts.append((self.say("预案", "Plan"), f"{self.name('plans', one.plan)} · v{one.plan_version}"))
        text = [self._overview(), *([one.description] if one.description else [])]
        return Section("facts", self.say("基本情况", "Situation"), _facts(facts), tuple(text))

    def people(self) -> Section:
        words = (("dead", "死亡", "dead"), ("injured", "受伤", "injured"), ("missing", "失联", "missing"),
                 ("trapped", "被困", "trapped"), ("evacuated", "已疏散", "evacuated"))  # fmt: skip
        numbers = asdict(self.incident.casualties)
        facts = [(self.say(zh, en), f"{numbers[name]}") for name, zh, en in words]
        text = (
            ()
            if any(numbers.values())
            else (self.say("截至目前未接到人员伤亡报告。", "No casualties are known so far."),)
        )
        return Section("people", self.say("人员情况", "People"), _facts(facts), text)

    def tasks(self) -> Section:
        heads = (self.say("部门", "Department"), self.say("任务", "Task"), self.say("状态", "State"),
                 self.say("时限", "Due"), self.say("执行人", "Who"), self.say("结果", "Result"))  # fmt: skip
        ordered = sorted(self.told.tasks, key=lambda one: (self.name("organisations", one.department), one.id))
        rows = tuple(self._task(one) for one in ordered[:MOST_ROWS])
        done = sum(one.stage in DONE for one in ordered)
        late = sum(one.is_overdue(self.told.now_us) for one in ordered)
        text = self.say(
            f"共 {len(ordered)} 项任务，完成 {done} 项，超时 {late} 项。",
            f"{len(ordered)} tasks: {done} done, {late} overdue.",
        )
        return Section("tasks", self.say("各部门任务", "Tasks by department"), (), (text,), Table(heads, rows))

    def _task(self, one: Task) -> Row:
        late = one.is_overdue(self.told.now_us)
        stage = one.stage.label.in_language(self.language)
        shown = f"{stage} · {self.say('超时', 'OVERDUE')}" if late else stage
        cells = (self.name("organisations", one.department), one.title.in_language(self.language), shown,
                 self.time(one.done_by_us), self.person(one.person) if one.person else "—",
                 one.result or one.refused_reason or "—")  # fmt: skip
        return Row(cells, "late" if late else "done" if one.stage in DONE else "")

    def units(self) -> Section:
        heads = (self.say("力量", "Unit"), self.say("派出", "Sent"), self.say("预计到达", "Expected"),
                 self.say("到达", "Arrived"), self.say("归队", "Released"))  # fmt: skip
        rows = tuple(self._unit(one) for one in self.incident.units[-MOST_ROWS:])
        text = () if rows else (self.say("尚未派出力量。", "No units have been sent."),)
        return Section(
            "units", self.say("力量与到达", "Units and arrival"), (), text, Table(heads, rows) if rows else None
        )

    def _unit(self, one: Assignment) -> Row:
        now_us = self.told.now_us
        late = bool(one.eta_us) and not one.arrived_us and not one.released_us and now_us > one.eta_us
        expected = self.time(one.eta_us) + (f" · {self.say('超时', 'OVERDUE')}" if late else "")
        cells = (self.name("units", one.unit), self.time(one.assigned_us), expected, self.time(one.arrived_us),
                 self.time(one.released_us))  # fmt: skip
        return Row(cells, "late" if late else "done" if one.arrived_us else "")

    def closures(self) -> Section | None:
        shown = [one for one in self.incident.drawings if one.kind in MEASURES]
        if not shown:
            return None
        heads = (
            self.say("类别", "Kind"),
            self.say("说明", "What"),
            self.say("标绘", "Drawn"),
            self.say("标绘人", "By"),
        )
        rows = tuple(
            Row(
                (
                    drawing_kind(one.kind, self.language),
                    one.called(self.language) or "—",
                    self.time(one.at_us),
                    self.person(one.by),
                )
            )
            for one in shown[:MOST_ROWS]
        )
        title = self.say("管控措施：封闭、绕行、警戒与疏散", "Measures: closures, diversions, cordons, evacuation")
        return Section("closures", title, table=Table(heads, rows))

    def stocks(self) -> Section | None:
        used = self.incident.stocks
        if not used:
            return None
        heads = (self.say("物资", "Stock"), self.say("数量", "Quantity"), self.say("仓库", "Store"))
        rows = tuple(Row((one.item, f"{one.quantity:g} {one.unit}".strip(), one.store)) for one in used[:MOST_ROWS])
        return Section("stocks", self.say("在用物资", "Stocks in use"), table=Table(heads, rows))

    def sensors(self) -> Section | None:
        if not self.told.sensors:
            return None
        heads = (self.say("传感器", "Sensor"), self.say("最新值", "Last reading"), self.say("时间", "Time"))
        rows = tuple(
            Row((one.name.in_language(self.language), one.reading.in_language(self.language), self.time(one.at_us)))
            for one in self.told.sensors[:MOST_ROWS]
        )
        return Section("sensors", self.say("相关监测", "Sensors concerned"), table=Table(heads, rows))

    def outlook(self) -> Section:
        left = [one for one in self.told.tasks if one.stage not in DONE | OVER]
        due = sorted((one.done_by_us, one) for one in left if one.done_by_us > self.told.now_us) if left else []
        text = [self.told.outlook] if self.told.outlook else []
        if due:
            at, last = self.time(due[0][0]), self.time(due[-1][0])
            title = due[0][1].title.in_language(self.language)
            text.append(
                self.say(
                    f"下一到期任务：{title}（{at}）；现有任务按时限最迟 {last} 完成。",
                    f"Next due: {title} ({at}); by their deadlines the tasks that run end at {last} at the latest.",
                )
            )
        waiting = sum(1 for one in left if not one.done_by_us)
        if waiting:
            text.append(self.say(f"另有 {waiting} 项任务等待前置任务完成。", f"{waiting} more tasks wait for others."))
        if not text:
            text.append(self.say("没有未完成的任务。", "No tasks are left to be done."))
        if self.incident.lessons:
            text.append(self.say("经验教训：", "Lessons: ") + self.incident.lessons)
        return Section("outlook", self.say("研判与下一步", "Outlook"), text=tuple(text))

    def timeline(self) -> Section:
        heads = (self.say("时间", "Time"), self.say("经过", "What happened"), self.say("记录人", "By"))
        shown = self.told.lines[-MOST_LINES:]
        rows = tuple(
            Row(
                (
                    self.time(one.at_us),
                    said(one.act, one.text, one.detail, self.names, self.language),
                    self.person(one.who),
                )
            )
            for one in shown
        )
        left_out = len(self.told.lines) - len(shown) + self.told.lines_before
        text = (
            (self.say(f"更早的 {left_out} 条见事件日志。", f"{left_out} earlier lines are in the log."),)
            if left_out
            else ()
        )
        return Section("timeline", self.say("处置经过", "Timeline"), (), text, Table(heads, rows))

    # ---- words ----

    def join(self, names: Iterator[str]) -> str:
        return self.say("、", ", ").join(names)

    def _said(self, one: Line) -> str:
        return said(one.act, one.text, one.detail, self.names, self.language)

    def _place(self) -> str:
        one = self.incident
        named = one.places[0].name if one.places else ""
        place = one.place
        at = f"{place[0]:.5f}, {place[1]:.5f}" if place else ""
        return " · ".join(part for part in (named, at) if part) or "—"

    def _overview(self) -> str:
        one, at = self.incident, self.time(self.told.now_us)
        done = sum(task.stage in DONE for task in self.told.tasks)
        held = [unit for unit in one.units if unit.is_held]
        there = sum(1 for unit in held if unit.arrived_us)
        state = one.state.label.in_language(self.language)
        return self.say(
            f"截至 {at}，事件{state}；任务完成 {done}/{len(self.told.tasks)}，"
            f"在用力量 {len(held)} 支，其中 {there} 支在现场。",
            f"As of {at} the incident is {state}; {done} of {len(self.told.tasks)} tasks are done; "
            f"{len(held)} units are with it, {there} on scene.",
        )


def _facts(pairs: Sequence[tuple[str, str]]) -> tuple[Fact, ...]:
    return tuple(Fact(name, value) for name, value in pairs)
