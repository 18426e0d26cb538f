"""``/api/alarms``: alarms, their journal, what may be done to them, hand-overs. The services are those of the pages.

A command names up to 5,000 alarms and answers for each; what is refused is said there, with a reason in both languages,
and the status is 200: part of a bulk may be done.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Path, Query, Response

from alerts.alarm import Alarm, Refusal
from ops_center.api import alarm_answers as answers
from ops_center.api import alarm_forms as forms
from ops_center.api.parameters import LAST_ID, Digest
from ops_center.api.system import ApiSystem
from ops_center.domain.errors import CatalogError
from ops_center.domain.rights import allows
from ops_center.domain.time import from_datetime
from ops_center.people.asking import asker
from ops_center.services.alarm_cards import AlarmCard
from ops_center.services.alarm_figures import figures_of
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.attachments import LARGEST_BYTES

AlarmKey = Annotated[int, Path(ge=1, le=LAST_ID)]
Before = Annotated[int | None, Query(ge=1, le=LAST_ID)]


def alarm_routes(system: ApiSystem) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/alarms", tags=["alarms"])
    _reading(router, system.alarms)
    _figures(router, system)
    _commands(router, system.alarms)
    _files(router, system.alarms)
    _hand_overs(router, system.alarms)
    _one(router, system.alarms)
    return router


def _reading(router: APIRouter, room: AlarmRoom) -> None:
    @router.get("")
    @allows(ALARMS)
    def list_alarms(asked: Annotated[forms.AlarmFilter, Query()]) -> answers.AlarmPage:
        """List alarms, newest first, closed ones too unless ``state`` says otherwise."""
        found = room.desk.search(asker(), asked.query())
        more = found[asked.limit - 1].id if len(found) > asked.limit else None
        return answers.AlarmPage(alarms=[_out(room, alarm) for alarm in found[: asked.limit]], next=more)

    @router.get("/journal")
    @allows(ALARMS)
    def journal(asked: Annotated[forms.JournalFilter, Query()]) -> answers.JournalPage:
        """List what happened to alarms, newest first; it is only ever appended to."""
        found = room.desk.journal(asker(), asked.query())
        more = found[asked.limit - 1].id if len(found) > asked.limit else None
        return answers.JournalPage(lines=[answers.journal_out(line) for line in found[: asked.limit]], next=more)


def _figures(router: APIRouter, system: ApiSystem) -> None:
    @router.get("/figures")
    @allows(ALARMS)
    def figures(asked: Annotated[forms.Span, Query()]) -> answers.FiguresOut:
        """Return the figures of EEMUA 191 over a span of at most 31 days, of what you may see."""
        span_us = asked.span_us(system.clock.now_us())
        found = figures_of(system.store, system.alarms.desk, asker(), span_us, asked.operators)
        return answers.figures_out(found)


def _commands(router: APIRouter, room: AlarmRoom) -> None:
    desk = room.desk

    @router.post("/commands/acknowledge")
    @allows(ALARMS)
    def acknowledge(given: forms.Acknowledged) -> answers.OutcomesOut:
        """Say that somebody knows of them."""
        outcomes = desk.acknowledge(asker(), given.ids, given.comment, with_children=given.with_children)
        return answers.outcomes_out(outcomes)

    @router.post("/commands/reset")
    @allows(ALARMS)
    def reset(given: forms.Said) -> answers.OutcomesOut:
        """Close latched alarms whose conditions are over."""
        return answers.outcomes_out(desk.reset(asker(), given.ids, given.comment))

    @router.post("/commands/shelve")
    @allows(ALARMS)
    def shelve(given: forms.Shelved) -> answers.OutcomesOut:
        """Set them aside until a time."""
        return answers.outcomes_out(desk.shelve(asker(), given.ids, from_datetime(given.until), given.reason))

    @router.post("/commands/unshelve")
    @allows(ALARMS)
    def unshelve(given: forms.Said) -> answers.OutcomesOut:
        """Take them back from the shelf."""
        return answers.outcomes_out(desk.unshelve(asker(), given.ids, given.comment))

    @router.post("/commands/out-of-service")
    @allows(ALARMS)
    def out_of_service(given: forms.SetAside) -> answers.OutcomesOut:
        """Set them aside until somebody takes them back."""
        return answers.outcomes_out(desk.out_of_service(asker(), given.ids, given.reason))

    @router.post("/commands/in-service")
    @allows(ALARMS)
    def in_service(given: forms.Said) -> answers.OutcomesOut:
        """Take back what was out of service."""
        return answers.outcomes_out(desk.in_service(asker(), given.ids, given.comment))

    @router.post("/commands/assign")
    @allows(ALARMS)
    def assign(given: forms.Assigned) -> answers.OutcomesOut:
        """Give them to a department, and perhaps to a person."""
        return answers.outcomes_out(desk.assign(asker(), given.ids, given.department, given.person))

    @router.post("/commands/comment")
    @allows(ALARMS)
    def comment(given: forms.Remarked) -> answers.OutcomesOut:
        """Write a remark into the journal of each."""
        return answers.outcomes_out(desk.comment(asker(), given.ids, given.text))


_FILE_NAME = r"^[^\x00-\x20\x7f/\\][^\x00-\x1f\x7f/\\]*$"
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


def _files(router: APIRouter, room: AlarmRoom) -> None:
    @router.post("/{id}/attachments")
    @allows(ALARMS)
    def attach(
        id: AlarmKey,
        name: Annotated[
            str, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\]*[^\s\x00-\x1f\x7f/\\]$")
        ],
        held: Annotated[bytes, Body(media_type="application/octet-stream", min_length=1, max_length=LARGEST_BYTES)],
    ) -> answers.OutcomesOut:
        """Attach a file: a picture, PDF, MP4 or plain text, told by its bytes."""
        return answers.outcomes_out(room.desk.attach(asker(), [id], held, name))

    @router.get("/{id}/conditions")
    @allows(ALARMS)
    def conditions(
        id: AlarmKey,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> list[answers.ConditionOut]:
        """List what its rule found over its subject since it was raised, those of the newest onset first."""
        found = room.desk.conditions(asker(), id, limit)
        if found is None:
            raise HTTPException(404, f"there is no alarm {id}")
        return [answers.condition_out(row) for row in found]

    @router.get("/{id}/attachments/{digest}", response_class=Response, responses=_FILE)
    @allows(ALARMS)
    def attachment(id: AlarmKey, digest: Digest) -> Response:
        """Return a file of an alarm, to be saved: no browser shows it as a page."""
        found = room.desk.attachment(asker(), id, digest)
        if found is None:
            raise HTTPException(404, "no such file is attached to this alarm")
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return Response(found[0].bytes, media_type="application/octet-stream", headers=headers)


def _hand_overs(router: APIRouter, room: AlarmRoom) -> None:
    @router.get("/hand-overs")
    @allows(ALARMS)
    def hand_overs(before: Before = None, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[answers.HandOverOut]:
        """List hand-overs of shifts, newest first."""
        return [answers.hand_over_out(one) for one in room.hand_overs.list(asker(), limit, before)]

    @router.post("/hand-overs", status_code=201)
    @allows(ALARMS)
    def hand_over(given: forms.HandedOver) -> answers.HandOverOut:
        """Hand a shift over; what stands is written down in both languages."""
        since_us = room.hand_overs.begun_us(asker()) if given.since is None else from_datetime(given.since)
        done = room.hand_overs.hand_over(asker(), given.to, since_us, given.remark, given.department, given.district)
        if isinstance(done, Refusal):
            raise CatalogError(f"{done.label.en} · {done.label.zh}")
        return answers.hand_over_out(done)


def _one(router: APIRouter, room: AlarmRoom) -> None:
    @router.get("/{id}")
    @allows(ALARMS)
    def get_alarm(id: AlarmKey) -> answers.AlarmDetail:
        """Return one alarm with its rule's texts, journal, group and surroundings."""
        card = room.cards.card(asker(), id)
        if card is None:
            raise HTTPException(404, f"there is no alarm {id}")
        return _detail(room, card)


def _out(room: AlarmRoom, alarm: Alarm) -> answers.AlarmOut:
    return answers.alarm_out(alarm, room.words.label(alarm), room.words.thing_name(alarm))


def _detail(room: AlarmRoom, card: AlarmCard) -> answers.AlarmDetail:
    texts = None
    if card.rule is not None:
        said = card.rule.form.texts
        names = ("cause", "consequence", "operator_action", "department")
        texts = answers.RuleTexts(
            **{name: answers.text_out(getattr(said, name).label()) for name in names},
            respond_min=card.rule.form.priority.respond_min,
        )
    return answers.AlarmDetail(
        alarm=_out(room, card.alarm),
        texts=texts,
        datastream=card.datastream.key if card.datastream else None,
        parent=_out(room, card.parent) if card.parent else None,
        children=[_out(room, child) for child in card.children],
        journal=[answers.journal_out(line) for line in card.journal],
        neighbours=[answers.nearby_out(one) for one in card.neighbours],
        cameras=[answers.nearby_out(one) for one in card.cameras],
    )
