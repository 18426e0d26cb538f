"""Calls of callbacks: those that a browser makes are let through, with arguments of the types that are declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import pytest
from dash import ALL, Dash, Input, Output, State, html
from fastapi import FastAPI, HTTPException

from ops_center.screens.calls import read_call
from ops_center.screens.typed import typed


@pytest.fixture(scope="module")
def callbacks() -> Mapping[str, Any]:
    app = Dash(__name__, server=FastAPI(), backend="fastapi")  # type: ignore[arg-type]
    app.callback(Output("a", "children"), Output("b", "data"), Input("c", "value"), State("d", "data"))(lambda c, d: c)
    act = {"type": "act", "name": ALL}
    app.callback(Output("b", "data", allow_duplicate=True), Input(act, "n_clicks"), prevent_initial_call=True)(int)
    app.layout = html.Div()
    app._setup_server()  # type: ignore[no-untyped-call]
    return app.callback_map


PLAIN: dict[str, Any] = {
    "output": "..a.children...b.data..",
    "outputs": [{"id": "a", "property": "children"}, {"id": "b", "property": "data"}],
    "inputs": [{"id": "c", "property": "value", "value": {"x": [1, None]}}],
    "state": [{"id": "d", "property": "data"}],
    "changedPropIds": ["c.value"],
    "parsedChangedPropsIds": ["whatever newer renderers send"],
}


def pattern(callbacks: Mapping[str, Any], *names: str) -> dict[str, Any]:
    (output,) = (name for name in callbacks if "@" in name)
    ids = [{"name": name, "type": "act"} for name in names]
    return {
        "output": output,
        "outputs": {"id": "b", "property": output.partition(".")[2]},
        "inputs": [[{"id": id_, "property": "n_clicks", "value": 1} for id_ in ids]],
        "changedPropIds": ['{"name":"one","type":"act"}.n_clicks'] if names else [],
    }


def test_a_call_as_a_browser_makes_it_is_read(callbacks: Mapping[str, Any]) -> None:
    assert read_call(PLAIN, callbacks).changed == ["c.value"]


@pytest.mark.parametrize("names", [(), ("one",), ("two", "one")])
def test_a_pattern_takes_whatever_fits_it(callbacks: Mapping[str, Any], names: tuple[str, ...]) -> None:
    assert len(read_call(pattern(callbacks, *names), callbacks).inputs[0]) == len(names)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": {"name": "one", "type": "other"}, "property": "n_clicks"},
        {"id": {"name": "one"}, "property": "n_clicks"},
        {"id": {"name": ["one"], "type": "act"}, "property": "n_clicks"},
        {"id": {"name": "one", "type": "act"}, "property": "style"},
        {"id": "act", "property": "n_clicks"},
    ],
)
def test_a_pattern_takes_nothing_else(callbacks: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    with pytest.raises(HTTPException) as refused:
        read_call({**pattern(callbacks), "inputs": [[wrong]]}, callbacks)
    assert refused.value.status_code == 422


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"output": "nothing.there"}, 404),
        ({"output": 5}, 422),
        ({"outputs": None}, 422),
        ({"outputs": PLAIN["outputs"][:1]}, 422),
        ({"outputs": PLAIN["outputs"][::-1]}, 422),
        ({"inputs": []}, 422),
        ({"inputs": PLAIN["inputs"] * 2}, 422),
        ({"inputs": [{"id": "d", "property": "value"}]}, 422),
        ({"inputs": [{"id": "c", "property": "style"}]}, 422),
        ({"inputs": [PLAIN["inputs"]]}, 422),
        ({"inputs": "c.value"}, 422),
        ({"state": []}, 422),
        ({"state": None}, 422),
        ({"changedPropIds": ["d.data"]}, 422),
        ({"changedPropIds": "c.value"}, 422),
        ({"inputs": [{"id": "c", "property": "value", "value": "x" * 300_000}]}, 422),
        ({"inputs": [{"id": "c", "property": "value", "value": 2**53 + 1}]}, 422),
        ({"inputs": [{"id": "c", "property": "value", "value": {"a": [-(2**70)]}}]}, 422),
        ({"inputs": [[{"id": "c", "property": "value"}]]}, 422),
        ({"outputs": [PLAIN["outputs"][0], [PLAIN["outputs"][1]]]}, 422),
    ],
)
def test_anything_else_is_refused(callbacks: Mapping[str, Any], change: dict[str, Any], status: int) -> None:
    with pytest.raises(HTTPException) as refused:
        read_call({**PLAIN, **change}, callbacks)
    assert refused.value.status_code == status


def test_one_output_is_no_list_of_one(callbacks: Mapping[str, Any]) -> None:
    call = pattern(callbacks, "one")
    with pytest.raises(HTTPException) as refused:
        read_call({**call, "outputs": [call["outputs"]]}, callbacks)
    assert refused.value.status_code == 422


@pytest.mark.parametrize("body", [None, [], "x", 5, True, {}])
def test_what_is_no_call_at_all_is_refused(callbacks: Mapping[str, Any], body: object) -> None:
    with pytest.raises(HTTPException):
        read_call(body, callbacks)


class Picked(msgspec.Struct):
    layer: str


Few = Annotated[list[int], msgspec.Meta(max_length=3)]


@typed
def shown(picked: Picked | None, clicks: int | None, few: Few, anything: object) -> object:
    return picked, clicks, few, anything


def test_arguments_come_in_the_types_that_are_declared() -> None:
    assert shown({"layer": "roads", "more": 1}, 2, [1], {"a": 1}) == (Picked("roads"), 2, [1], {"a": 1})
    assert shown(None, None, [], None) == (None, None, [], None)


@pytest.mark.parametrize(
    "arguments",
    [
        ({"layer": 5}, 1, [], None),
        ([], 1, [], None),
        (None, "1", [], None),
        (None, True, [], None),
        (None, 1.5, [], None),
        (None, 1, [1, 2, 3, 4], None),
        (None, 1, ["\ud800"], None),
        ({"\ud800": 1}, 1, [], None),
    ],
)
def test_a_callback_is_not_called_with_anything_else(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(HTTPException) as refused:
        shown(*arguments)
    assert refused.value.status_code == 422
