"""Hostile input: whatever bytes arrive, decoding never raises and every observation is counted once."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.columnar import POSITION_PARTS
from ops_center.domain.messages import Decoded, RawMessage
from tests.feeds.messages import NOW_US, catalog, decoder, raw

_ENVELOPE = {"v", "producer", "t", "things", "q", "rt", "events"}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["a", "b", "made", "made.seen", NOW_US, NOW_US - 1, 0, 1, 50.0]),
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner)
)
events = st.fixed_dictionaries(
    {"id": st.text(max_size=3), "thing": st.sampled_from(["a", "x"]), "kind": st.just("made.seen"), "t": scalars},
    optional={"longitude": scalars, "latitude": st.just(33.0), "confidence": scalars, "attributes": anything},
)
fields: dict[str, st.SearchStrategy[Any]] = {
    "v": st.sampled_from([1, 1, 1, 2, None]),
    "producer": st.sampled_from(["made", "other", None, 3]),
    "t": scalars | st.lists(scalars, max_size=3),
    "things": st.lists(st.sampled_from(["a", "b", "x"]), max_size=3) | anything,
    "speed": st.lists(scalars, max_size=3) | anything,
    "flow": st.lists(scalars, max_size=3),
    "longitude": st.lists(scalars, max_size=3),
    "latitude": st.lists(scalars, max_size=3) | anything,
    "mood": anything,
    "q": scalars | st.lists(scalars, max_size=3),
    "rt": scalars,
    "events": st.lists(events | anything, max_size=3) | anything,
}
nearly_right = st.fixed_dictionaries({}, optional=fields)


def total(found: Decoded) -> int:
    return found.accepted + found.rejected


def carried(message: Any) -> int:
    """Return how many observations, fixes and events a message carries: what `sent` means, said once more, slowly."""
    if not isinstance(message, dict):
        return 1
    message = {name: value for name, value in message.items() if value is not None}
    fixes = [value for name, value in message.items() if name in POSITION_PARTS]
    columns = [value for name, value in message.items() if name not in _ENVELOPE and name not in POSITION_PARTS]
    sent = message.get("events", [])
    sizes = [len(column) if isinstance(column, list) else 1 for column in columns]
    fix_sizes = [len(column) if isinstance(column, list) else 1 for column in fixes]
    return max(1, sum(sizes) + max(fix_sizes, default=0) + (len(sent) if isinstance(sent, list) else 1))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=5))
def test_bytes_of_any_kind_are_refused_and_counted(values: list[bytes]) -> None:
    found = decoder().decode(raw(*values), catalog(), NOW_US)
    assert found.accepted == 0
    assert total(found) >= len(values)


@settings(max_examples=250, deadline=None)
@given(st.lists(nearly_right | anything, min_size=1, max_size=4))
def test_every_observation_of_any_json_is_counted_exactly_once(messages: list[Any]) -> None:
    found = decoder().decode(raw(*(json.dumps(message).encode() for message in messages)), catalog(), NOW_US)
    assert total(found) == sum(carried(json.loads(json.dumps(message))) for message in messages)


@settings(max_examples=120, deadline=None)
@given(st.lists(nearly_right, min_size=2, max_size=4))
def test_messages_decoded_together_or_alone_give_the_same(messages: list[Any]) -> None:
    known, all_raw = catalog(), raw(*(json.dumps(message).encode() for message in messages))
    together = decoder().decode(all_raw, known, NOW_US)
    alone = [decoder().decode([message], known, NOW_US) for message in all_raw]
    assert together.accepted == sum(one.accepted for one in alone)
    assert sorted(together.observations.result.tolist()) == sorted(x for one in alone for x in one.observations.result)
    assert [(r.reason, r.count, r.detail) for r in together.rejects] == [
        (r.reason, r.count, r.detail) for one in alone for r in one.rejects
    ]


VALID = json.dumps(
    {
        "v": 1,
        "t": NOW_US - 5,
        "things": ["a", "b"],
        "speed": [50.0, 61.5],
        "flow": [100, None],
        "longitude": [119.5, 1.0],
    }
).encode()


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.binary(max_size=3)), max_size=4), st.integers(0, len(VALID))
)
def test_a_damaged_message_never_raises_and_never_hurts_the_next(cuts: list[tuple[int, bytes]], length: int) -> None:
    damaged = VALID[:length]
    for place, inserted in cuts:
        damaged = damaged[:place] + inserted + damaged[place + len(inserted) // 2 :]
    good = RawMessage("raw.made", 0, "1", b"", VALID, NOW_US)
    alone = decoder().decode([good], catalog(), NOW_US)
    found = decoder().decode([*raw(damaged), good], catalog(), NOW_US)
    hurt = decoder().decode(raw(damaged), catalog(), NOW_US)
    assert total(found) == total(alone) + total(hurt)
    assert total(hurt) >= 1


@settings(max_examples=80, deadline=None)
@given(nearly_right)
def test_decoding_again_gives_the_same(message: Any) -> None:
    known, messages = catalog(), raw(json.dumps(message).encode())
    first, second = (decoder().decode(messages, known, NOW_US) for _ in range(2))
    assert first.rejects == second.rejects
    assert first.observations.result.tolist() == second.observations.result.tolist()
    assert first.events == second.events
