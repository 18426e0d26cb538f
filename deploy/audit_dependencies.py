"""Asks the advisory database of the package index about every pinned version: ``make audit-dependencies``.

Ends with 1 where an advisory is found that ``audit-ignored.toml`` doesn't name, or where the date of one that it names
has come. Where the service can't be reached it says so, plainly, and ends with 0: a machine without the outside world
must be able to pass its tests; whoever has it runs this there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
IGNORED = ROOT / "deploy" / "audit-ignored.toml"
_PATIENCE_S = 120


@dataclass(frozen=True)
class Ignored:
    """An advisory that doesn't concern us, for now."""

    id: str
    reason: str
    look_again: date


@dataclass(frozen=True)
class Finding:
    """An advisory about a version that is pinned here."""

    package: str
    version: str
    ids: frozenset[str]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        fixed = ", ".join(self.fixed_in) or "no version yet"
        return f"{self.package} {self.version}: {', '.join(sorted(self.ids))} (fixed in {fixed})"


class NotReached(Exception):
    """The service gave no answer about anything."""


def main(constraints: Path, ignored_file: Path, today: date, options: Sequence[str] = ()) -> int:
    """Return the exit status; ``options`` go to pip-audit (another service)."""
    ignored = list(read_ignored(ignored_file))
    over = [entry for entry in ignored if entry.look_again <= today]
    for entry in over:
        _say(f"look again at {entry.id}, ignored until {entry.look_again}: {entry.reason}")
    lines = [line for line in constraints.read_text().splitlines() if line and not line.startswith("#")]
    try:
        _audit(lines[:1], options)  # one question tells whether anybody answers
        findings = _audit(lines, options)
    except NotReached as error:
        _say("NOT AUDITED: the advisory service can't be reached from here, so no dependency was checked.")
        _say(f"             {error}")
        return 1 if over else 0
    names = {entry.id for entry in ignored}
    standing = [finding for finding in findings if not finding.ids & names]
    for finding in standing:
        _say(f"vulnerable: {finding}")
    _say(
        f"{len(lines)} pinned versions asked about: {len(standing)} vulnerable, {len(findings) - len(standing)} ignored"
    )
    return 1 if standing or over else 0


def read_ignored(file: Path) -> Iterator[Ignored]:
    """Yield the entries; raises KeyError and TypeError where one lacks its reason or its date."""
    for entry in tomllib.loads(file.read_text()).get("ignored", []):
        found = Ignored(entry["id"], entry["reason"].strip(), entry["look_again"])
        if not found.reason or type(found.look_again) is not date:
            raise TypeError(f"{found.id}: a reason and a date, as look_again = 2026-12-31")
        yield found


def _audit(lines: Sequence[str], options: Sequence[str]) -> list[Finding]:
    """Return what is known against the pinned ``lines``; raises NotReached."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        asked.write_text("\n".join(lines) + "\n")
        command = [sys.executable, "-m", "pip_audit", "-r", str(asked), "--no-deps", "--disable-pip", "-f", "json"]
        command += ["--progress-spinner", "off", "--cache-dir", f"{folder}/cache", *options]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise NotReached("no answer in time") from None
    if not done.stdout.strip():
        raise NotReached(done.stderr.strip().splitlines()[-1][:300] if done.stderr.strip() else "no answer")
    return _findings(json.loads(done.stdout)["dependencies"])


def _findings(dependencies: Sequence[Mapping[str, Any]]) -> list[Finding]:
    skipped = [entry["skip_reason"] for entry in dependencies if "skip_reason" in entry]
    if skipped and len(skipped) == len(dependencies):
        raise NotReached(skipped[0])
    for reason in skipped:
        _say(f"not audited: {reason}")
    return [
        Finding(
            entry["name"],
            entry["version"],
            frozenset({found["id"], *found.get("aliases", ())}),
            tuple(found.get("fix_versions", ())),
        )
        for entry in dependencies
        for found in entry.get("vulns", ())
    ]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(CONSTRAINTS, IGNORED, date.today()))  # noqa: DTZ011 - the calendar of whoever looks
