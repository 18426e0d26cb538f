"""Ten thousand conditions of two causes and five that are unrelated become a few lines, by the judge's own measure."""

from __future__ import annotations

from benchmarks.judge_storm import judged
from benchmarks.storm_city import CONDITIONS, make_storm
from tests.feeds.cities import city


def test_a_storm_of_two_causes_becomes_a_few_lines_and_nothing_is_lost() -> None:
    found = judged(make_storm(city(1500), 1))
    assert found["conditions"] == CONDITIONS and min(found["by_cause"]) > 100
    assert found["operator_lines"] < 20 and found["most_lines"] < 20
    assert found["precision"] >= 0.9 and found["recall"] >= 0.9
    assert found["all_found"] and found["unrelated_kept"] >= 4
    assert found["memory_kb"] < 1000
