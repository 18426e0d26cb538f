"""What the scripts of the alarm pages (``assets/alarm*.js``) say, in both languages, and what they know of the city."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.alarm import Aside, Priority
from ops_center.city.scope_names import scope_names
from ops_center.domain.text import Label
from ops_center.screens.screen import Center

STATES: Mapping[str, Label] = {
    "unacknowledged": Label("未确认", "unacknowledged"),
    "acknowledged": Label("已确认", "acknowledged"),
    "returned_unacknowledged": Label("已恢复·未确认", "returned, unack."),
    "latched_unacknowledged": Label("锁存·未确认", "latched, unack."),
    "latched_acknowledged": Label("锁存·待复位", "latched, to reset"),
    "normal": Label("已关闭", "closed"),
    Aside.SHELVED: Label("已搁置", "shelved"),
    Aside.SUPPRESSED: Label("已抑制", "suppressed"),
    Aside.OUT_OF_SERVICE: Label("已停用", "out of service"),
}
"""states and set-asides as a list shows them"""

EXPLANATIONS: Mapping[str, Label] = {
    "network": Label("同一网络", "same network"),
    "near": Label("时空邻近", "near it"),
    "feed": Label("同一数据源", "same feed"),
    "district": Label("同一区县", "same district"),
    "subject": Label("同一对象", "same subject"),
    "rule": Label("规则关联", "related rules"),
    "storm": Label("报警洪泛", "alarm flood"),
}
"""why an alarm lies under its parent"""

ACTS: Mapping[str, Label] = {
    "acknowledge": Label("确认", "Acknowledge"),
    "acknowledge_all": Label("连同下级确认", "Ack. with children"),
    "shelve": Label("搁置", "Shelve"),
    "unshelve": Label("取消搁置", "Unshelve"),
    "out_of_service": Label("停用", "Out of service"),
    "in_service": Label("恢复使用", "Back in service"),
    "reset": Label("复位", "Reset"),
    "comment": Label("备注", "Comment"),
    "assign": Label("指派", "Assign"),
    "attach": Label("附件", "Attach"),
}
"""what can be done to alarms, by the name that a command carries"""

_SAID: Mapping[str, Label] = {
    "shelve": Label(
        "到时自动恢复；期间再次发生也不提示。", "It comes back by itself; until then nothing of it is announced."
    ),
    "out_of_service": Label(
        "设备检修期间使用；须由人恢复。", "While its device is worked on; somebody has to take it back."
    ),
    "comment": Label("写入日志，不可修改。", "It goes into the journal and can't be changed."),
    "assign": Label("对方部门将能看到并处理。", "That department will see it and may act on it."),
    "attach": Label("图片、PDF、MP4或纯文本，不超过2.5 MB。", "A picture, PDF, MP4 or plain text, at most 2.5 MB."),
}

_WORDS: Mapping[str, Label] = {
    "escalated": Label("已升级{0}次", "escalated ×{0}"),
    "chattering": Label("抖动", "chattering"),
    "until": Label("至", "until"),
    "list": Label("报警列表", "list of alarms"),
    "column_priority": Label("级", "P"),
    "column_state": Label("状态", "State"),
    "column_raised": Label("发生 · 已历时", "Raised · for"),
    "column_what": Label("报警", "Alarm"),
    "column_where": Label("位置", "Where"),
    "column_value": Label("值 / 限值", "Value / limit"),
    "column_owner": Label("部门 · 处置人", "Department · who"),
    "column_flags": Label("说明", "Notes"),
    "show_open": Label("待办", "Standing"),
    "show_shelved": Label("搁置", "Shelved"),
    "show_suppressed": Label("抑制", "Suppressed"),
    "show_out_of_service": Label("停用", "Out of service"),
    "show_closed": Label("24小时内关闭", "Closed, 24 h"),
    "waiting": Label("仅未确认", "Unacknowledged"),
    "every_district": Label("全部区县", "every district"),
    "every_department": Label("全部部门", "every department"),
    "every_rule": Label("全部规则", "every rule"),
    "search": Label("搜索", "Search"),
    "clear": Label("清除筛选", "Clear"),
    "views": Label("我的视图", "My views"),
    "save_view": Label("保存视图", "Save view"),
    "drop_view": Label("删除视图", "Delete view"),
    "view_name": Label("名称", "Name"),
    "nothing": Label("没有符合条件的报警", "No alarm is like this"),
    "new": Label("{0} 条新报警", "{0} new"),
    "left": Label("{0} 条已离开", "{0} have left"),
    "take_in": Label("更新列表", "bring the list up to date"),
    "standing": Label("共 {0}", "of {0}"),
    "flood": Label("报警洪泛：10分钟内 {0} 条", "ALARM FLOOD: {0} in 10 minutes"),
    "lost": Label("数据中断，画面停留在 {0} 前，正在重连", "DATA LOST: as of {0} ago, reconnecting"),
    "stale": Label("数据库无应答，画面停留在 {0} 前", "THE DATABASE DOES NOT ANSWER: as of {0} ago"),
    "unjudged": Label("报警判定停滞 {0}：新情况不会成为报警", "NOTHING IS JUDGED for {0}: no new alarms come"),
    "starting": Label("正在读取…", "reading …"),
    "listed": Label("列出 {0} 条 / 共 {1} 条", "{0} listed of {1}"),
    "chosen": Label("已选 {0} 条", "{0} selected"),
    "many": Label("{0} 条", "{0} alarms"),
    "sound_on": Label("声音：开", "Sound on"),
    "sound_off": Label("声音：关", "Sound off"),
    "keys": Label("按键", "Keys"),
    "key_move": Label("移动", "move"),
    "key_select": Label("选择一条 / 全部", "select one / all"),
    "key_extend": Label("连续选择", "extend the selection"),
    "key_card": Label("打开详情", "open the card"),
    "key_fold": Label("展开 / 收起下级", "unfold / fold what it explains"),
    "key_silence": Label("消音", "silence"),
    "key_escape": Label("取消选择，关闭详情", "select nothing, close the card"),
    "cancel": Label("取消", "Cancel"),
    "reason": Label("理由", "Reason"),
    "remark": Label("内容", "Remark"),
    "how_long": Label("时长", "For how long"),
    "department": Label("部门", "Department"),
    "person": Label("账号（可空）", "Account (may be empty)"),
    "nobody": Label("不指派", "nobody"),
    "file": Label("文件", "File"),
    "undo": Label("撤销", "Undo"),
    "done": Label("{0}：已完成 {1} 条", "{0}: done to {1}"),
    "not_done": Label("未完成：", "not done: "),
    "left_to_respond": Label("剩余 {0}", "{0} left"),
    "too_late": Label("已超时 {0}", "overdue by {0}"),
    "too_large": Label("文件超过2.5 MB", "the file is larger than 2.5 MB"),
    "alarms": Label("报警", "Alarms"),
    "said_many": Label("确实要对全部所选报警执行？", "For all that are selected: are they all known?"),
}  # fmt: skip


def script_words() -> dict[str, list[str]]:
    """Return key → Chinese, English, as ``opsCenter.alarmText.say`` looks them up."""
    words: dict[str, Label] = {**_WORDS, **{str(state): label for state, label in STATES.items()}}
    words |= {f"priority_{int(priority)}": priority.label for priority in Priority}
    words |= {f"why_{code}": label for code, label in EXPLANATIONS.items()}
    words |= {f"act_{act}": label for act, label in ACTS.items()}
    words |= {f"said_{act}": label for act, label in _SAID.items()}
    return {key: [label.zh, label.en] for key, label in words.items()}


def script_config(center: Center) -> dict[str, Any]:
    """Return what every page that shows alarms tells its scripts."""
    names = scope_names(center.pack)
    return {
        "words": script_words(),
        "timezone": center.pack.manifest.timezone,
        "names": {"districts": _both(names.districts), "departments": _both(names.departments)},
    }


def _both(labels: Mapping[str, Label]) -> dict[str, dict[str, str]]:
    return {code: {"zh": label.zh, "en": label.en} for code, label in labels.items()}
