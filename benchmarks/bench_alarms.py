"""What the alarm system promises, measured: ``python run.py bench alarms --json``.

Each part is a file of its own, with servers of its own, and says in its docstring what is measured and against what:

``observations_per_s``, ``empty_per_s``, ``ratio``   ``alarms_judging``: the rules worker beside one that only reads
``journal_ms``, ``screen_ms``                        ``alarm_latency``: from sending to journal and browser, at 10,000/s
``storm``                                            ``judge_storm``: 10,000 conditions of two causes, five alarms more

A part is a function (seconds, report) → figures; its figures stand beside those of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.alarm_latency import latency
from benchmarks.alarms_judging import judging
from benchmarks.center import machine
from benchmarks.judge_storm import storm

Report = Callable[[float, str], None]
Part = Callable[[float, Report], Mapping[str, Any]]

PARTS: tuple[Part, ...] = (judging, latency, storm)


def measure(seconds: float, report: Report) -> Mapping[str, Any]:
    """Return the figures of all parts; ``seconds`` is about how long each may take."""
    figures: dict[str, Any] = {"machine": machine()}
    for number, part in enumerate(PARTS):

        def told(share: float, what: str, number: int = number) -> None:
            report((number + share) / len(PARTS), what)

        figures |= part(seconds, told)
    return figures
