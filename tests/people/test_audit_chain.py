"""Verification names what was done to a chain, and finds nothing where nothing was done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.audit_form import AuditRow, End, hash_of
from ops_center.people.audit_heads import Head, read_line
from tests.people.chains import SIGNER, STRANGER, chain, ends, entries, found, heads, judged, rehashed

ROWS = chain(12)
HEADS = heads(ROWS, 4, 8, 12)
OTHER = {
    "at_us": 1, "actor": "li", "session": "x", "address": "x", "action": "x.y", "subject": "x", "outcome": "failed",
    "detail": {}, "realm": "drill", "previous": bytes(32), "hash": bytes(32), "form": 2,
}  # fmt: skip


def test_a_chain_that_nobody_touched_is_sound() -> None:
    verification = judged(ROWS, HEADS)
    assert found(verification) == []
    assert (verification.rows, verification.first_seq, verification.last) == (12, 1, ends(ROWS))
    assert (verification.vouched_seq, verification.heads, verification.rows_after_head) == (12, 3, 0)


def test_an_empty_chain_is_sound() -> None:
    verification = judged([])
    assert found(verification) == []
    assert (verification.rows, verification.rows_after_head) == (0, 0)


def test_it_says_how_many_rows_no_head_vouches_for() -> None:
    assert judged(ROWS, heads(ROWS, 4, 8)).rows_after_head == 4
    assert judged(ROWS).rows_after_head == 12


@pytest.mark.parametrize("seq", [1, 5, 8, 12])
@pytest.mark.parametrize("column", OTHER)
def test_a_column_that_was_changed_is_found(seq: int, column: str) -> None:
    rows = [replace(row, **{column: OTHER[column]}) if row.seq == seq else row for row in ROWS]  # type: ignore[arg-type]
    if column == "previous" and seq == 1:
        return  # that is what it was
    assert found(judged(rows, HEADS, ends(ROWS))) == [("changed", seq)]


def test_all_columns_of_a_row_are_tried() -> None:
    assert {*OTHER, "seq"} == set(AuditRow.__dataclass_fields__)


@pytest.mark.parametrize("column", sorted(set(OTHER) - {"form", "previous", "hash"}))
def test_a_row_that_was_changed_with_its_hash_is_found(column: str) -> None:
    rows = list(ROWS)
    rows[5] = replace(rows[5], **{column: OTHER[column]})  # type: ignore[arg-type]
    rows[5] = replace(rows[5], hash=hash_of(rows[5]))
    assert found(judged(rows, HEADS)) == [("changed", 6)]
    assert found(judged(rows)) == [("changed", 6)]


def test_of_two_rows_that_contradict_each_other_the_one_without_a_head_is_blamed() -> None:
    rows = list(ROWS)
    rows[8] = replace(rows[8], previous=bytes(32))
    rows[8] = replace(rows[8], hash=hash_of(rows[8]))  # row 9 rewritten with its link, row 8 has a head
    assert found(judged(rows, HEADS)) == [("changed", 9), ("changed", 9)]


@pytest.mark.parametrize("seq", [1, 5, 11])
def test_a_row_that_is_missing_is_found(seq: int) -> None:
    assert found(judged([row for row in ROWS if row.seq != seq], HEADS)) == [("missing", seq)]


def test_several_rows_that_are_missing_are_one_finding() -> None:
    verification = judged([row for row in ROWS if row.seq not in {5, 6, 7}], HEADS)
    assert [str(finding) for finding in verification.findings] == ["missing at 5: rows 5 to 7"]


def test_a_row_that_is_missing_is_found_though_those_behind_it_were_renumbered() -> None:
    rows = [row if row.seq < 5 else replace(row, seq=row.seq - 1) for row in ROWS if row.seq != 5]
    assert ("missing", 5) in found(judged(rows, HEADS))
    assert ("missing", 5) in found(judged(rows))


def test_a_row_that_was_slipped_in_is_found() -> None:
    slipped = replace(ROWS[4], actor="li")
    for fake in (slipped, replace(slipped, hash=hash_of(slipped))):
        assert found(judged([*ROWS, fake], HEADS, ends(ROWS))) == [("inserted", 5)]


def test_a_row_that_was_slipped_in_is_found_though_those_behind_it_were_renumbered() -> None:
    behind = [replace(row, seq=row.seq + 1) for row in ROWS[4:]]
    for fake in (replace(ROWS[4], actor="li"), rehashed([replace(ROWS[4], actor="li")])[0]):
        verification = judged([*ROWS[:4], fake, *behind])
        assert ("inserted", 5) in found(verification)
        assert {kind for kind, _ in found(verification)} <= {"inserted", "changed"}


def test_a_row_behind_the_end_is_found() -> None:
    more = chain(13)
    assert found(judged(more, HEADS, ends(ROWS))) == [("inserted", 13)]


@pytest.mark.parametrize("pair", [(2, 3), (2, 9), (11, 12)])
def test_two_rows_that_changed_places_are_found(pair: tuple[int, int]) -> None:
    one, other = pair
    rows = [replace(row, seq={one: other, other: one}.get(row.seq, row.seq)) for row in ROWS]
    assert found(judged(rows, HEADS, ends(ROWS))) == [("reordered", one), ("reordered", other)]


def test_a_row_that_was_moved_far_away_is_named_by_both_places() -> None:
    rows = [replace(row, seq=1000) if row.seq == 5 else row for row in ROWS]
    assert {("missing", 5), ("reordered", 1000)} <= set(found(judged(rows, HEADS, ends(ROWS))))


def test_a_tail_that_was_cut_off_is_found_by_the_heads_and_without_them_by_the_end() -> None:
    assert found(judged(ROWS[:9], HEADS)) == [("cut off", 10)]
    assert found(judged(ROWS[:9], (), ends(ROWS))) == [("cut off", 10)]
    assert found(judged([], HEADS)) == [("cut off", 1)]


def test_a_tail_behind_the_newest_head_that_was_cut_off_together_with_the_end_is_not_found() -> None:
    assert found(judged(ROWS[:9], heads(ROWS, 4, 8))) == []  # the window that docs/audit.md tells of


def test_a_tail_that_was_rewritten_as_a_sound_chain_is_found_by_the_heads_alone() -> None:
    rows = [*ROWS[:5], *rehashed([replace(row, actor="li") for row in ROWS[5:]])]
    verification = judged(rows, HEADS)
    assert found(verification) == [("rewritten", 8)]
    assert "behind row 4" in verification.findings[0].text
    assert verification.vouched_seq == 4
    assert found(judged(rows)) == []


def test_a_tail_that_was_cut_off_and_grew_again_is_found() -> None:
    grown = rehashed([*ROWS[:9], *(replace(row, subject="other") for row in ROWS[9:])])
    assert found(judged(grown, HEADS)) == [("rewritten", 12)]
    assert found(judged([*ROWS[:9], *[replace(row, seq=row.seq + 3) for row in ROWS[9:]]], HEADS))[0] == ("missing", 10)


def test_heads_that_contradict_each_other_are_found_whichever_fits() -> None:
    rewritten = rehashed([*ROWS[:9], *(replace(row, actor="li") for row in ROWS[9:])])
    for rows in (ROWS, rewritten):
        assert found(judged(rows, [*HEADS, *heads(rewritten, 12)])) == [("rewritten", 12)]


def test_a_changed_note_of_the_end_is_found() -> None:
    assert found(judged(ROWS, HEADS, End(12, bytes(32)))) == [("changed", 12)]


def test_a_chain_may_begin_behind_a_checkpoint() -> None:
    start = End(4, ROWS[3].hash)
    verification = judged(ROWS[4:], HEADS, start=start)
    assert found(verification) == []
    assert (verification.first_seq, verification.vouched_seq, verification.rows) == (5, 12, 8)
    assert judged(ROWS[4:], heads(ROWS, 4), start=start).rows_after_head == 8
    assert found(judged(ROWS[5:], HEADS, start=start)) == [("missing", 5)]
    assert found(judged(ROWS[3:], HEADS, start=start)) == [("inserted", 4)]
    assert found(judged(ROWS[4:], HEADS)) == [("missing", 1)]
    assert found(judged(ROWS[4:], HEADS, start=End(4, bytes(32)))) == [("changed", 5)]


def test_rows_that_are_appended_while_it_reads_are_no_finding() -> None:
    from ops_center.people.audit_chain import verify

    assert verify(ROWS, HEADS, End(), ends(ROWS[:6]), lambda: ends(ROWS)).findings == ()
    assert verify(ROWS[:6], (), End(), ends(ROWS[:6]), lambda: ends(ROWS)).findings == ()


def test_it_names_a_thousand_findings_at_most_of_a_table_that_was_changed_all_over() -> None:
    rows = [replace(row, actor="li") for row in chain(3000)]
    verification = judged(rows)
    assert len(verification.findings) == 1000
    assert verification.rows == 3000


def test_a_head_is_recognised_and_one_of_another_key_or_place_is_not() -> None:
    head = SIGNER.sign(3, ROWS[2].hash, 5)
    assert SIGNER.signed(head)
    assert read_line(head.line()) == head
    assert not STRANGER.signed(head)
    for changed in ({"seq": 4}, {"hash": bytes(32)}, {"time": "1970"}, {"kind": "checkpoint"}, {"signature": b""}):
        assert not SIGNER.signed(replace(head, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line",
    [
        *("", "{}", "[]", "null", "nonsense", '{"seq": 1}', "[" * 100_000),
        '{"seq": true, "hash": "", "time": "", "signature": ""}',
        '{"seq": 1, "hash": "zz", "time": "", "signature": ""}',
        '{"seq": 1, "hash": 1, "time": "", "signature": ""}',
        '{"seq": 1, "hash": "", "time": 1, "signature": ""}',
    ],
)
def test_a_line_that_is_no_head_is_none(line: str) -> None:
    assert read_line(line) is None


@given(st.data())
def test_whatever_is_done_to_single_rows_is_found(data: st.DataObject) -> None:
    """Any rows, changed in any columns, dropped, doubled or moved: never taken for the chain that was vouched for."""
    rows = [row for row in ROWS if data.draw(st.booleans(), "kept") or data.draw(st.booleans(), "kept after all")]
    rows += data.draw(st.lists(st.sampled_from(ROWS), max_size=2), "doubled")
    for n in data.draw(st.sets(st.integers(0, max(len(rows) - 1, 0)), max_size=3), "changed"):
        if rows:
            column = data.draw(st.sampled_from(sorted(OTHER)))
            rows[n] = replace(rows[n], **{column: OTHER[column]})  # type: ignore[arg-type]
    verification = judged(rows, HEADS, ends(ROWS))
    assert (sorted(rows, key=lambda row: row.seq) == ROWS) == (found(verification) == [])


@given(st.integers(0, 12), st.sets(st.integers(1, 12)))
def test_a_rewritten_tail_is_found_exactly_where_a_head_stands_behind_it(behind: int, signed: set[int]) -> None:
    tail = [replace(row, actor="li") for row in ROWS[behind:]]
    rows = [*ROWS[:behind], *(rehashed(tail) if tail else [])]
    vouched: list[Head] = heads(ROWS, *signed) if signed else []
    assert (found(judged(rows, vouched)) == []) == all(seq <= behind for seq in signed)


def test_the_same_entries_give_the_same_chain() -> None:
    assert chain(5) == chain(5)
    assert len(entries(5)) == 5
