"""What a rule's fields and their values are called. A name that is not here is shown as its type writes it.

A type of an outsider says its own names in its bounds: ``Annotated[float, msgspec.Meta(ge=0, extra={"zh": "…",
"en": "…"})]``; then nothing is needed here. Called by ``rule_fields``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ops_center.domain.text import Label

UNIT_OF_RULE = Label("规则单位", "in the rule's unit")

NAMES: Mapping[str, Label] = {
    "unit": Label("单位（UCUM）", "unit (UCUM)"),
    "above": Label("高于", "above"),
    "below": Label("低于", "below"),
    "deadband": Label("回差", "deadband"),
    "low_low": Label("低低限", "low-low"),
    "low": Label("低限", "low"),
    "high": Label("高限", "high"),
    "high_high": Label("高高限", "high-high"),
    "on_delay_s": Label("报警延时", "on-delay"),
    "off_delay_s": Label("恢复延时", "off-delay"),
    "max_gap_s": Label("最大数据间隔", "longest gap"),
    "skip_quality": Label("不判断的质量标记", "flags not judged"),
    "change": Label("变化量", "change"),
    "within_s": Label("时间窗", "within"),
    "direction": Label("方向", "direction"),
    "after_s": Label("不变多久", "unchanged for"),
    "tolerance": Label("容差", "tolerance"),
    "zeros": Label("零值也判断", "zeros count, too"),
    "intervals": Label("缺失周期数", "intervals missed"),
    "at_least_s": Label("至少", "at least"),
    "times": Label("次数", "times"),
    "deviations": Label("偏差倍数", "deviations"),
    "at_least": Label("最小偏离", "at least"),
    "weeks": Label("学习周数", "weeks learned"),
    "after_weeks": Label("学习多少周后判断", "judged after weeks"),
    "utc_offset_h": Label("与 UTC 时差", "offset from UTC"),
    "hours": Label("判断的小时（0–23）", "hours judged (0–23)"),
    "lasts_s": Label("最后一次后保持", "lasts after the last"),
    "area": Label("区域", "area"),
    "when": Label("何时成立", "when"),
    "kinds": Label("事件类型", "kinds of events"),
    "confidence": Label("最低置信度", "confidence, at least"),
    "level": Label("最低级别", "level, at least"),
    "at_most_h": Label("最长有效", "in force at most"),
    "all": Label("全部成立", "all of"),
    "any": Label("任一成立", "any of"),
    "none": Label("均不成立", "none of"),
    "steps": Label("先后顺序", "one after another"),
    "of": Label("哪些条件", "of which conditions"),
    "k": Label("至少几处", "how many, at least"),
    "distance_m": Label("距离", "distance"),
    "network": Label("管网或路网", "network"),
    "hops": Label("网络步数", "steps along it"),
    "subject": Label("判断对象", "judged is each"),
    "feed": Label("数据源", "feed"),
    "observed_property": Label("观测量", "observed property"),
    "kind": Label("设备类型", "kind of thing"),
    "district": Label("区域", "district"),
    "department": Label("部门", "department"),
    "producer": Label("上报方", "producer"),
    "thing": Label("指定设备", "single things"),
    "attributes": Label("设备属性", "attributes"),
    "consequence": Label("不处置的后果", "consequence of doing nothing"),
    "respond_min": Label("可处置时间", "time to respond"),
    "recovery": Label("条件恢复后", "when it is over"),
    "label": Label("名称", "name"),
    "source": Label("依据", "source"),
    "cause": Label("可能原因", "cause"),
    "operator_action": Label("处置措施", "operator action"),
}

HINTS: Mapping[str, Label] = {
    "on_delay_s": Label("持续超限这么久才成立", "beyond for so long before it is entered"),
    "off_delay_s": Label("恢复这么久才解除", "back for so long before it is left"),
    "deadband": Label("须越回限值这么多才恢复", "must come back by so much further"),
    "max_gap_s": Label("中断更久则延时重新计；空为不限", "a longer gap starts the on-delay anew; empty: never"),
    "attributes": Label(
        "例如 road_class=arterial；同名多值任一即可", "road_class=arterial; of one name any value will do"
    ),
    "thing": Label("设备编号，回车添加", "ids of things; Enter adds one"),
}

SUFFIXES: tuple[tuple[str, Label], ...] = (
    ("_s", Label("秒", "s")),
    ("_min", Label("分钟", "min")),
    ("_h", Label("小时", "h")),
    ("_m", Label("米", "m")),
)
"""endings of names that say their unit"""

VALUES: Mapping[str, Label] = {
    "rises": Label("上升", "rises"),
    "falls": Label("下降", "falls"),
    "either": Label("不限", "either"),
    "above": Label("偏高", "above"),
    "below": Label("偏低", "below"),
    "inside": Label("在区域内", "inside"),
    "outside": Label("在区域外", "outside"),
    "left": Label("驶出区域", "left it"),
    "blue": Label("蓝", "blue"),
    "yellow": Label("黄", "yellow"),
    "orange": Label("橙", "orange"),
    "red": Label("红", "red"),
    "datastream": Label("数据流", "datastream"),
    "thing": Label("设备", "thing"),
    "district": Label("区域", "district"),
    "city": Label("全市", "the city"),
    "feed": Label("数据源", "feed"),
    "minor": Label("轻微", "minor"),
    "moderate": Label("一般", "moderate"),
    "major": Label("重大", "major"),
    "severe": Label("严重", "severe"),
    "clear": Label("报警消失", "clears"),
    "lower": Label("降级保留", "lowered"),
    "latch": Label("须人工复位", "until reset"),
    "true": Label("是", "yes"),
    "false": Label("否", "no"),
    "OUT_OF_RANGE": Label("超量程", "out of range"),
    "STUCK": Label("不变", "stuck"),
    "JUMP": Label("跳变", "jump"),
    "LATE": Label("迟到", "late"),
    "SUSPECT": Label("可疑", "suspect"),
    "ESTIMATED": Label("估计值", "estimated"),
}


def name_of(field: str) -> Label:
    """Return what a field is called."""
    return NAMES.get(field) or Label(field, field)


def value_of(value: str) -> Label:
    """Return what one of few possible values is called."""
    return VALUES.get(value) or Label(value, value)


def unit_of(field: str) -> Label | None:
    """Return the unit that a field's name says; None: it says none."""
    return next((unit for ending, unit in SUFFIXES if field.endswith(ending)), None)


def in_order(values: Iterable[str]) -> tuple[str, ...]:
    """Return values in the order in which people name them; what has no name here comes last."""
    order = {value: place for place, value in enumerate(VALUES)}
    return tuple(sorted(values, key=lambda value: (order.get(value, len(order)), value)))
