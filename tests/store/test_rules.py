"""Rules are versions that are only ever added; of two who edit at once the second is told."""

from __future__ import annotations

import threading

import psycopg
import pytest

from ops_center.domain.errors import RuleChanged
from ops_center.domain.realms import Realm
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from ops_center.store.version_port import NewVersion
from tests.services.audits import entry
from tests.store.shapes import REALM, T0


def version(name: str = "rain_heavy", expected: int = 0, origin: str = "editor", **form: object) -> NewVersion:
    whole = {"name": name, "enabled": True, "parameters": {"above": 3.5, "words": "雨\0"}, **form}
    return NewVersion(whole, origin, b"h" * 32, "li", "because", T0, expected)


def test_the_newest_version_counts_and_all_are_kept(store: Store) -> None:
    before = store.rules.version()
    store.rules.add([version(), version("calm")], [])
    store.rules.add([version(expected=1, enabled=False)], [])
    found = store.rules.load()
    assert found.version == store.rules.version() == before + 2
    assert [(row.name, row.version, row.enabled) for row in found.rows] == [("calm", 1, True), ("rain_heavy", 2, False)]
    newest, first = store.rules.history("rain_heavy")
    assert (newest.form["version"], first.form["version"], first.form["parameters"]["above"]) == (2, 1, 3.5)
    assert (first.author, first.reason, first.origin, first.at_us) == ("li", "because", "editor", T0)
    assert store.rules.history("nobody") == []


@pytest.mark.parametrize("expected", [0, 2])
def test_who_did_not_see_the_newest_version_is_refused_and_nothing_is_written(store: Store, expected: int) -> None:
    store.rules.add([version()], [])
    number, rows = store.rules.version(), len(list(store.audit.walk()))
    with pytest.raises(RuleChanged):
        store.rules.add([version("other"), version(expected=expected)], [entry(1)])
    assert store.rules.version() == number and [row.name for row in store.rules.load().rows] == ["rain_heavy"]
    assert len(list(store.audit.walk())) == rows


def test_of_two_who_edit_at_once_one_wins(store: Store, url: str) -> None:
    store.rules.add([version()], [])
    outcomes: list[str] = []

    def edit() -> None:
        own = open_store(url, REALM)
        try:
            own.rules.add([version(expected=1)], [entry(1)])
            outcomes.append("saved")
        except RuleChanged:
            outcomes.append("told")
        own.close()

    threads = [threading.Thread(target=edit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["saved", "told", "told", "told"]


def test_no_version_is_ever_changed_or_deleted(store: Store, url: str) -> None:
    store.rules.add([version()], [])
    for statement in ("UPDATE realm_simulated.rule SET author = 'zhao'", "DELETE FROM realm_simulated.rule"):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(statement)


def test_realms_have_rules_of_their_own(store: Store, other_realm: Store) -> None:
    before = other_realm.rules.version()
    store.rules.add([version()], [])
    assert REALM is not Realm.LIVE and other_realm.rules.version() == before
    assert all(row.name != "rain_heavy" for row in other_realm.rules.load().rows)
