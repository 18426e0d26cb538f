"""What the fields of a notification route are called, and what they offer."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.alarm import Priority
from ops_center.domain.text import Label
from ops_center.screens.desk_parts import Options
from ops_center.screens.notification_rows import ACTS, CHANNELS

TEXTS: Mapping[str, Label] = {
    "name": Label("代码", "Code"),
    "label_zh": Label("名称（中文）", "Name in Chinese"),
    "label_en": Label("名称（英文）", "Name in English"),
}
CHOICES: Mapping[str, tuple[Label, Options]] = {
    "channel": (Label("方式", "By"), tuple(CHANNELS.items())),
    "language": (Label("语言", "In"), (("zh", Label("中文", "Chinese")), ("en", Label("英文", "English")))),
    "state": (Label("状态", "State"), (("on", Label("启用", "enabled")), ("off", Label("停用", "disabled")))),
    "realms": (
        Label("接收", "Gets"),
        (
            ("live", Label("只收真实警报", "real alarms alone")),
            ("test", Label("也收模拟与回放（标明）", "simulated and replayed ones too")),
        ),
    ),
}
LISTS: Mapping[str, tuple[Label, Options]] = {
    "targets": (Label("对象", "To"), ()),
    "acts": (
        Label("事由", "Because an alarm is"),
        tuple((code, ACTS[code]) for code in ACTS if code not in {"digest", "test"}),
    ),
    "priorities": (Label("优先级", "Priorities"), tuple((str(int(one)), one.label) for one in Priority)),
    "rules": (Label("规则", "Rules"), ()),
    "departments": (Label("部门", "Departments"), ()),
    "districts": (Label("区县", "Districts"), ()),
}
"""what is empty is everything, but targets and acts"""
HOURS = Label("时段", "Hours")
NUMBERS: Mapping[str, tuple[Label, float, float, bool]] = {
    "delay_min": (Label("无人确认才发（分钟后）", "Only if unacknowledged after (min)"), 0, 7 * 1440, False),
    "repeat_min": (Label("重复间隔（分钟，0 不重复）", "Again every (min; 0: once)"), 0, 7 * 1440, False),
    "repeat_most": (Label("最多几次", "At most, times"), 1, 100, True),
    "most": (Label("每个对象最多（条）", "To one target at most"), 1, 10_000, True),
    "per_min": (Label("在多少分钟内", "within (min)"), 1, 7 * 1440, False),
}
"""what it is called, bounds, whether it is whole"""
SAID: Mapping[str, Label] = {
    "name": Label("保存后不再改变", "never changes once it is saved"),
    "targets": Label(
        "邮件地址；设置中的回调名；账号，* 为全部；文件夹任意名",
        "mail addresses; webhooks named in the settings; accounts, * for all; any name for the folder",
    ),
    "rules": Label("空：全部", "empty: all"),
    "departments": Label("空：全部；也含指派给它的", "empty: all; what is assigned to it, too"),
    "districts": Label("空：全部", "empty: all"),
    "priorities": Label("空：全部", "empty: all"),
    "hours": Label("每行一段，1 为周一；空：随时", "a line each, 1 is Monday; empty: always"),
}
FIELD_LABELS: Mapping[str, Label] = {
    "label": Label("名称", "name"),
    "hours": Label("时段", "hours"),
    "enabled": Label("状态", "state"),
    "test_target": Label("接收", "gets"),
    **{name: Label(label.zh, label.en.lower()) for name, (label, _) in {**CHOICES, **LISTS}.items()},
    **{name: label for name, (label, *_) in NUMBERS.items()},
}
"""of what is saved"""
