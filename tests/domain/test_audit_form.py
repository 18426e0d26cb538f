"""The canonical form of a row: the same for years, different for different rows, and what a database gives back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.audit import AuditEntry
from ops_center.domain.audit_form import BEGINNING, AuditRow, End, canonical, hash_of, said_of, storable
from tests.people.chains import chained

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
DETAILS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ROWS = st.builds(
    AuditRow,
    seq=st.integers(1, 2**63 - 1),
    at_us=st.integers(-(2**62), 2**62),
    actor=TEXTS,
    session=TEXTS,
    address=TEXTS,
    action=TEXTS,
    subject=TEXTS,
    outcome=st.sampled_from(["done", "refused", "failed"]),
    detail=st.dictionaries(TEXTS, DETAILS, max_size=3),
    realm=TEXTS,
    previous=st.binary(min_size=32, max_size=32),
    hash=st.just(b""),
)
ODD = st.binary(max_size=5) | st.text('\0\ud800\x1f"\\')
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ODD
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=20,
)
ENTRIES = st.builds(
    AuditEntry,
    at_us=st.integers(0, 4_000_000_000_000_000),
    actor=st.text(),
    action=st.text(),
    subject=st.text(),
    session=st.text(),
    address=st.text(),
    outcome=st.sampled_from(["done", "refused", "failed"]),
    detail=st.dictionaries(st.text(), ANYTHING, max_size=4),
)


def test_the_bytes_of_form_1_are_these_for_ever() -> None:
    row = AuditRow(
        7, 1_700_000_000_123_456, "wang", "s1", "::1", "account.changed", "李/x", "refused",
        {"b": [1, None, True], "a": 'say "\n"'}, "live", BEGINNING, b"",
    )  # fmt: skip
    assert canonical(row).decode() == (
        '["ops-center audit",1,7,1700000000123456,"wang","s1","::1","account.changed","李/x","refused",'
        '{"a":"say \\"\\n\\"","b":[1,null,true]},"live",' + f'"{"00" * 32}"]'
    )
    assert hash_of(row).hex() == "923183ed0ce8684c406f4281ae02fc747f988c673c7a947c5bbd437d8d932260"


@given(ROWS, ROWS)
def test_two_different_rows_never_have_the_same_bytes(one: AuditRow, other: AuditRow) -> None:
    assert (canonical(one) == canonical(other)) == (_strict(one) == _strict(other))


@given(ROWS, st.sampled_from(["actor", "session", "address", "action", "subject", "realm"]), st.data())
def test_no_text_can_pretend_to_be_another_column(row: AuditRow, column: str, data: st.DataObject) -> None:
    """Rows that differ a little: characters moved from one column to the next, quotes and commas among them."""
    columns = ["actor", "session", "address", "action", "subject"]
    moved = data.draw(st.permutations([getattr(row, name) for name in columns]))
    joined = data.draw(st.text('",[]\\:{}', max_size=4))
    other = replace(row, **dict(zip(columns, moved, strict=True)))
    other = replace(other, **{column: getattr(other, column) + joined})
    assert (canonical(row) == canonical(other)) == (row == other)


@given(ROWS)
def test_the_bytes_say_everything(row: AuditRow) -> None:
    """They can be read back, which is why two different rows can't have the same."""
    name, form, *columns, previous = json.loads(canonical(row))
    assert (name, form) == ("ops-center audit", 1)
    assert AuditRow(*columns, bytes.fromhex(previous), b"") == row


@given(ENTRIES)
def test_what_the_database_puts_its_own_around_is_the_middle_of_the_bytes(entry: AuditEntry) -> None:
    (row,) = chained([entry], "live", End(6, bytes(32)))
    whole = f'["ops-center audit",1,7{said_of(storable(entry))},"live","{"00" * 32}"]'
    assert canonical(row) == whole.encode()


@given(ENTRIES)
def test_whatever_an_act_names_becomes_something_that_can_be_stored(entry: AuditEntry) -> None:
    kept = storable(entry)
    assert storable(kept) == kept
    assert json.loads(json.dumps(kept.detail)) == kept.detail
    said = "".join(_texts([kept.actor, kept.subject, kept.action, kept.session, kept.address, kept.detail]))
    assert "\0" not in said
    assert len(said.encode("utf-8")) < 80_000
    (row,) = chained([entry], "live", End())
    assert hash_of(row) == row.hash


def test_details_beyond_measure_are_cut_and_say_so() -> None:
    kept = storable(AuditEntry(0, "", "x", detail={"long": "x" * 100_000}))
    assert kept.detail["characters"] > 15_000
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    assert storable(AuditEntry(0, "", "x", detail={"deep": [[["ok"]]]})).detail == {"deep": [[["ok"]]]}
    storable(AuditEntry(0, "", "x", detail={"deep": deep, "large": 10**10_000}))


def test_a_form_that_never_was_has_no_bytes() -> None:
    (row,) = chained([AuditEntry(0, "", "x")], "live", End())
    with pytest.raises(ValueError, match="form 2"):
        canonical(replace(row, form=2))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _texts(inner)


def _strict(row: AuditRow) -> str:
    """Unlike Python's equality: true is not 1."""
    return repr(replace(row, detail=json.loads(json.dumps(row.detail, sort_keys=True))))
