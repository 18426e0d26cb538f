"""Results as text: counts by target and reason, times, memory."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fuzz.running import Result

_TIMES = ("p50 µs", "p99 µs", "max ms")


def report(results: Mapping[str, Result], seed: int, seconds: float) -> str:
    """Return all results as a table, with their sums."""
    messages = sum(result.messages for result in results.values())
    crashes = sum(result.crashes for result in results.values())
    peak = max(result.peak_mib for result in results.values())
    lines = [
        f"seed {seed}: {messages} messages in {seconds:.0f} s, crashes {crashes}, grew by {peak:.0f} MiB at most",
        f"{'target':<18}{'messages':>9}" + "".join(f"{name:>10}" for name in ("sent", "accepted", "refused", *_TIMES)),
        *(_line(result) for result in results.values()),
        "sent = accepted + refused, counted for every message against a reading of its own",
    ]
    return "\n".join(lines) + "\n"


def _line(result: Result) -> str:
    refused = result.refused.total()
    figures = (
        f"{result.target:<18}{result.messages:>9}{result.accepted + refused:>10}{result.accepted:>10}{refused:>10}"
        f"{result.percentile_us(50):>10.0f}{result.percentile_us(99):>10.0f}{result.percentile_us(100) / 1000:>10.1f}"
    )
    reasons = ", ".join(f"{reason} {count}" for reason, count in result.refused.most_common())
    return f"{figures}\n    {reasons}" if reasons else figures
