"""A callback that fails shows nothing of how: no message, no traceback, no name of a file."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI

from ops_center.api.guard import Guard
from tests.servers.webs import served

SECRET = "postgresql://ops:s3cret@db/ops"


@pytest.fixture
def failing() -> FastAPI:
    server = FastAPI()
    app = Dash(__name__, server=server, backend="fastapi", pages_folder="", add_log_handler=False)
    app.layout = html.Div([dcc.Input(id="in"), html.Div(id="out"), html.Div(id="other")])

    @app.callback(Output("out", "children"), Input("in", "value"))
    def fails(value: object) -> Any:
        raise RuntimeError(f"can't reach {SECRET}: {value}")

    @app.callback(Output("other", "children"), Input("in", "value"))
    async def fails_too(value: object) -> Any:
        raise RuntimeError(f"can't reach {SECRET}: {value}")

    app._setup_server()
    return server


@pytest.mark.parametrize("output", ["out", "other"])
def test_an_exception_in_a_callback_is_an_answer_without_it(failing: FastAPI, output: str) -> None:
    asked = {
        "output": f"{output}.children",
        "outputs": {"id": output, "property": "children"},
        "inputs": [{"id": "in", "property": "value", "value": "typed"}],
        "changedPropIds": ["in.value"],
    }
    with served(Guard(failing)) as address:
        answer = httpx.post(f"http://{address}/_dash-update-component", json=asked)
    assert answer.status_code == 500
    for word in ("s3cret", "Traceback", "RuntimeError", ".py", "typed"):
        assert word not in answer.text
