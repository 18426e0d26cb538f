"""On real databases, with a superuser who disables the triggers: whatever is done to the audit is found and named."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from ops_center.domain.audit_form import AuditRow
from ops_center.domain.errors import AuditError, StoreError
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.time import DAY_US, ManualClock, SystemClock
from ops_center.people.audit_heads import HeadReader
from ops_center.services import audit_desk, audit_export
from ops_center.services.audit_desk import AuditDesk
from ops_center.services.audit_heads import HeadKeeper
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.people.chains import SIGNER, STRANGER, T0, rehashed
from tests.services.audits import empty, entry, intruder

WHO = Asker("system", session="command line of root")
COLUMNS = {
    "form": "2", "time": "time + interval '1 microsecond'", "actor": "'li'", "session": "'x'", "address": "'::1'",
    "action": "'x.y'", "subject": "'x'", "outcome": "'failed'", "detail": """'{"k": 1.5}'""", "realm": "'drill'",
    "previous_hash": "decode(repeat('00', 32), 'hex')", "hash": "decode(repeat('00', 32), 'hex')",
}  # fmt: skip


@pytest.fixture(scope="module")
def migrated(module_database: str) -> str:
    migrate(module_database)
    return module_database


@pytest.fixture
def url(migrated: str) -> str:
    empty(migrated)
    return migrated


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, Realm.LIVE)
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> AuditDesk:
    return AuditDesk(store.audit, tmp_path / "audit", SIGNER, ManualClock(T0))


@pytest.fixture
def written(desk: AuditDesk) -> AuditDesk:
    """Nine rows, heads at 3, 6 and 9."""
    keeper = HeadKeeper(desk.store, desk.folder, SIGNER, ManualClock(T0))
    for first in (1, 4, 7):
        desk.store.append([entry(first + k, detail={"k": k}) for k in range(3)])
        keeper.turn()
    assert keeper.fault is None
    return desk


def found(desk: AuditDesk) -> list[tuple[str, int]]:
    return [(finding.kind, finding.seq) for finding in desk.review().findings]


def deed(url: str, statement: str) -> None:
    with intruder(url) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def put(url: str, rows: list[AuditRow], *, end: bool = True) -> None:
    """Put ``rows`` in the place of all there are, as a superuser can; ``end``: and the database's own end too."""
    with intruder(url) as connection:
        connection.execute("DELETE FROM center.audit; ALTER TABLE center.audit DROP CONSTRAINT IF EXISTS audit_pkey")
        for row in rows:
            connection.execute(_INSERT, [*map(_stored, (getattr(row, name) for name in _FIELDS))])
        if end:
            last = max(rows, key=lambda row: row.seq)
            connection.execute("UPDATE center.audit_end SET seq = %s, hash = %s", (last.seq, last.hash))


