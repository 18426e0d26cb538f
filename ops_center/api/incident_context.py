"""What an opening proposes, as JSON values (``/api/incidents/context``)."""

from __future__ import annotations

from typing import Any

from ops_center.domain.catalog import Thing
from ops_center.domain.text import Label
from ops_center.incidents.cases import Alike
from ops_center.services.alarm_cards import Nearby
from ops_center.services.incidents.context import Context, OnDuty


def context_out(found: Context) -> dict[str, Any]:
    """Return it; texts in both languages, what is not known as null."""
    around = found.around
    return {
        "longitude": found.longitude, "latitude": found.latitude, "place": _both(found.place),
        "district": found.district, "cameras": [_camera(one) for one in found.cameras],
        "weather": _both(found.weather), "roads": _both(found.roads), "suggested_type": found.suggested_type,
        "suggested_level": int(found.suggested_level), "lead_department": found.suggested_lead,
        "title": _both(found.title),
        "plans": [{"name": one.name, "label": _both(one.label.label())} for one in found.plans],
        "on_duty": [_duty(one) for one in found.on_duty], "alarms": list(found.alarms), "already": list(found.already),
        "alike": [_alike(one) for one in found.alike], "people": round(around.residents + around.workers),
        "facilities": [{"id": one.id, "kind": one.kind, "name": _both(one.label)} for one in around.places],
    }  # fmt: skip


def _both(label: Label | None) -> dict[str, str] | None:
    return None if label is None else {"zh": label.zh, "en": label.en}


def _camera(near: Nearby) -> dict[str, Any]:
    thing: Thing = near.thing
    return {"id": f"{thing.producer}/{thing.thing_id}", "name": _both(thing.name), "distance_m": round(near.distance_m)}


def _duty(one: OnDuty) -> dict[str, Any]:
    duty = one.duty
    return {
        "organisation": one.organisation, "label": _both(one.label), "person": duty.person, "phone": duty.phone,
        "duty": duty.duty,
    }  # fmt: skip


def _alike(one: Alike) -> dict[str, Any]:
    case = one.case
    return {
        "id": case.id, "title": case.title, "type": case.type, "closed_us": case.closed_us,
        "likeness": round(one.likeness, 3), "parts": {name: round(part, 3) for name, part in one.parts.items()},
        "lessons": case.lessons,
    }  # fmt: skip
