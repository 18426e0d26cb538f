"""Requests made of the OpenAPI document by schemathesis, and what became of them, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events


@dataclass
class Account:
    """What schemathesis did."""

    requests: Counter[str] = field(default_factory=Counter)
    """by operation"""
    statuses: Counter[int] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    """by name, those that were made"""
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """(operation, title) → how to see it again"""
    errors: list[str] = field(default_factory=list)

    def take(self, event: Any) -> None:
        """Take in one event of the engine."""
        if isinstance(event, events.NonFatalError | events.FatalError):
            self.errors.append(str(getattr(event, "info", None) or getattr(event, "exception", event))[:500])
        if not isinstance(event, events.ScenarioFinished):
            return
        recorder = event.recorder
        for case_id, interaction in recorder.interactions.items():
            case = recorder.cases[case_id].value
            self.requests[case.operation.label] += 1
            if interaction.response is not None:
                self.statuses[interaction.response.status_code] += 1
        for case_id, checks in recorder.checks.items():
            for check in checks:
                self.checks[check.name] += 1
                if check.status is Status.FAILURE and check.failure_info is not None:
                    failure = check.failure_info.failure
                    label = recorder.cases[case_id].value.operation.label
                    told = f"{failure.message[:600]}\n{check.failure_info.code_sample}"
                    self.failures.setdefault((label, f"{check.name}: {failure.title}"), told)

    def __str__(self) -> str:
        lines = [
            f"operations tested {len(self.requests)}, requests made {self.requests.total()}, "
            f"checks made {self.checks.total()}, failures {len(self.failures)}, errors {len(self.errors)}",
            "statuses " + ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items())),
            *(f"  {operation}: {count}" for operation, count in sorted(self.requests.items())),
            *(f"FAILED {operation}: {title}\n{told}" for (operation, title), told in self.failures.items()),
            *(f"ERROR {error}" for error in self.errors),
        ]
        return "\n".join(lines)


_MEANING = (
    "POST /api/things",
    "PATCH /api/things/{producer}/{thing_id}",
    "GET /api/datastreams/{id}/series",
    "PUT /api/notification-routes/{name}",
    "GET /api/selection",
    "GET /api/selection/figures",
    "GET /api/selection/export.csv",
    "GET /api/selection/export.gpkg",
    "GET /api/incidents/context",
    "GET /api/incidents/{id}/inside",
    "POST /api/incidents/{id}/files",
    "GET /api/alarms",
    "GET /api/alarms/figures",
    "GET /api/alarms/journal",
    "POST /api/alarms/hand-overs",
    "POST /api/alarms/commands/shelve",
    "POST /api/field/sign-on",
    "POST /api/field/acts",
    "POST /api/field/photos",
)
"""operations whose input can be of the right form and still mean nothing: a feed that isn't there, an hour before the
hour before, a polygon whose sides cross, a route for mail to what is no address, a shift for nobody, the year 4577, a
longitude without its latitude; they may answer 422 to what fits the document"""


_REFUSED = ["400", "401", "403", "404", "405", "406", "409", "414", "415", "422", "428", "429", "5xx"]


def asked(url: str, headers: dict[str, str], examples: int, seed: int = 20_261_127) -> Account:
    """Make requests of every operation of the document at ``url``: made-up ones, edges, chains of several."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "headers": headers,
            "continue-on-failure": True,
            "generation": {"max-examples": examples, "database": "none"},
            # Chains follow the document's links; guesses about which members name what were wrong here.
            "phases": {"stateful": {"inference": {"algorithms": []}}},
            # What is retired keeps its history: it is still there after DELETE.
            "checks": {
                "use_after_free": {"enabled": False},
                # It takes an id that holds %3A for one that is encoded already, and asks for another.
                "ensure_resource_availability": {"enabled": False},
                # An address that is too long is refused before anybody reads what it asks for.
                "negative_data_rejection": {"expected-statuses": _REFUSED},
            },
            "operations": [
                {"include-name": name, "checks": {"positive_data_acceptance": {"enabled": False}}} for name in _MEANING
            ],
        }
    )
    schema = schemathesis.openapi.from_url(url, config=config, headers=headers)
    tested = Account()
    for event in engine.from_schema(schema).execute():
        tested.take(event)
    return tested