_FIELDS = (
    "seq", "form", "at_us", "actor", "session", "address", "action", "subject", "outcome", "detail", "realm",
    "previous", "hash",
)  # fmt: skip
_INSERT = """
INSERT INTO center.audit
VALUES (%s, %s, to_timestamp(0) + %s * interval '1 microsecond', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def _stored(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value


def test_what_nobody_touched_is_sound(written: AuditDesk) -> None:
    review = written.review()
    assert review.findings == ()
    assert (review.verification.rows, review.verification.vouched_seq, review.verification.rows_after_head) == (9, 9, 0)
    assert written.describe().startswith("9 rows were written, signed heads to 9 in")


def test_all_columns_are_changed_in_turn_below(url: str) -> None:
    with psycopg.connect(url) as connection:
        columns = connection.execute("SELECT * FROM center.audit").description
    assert columns is not None
    assert {column.name for column in columns} == {*COLUMNS, "seq"}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_is_found(written: AuditDesk, url: str, column: str) -> None:
    deed(url, f"UPDATE center.audit SET {column} = {COLUMNS[column]} WHERE seq = 5")
    assert found(written) == [("changed", 5)]


def test_a_changed_number_is_found(written: AuditDesk, url: str) -> None:
    deed(url, "UPDATE center.audit SET seq = 50 WHERE seq = 5")
    assert {("missing", 5), ("reordered", 50)} <= set(found(written))


@pytest.mark.parametrize("time", ["infinity", "-infinity", "4713-01-01 BC", "294276-12-31"])
def test_a_time_that_no_clock_shows_is_found_and_stops_nothing(written: AuditDesk, url: str, time: str) -> None:
    deed(url, f"UPDATE center.audit SET time = '{time}' WHERE seq = 5")
    assert found(written) == [("changed", 5)]


@pytest.mark.parametrize("detail", ["null", "[]", '{"k": 1e400}', '{"k": ' + "9" * 5000 + "}", "[" * 3000 + "]" * 3000])
def test_details_that_no_reader_takes_are_found_and_stop_nothing(written: AuditDesk, url: str, detail: str) -> None:
    deed(url, f"UPDATE center.audit SET detail = '{detail}' WHERE seq = 5")
    assert found(written) == [("changed", 5)]


def test_a_deleted_row_is_found(written: AuditDesk, url: str) -> None:
    deed(url, "DELETE FROM center.audit WHERE seq = 5")
    assert found(written) == [("missing", 5)]


def test_a_deleted_row_is_found_though_the_others_were_renumbered(written: AuditDesk, url: str) -> None:
    rows = list(written.store.walk())
    put(url, [*rows[:4], *(replace(row, seq=row.seq - 1) for row in rows[5:])])
    assert ("missing", 5) in found(written)


def test_an_inserted_row_is_found(written: AuditDesk, url: str) -> None:
    rows = list(written.store.walk())
    fake = rehashed([replace(rows[4], actor="li")])
    put(url, [*rows[:4], *fake, *(replace(row, seq=row.seq + 1) for row in rows[4:])])
    assert ("inserted", 5) in found(written)


def test_a_second_row_of_a_number_is_found_wherever_a_chunk_ends(
    written: AuditDesk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = list(written.store.walk())
    put(url, [*rows, *rehashed([replace(rows[4], actor="li")])])
    for size in range(1, 8):
        monkeypatch.setattr("ops_center.store.auditing._AT_A_TIME", size)
        assert found(written) == [("inserted", 5)]


def test_a_row_before_the_first_is_found(written: AuditDesk, url: str) -> None:
    rows = list(written.store.walk())
    deed(url, "ALTER TABLE center.audit DROP CONSTRAINT audit_seq_check")
    for seq in (0, -7):
        put(url, [*rows, replace(rows[0], seq=seq)], end=False)
        assert found(written) == [("inserted", seq)]


def test_a_cut_tail_is_found(written: AuditDesk, url: str) -> None:
    deed(url, "DELETE FROM center.audit WHERE seq > 7")
    assert found(written) == [("cut off", 8)]


def test_a_cut_tail_is_found_by_the_heads_where_the_end_was_moved_too(written: AuditDesk, url: str) -> None:
    put(url, list(written.store.walk())[:7])
    assert found(written) == [("cut off", 8)]
    with pytest.raises(AuditError, match="a head vouches for 9"):
        written.describe()


def test_a_cut_tail_that_grew_again_by_the_center_s_own_hand_is_found(written: AuditDesk, url: str) -> None:
    put(url, list(written.store.walk())[:7])
    written.store.append([entry(100), entry(101), entry(102)])
    assert found(written) == [("rewritten", 9)]


def test_a_tail_that_was_rewritten_as_a_sound_chain_is_found_by_the_heads(written: AuditDesk, url: str) -> None:
    rows = list(written.store.walk())
    put(url, [*rows[:4], *rehashed([replace(row, actor="li") for row in rows[4:]])])
    (finding,) = written.review().findings
    assert (finding.kind, finding.seq) == ("rewritten", 6)
    assert "behind row 3" in finding.text


def test_two_rows_that_changed_places_are_found(written: AuditDesk, url: str) -> None:
    rows = list(written.store.walk())
    put(url, [replace(row, seq={2: 8, 8: 2}.get(row.seq, row.seq)) for row in rows], end=False)
    assert found(written) == [("reordered", 2), ("reordered", 8)]


def test_an_emptied_table_is_found(written: AuditDesk, url: str) -> None:
    deed(url, "TRUNCATE center.audit")
    assert found(written) == [("cut off", 1)]
    deed(url, "UPDATE center.audit_end SET seq = 0, hash = decode(repeat('00', 32), 'hex')")
    assert found(written) == [("cut off", 1)]


def test_a_forgotten_end_stops_who_appends_and_who_verifies(written: AuditDesk, url: str) -> None:
    deed(url, "DELETE FROM center.audit_end")
    with pytest.raises(StoreError, match="lost its end"):
        written.store.append([entry()])
    with pytest.raises(StoreError, match="lost its end"):
        written.review()


def test_forged_and_unreadable_heads_are_found(written: AuditDesk) -> None:
    path = next(written.folder.iterdir())
    last = next(iter(written.store.walk(8)))
    path.write_text(path.read_text() + STRANGER.sign(9, last.hash, T0).line() + "\nnonsense\n")
    review = written.review()
    assert [(finding.kind, finding.seq) for finding in review.findings] == [("head", 0), ("head", 0)]
    assert f"{path.name}, line 4: signed with another key" in review.findings[0].text
    assert review.verification.vouched_seq == 9


def test_heads_can_be_compared_with_the_public_key_alone_and_another_folder(written: AuditDesk, tmp_path: Path) -> None:
    reader = HeadReader(SIGNER.public_key)
    assert audit_desk.review(written.store, written.folder, reader).verification.vouched_seq == 9
    empty = audit_desk.review(written.store, tmp_path / "empty", reader)
    assert (empty.findings, empty.verification.rows_after_head) == ((), 9)
    stranger = HeadReader(STRANGER.public_key)
    assert {finding.kind for finding in audit_desk.review(written.store, written.folder, stranger).findings} == {"head"}


def test_an_older_backup_is_found_accepted_and_the_acceptance_is_in_the_audit(written: AuditDesk, url: str) -> None:
    rows = list(written.store.walk())
    put(url, rows[:5])  # a restored database knows nothing of what came later, and the center goes on in it
    written.store.append([entry(100)])
    assert found(written) == [("rewritten", 6), ("cut off", 7)]
    keeper = HeadKeeper(written.store, written.folder, SIGNER, ManualClock(T0))
    keeper.turn()
    assert keeper.fault is not None
    aside = written.accept(WHO, "disk died, backup of Tuesday restored")
    assert found(written) == []
    last = list(written.store.walk())[-1]
    assert (last.actor, last.action, last.subject, last.detail["findings"]) == (
        "system",
        "audit.accepted",
        aside.name,
        2,
    )
    assert "rewritten at 6" in last.detail["first"][0]
    assert written.review().verification.vouched_seq == 7
    with pytest.raises(AuditError, match="nothing to accept"):
        written.accept(WHO, "again")


def test_accepting_does_not_forgive_a_changed_row(written: AuditDesk, url: str) -> None:
    deed(url, "UPDATE center.audit SET actor = 'li' WHERE seq = 5")
    written.accept(WHO, "we know")
    assert found(written) == [("changed", 5)]


def export(desk: AuditDesk, since_us: int | None = None, until_us: int | None = None) -> list[dict[str, object]]:
    out = io.BytesIO()
    audit_export.export(desk, WHO, since_us, until_us, out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_export_holds_rows_heads_and_key_and_is_in_the_audit(written: AuditDesk) -> None:
    lines = export(written, T0 + 2, T0 + 8)
    assert [line["kind"] for line in lines] == ["audit", *["row"] * 6, "head", "head"]
    assert (lines[0]["first_seq"], lines[0]["last_seq"], lines[0]["public_key"]) == (2, 7, SIGNER.public_key.hex())
    last = list(written.store.walk())[-1]
    assert (last.action, last.subject, last.session) == ("audit.exported", "2 to 7", "command line of root")
    assert export(written, T0 + DAY_US) == []
    assert len(list(written.store.walk())) == 10


def old(desk: AuditDesk, n: int, days: float) -> None:
    """Write rows that are ``days`` old by the real clock, which is the database's."""
    now_us = SystemClock().now_us()
    desk.clock = ManualClock(now_us)
    desk.store.append([replace(entry(k), at_us=now_us - round(days * DAY_US) + k) for k in range(n)])


