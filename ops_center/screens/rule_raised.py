"""What a dry run found, as intervals that stand: from the transitions of a batch of conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.services.rules import Replayed

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Raised:
    """One condition from when it was entered to when it was left."""

    kind: int
    subject: int
    channel: int
    level: int
    began_us: int
    ended_us: int | None
    """None: it still stood at the end of the run"""
    value: float
    limit: float


def raised_of(found: Replayed) -> list[Raised]:
    """Return what would have stood, in the order in which it was entered."""
    batch = found.conditions
    columns = (
        batch.subject_kind,
        batch.subject,
        batch.channel,
        batch.level,
        batch.entered,
        batch.time_us,
        batch.onset_us,
        batch.value,
        batch.limit,
    )
    raised: dict[tuple[int, int, int, int], Raised] = {}
    ours = {place for place, rule in enumerate(batch.rules) if rule.name == found.rule.name}
    for place, *values in zip(batch.rule.tolist(), *(column.tolist() for column in columns), strict=True):
        kind, subject, channel, level, entered, time_us, onset_us, value, limit = values
        key = (kind, subject, channel, onset_us)
        if place not in ours:
            continue
        if entered:
            raised[key] = Raised(kind, subject, channel, level, time_us, None, value, limit)
        elif key in raised:
            was = raised[key]
            raised[key] = Raised(kind, subject, channel, level, was.began_us, time_us, was.value, was.limit)
    return sorted(raised.values(), key=lambda one: one.began_us)


def row_of(one: Raised, found: Replayed, zone: str) -> dict[str, Any]:
    """Return a line of the list."""
    name = found.subjects.get((one.kind, one.subject)) or Label(str(one.subject), str(one.subject))
    channels = found.rule.type.channels
    channel = channels[one.channel].label if len(channels) > 1 else Label("—", "—")
    return {
        "key": f"{one.kind}/{one.subject}/{one.channel}/{one.began_us}",
        "kind": one.kind,
        "of": str(one.subject),
        "subject": _words(name),
        "level": _words(channel),
        "began": f"{in_zone(one.began_us, zone):%m-%d %H:%M:%S}",
        "lasted": _words(lasted(one)),
        "value": f"{one.value:.4g}",
    }


def lasted(one: Raised) -> Label:
    """Return how long it stood, in words."""
    if one.ended_us is None:
        return Label("仍成立", "stands")
    seconds = (one.ended_us - one.began_us) / 1e6
    for size, zh, en in ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= size:
            return Label(f"{seconds / size:.1f} {zh}", f"{seconds / size:.1f} {en}")
    return Label(f"{seconds:.0f} 秒", f"{seconds:.0f} s")


def _words(label: Label) -> Mapping[str, str]:
    return {"zh": label.zh, "en": label.en}
