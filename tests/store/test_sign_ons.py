"""Crews hold units: one each, whoever comes at once; what was taken over says so, and so does the audit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from ops_center.domain.audit import AuditEntry
from ops_center.store.port import Store
from tests.store.persons import NOW_US
from tests.store.shapes import REALM


@pytest.fixture(autouse=True)
def _nobody_yet(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {REALM.schema}.unit_sign_on")


def on(who: str, unit: str, at_us: int = NOW_US) -> AuditEntry:
    return AuditEntry(at_us, who, "unit.signed_on", unit)


def off(who: str, at_us: int = NOW_US + 9) -> AuditEntry:
    return AuditEntry(at_us, who, "unit.signed_off", who)


def test_a_later_sign_on_takes_over_and_says_from_whom(store: Store) -> None:
    first = store.sign_ons.sign_on("U1", on("li", "U1"))
    assert (first.held.account, first.took_over, first.left) == ("li", None, None)
    second = store.sign_ons.sign_on("U1", on("wang", "U1", NOW_US + 5))
    assert second.took_over is not None
    assert (second.took_over.account, second.took_over.until_us, second.took_over.ended) == (
        "li",
        NOW_US + 5,
        "taken_over",
    )
    assert [(one.unit, one.account) for one in store.sign_ons.held()] == [("U1", "wang")]
    assert [one.account for one in store.sign_ons.of_unit("U1")] == ["wang", "li"]
    told = store.audit.page(limit=1)[0]
    assert (told.action, told.subject, told.detail) == ("unit.signed_on", "U1", {"took_over": "li"})


def test_a_crew_that_signs_on_elsewhere_leaves_its_unit(store: Store) -> None:
    store.sign_ons.sign_on("U1", on("li", "U1"))
    moved = store.sign_ons.sign_on("U2", on("li", "U2", NOW_US + 5))
    assert moved.left is not None and (moved.left.unit, moved.left.ended) == ("U1", "moved")
    assert [one.unit for one in store.sign_ons.held()] == ["U2"]


def test_signing_on_again_changes_nothing_and_writes_nothing(store: Store) -> None:
    first = store.sign_ons.sign_on("U1", on("li", "U1")).held
    before = store.audit.page(limit=1)
    assert store.sign_ons.sign_on("U1", on("li", "U1", NOW_US + 5)).held == first
    assert store.audit.page(limit=1) == before


def test_signing_off_ends_it_and_never_before_it_began(store: Store) -> None:
    store.sign_ons.sign_on("U1", on("li", "U1"))
    ended = store.sign_ons.sign_off(off("li", NOW_US - 60))
    assert ended is not None and (ended.until_us, ended.ended) == (NOW_US, "signed_off")
    assert store.sign_ons.sign_off(off("li")) is None
    assert store.sign_ons.held() == []


def test_of_many_at_once_one_holds_the_unit_and_each_has_one_line(store: Store) -> None:
    crews = [f"crew-{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda who: store.sign_ons.sign_on("U1", on(who, "U1")), crews))
    (held,) = store.sign_ons.held()
    assert held.account in crews
    from_whom = [one.took_over.account for one in made if one.took_over]
    assert sorted([*from_whom, held.account]) == sorted(crews), "each was taken over once, but the last"
    assert len(store.sign_ons.of_unit("U1")) == len(crews)