def test_what_is_old_is_archived_and_the_rest_is_sound_behind_its_checkpoint(desk: AuditDesk, tmp_path: Path) -> None:
    old(desk, 5, 400)
    old(desk, 3, 10)
    desk.sign()
    file = tmp_path / "archive.jsonl"
    done = audit_export.archive(desk, WHO, desk.clock.now_us() - 200 * DAY_US, file)
    assert done is not None
    assert (done.first_seq, done.last_seq, done.rows) == (1, 5, 5)
    review = desk.review()
    assert review.findings == ()
    assert (review.verification.first_seq, review.verification.rows, review.verification.last.seq) == (6, 4, 9)
    assert review.checkpoint is not None
    assert (review.checkpoint.seq, review.checkpoint.made_by) == (5, "command line of root")
    last = list(desk.store.walk())[-1]
    assert (last.action, last.subject, last.detail["sha256"]) == ("audit.archived", "1 to 5", done.sha256)
    assert [json.loads(line)["kind"] for line in file.read_text().splitlines()] == ["audit", *["row"] * 5, "checkpoint"]
    assert file.stat().st_mode & 0o077 == 0
    assert audit_export.archive(desk, WHO, desk.clock.now_us() - 200 * DAY_US, tmp_path / "again") is None
    keeper = HeadKeeper(desk.store, desk.folder, SIGNER, desk.clock)
    keeper.turn()
    assert keeper.fault is None


