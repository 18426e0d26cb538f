"""What the center itself wrote in the journal is in the reader's language, whatever it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerts import turns
from alerts.alarm import Entry, Turn
from ops_center.domain.text import Label
from ops_center.screens.journal_rows import told
from ops_center.store.alarm_port import JournalLine
from tests.alerts.book_trial import limits
from tests.store.alarm_shapes import acknowledged, alarm
from tests.store.shapes import T0

LATER = T0 + 3600 * 1_000_000
LATIN = re.compile("[a-z]{2,}")
CHINESE = re.compile("[\u4e00-\u9fff]")


def by_itself() -> Iterator[Turn]:
    one = alarm(1)
    yield turns.explained(one, 14, "near", LATER)
    yield turns.explained(replace(one, parent=9), 14, "network", LATER)
    yield turns.freed(replace(one, parent=9), LATER)
    yield turns.chattering(one, LATER, begins=True)
    yield turns.left(one, "LL", LATER, None, withdrawn=True)
    step = turns.escalated(replace(one, waiting_us=T0), limits(), LATER)
    assert step is not None
    yield step


def said(turn: Turn) -> Label:
    (entry,) = turn.entries[:1]
    return told(_line(entry), "Asia/Shanghai")


def _line(entry: Entry) -> JournalLine:
    return JournalLine(
        id=1, alarm=entry.alarm, at_us=entry.at_us, recorded_us=entry.at_us, act=entry.act, actor=entry.actor,
        reason=entry.reason, before=entry.before, after=entry.after, rule_version=1, detail=entry.detail, rule="r",
        thing=1, department="", district="",
    )  # fmt: skip


@pytest.mark.parametrize("turn", list(by_itself()), ids=lambda turn: turn.entries[0].act.value)
def test_a_line_of_the_center_is_in_the_language_of_who_reads_it(turn: Turn) -> None:
    assert not LATIN.search(said(turn).zh), said(turn).zh
    assert not CHINESE.search(said(turn).en), said(turn).en


def test_what_was_under_nothing_before_says_nothing_of_it() -> None:
    assert said(turns.explained(alarm(1), 14, "near", LATER)).zh == "时空邻近 · 上级报警 14"


def test_what_people_wrote_is_shown_as_they_wrote_it() -> None:
    assert said(acknowledged(alarm(1), reason="near")).zh.startswith("near")
