"""Scenes are versions that are only ever added; of two who edit at once the second is told; what is gone is kept."""

from __future__ import annotations

import psycopg
import pytest

from ops_center.domain.errors import SceneChanged
from ops_center.domain.realms import Realm
from ops_center.store.port import Store
from ops_center.store.version_port import NewVersion
from tests.scenes.shapes import form
from tests.services.audits import entry
from tests.store.shapes import REALM, T0


def version(name: str = "night", expected: int = 0, gone: bool = False, **more: object) -> NewVersion:
    return NewVersion(form(name, **more), "editor", b"h" * 32, "li", "because", T0, expected, gone)


def test_the_newest_version_counts_and_all_are_kept(store: Store) -> None:
    before = store.scenes.version()
    store.scenes.add([version(), version("calm")], [])
    store.scenes.add([version(expected=1, rotate_s=60)], [])
    assert store.scenes.version() == before + 2
    assert [(row.name, row.version) for row in store.scenes.load().rows] == [("calm", 1), ("night", 2)]
    newest, first = store.scenes.history("night")
    assert (newest.form["version"], newest.form["rotate_s"], first.version) == (2, 60, 1)
    assert (first.author, first.reason, first.origin, first.at_us) == ("li", "because", "editor", T0)
    assert store.scenes.history("nobody") == []


@pytest.mark.parametrize("expected", [0, 2])
def test_who_did_not_see_the_newest_version_is_refused_and_nothing_is_written(store: Store, expected: int) -> None:
    store.scenes.add([version()], [])
    number, rows = store.scenes.version(), len(list(store.audit.walk()))
    with pytest.raises(SceneChanged):
        store.scenes.add([version("other"), version(expected=expected)], [entry(1)])
    assert store.scenes.version() == number and [row.name for row in store.scenes.load().rows] == ["night"]
    assert len(list(store.audit.walk())) == rows


def test_what_is_deleted_is_gone_keeps_its_versions_and_its_name_can_be_taken_again(store: Store) -> None:
    store.scenes.add([version()], [])
    store.scenes.add([version(expected=1, gone=True)], [])
    assert store.scenes.load().rows == ()
    with pytest.raises(SceneChanged):
        store.scenes.add([version(expected=2)], [])
    store.scenes.add([version(expected=0)], [])
    assert [(row.version, row.gone) for row in store.scenes.history("night")] == [(3, False), (2, True), (1, False)]


def test_no_version_is_ever_changed_or_deleted(store: Store, url: str) -> None:
    store.scenes.add([version()], [])
    for statement in ("UPDATE realm_simulated.scene SET author = 'zhao'", "DELETE FROM realm_simulated.scene"):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(statement)


def test_realms_have_scenes_of_their_own(store: Store, other_realm: Store) -> None:
    before = other_realm.scenes.version()
    store.scenes.add([version()], [])
    assert REALM is not Realm.LIVE and other_realm.scenes.version() == before
    assert all(row.name != "night" for row in other_realm.scenes.load().rows)
