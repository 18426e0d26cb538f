"""Every act that the center writes into the audit has a name in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from ops_center.domain.audit_words import ACTIONS, GROUPS, action_in_words
from ops_center.services.incidents.commands import Command
from ops_center.services.incidents.doing import DOINGS

SOURCE = Path(__file__).parents[2] / "ops_center"
# An act is the third word of an entry or of what the auditor is told; constants of that form stand nowhere else there.
TOLD = re.compile(
    r"""\b(?:by|saw|did|entry|_entry|_note|_change|refused|_command)\([^)]*?"([a-z_]+\.[a-z_]+)\"""", re.DOTALL
)


def written() -> set[str]:
    return {act for path in SOURCE.rglob("*.py") for act in TOLD.findall(path.read_text(encoding="utf-8"))}


def test_every_act_has_a_name() -> None:
    found = written()
    assert len(found) > 25, "the acts are written otherwise now: mend this test"
    assert not found - set(ACTIONS)


def test_everything_that_is_done_to_an_incident_has_a_name() -> None:
    done = {f"incident.{doing.action}" for doing in DOINGS.values()}
    assert len(done) == len(DOINGS) == len(get_args(Command)) + 1, (
        "each command is told apart; nobody sends that a report was issued"
    )
    assert not done - set(ACTIONS)


def test_every_group_has_acts_and_every_act_a_group() -> None:
    assert {f"{act.split('.')[0]}." for act in ACTIONS} == set(GROUPS)


def test_an_act_without_a_name_is_shown_as_its_code() -> None:
    assert action_in_words("moon.landed").zh == "moon.landed"
