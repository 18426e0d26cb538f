"""What the stream brings to whom: cells of layers, departments and districts that the grants cover, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from benchmarks.insider import gate_of, session_of
from ops_center.domain.catalog import Catalog
from ops_center.domain.people import Session
from ops_center.domain.rights import Grant, Rights, Role
from tests.screens.stream.plane import Dots, Plane, catalog, cells_until, frames, next_of, running_plane, subscribe
from tests.servers.webs import until

CELLS = {"dots/A/bus", "dots/A/police", "dots/B/bus", "dots/B/police"}


def mixed() -> Catalog:
    """Things 0 and 4 in district A are the bus company's, 2 and 6 the police's; 1, 5 and 3, 7 the same in B."""
    plain = catalog(1, 8)
    things = [replace(thing, department=("bus", "police")[key % 4 // 2]) for key, thing in plain.things.items()]
    return Catalog(1, things, plain.datastreams.values())


@dataclass(frozen=True)
class Secret(Dots):
    name: str = "secret"
    rights: Rights = field(default_factory=lambda: Rights(see=frozenset({Role.COMMANDER})))


@dataclass
class Center:
    plane: Plane
    asks: list[Session]

    def become(self, *grants: str) -> None:
        self.asks.append(session_of(*map(Grant.parse, grants)))

    def cells(self, *layers: str) -> tuple[dict[str, Any], set[str]]:
        """The answer to a subscription, and the cells that then came."""
        self.plane.observe(list(range(8)), [float(i + 10) for i in range(8)])
        with self.plane.connect() as client:
            until(lambda: self.plane.hub.picture.placed)  # the first who comes lets it begin
            subscribe(client, list(layers))
            received = frames(client)
            answer = next_of(received, "subscribed")[0]
            wanted = set(answer["cells"])
            return answer, set(cells_until(received, lambda cells: wanted <= cells.keys()))


@pytest.fixture
def center(redis_url: str) -> Iterator[Center]:
    asks = [session_of(Grant(Role.OPERATOR))]
    layers = {"dots": Dots(), "secret": Secret()}
    gate = lambda app: gate_of(app, session=lambda: asks[-1])  # noqa: E731
    with running_plane(redis_url, layers=layers, known=[mixed()], gate=gate) as plane:
        yield Center(plane, asks)


@pytest.mark.parametrize(
    ("grants", "cells"),
    [
        (["operator"], CELLS),
        (["department/bus"], {"dots/A/bus", "dots/B/bus"}),
        (["operator/*/B"], {"dots/B/bus", "dots/B/police"}),
        (["department/police/A", "department/bus/B"], {"dots/A/police", "dots/B/bus"}),
        (["leader/fire"], set()),
    ],
)
def test_a_subscription_brings_what_the_grants_cover(center: Center, grants: list[str], cells: set[str]) -> None:
    center.become(*grants)
    answer, came = center.cells("dots")
    assert set(answer["cells"]) == came == cells


def test_a_layer_that_the_roles_do_not_see_is_as_if_it_were_none(center: Center) -> None:
    answer, came = center.cells("dots", "secret", "no such layer")
    assert answer["unknown"] == ["no such layer", "secret"] and came == CELLS
    center.become("commander/bus")
    answer, came = center.cells("secret")
    assert came == {"secret/A/bus", "secret/B/bus"}


def test_geometry_is_given_to_those_who_may_see_the_cell(center: Center) -> None:
    with center.plane.connect() as client:
        subscribe(client, ["dots"])
        header, _ = cells_until(frames(client), lambda cells: "dots/A/police" in cells)["dots/A/police"]
    url = f"{center.plane.url}/live/geometry/{header['cell']}/{header['geometry']}"
    assert httpx.get(url).status_code == 200
    for grants, status in ((["department/police"], 200), (["department/bus"], 404), (["operator/*/B"], 404)):
        center.become(*grants)
        assert httpx.get(url).status_code == status, grants
    center.become("auditor")
    assert httpx.get(url).status_code == 403


def test_who_is_out_there_is_told_what_is_new_and_sees_no_layer(center: Center) -> None:
    center.become("field_unit")
    answer, cells = center.cells("dots")
    assert (answer["layers"], answer["unknown"], answer["incidents"], cells) == ([], ["dots"], False, set())


def test_a_role_without_the_picture_gets_no_stream(center: Center) -> None:
    center.become("auditor")
    with center.plane.connect() as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(5)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403
