"""What the scripts of the incident pages (``assets/incident*.js``) say, and what they know of the city."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops_center.city.scope_names import scope_names
from ops_center.domain.role_words import shown_name
from ops_center.domain.text import Label
from ops_center.incidents.incident import Act, Level, State
from ops_center.incidents.task import Stage
from ops_center.incidents.types import shipped_types
from ops_center.people.asking import asker
from ops_center.screens.incident_dispatch_words import DISPATCH_WORDS
from ops_center.screens.incident_log_words import LOG_WORDS
from ops_center.screens.incident_open_words import OPEN_WORDS
from ops_center.screens.incident_room_words import ROOM_WORDS
from ops_center.screens.screen import Center
from ops_center.services.incidents.rights import INCIDENTS

_BOARD_WORDS: Mapping[str, Label] = {
    "report_new": Label("上报事件", "Report an incident"),
    "find": Label("搜索标题、类型、地点、人员、编号", "Find by title, type, place, person, number"),
    "show_open": Label("进行中", "Open"),
    "show_closed": Label("已结案", "Closed"),
    "every_district": Label("全部区县", "every district"),
    "every_department": Label("全部部门", "every department"),
    "only_overdue": Label("有超时任务", "Overdue"),
    "only_mine": Label("我指挥的", "Mine"),
    "column_level": Label("级", "Lvl"),
    "column_what": Label("事件", "Incident"),
    "column_state": Label("状态", "State"),
    "column_since": Label("接报至今", "Since reported"),
    "column_lasted": Label("历时", "Lasted"),
    "column_tasks": Label("任务", "Tasks"),
    "column_units": Label("队伍", "Units"),
    "column_alarms": Label("报警", "Alarms"),
    "column_command": Label("指挥员 · 牵头部门", "Commander · lead"),
    "tile_overdue": Label("项任务超时", "tasks overdue"),
    "bar_new": Label("{0} 起新事件", "{0} new"),
    "bar_gone": Label("{0} 起已离开", "{0} have left"),
    "bar_take_in": Label("更新列表", "bring the list up to date"),
    "board_list": Label("进行中的事件", "open incidents"),
    "board_reading": Label("正在读取进行中的事件。", "Open incidents are being read."),
    "board_calm": Label("目前没有进行中的事件。", "No incident is open."),
    "board_filtered": Label(
        "没有符合条件的事件：清除筛选可查看全部。", "None is like this; without the filter there are some."
    ),
    "board_no_closed": Label("没有找到已结案的事件。", "No closed incident was found."),
    "board_lost": Label("连接中断：以下为 {0} 的情况，正在重连", "Connection lost: this is of {0}; reconnecting"),
    "listed": Label("列出 {0} 起 / 共 {1} 起", "{0} listed of {1}"),
    "listed_closed": Label("找到 {0} 起（最多列出 {1} 起）", "{0} found (at most {1} are listed)"),
    "no_tasks": Label("无任务", "no tasks"),
}


def dialog_config(center: Center) -> dict[str, Any]:
    """Return what every page for a desk tells the dialog that opens incidents."""
    who = asker()
    names = scope_names(center.pack)
    room = center.incidents
    plans = {name: plan for name, (plan, _) in room.plans().items()} if room else {}
    types = room.types if room else shipped_types()
    levels = {f"level_{int(level)}": level.label for level in Level}
    return {
        "words": pairs({**OPEN_WORDS, **levels}),
        "timezone": center.pack.manifest.timezone,
        "names": {"districts": _both(names.districts), "departments": _both(names.departments)},
        "types": {
            one.code: {"label": _plain(one.name), "parent": one.parent, "level": one.level}
            for one in types.types.values()
        },
        "plans": {name: _plain(plan.label.label()) for name, plan in plans.items()},
        "plans_of": _by_type({name: plan.types for name, plan in plans.items()}),
        "account": who.account,
        "people": {},
    }


def script_config(center: Center) -> dict[str, Any]:
    """Return what board and room tell their scripts."""
    base = dialog_config(center)
    states = {f"state_of_{state}": state.label for state in State}
    stages = {f"stage_{stage}": stage.label for stage in Stage}
    known = {**_BOARD_WORDS, **ROOM_WORDS, **LOG_WORDS, **DISPATCH_WORDS, **states, **stages}
    return {
        **base,
        "words": {**base["words"], **pairs(known)},
        "people": _people(center),
        "may_report": asker().may_change(INCIDENTS),
    }


def wall_config(center: Center) -> dict[str, Any]:
    """Return what a wall that shows incidents tells its scripts."""
    told = script_config(center)
    return {name: told[name] for name in ("words", "timezone", "names", "types", "plans", "people")} | {"account": ""}


def acts_without_words() -> list[str]:
    """Return the acts of the log that nothing is said of; the tests want none."""
    return [str(act) for act in Act if f"act_{act}" not in LOG_WORDS]


def _people(center: Center) -> dict[str, Any]:
    """Return account → name of those who may be meant: everybody who works with incidents."""
    if center.office is None:
        return {}
    found = center.office.people.accounts.list()
    fit = (
        one for one in found if one.disabled_us is None and any(grant.role in INCIDENTS.change for grant in one.grants)
    )
    return {one.name: _plain(shown_name(one.display_name or one.name)) for one in fit}


def _by_type(types_of: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, types in types_of.items():
        for code in types:
            found.setdefault(code, []).append(name)
    return found


def pairs(words: Mapping[str, Label]) -> dict[str, list[str]]:
    """Return words as scripts take them: Chinese first."""
    return {key: [label.zh, label.en] for key, label in words.items()}


def _both(labels: Mapping[str, Label]) -> dict[str, dict[str, str]]:
    return {code: _plain(label) for code, label in labels.items()}


def _plain(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}
