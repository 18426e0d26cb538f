"""How pages about things speak of them: kinds, values, ages, what is odd, names of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layers.contract import LiveFrame
from ops_center.domain.catalog import Datastream
from ops_center.domain.observations import Quality
from ops_center.domain.text import Label
from ops_center.screens.property_words import UNITS, property_names

QUALITIES: Mapping[Quality, Label] = {
    Quality.OUT_OF_RANGE: Label("超出合理范围", "out of range"),
    Quality.STUCK: Label("数值不变", "stuck"),
    Quality.JUMP: Label("突变", "jump"),
    Quality.LATE: Label("迟到", "late"),
    Quality.SUSPECT: Label("存疑", "suspect"),
    Quality.ESTIMATED: Label("估算", "estimated"),
}
"""what is odd about a value; SIMULATED is said by the banner at the top of every page"""
ODD = int(sum(QUALITIES, Quality.GOOD))
GRAINS: Mapping[str, Label] = {
    "raw": Label("逐条", "as received"),
    "1m": Label("1 分钟", "1 min"),
    "15m": Label("15 分钟", "15 min"),
    "1h": Label("1 小时", "1 h"),
    "1d": Label("1 天（UTC）", "1 day (UTC)"),
}
"""resolutions of the store"""
SPEED = Label("速度", "speed")
_NEVER = Label("从未收到", "never received")


@dataclass(frozen=True, slots=True)
class State:
    """One datastream as it is now."""

    value: str
    """with its unit; "" where nothing was ever received"""
    age: Label
    odd: Sequence[Label]
    tone: str
    """good, notice or aged: what the words mean, never said by colour alone"""
    word: Label
    time_us: int


def property_name(code: str) -> Label:
    """Return what an observed property is called; its code where nobody says."""
    return property_names().get(code) or Label(code, code)


def unit_of(code: str) -> str:
    """Return a unit as people write it; "" for plain numbers."""
    found = UNITS.get(code, code)
    return "" if found == "1" else found


def age_in_words(seconds: float) -> Label:
    """Return how long ago something was."""
    for least, size, zh, en in (
        (172_800, 86_400, "天", "days"),
        (5_400, 3_600, "小时", "h"),
        (90, 60, "分钟", "min"),
    ):
        if seconds >= least:
            return Label(f"{seconds / size:.0f} {zh}前", f"{seconds / size:.0f} {en} ago")
    return Label(f"{max(seconds, 0):.0f} 秒前", f"{max(seconds, 0):.0f} s ago")


def every(seconds: float) -> Label:
    """Return how often something reports."""
    if seconds >= 3600:
        return Label(f"每 {seconds / 3600:g} 小时", f"every {seconds / 3600:g} h")
    if seconds >= 60:
        return Label(f"每 {seconds / 60:g} 分钟", f"every {seconds / 60:g} min")
    return Label(f"每 {seconds:g} 秒", f"every {seconds:g} s")


def state_of(stream: Datastream, frame: LiveFrame) -> State:
    """Return how a datastream is now: value, age and quality in words."""
    time_us = int(frame.time_us[stream.key]) if stream.key < len(frame.time_us) else 0
    if time_us == 0:
        return State("", _NEVER, (), "aged", Label("无数据", "no data"), 0)
    lifetimes = frame.catalog.lifetime_us
    lifetime_us = int(lifetimes[stream.key]) if stream.key < len(lifetimes) else 0
    flags = Quality(int(frame.quality[stream.key]))
    odd = tuple(label for flag, label in QUALITIES.items() if flag & flags)
    value = f"{frame.result[stream.key]:.4g} {unit_of(stream.unit)}".strip()
    age = age_in_words((frame.now_us - time_us) / 1e6)
    if frame.now_us - time_us > lifetime_us:
        return State(value, age, odd, "aged", Label("陈旧", "aged"), time_us)
    if odd:
        return State(value, age, odd, "notice", Label("有疑问", "questionable"), time_us)
    return State(value, age, odd, "good", Label("正常", "in time"), time_us)
