"""Sends mutations to targets and counts what became of them; a crash is made as small as it gets."""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import structlog

from tests.fuzz.mutating import Mutator
from tests.fuzz.promises import must
from tests.fuzz.reading import Outcome
from tests.fuzz.shrinking import smallest
from tests.fuzz.targets import Target

TOGETHER = 50
"""messages that are read once more in one batch, as a busy log hands them out: the same must become of them"""
_MOST_FINDINGS = 20
_NUMBERS = re.compile(r"\d+")

Makes = Callable[[], Target]


@dataclass(frozen=True)
class Finding:
    """Messages that broke something, as few and as short as they get."""

    target: str
    what: str
    messages: tuple[bytes, ...]


@dataclass
class Result:
    """What became of the messages sent to one target."""

    target: str
    messages: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    findings: dict[str, Finding] = field(default_factory=dict)
    """by what went wrong"""
    times_us: list[float] = field(default_factory=list)
    """of every single message"""
    peak_mib: float = 0.0
    """the most that the process grew meanwhile"""

    def add(self, outcome: Outcome) -> None:
        self.accepted += outcome.accepted
        self.refused.update(outcome.refused)

    def join(self, other: Result) -> None:
        """Take in another part of the same target's result."""
        self.messages += other.messages
        self.accepted += other.accepted
        self.refused.update(other.refused)
        self.crashes += other.crashes
        self.findings = {**other.findings, **self.findings}
        self.times_us += other.times_us
        self.peak_mib = max(self.peak_mib, other.peak_mib)

    def percentile_us(self, part: float) -> float:
        return float(np.percentile(self.times_us, part)) if self.times_us else 0.0


def _peak_from_here_mib() -> float:
    """Begin to measure the peak anew; return what the process holds now (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory_mib("VmRSS")


def _memory_mib(figure: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{figure}:")[1].split()[0]) / 1024


class Run:
    """Mutations for one target, repeatable by the seed."""

    def __init__(self, name: str, make: Makes, seed: int, last: Path | None = None) -> None:
        """``last``: file that holds the message being read, for whoever finds that the process has died of it."""
        self._name, self._make = name, make
        self._last = last
        self._target = make()
        self._mutator = Mutator(self._target.values, Random(f"{name} {seed}"))
        self.result = Result(name)

    def go(self, count: int) -> Result:
        """Send ``count`` messages, each alone, and all of them once more together."""
        before_mib = _peak_from_here_mib()
        with silence():
            while self.result.messages < count and len(self.result.findings) < _MOST_FINDINGS:
                values = [self._mutator.next() for _ in range(min(TOGETHER, count - self.result.messages))]
                self._send(values)
        if self._last is not None:
            self._last.unlink(missing_ok=True)
        self.result.peak_mib = _memory_mib("VmHWM") - before_mib
        return self.result

    def _send(self, values: Sequence[bytes]) -> None:
        alone = [outcome for value in values if (outcome := self._alone(value)) is not None]
        if len(alone) == len(values):
            self._guarded(values, lambda target, those: together(target, those, alone))

    def _alone(self, value: bytes) -> Outcome | None:
        self.result.messages += 1
        if self._last is not None:
            self._last.write_bytes(value)
        outcome = self._guarded([value], self._timed)
        if outcome is not None:
            self.result.add(outcome)
        return outcome

    def _timed(self, target: Target, values: Sequence[bytes]) -> Outcome:
        began = time.perf_counter()
        try:
            return target.take(values)
        finally:
            self.result.times_us.append((time.perf_counter() - began) * 1e6)

    def _guarded(self, values: Sequence[bytes], work: Callable[[Target, Sequence[bytes]], Outcome]) -> Outcome | None:
        try:
            return work(self._target, values)
        except Exception as error:
            self._target = self._make()
            self.result.crashes += 1
            what = signature(error)
            if what not in self.result.findings:
                few = smallest(values, lambda those: self._raises(what, those, work))
                self.result.findings[what] = Finding(self._name, what, tuple(few))
            return None

    def _raises(self, what: str, values: Sequence[bytes], work: Callable[[Target, Sequence[bytes]], Outcome]) -> bool:
        try:
            work(self._target, values)
        except Exception as error:
            self._target = self._make()
            return signature(error) == what
        return False


@contextmanager
def silence() -> Iterator[None]:
    """Let the center's logs go nowhere: what is refused a million times would be said a million times."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.reset_defaults()


def together(target: Target, values: Sequence[bytes], alone: Sequence[Outcome] = ()) -> Outcome:
    """Read messages in one batch: the same must become of them as when they are read alone."""
    if len(alone) != len(values):
        alone = [target.take([value]) for value in values]
    refused: Counter[str] = Counter()
    for outcome in alone:
        refused.update(outcome.refused)
    whole = target.take(values)
    accepted = sum(outcome.accepted for outcome in alone)
    must(
        whole.accepted == accepted and dict(whole.refused) == dict(refused),
        f"alone {accepted} accepted, {dict(refused)}; together {whole.accepted}, {dict(whole.refused)}",
    )
    return whole


def signature(error: Exception) -> str:
    """Return what went wrong and where, without the numbers of this one case."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    where = frames[-1]
    message = _NUMBERS.sub("#", str(error))[:120]
    return f"{type(error).__name__} in {where.filename.rsplit('/', 1)[-1]} {where.name}: {message}"
