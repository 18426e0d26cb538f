"""``python -m tests.fuzz [--count 1000000] [--seed N] [--processes 2] [--only raw.water]``: what ``make fuzz`` runs."""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import multiprocessing
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tests.fuzz import valid
from tests.fuzz.report import report
from tests.fuzz.running import Finding, Result, Run
from tests.fuzz.targets import inside, topics

SHARE = 5_000
"""messages to a share of the work; each has a seed of its own"""
FINDINGS = Path("build/fuzz")
LAST = FINDINGS / "last"
"""what each process is reading just now"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Send mutations, print what became of them; return 1 if anything broke."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    results = fuzz(options.count, options.seed, options.processes, options.only)
    sys.stdout.write(report(results, options.seed, time.monotonic() - began))
    findings = [finding for result in results.values() for finding in result.findings.values()]
    for finding in findings:
        sys.stdout.write(_kept(finding))
    return 1 if findings else 0


def fuzz(count: int, seed: int, processes: int, only: str | None = None) -> Mapping[str, Result]:
    """Return target → result of ``count`` messages to the topics of outsiders, and a tenth as many further inside."""
    shares = [(name, few, seed + number) for name, whole in _counts(count, only).items() for number, few in _cut(whole)]
    valid.messages()  # once for all processes
    results: dict[str, Result] = {}
    LAST.mkdir(parents=True, exist_ok=True)
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
            for part in pool.map(_share, shares):
                results.setdefault(part.target, Result(part.target)).join(part)
    except BrokenProcessPool:
        for path in LAST.iterdir():
            name = path.name.rsplit("-", 1)[0]
            died = Finding(name, "the process died of this message, or of memory", (path.read_bytes(),))
            results.setdefault(name, Result(name)).findings[died.what] = died
    return results


def _counts(count: int, only: str | None) -> Mapping[str, int]:
    outside, within = list(topics()), list(inside())
    if only is not None:
        return {only: count}
    wanted = {name: count // len(outside) + (number < count % len(outside)) for number, name in enumerate(outside)}
    return wanted | {name: max(1, count // 10 // len(within)) for name in within}


def _cut(whole: int) -> Sequence[tuple[int, int]]:
    return [(start, min(SHARE, whole - start)) for start in range(0, whole, SHARE)]


def _share(share: tuple[str, int, int]) -> Result:
    faulthandler.enable()
    name, count, seed = share
    return Run(name, {**topics(), **inside()}[name], seed, LAST / f"{name}-{seed}").go(count)


def _kept(finding: Finding) -> str:
    """Write a finding's messages where they can be replayed from; return what is said of it."""
    lines = [f"\n{finding.target}: {finding.what}\n"]
    for message in finding.messages:
        path = FINDINGS / finding.target / hashlib.sha256(message).hexdigest()[:12]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(message)
        lines.append(f"  {path}: {message[:300]!r}{' …' if len(message) > 300 else ''}\n")
    return "".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="messages to the topics that outsiders write")
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() // 1_000_000 % 10**9, help="the same seed sends the same"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", choices=[*topics(), *inside()], help="one target alone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
