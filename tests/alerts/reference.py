"""What each rule type means, written as slowly and plainly as possible: one row, lists, no memory to speak of."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
"""time in s, value"""
Span = tuple[float, float, bool]
"""from, to, whether the value lies beyond: as the world is between two observations"""
Turn = tuple[float, bool]
Reference = Callable[[Mapping[str, Any], Sequence[Point]], list[Span]]
END = 3e6


def turns(spans: Sequence[Span], on_delay: float = 0.0, off_delay: float = 0.0) -> list[Turn]:
    """When the condition is entered and left, of how the world is: what lasts for the delay counts."""
    found: list[Turn] = []
    standing = False
    for begin, end, beyond in joined(spans):
        delay = on_delay if beyond else off_delay
        if beyond != standing and begin + delay < end:
            found.append((begin + delay, beyond))
            standing = beyond
    return found


def joined(spans: Sequence[Span]) -> list[Span]:
    """Spans of the same verdict that touch are one."""
    found: list[Span] = []
    for begin, end, beyond in spans:
        if found and found[-1][2] == beyond:
            found[-1] = (found[-1][0], end, beyond)
        else:
            found.append((begin, end, beyond))
    return found


def held(points: Sequence[Point], verdicts: Sequence[bool]) -> list[Span]:
    """A verdict holds until the next observation."""
    ends = [time for time, _ in points[1:]] + [END]
    return [(time, end, verdict) for (time, _), end, verdict in zip(points, ends, verdicts, strict=True)]


def threshold(p: Mapping[str, Any], points: Sequence[Point]) -> list[Span]:
    verdicts: list[bool] = []
    for _, value in points:
        back = p.get("deadband", 0.0) if verdicts and verdicts[-1] else 0.0
        verdicts.append(value > p["above"] - back if "above" in p else value < p["below"] + back)
    return held(points, verdicts)


def rate(p: Mapping[str, Any], points: Sequence[Point]) -> list[Span]:
    """The last nine parts of time, of which eight are the time asked for."""
    part = p["within_s"] / 8
    verdicts = []
    for number, (time, value) in enumerate(points):
        near = [v for t, v in points[: number + 1] if t // part > time // part - 9]
        rises, falls = value - min(near) >= p["change"], max(near) - value >= p["change"]
        verdicts.append({"rises": rises, "falls": falls, "either": rises or falls}[p.get("direction", "either")])
    return held(points, verdicts)


def stuck(p: Mapping[str, Any], points: Sequence[Point]) -> list[Span]:
    verdicts = []
    first = 0
    for number, (time, value) in enumerate(points):
        if abs(value - points[first][1]) > p.get("tolerance", 0.0):
            first = number
        verdicts.append(time - points[first][0] >= p["after_s"] and value != 0)
    return held(points, verdicts)


def silence(p: Mapping[str, Any], points: Sequence[Point]) -> list[Span]:
    ends = [time for time, _ in points[1:]] + [END]
    spans: list[Span] = []
    for (time, _), end in zip(points, ends, strict=True):
        missed = time + max(p["intervals"] * 10.0, p["at_least_s"])
        spans.append((time, min(missed, end), False))
        if missed < end:
            spans.append((missed, end, True))
    return spans


def count(p: Mapping[str, Any], points: Sequence[Point]) -> list[Span]:
    """Looked at whenever a value comes, and whenever one of them becomes too old."""
    hits = [time for time, value in points if value > p["above"]]
    edges = sorted({time for time, _ in points} | {time + p["within_s"] for time in hits})
    edges = [edge for edge in edges if edge < END] + [END]
    return [
        (begin, end, sum(begin - p["within_s"] < hit <= begin for hit in hits) >= p["times"])
        for begin, end in pairwise(edges)
    ]


def event(p: Mapping[str, Any], points: Sequence[Point]) -> list[Span]:
    """Each event that completes the number makes it stand for a while."""
    sure = [time for time, value in points if value >= p["confidence"]]
    stands = [t for t in sure if sum(t - p["within_s"] < other <= t for other in sure) >= p["times"]]
    edges = sorted({0.0, *stands, *(t + p["lasts_s"] for t in stands), END})
    return [(begin, end, any(t <= begin < t + p["lasts_s"] for t in stands)) for begin, end in pairwise(edges)]


def seasonal(p: Mapping[str, Any], points: Sequence[Point], offset_s: float) -> list[Span]:
    """Hours of the week from whole lists of what was; the same arithmetic, none of the memory."""
    learned: dict[int, list[float]] = {}
    running: list[float] = []
    hour_before: int | None = None
    verdicts = []
    for time, value in points:
        hour = int((time + offset_s) // 3600)
        if hour != hour_before:
            if running and hour_before is not None:
                learned.setdefault(hour_before % 168, []).append(sum(running) / len(running))
            hour_before, running = hour, []
        mean, usual = _usual(learned.get(hour % 168, []), p["weeks"])
        known = len(learned.get(hour % 168, [])) >= p["after_weeks"]
        edge = max(p["deviations"] * usual, p["at_least"])
        verdicts.append(known and abs(value - mean) > edge)
        running.append(min(max(value, mean - edge), mean + edge) if known else value)
    return held(points, verdicts)


def _usual(weeks: Sequence[float], memory: int) -> tuple[float, float]:
    mean = usual = 0.0
    for number, value in enumerate(weeks):
        off = abs(value - mean)
        if number == 1:
            usual = off
        elif number > 1:
            usual += max(1 / number, 1 / memory) * (off - usual)
        mean += max(1 / (number + 1), 1 / memory) * (value - mean)
    return mean, usual


def limits(p: Mapping[str, Any], points: Sequence[Point], channel: str) -> list[Span]:
    name = {"LL": "low_low", "L": "low", "H": "high", "HH": "high_high"}[channel]
    limit = p.get(name, math.nan)
    one = {"deadband": p.get("deadband", 0.0), "above" if "H" in channel else "below": limit}
    return threshold(one, points)


PLAIN: Mapping[str, Reference] = {
    "threshold": threshold,
    "rate": rate,
    "stuck": stuck,
    "silence": silence,
    "count": count,
    "event": event,
    "speed": threshold,
}
