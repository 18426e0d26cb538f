"""Files by their content, views of one's own, hand-overs that nobody changes."""

from __future__ import annotations

import hashlib

import psycopg
import pytest

from ops_center.domain.audit import AuditEntry
from ops_center.domain.text import Label
from ops_center.store.alarm_port import Attachment, HandOver, SavedView
from ops_center.store.port import Store
from tests.store.alarm_shapes import without_alarms
from tests.store.shapes import REALM, T0, number


@pytest.fixture(autouse=True)
def _nothing_yet(url: str) -> None:
    without_alarms(url)


def test_a_file_is_kept_once_and_comes_back(store: Store, url: str) -> None:
    held = b"\x89PNG\r\n\0" + bytes(range(256)) * 400
    file = Attachment(hashlib.sha256(held).hexdigest(), "image/png", held)
    store.desk.keep_attachment(file, "li")
    store.desk.keep_attachment(file, "wang")
    assert store.desk.attachment(file.hash) == file
    assert store.desk.attachment("00" * 32) is None
    assert number(url, "SELECT count(*) FROM center.attachment WHERE added_by = 'li'") == 1


def test_views_are_each_accounts_own(store: Store) -> None:
    store.desk.save_view("li", SavedView("alarms", "夜班", {"priority": [1, 2]}))
    store.desk.save_view("li", SavedView("alarms", "夜班", {"priority": [1]}))
    store.desk.save_view("li", SavedView("journal", "mine", {}))
    store.desk.save_view("wang", SavedView("alarms", "夜班", {"a": "\0"}))
    assert store.desk.views("li", "alarms") == [SavedView("alarms", "夜班", {"priority": [1]})]
    store.desk.drop_view("li", "alarms", "夜班")
    assert store.desk.views("li", "alarms") == []
    assert store.desk.views("wang", "alarms") == [SavedView("alarms", "夜班", {"a": "\ufffd"})]


def test_a_hand_over_is_written_with_the_audit_and_stays(store: Store, url: str) -> None:
    record = HandOver(
        at_us=T0,
        since_us=T0 - 8 * 3_600_000_000,
        from_account="li",
        to_account="wang",
        department="water",
        text=Label("常在 3", "3 standing"),
        remark="泵 2 在修",
        figures={"standing": [1, 2, 3]},
    )
    first = store.desk.hand_over(record, AuditEntry(T0, "li", "alarms.handed_over", "wang"))
    second = store.desk.hand_over(record, AuditEntry(T0, "li", "alarms.handed_over", "wang"))
    assert store.desk.hand_overs() == [second, first]
    assert (first.text, first.figures, first.remark, first.id < second.id) == (
        record.text,
        {"standing": [1, 2, 3]},
        "泵 2 在修",
        True,
    )
    assert store.desk.hand_overs(before=second.id) == [first]
    assert store.audit.page(limit=1)[0].detail == {"hand_over": second.id, "alarms": []}
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(f"UPDATE {REALM.schema}.hand_over SET remark = ''")
