"""What a phone is given, as JSON: all of it at once, so that it is still there when the line is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops_center.domain.people import Account
from ops_center.domain.rights import Asker
from ops_center.domain.role_words import shown_name
from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident
from ops_center.incidents.parts import Assignment
from ops_center.incidents.task import Stage
from ops_center.services.field.desk import FieldDesk, FieldTask
from ops_center.services.incidents.room import IncidentRoom
from ops_center.store.sign_on_port import SignOn


def card(desk: FieldDesk, asker: Asker, accounts: Mapping[str, Account], now_us: int) -> dict[str, Any]:
    """Return everything that the page of a crew shows. Raises StoreError."""
    held = desk.units.held()
    mine = next((one for one in held.values() if one.account == asker.account), None)
    unit = mine.unit if mine else ""
    return {
        "now_us": now_us,
        "account": asker.account,
        "unit": _unit(desk, mine, accounts) if mine else None,
        "units": [
            {"id": one.id, "label": _said(one.label), "kind": _said(one.kind),
             "held_by": _held_by(held.get(one.id), accounts)}
            for one in desk.units.open_to(asker)
        ],
        "tasks": [_task(desk.room, one, accounts, now_us) for one in desk.tasks(asker, unit)],
    }  # fmt: skip


def _unit(desk: FieldDesk, held: SignOn, accounts: Mapping[str, Account]) -> dict[str, Any] | None:
    unit = desk.units.find(held.unit)
    if unit is None:
        return None
    return {
        "id": unit.id, "label": _said(unit.label), "kind": _said(unit.kind), "members": unit.members,
        "since_us": held.since_us,
    }  # fmt: skip


def _held_by(held: SignOn | None, accounts: Mapping[str, Account]) -> dict[str, str] | None:
    return _name(held.account, accounts) if held else None


def _task(room: IncidentRoom, one: FieldTask, accounts: Mapping[str, Account], now_us: int) -> dict[str, Any]:
    task = one.task
    organisation = room.organisations.get(task.department)
    return {
        "id": task.id, "title": _said(task.title), "text": _said(task.text) if task.text else None,
        "stage": task.stage.value, "stage_label": _said(task.stage.label), "mine": one.mine,
        "department": _said(organisation.label if organisation else Label(task.department, task.department)),
        "due_us": task.accept_by_us if task.stage is Stage.ASSIGNED else task.done_by_us,
        "done_by_us": task.done_by_us, "overdue": task.is_overdue(now_us), "files": list(task.files),
        "result": task.result, "incident": _incident(room, one.incident, accounts),
        "sent": _sent(one.sent) if one.sent else None,
    }  # fmt: skip


def _incident(room: IncidentRoom, incident: Incident, accounts: Mapping[str, Account]) -> dict[str, Any]:
    plan = room.plans().get(incident.plan)
    lead = room.organisations.get(incident.lead_department)
    type_ = room.types.types.get(incident.type)
    place = incident.place
    return {
        "id": incident.id, "title": incident.title, "level": int(incident.level),
        "level_label": _said(incident.level.label),
        "type": _said(type_.name if type_ else Label(incident.type, incident.type)),
        "commander": _name(incident.commander, accounts) if incident.commander else None,
        "lead": {"label": _said(lead.label), "phone": lead.phone} if lead else None,
        "place": {"lon": place[0], "lat": place[1], "name": incident.places[0].name} if place else None,
        "hazards": [{"zh": one.zh, "en": one.en} for one in plan[0].hazards] if plan else [],
    }  # fmt: skip


def _sent(sent: Assignment) -> dict[str, Any]:
    return {
        "eta_us": sent.eta_us, "under_way_us": sent.under_way_us, "arrived_us": sent.arrived_us,
        "route": [list(point) for point in sent.route],
    }  # fmt: skip


def _name(account: str, accounts: Mapping[str, Account]) -> dict[str, str]:
    known = accounts.get(account)
    return _said(shown_name(known.display_name if known and known.display_name else account))


def _said(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}
