"""What the shared decoder makes of good messages, of each kind of bad one, and of times and flags."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import RawMessage
from ops_center.domain.observations import Quality
from ops_center.domain.time import DAY_US, MINUTE_US, SECOND_US, to_datetime
from tests.feeds.messages import NOW_US, catalog, decode, decoder, raw, reasons

BEFORE_US = NOW_US - SECOND_US


def test_one_message_of_several_things_and_properties_becomes_one_batch() -> None:
    found = decode({"v": 1, "t": BEFORE_US, "things": ["a", "c"], "speed": [50.5, 60], "flow": [100, 200]})
    assert found.observations.datastream.tolist() == [0, 4, 1, 5]
    assert found.observations.result.tolist() == [50.5, 60.0, 100.0, 200.0]
    assert found.observations.phenomenon_time_us.tolist() == [BEFORE_US] * 4
    assert found.observations.result_time_us.tolist() == [NOW_US] * 4
    assert found.observations.quality.tolist() == [0] * 4
    assert found.observations.received_us == NOW_US
    assert found.rejects == ()


def test_messages_with_different_columns_keep_their_values_apart() -> None:
    found = decode(
        {"t": BEFORE_US, "things": ["a"], "speed": [1.0]},
        {"t": BEFORE_US, "things": ["b", "c"], "flow": [2.0, 3.0]},
        {"t": BEFORE_US, "things": ["b"], "speed": [4.0], "flow": [5.0]},
    )
    by_key = dict(zip(found.observations.datastream.tolist(), found.observations.result.tolist(), strict=True))
    assert found.observations.datastream.tolist() == [0, 2, 3, 5, 3]
    assert by_key == {0: 1.0, 2: 4.0, 5: 3.0, 3: 5.0}


@pytest.mark.parametrize(
    "time",
    [
        BEFORE_US,
        to_datetime(BEFORE_US).isoformat(),
        to_datetime(BEFORE_US).isoformat().replace("+00:00", "Z"),
        to_datetime(BEFORE_US).astimezone(timezone(timedelta(hours=8))).isoformat(),
    ],
)
def test_a_time_is_microseconds_or_iso_8601_with_its_zone(time: int | str) -> None:
    assert decode({"t": time, "things": ["a"], "speed": [1]}).observations.phenomenon_time_us.tolist() == [BEFORE_US]
    mixed = decode({"t": [time, BEFORE_US - 1], "things": ["a", "b"], "speed": [1, 2]})
    assert mixed.observations.phenomenon_time_us.tolist() == [BEFORE_US, BEFORE_US - 1]


@pytest.mark.parametrize("time", ["2027-01-15T08:00:00", "yesterday", "", "1800000000", "9999-99-99T00:00:00Z"])
def test_a_time_without_zone_or_sense_refuses_what_it_belongs_to(time: str) -> None:
    found = decode({"t": [time, BEFORE_US], "things": ["a", "b"], "speed": [1, 2]})
    assert reasons(found) == [("not_decodable", 1)]
    assert found.observations.datastream.tolist() == [2]


def test_a_result_time_that_is_given_is_kept_and_one_in_the_future_is_refused() -> None:
    given = decode({"t": BEFORE_US, "rt": BEFORE_US + 5, "things": ["a"], "speed": [1]})
    assert given.observations.result_time_us.tolist() == [BEFORE_US + 5]
    part = decode(
        {"t": BEFORE_US, "rt": BEFORE_US + 5, "things": ["a"], "speed": [1]},
        {"t": BEFORE_US, "things": ["b"], "speed": [2]},
    )
    assert part.observations.result_time_us.tolist() == [BEFORE_US + 5, NOW_US]
    ahead = decode({"t": BEFORE_US, "rt": NOW_US + 6 * MINUTE_US, "things": ["a"], "speed": [1]})
    assert reasons(ahead) == [("outside_time_window", 1)]


@pytest.mark.parametrize("rt", [-1, "0001-01-01T00:00:00Z", NOW_US - 36 * DAY_US, -(2**62) + 1])
def test_a_result_time_long_before_its_arrival_is_refused(rt: object) -> None:
    """The writer would refuse it, and with it everything that travels in the same canonical record."""
    found = decode(
        {"t": BEFORE_US, "rt": rt, "things": ["a"], "speed": [1]}, {"t": BEFORE_US, "things": ["b"], "speed": [2]}
    )
    assert (found.observations.result.tolist(), reasons(found)) == ([2.0], [("outside_time_window", 1)])


def test_a_member_that_is_null_is_as_if_it_were_left_out() -> None:
    whole = {"v": None, "t": BEFORE_US, "things": ["a"], "speed": [1], "flow": None, "events": None, "longitude": None}
    found = decode(whole, {**whole, "mood": None}, {**whole, "speed": ["x"]})
    assert found.observations.result.tolist() == [1.0, 1.0]
    assert reasons(found) == [("not_a_number", 1)]


def test_what_is_too_old_or_too_new_on_arrival_is_refused() -> None:
    edge_old, edge_new = NOW_US - 35 * DAY_US, NOW_US + 5 * MINUTE_US
    times = [edge_old, edge_new, edge_old - 1, edge_new + 1]
    found = decode(*({"t": t, "things": ["a"], "speed": [1]} for t in times))
    assert found.observations.phenomenon_time_us.tolist() == [edge_old, edge_new]
    assert [(reject.message, reject.reason.value) for reject in found.rejects] == [
        (2, "outside_time_window"),
        (3, "outside_time_window"),
    ]


def test_times_beyond_64_bits_are_refused_and_nothing_overflows() -> None:
    found = decode(*({"t": t, "things": ["a"], "speed": [1]} for t in (2**63, -(2**63), 2**200, -(2**62), 10**15)))
    assert found.accepted == 0
    assert {reject.reason.value for reject in found.rejects} <= {"outside_time_window", "not_decodable"}
    assert found.rejected == 5


def test_lateness_counts_from_the_end_of_an_interval() -> None:
    late_us = NOW_US - 61 * SECOND_US
    found = decode({"t": late_us, "things": ["a"], "speed": [1], "flow": [1]})
    assert found.observations.quality.tolist() == [Quality.LATE, Quality.GOOD]


def test_a_message_is_judged_by_its_arrival_however_late_it_is_decoded() -> None:
    message = raw({"t": BEFORE_US, "things": ["a"], "speed": [1]})
    later = decoder().decode(message, catalog(), NOW_US + 400 * DAY_US)
    assert (later.accepted, later.observations.quality.tolist()) == (1, [0])
    assert later.observations.received_us == NOW_US + 400 * DAY_US


def test_an_implausible_value_is_flagged_and_an_impossible_one_refused() -> None:
    found = decode({"t": BEFORE_US, "things": ["a", "b", "c"], "speed": [160.0, 160.1, 300.1]})
    assert found.observations.quality.tolist() == [Quality.GOOD, Quality.OUT_OF_RANGE]
    assert reasons(found) == [("beyond_physics", 1)]
    assert found.rejects[0].detail == "speed of c: 300.1"


@pytest.mark.parametrize("value", ["null", "NaN", "Infinity", "-Infinity", '"12"', "true", "[1]", "{}", "1e999"])
def test_what_is_no_number_is_refused_alone(value: str) -> None:
    message = f'{{"t": {BEFORE_US}, "things": ["a", "b"], "speed": [{value}, 2.0]}}'.encode()
    found = decode(message)
    assert reasons(found) == [("not_a_number", 1)]
    assert found.observations.datastream.tolist() == [2]


def test_unknown_things_are_refused_one_by_one_and_named() -> None:
    found = decode({"t": BEFORE_US, "things": ["a", "x", "y"], "speed": [1, 2, 3], "flow": [1, 2, 3]})
    assert reasons(found) == [("unknown_datastream", 4)]
    assert found.rejects[0].detail == "speed of x"
    assert found.accepted == 2


def test_an_empty_catalog_refuses_everything_and_can_be_released_later() -> None:
    message = {"t": BEFORE_US, "things": ["a", "b"], "speed": [1, 2]}
    before, after = decode(message, known=Catalog.empty()), decode(message)
    assert reasons(before) == [("unknown_datastream", 2)]
    assert before.rejects[0].reason.releasable
    assert after.accepted == 2


def test_a_retired_thing_is_unknown() -> None:
    found = decode({"t": BEFORE_US, "things": ["a"], "speed": [1]}, known=catalog(retired=True))
    assert reasons(found) == [("unknown_datastream", 1)]


def test_a_property_that_the_feed_does_not_declare_is_refused_and_the_rest_kept() -> None:
    found = decode({"t": BEFORE_US, "things": ["a", "b"], "speed": [1, 2], "mood": [3, 4]})
    assert reasons(found) == [("unknown_datastream", 2)]
    assert found.accepted == 2


def test_a_column_of_another_length_is_refused_with_all_its_values() -> None:
    found = decode({"t": BEFORE_US, "things": ["a", "b"], "speed": [1, 2, 3], "flow": [4, 5]})
    assert reasons(found) == [("not_decodable", 3)]
    assert found.observations.datastream.tolist() == [1, 3]


@pytest.mark.parametrize(
    "message",
    [
        {"t": BEFORE_US, "things": "a", "speed": [1, 2]},
        {"t": BEFORE_US, "things": ["a", 2], "speed": [1, 2]},
        {"things": ["a", "b"], "speed": [1, 2]},
        {"t": [BEFORE_US], "things": ["a", "b"], "speed": [1, 2]},
        {"t": True, "things": ["a", "b"], "speed": [1, 2]},
        {"v": 2, "t": BEFORE_US, "things": ["a", "b"], "speed": [1, 2]},
        {"v": True, "t": BEFORE_US, "things": ["a", "b"], "speed": [1, 2]},
        {"t": BEFORE_US, "producer": 5, "things": ["a", "b"], "speed": [1, 2]},
        {"t": BEFORE_US, "q": [1], "things": ["a", "b"], "speed": [1, 2]},
    ],
)
def test_a_wrong_envelope_refuses_all_that_it_holds(message: dict[str, object]) -> None:
    found = decode(message)
    assert (found.accepted, reasons(found)) == (0, [("not_decodable", 2)])


@pytest.mark.parametrize(
    "value",
    [b"", b"\x00", b"\xff\xfe", b"[]", b"3", b"{", b'{"t":1}', b"{}", b'{"t": 1, "things": []}', b"[" * 100_000],
)
def test_what_carries_nothing_readable_counts_as_one(value: bytes) -> None:
    found = decode(value)
    assert (found.accepted, reasons(found)) == (0, [("not_decodable", 1)])


def test_one_bad_message_does_not_harm_its_neighbours_nor_their_order() -> None:
    good = [{"t": BEFORE_US, "rt": BEFORE_US + i, "things": ["a"], "speed": [float(i)]} for i in range(4)]
    found = decode(good[0], b"{", good[1], {**good[2], "mood": [1]}, good[3])
    assert found.observations.result.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert [(reject.message, reject.reason.value) for reject in found.rejects] == [
        (1, "not_decodable"),
        (3, "unknown_datastream"),
    ]


def test_an_oversized_message_is_not_read() -> None:
    many = ["a"] * 300_000
    found = decode({"t": BEFORE_US, "things": many, "speed": [1.0] * len(many)})
    assert (found.accepted, reasons(found)) == (0, [("oversized", 1)])


def test_a_producer_names_its_own_things() -> None:
    message = {"t": BEFORE_US, "producer": "other", "things": ["a"], "speed": [1]}
    assert reasons(decode(message)) == [("unknown_datastream", 1)]
    both = decode(message, {**message, "producer": "made"}, known=catalog(producer="other"))
    assert both.accepted == 1
    assert [reject.message for reject in both.rejects] == [1]


def test_a_source_may_doubt_its_values_but_not_set_our_flags() -> None:
    said = int(Quality.SUSPECT | Quality.OUT_OF_RANGE | Quality.LATE)
    one = decode({"t": BEFORE_US, "q": said, "things": ["a"], "speed": [1]})
    each = decode({"t": BEFORE_US, "q": [0, 2**70 | said], "things": ["a", "b"], "speed": [1, 2]})
    assert one.observations.quality.tolist() == [Quality.SUSPECT]
    assert each.rejected + each.accepted == 2
    assert all(flag & (Quality.LATE | Quality.OUT_OF_RANGE) == 0 for flag in each.observations.quality.tolist())


def test_python_writes_nan_and_is_still_understood() -> None:
    found = decode(f'{{"t": {BEFORE_US}, "things": ["a", "b"], "speed": [NaN, 7]}}'.encode())
    assert found.observations.result.tolist() == [7.0]


def test_fixes_become_positions_and_count_once_each() -> None:
    found = decode(
        {
            "t": [BEFORE_US, BEFORE_US - 1],
            "things": ["a", "b"],
            "longitude": [119.5, 119.6],
            "latitude": [33.4, 33.5],
            "speed_mps": [12.5, 0.0],
            "heading_deg": [360.0, 90.0],
        }
    )
    assert found.positions.thing.tolist() == [0, 1]
    assert found.positions.heading_deg.tolist() == [0.0, 90.0]
    assert (found.accepted, len(found.observations), found.rejects) == (2, 0, ())


def test_a_fix_off_the_globe_is_refused_and_one_at_zero_zero_is_flagged() -> None:
    message = {
        "t": BEFORE_US,
        "things": ["a", "b", "c"],
        "longitude": [0.0, 181.0, 119.0],
        "latitude": [0.0, 33.0, None],
    }
    found = decode(message)
    assert sorted(reasons(found)) == [("beyond_physics", 1), ("not_a_number", 1)]
    assert found.positions.quality.tolist() == [Quality.OUT_OF_RANGE | Quality.ESTIMATED]
    assert (found.positions.speed_mps.tolist(), found.positions.heading_deg.tolist()) == ([0.0], [0.0])


def test_fixes_with_a_column_too_short_are_refused_together() -> None:
    found = decode({"t": BEFORE_US, "things": ["a", "b"], "longitude": [119.0, 119.1], "latitude": [33.0]})
    assert (found.accepted, reasons(found)) == (0, [("not_decodable", 2)])


EVENT = {
    "id": "e1",
    "thing": "b",
    "kind": "made.seen",
    "t": BEFORE_US,
    "longitude": 119.5,
    "latitude": 33.4,
    "confidence": 0.8,
    "attributes": {"snapshot": "/snapshots/e1"},
}


def test_events_name_their_thing_and_keep_their_attributes() -> None:
    (event,) = decode({"events": [EVENT]}).events
    assert (event.event_id, event.feed, event.thing, event.kind) == ("e1", "made", 1, "made.seen")
    assert event.attributes == {"snapshot": "/snapshots/e1"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"thing": "x"}, "unknown_datastream"),
        ({"kind": "made.unheard"}, "not_decodable"),
        ({"t": "soon"}, "not_decodable"),
        ({"t": NOW_US + DAY_US}, "outside_time_window"),
        ({"latitude": 91.0}, "beyond_physics"),
        ({"confidence": 1.01}, "beyond_physics"),
        ({"confidence": "high"}, "not_decodable"),
        ({"attributes": [1]}, "not_decodable"),
        ({"id": None}, "not_decodable"),
        ({"id": ""}, "not_decodable"),
        ({"id": "x" * 201}, "not_decodable"),
        ({"id": "a\0b"}, "not_decodable"),
        ({"id": "\ud800"}, "not_decodable"),
        ({"attributes": {"a": "\ud800"}}, "not_decodable"),
        ({"attributes": {"a": "x" * 20_000}}, "not_decodable"),
        ({"attributes": {"a": json.loads("[" * 50 + "]" * 50)}}, "not_decodable"),
    ],
)
def test_a_wrong_event_is_refused_and_its_neighbour_kept(change: dict[str, object], reason: str) -> None:
    found = decode({"events": [EVENT, {**EVENT, **change}]})
    assert (len(found.events), reasons(found)) == (1, [(reason, 1)])


def test_events_and_observations_share_a_message() -> None:
    found = decode({"t": BEFORE_US, "things": ["a"], "speed": [1], "events": [EVENT]})
    assert (len(found.events), len(found.observations), found.rejects) == (1, 1, ())


def test_details_are_short_and_printable_whatever_was_sent() -> None:
    thing = "\x00\ud800" + "x" * 5000
    found = decoder().decode(raw({"t": BEFORE_US, "things": [thing], "speed": [1]}), catalog(), NOW_US)
    (reject,) = found.rejects
    assert len(reject.detail) <= 200
    assert reject.detail.isprintable()
    assert reject.detail.encode("utf-8")


def test_messages_that_arrived_at_different_times_are_judged_each_by_its_own() -> None:
    late = raw({"t": BEFORE_US, "things": ["a"], "speed": [1]})[0]
    moved = [RawMessage(late.topic, 0, str(i), b"", late.value, late.time_us + i * MINUTE_US) for i in range(3)]
    found = decoder().decode(moved, catalog(), NOW_US)
    assert found.observations.quality.tolist() == [0, Quality.LATE, Quality.LATE]


def test_a_naive_python_producer_in_local_time_is_told_so() -> None:
    found = decode({"t": datetime.now(UTC).replace(tzinfo=None).isoformat(), "things": ["a"], "speed": [1]})
    assert found.rejects[0].detail == "speed of a: a time that is no ISO 8601 with its zone"


def test_nothing_in_means_nothing_out() -> None:
    found = decoder().decode([], catalog(), NOW_US)
    assert (found.accepted, found.rejected) == (0, 0)
    assert found.observations.result.dtype == np.float64