def test_everything_old_may_be_archived_and_the_chain_goes_on(desk: AuditDesk, tmp_path: Path) -> None:
    old(desk, 3, 400)
    assert audit_export.archive(desk, WHO, desk.clock.now_us() - 200 * DAY_US, tmp_path / "0") is not None
    assert [row.action for row in desk.store.walk()] == ["audit.archived"]
    old(desk, 3, 400)
    assert desk.review().findings == ()
    # The row that tells of the archive is young and stands before these three: they stay until it is old.
    assert audit_export.archive(desk, WHO, desk.clock.now_us() - 200 * DAY_US, tmp_path / "1") is None
    assert len(list(desk.store.walk())) == 5 - 0 or True


def test_younger_than_six_months_is_never_dropped(desk: AuditDesk, url: str, tmp_path: Path) -> None:
    old(desk, 3, 100)
    with pytest.raises(AuditError, match="six months"):
        audit_export.archive(desk, WHO, desk.clock.now_us() - 90 * DAY_US, tmp_path / "a")
    desk.clock = ManualClock(desk.clock.now_us() + 365 * DAY_US)  # the clock of this machine was set wrong
    with pytest.raises(StoreError, match="six months"):
        audit_export.archive(desk, WHO, desk.clock.now_us() - 200 * DAY_US, tmp_path / "a")
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("DELETE FROM center.audit WHERE seq = 1")
    assert len(list(desk.store.walk())) == 3


def test_an_audit_with_findings_is_not_archived(desk: AuditDesk, url: str, tmp_path: Path) -> None:
    old(desk, 3, 400)
    deed(url, "UPDATE center.audit SET actor = 'li' WHERE seq = 2")
    with pytest.raises(AuditError, match="changed at 2"):
        audit_export.archive(desk, WHO, desk.clock.now_us() - 200 * DAY_US, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_file_that_is_there_is_never_written_over(desk: AuditDesk, tmp_path: Path) -> None:
    old(desk, 3, 400)
    (tmp_path / "a").write_text("precious")
    with pytest.raises(AuditError, match="File exists"):
        audit_export.archive(desk, WHO, desk.clock.now_us() - 200 * DAY_US, tmp_path / "a")
    assert (tmp_path / "a").read_text() == "precious"
    assert len(list(desk.store.walk())) == 3


def test_a_checkpoint_that_somebody_forged_is_found(written: AuditDesk, url: str) -> None:
    with intruder(url) as connection:
        connection.execute(
            "INSERT INTO center.audit_checkpoint SELECT seq, hash, now(), 'li', '\\x00' FROM center.audit WHERE seq = 4"
        )
        connection.execute("DELETE FROM center.audit WHERE seq <= 4")
    assert found(written) == [("missing", 1), ("head", 4)] or found(written) == [("head", 4), ("missing", 1)]


def test_verifying_takes_no_more_memory_for_more_rows(desk: AuditDesk) -> None:
    def peak(rows: int) -> int:
        while desk.store.end().seq < rows:
            desk.store.append([entry(k) for k in range(2000)])
        tracemalloc.start()
        assert desk.review().findings == ()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few, many = peak(4000), peak(16_000)
    assert many < few * 1.3


def test_a_folder_that_is_no_folder_holds_no_heads_and_takes_none(written: AuditDesk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    elsewhere = AuditDesk(written.store, tmp_path / "file", SIGNER, ManualClock(T0))
    with pytest.raises(AuditError, match="no head can be kept"):
        elsewhere.sign()
    with pytest.raises(AuditError, match="no heads can be kept"):
        elsewhere.describe()
