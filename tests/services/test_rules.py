"""Rules in the database: imported once, edited in versions, checked by field, tried on history."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest

from alerts.loading import shipped_files
from ops_center.domain.errors import ConfigurationError, RuleChanged, RuleError
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.time import SECOND_US, ManualClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.services.rule_trials import Trials
from ops_center.services.rules import Refused, RuleDesk
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import Store
from ops_center.store.version_port import VersionRow
from tests.servers.databases import empty_database
from tests.servers.webs import until
from tests.store.shapes import STAND, T0, fixes, stream, thing

LI = Asker("li")
WORDS = {"zh": "慢", "en": "slow"}
REALM = Realm.SIMULATED


@pytest.fixture(scope="module")
def rules_url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def store(rules_url: str) -> Iterator[Store]:
    tables = ("rule", "observation", "position")
    with psycopg.connect(rules_url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(f'{REALM.schema}.{table}' for table in tables)}, center.thing CASCADE")
    opened = open_store(rules_url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store) -> RuleDesk:
    return RuleDesk(store, ManualClock())


def form(name: str = "slow", type_: str = "threshold", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": type_,
        "label": WORDS,
        "source": WORDS,
        "scope": {"feed": "traffic", "observed_property": "vehicle_speed"},
        "parameters": {"unit": "km/h", "below": 10, "on_delay_s": 30},
        "priority": {"consequence": "minor", "respond_min": 30},
        "texts": dict.fromkeys(("cause", "consequence", "operator_action", "department"), WORDS),
        **more,
    }


def saved(outcome: VersionRow | Refused) -> VersionRow:
    assert isinstance(outcome, VersionRow), outcome
    return outcome


def acts(store: Store) -> list[tuple[str, str]]:
    return [(row.action, row.subject) for row in store.audit.page(action="rule.")]


def toml(limit: float) -> str:
    words = '{ zh = "慢", en = "slow" }'
    texts = "\n".join(f"{name} = {words}" for name in ("cause", "consequence", "operator_action", "department"))
    return f"""
[[rule]]
name = "slow"
type = "threshold"
label = {words}
source = {words}
scope = {{ feed = "traffic" }}
parameters = {{ unit = "km/h", below = {limit} }}
priority = {{ consequence = "minor", respond_min = 30 }}
[rule.texts]
{texts}
"""


def test_what_ships_is_imported_once(desk: RuleDesk, store: Store) -> None:
    first, version = desk.import_shipped(), store.rules.version()
    assert len(first.new) == len(desk.list()) > 40
    assert {row.origin for row in desk.list()} == {f"file:{name}" for name, _ in shipped_files()}
    again = desk.import_shipped()
    assert (again.new, again.renewed, again.left) == ((), (), ()) and store.rules.version() == version
    assert acts(store)[0] == ("rule.imported", str(len(first.new)))


def test_a_file_that_changed_is_a_new_version_only_where_nobody_edited_the_rule(desk: RuleDesk) -> None:
    desk.import_files([("a.toml", toml(10))], LI)
    assert desk.import_files([("a.toml", toml(12))], LI).renewed == ("slow",)
    assert desk.rule("slow").form["parameters"]["below"] == 12 and desk.rule("slow").version == 2
    saved(desk.set_enabled(LI, "slow", False, "roadworks"))
    assert desk.import_files([("a.toml", toml(15))], LI).left == ("slow",)
    assert not desk.rule("slow").enabled and desk.rule("slow").form["parameters"]["below"] == 12


def test_a_damaged_file_changes_nothing(desk: RuleDesk, store: Store) -> None:
    before = store.rules.version()
    with pytest.raises(ConfigurationError, match=r"b\.toml, rule slow: parameters\.below"):
        desk.import_files([("a.toml", toml(10)), ("b.toml", toml(10).replace("below = 10", 'below = "x"'))], LI)
    assert store.rules.version() == before and not desk.list()


def test_every_edit_is_a_version_with_its_author_and_an_entry(desk: RuleDesk, store: Store) -> None:
    saved(desk.save(LI, form(), 0, "new"))
    row = saved(desk.save(LI, form(parameters={"unit": "km/h", "below": 8}), 1, "too many"))
    assert (row.version, row.author, row.reason, row.origin) == (2, "li", "too many", "editor")
    saved(desk.set_enabled(LI, "slow", False, "holiday"))
    saved(desk.set_enabled(LI, "slow", False, "holiday"))
    assert [(one.version, one.enabled) for one in desk.history("slow")] == [(3, False), (2, True), (1, True)]
    assert acts(store)[:3] == [("rule.disabled", "slow"), ("rule.saved", "slow"), ("rule.saved", "slow")]


def test_who_edits_an_old_version_is_told(desk: RuleDesk) -> None:
    saved(desk.save(LI, form(), 0, "new"))
    saved(desk.save(LI, form(), 1, "same again"))
    with pytest.raises(RuleChanged):
        desk.save(LI, form(), 1, "late")
    with pytest.raises(RuleError):
        desk.set_enabled(LI, "nobody", True, "why not")


@pytest.mark.parametrize(
    ("change", "field", "zh"),
    [
        ({"parameters": {"unit": "km/h", "below": "x"}}, "parameters.below", "须为 float"),
        ({"parameters": {"unit": "km/h", "below": 1, "odd": 1}}, "parameters.odd", "没有这一项"),
        ({"texts": {"cause": WORDS}}, "texts.consequence", "缺少必填项"),
        ({"name": "Slow"}, "name", "格式不符"),
        ({"type": "magic"}, "type", "不在以下取值之中"),
        ({"priority": {"consequence": "dire", "respond_min": 1}}, "priority.consequence", "没有"),
        ({"priority": {"consequence": "minor", "respond_min": 0}}, "priority.respond_min", "须为 > 0"),
        ({"scope": {"subject": "city"}}, "scope.subject", "不在以下取值之中"),
    ],
)
def test_what_is_wrong_is_named_by_field_in_both_languages(
    desk: RuleDesk, change: dict[str, Any], field: str, zh: str
) -> None:
    outcome = desk.save(LI, form(**change), 0, "new")
    assert isinstance(outcome, Refused) and [fault.field for fault in outcome.faults] == [field]
    assert zh in outcome.faults[0].what.zh and outcome.faults[0].what.en
    assert not desk.list()


def test_a_change_wants_a_reason(desk: RuleDesk) -> None:
    outcome = desk.save(LI, form(), 0, "  ")
    assert isinstance(outcome, Refused) and [fault.field for fault in outcome.faults] == ["reason"]


def test_rules_over_conditions_name_rules_that_are_there_and_stay(desk: RuleDesk) -> None:
    over = form("both", "combination", scope={"subject": "thing"}, parameters={"all": [{"rule": "slow"}]})
    assert isinstance(desk.save(LI, over, 0, "new"), Refused)
    saved(desk.save(LI, form(), 0, "new"))
    saved(desk.save(LI, over, 0, "new"))
    turned = form("slow", "combination", scope={"subject": "thing"}, parameters={"all": [{"rule": "slow"}]})
    outcome = desk.save(LI, turned, 1, "turned into one over conditions")
    assert isinstance(outcome, Refused)


def _history(url: str, store: Store) -> None:
    store.catalog.register([thing("S1"), thing("S2")], [stream("S1"), stream("S2")], "test")
    keys = sorted(store.catalog.load().datastreams)
    times = np.arange(T0, T0 + 600 * SECOND_US, 10 * SECOND_US)
    n = len(times)
    low = np.where((times >= T0 + 100 * SECOND_US) & (times < T0 + 300 * SECOND_US), 5.0, 50.0)
    batch = [
        ObservationBatch(np.full(n, key, np.int32), times, values, np.zeros(n, np.uint8), times, int(times[-1]))
        for key, values in zip(keys, (low, np.full(n, 50.0)), strict=True)
    ]
    moving = sorted(store.catalog.load().things)[0]
    writer = open_stream_store(url, REALM)
    writer.commit_data(STAND, ObservationBatch.concat(batch), PositionBatch.empty(), ())
    writer.commit_data(STAND, ObservationBatch.empty(), fixes([(moving, T0 + n, 118.7) for n in range(5)]), ())
    writer.close()


def test_a_replay_says_what_a_rule_would_have_raised(desk: RuleDesk, store: Store, rules_url: str) -> None:
    _history(rules_url, store)
    found = desk.replay(form(enabled=False), (T0, T0 + 600 * SECOND_US))
    assert not isinstance(found, Refused) and (found.inputs, found.left_out) == (2, 0)
    turns = list(zip(found.conditions.entered.tolist(), found.conditions.time_us.tolist(), strict=True))
    assert turns == [(1, T0 + 130 * SECOND_US), (0, T0 + 300 * SECOND_US)]
    assert [label.en for label in found.subjects.values()] == ["detector vehicle_speed"]
    one = desk.replay(form(), (T0, T0 + 600 * SECOND_US), most=1)
    assert not isinstance(one, Refused) and (one.inputs, one.left_out, len(one.conditions)) == (1, 1, 2)


def test_a_replay_of_a_rule_over_conditions_hears_its_legs(desk: RuleDesk, store: Store, rules_url: str) -> None:
    _history(rules_url, store)
    saved(desk.save(LI, form(), 0, "new"))
    over = form("any", "combination", scope={"subject": "thing"}, parameters={"any": [{"rule": "slow"}]})
    found = desk.replay(over, (T0, T0 + 600 * SECOND_US))
    assert not isinstance(found, Refused) and found.conditions.entered.tolist() == [1, 0]


def test_a_replay_over_fixes(desk: RuleDesk, store: Store, rules_url: str) -> None:
    _history(rules_url, store)
    fast = form("fast", "speed", scope={"subject": "thing"}, parameters={"unit": "m/s", "above": 1})
    found = desk.replay(fast, (T0, T0 + 600 * SECOND_US))
    assert not isinstance(found, Refused) and found.conditions.entered.tolist() == [1]


def test_a_trial_is_the_same_replay_with_progress_and_ends_when_asked_to(store: Store, rules_url: str) -> None:
    _history(rules_url, store)
    trials = Trials(store, ManualClock(T0 + 600 * SECOND_US))
    trial = trials.start("li's", form(enabled=False), 1.0, wanted=2)
    until(lambda: trial.state != "runs")
    assert (trial.state, trial.read, trial.share) == ("done", 2, 1.0) and trials.of("li's") is trial
    assert trial.found is not None and trial.found.conditions.entered.tolist() == [1, 0]
    refused = trials.start("li's", form(parameters={"unit": "km/h"}), 1.0, wanted=2)
    until(lambda: refused.state != "runs")
    assert refused.state == "refused" and refused.faults[0].field == "parameters"
    other = trials.start("zhao's", form(), 1.0, wanted=2)
    trials.cancel("zhao's")
    assert other.state in {"cancelled", "done"} and trials.of("nobody's") is None
    until(lambda: not [one for one in threading.enumerate() if one.name == "rule-trial"])
