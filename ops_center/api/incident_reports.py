"""Situation reports as pages and PDF (``/incidents/<id>/report``), and issuing one.

A report's page is a whole document of its own, the same that is printed: it is shown live until it is issued, then as
it was frozen (``?number=``). Everything in it is escaped where it is made (``services.incidents.report_print``).
"""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from ops_center.api.errors import refused
from ops_center.api.parameters import Body, IncidentKey
from ops_center.domain.rights import Asker, allows
from ops_center.domain.text import Language
from ops_center.incidents.incident import Refusal
from ops_center.people.asking import asker
from ops_center.services.incidents.case_room import CaseRoom
from ops_center.services.incidents.report_print import NoPrint, as_html, as_pdf
from ops_center.services.incidents.reports import LONGEST_OUTLOOK, REPORTS, Report, ReportDesk
from ops_center.store.report_port import Issued

Number = Annotated[int, Query(ge=0, le=2**31 - 1, description="of an issued report; 0: as it would be now")]


class Outlook(Body):
    """What whoever issues a report expects."""

    outlook: str = Field(default="", max_length=LONGEST_OUTLOOK)


class IssuedOut(BaseModel):
    """A report that was issued."""

    incident: int
    number: int
    hash: str
    """SHA-256 of its content"""
    author: str
    at_us: int


def report_routes(room: CaseRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    _pages(router, room.reports)
    _issuing(router, room.reports)
    return router


def _pages(router: APIRouter, desk: ReportDesk) -> None:
    @router.get("/incidents/{incident}/report", include_in_schema=False, response_class=HTMLResponse)
    @allows(REPORTS)
    def page(incident: IncidentKey, number: Number = 0, language: Language = "zh") -> HTMLResponse:
        """Show a report, live or as it was issued."""
        who = asker()
        document, picture = _report(desk, who, incident, number).of(language)
        bar = _bar(desk, who, incident, number, language)
        return HTMLResponse(as_html(document, picture, bar), headers={"Cache-Control": "no-store"})

    @router.get("/incidents/{incident}/report.pdf", include_in_schema=False)
    @allows(REPORTS)
    def pdf(incident: IncidentKey, number: Number = 0, language: Language = "zh") -> Response:
        """Return a report as PDF."""
        document, picture = _report(desk, asker(), incident, number).of(language)
        try:
            held = as_pdf(document, picture)
        except NoPrint as error:
            raise HTTPException(503, str(error)) from error
        name = f'attachment; filename="incident-{incident}-report-{number or "live"}-{language}.pdf"'
        return Response(held, media_type="application/pdf", headers={"Content-Disposition": name})


def _issuing(router: APIRouter, desk: ReportDesk) -> None:
    @router.get("/api/incidents/{incident}/reports", tags=["incidents"])
    @allows(REPORTS)
    def issued(incident: IncidentKey) -> list[IssuedOut]:
        """List the situation reports of an incident that were issued, newest first."""
        return [issued_out(one) for one in desk.issued(asker(), incident)]

    @router.post("/api/incidents/{incident}/reports", tags=["incidents"], response_model=IssuedOut)
    @allows(REPORTS)
    def issue(incident: IncidentKey, given: Outlook) -> IssuedOut | Response:
        """Freeze the situation report as it is now, under the next number."""
        found = desk.issue(asker(), incident, given.outlook)
        if isinstance(found, Refusal):
            status = {"unknown": 404, "forbidden": 403}.get(found.code, 409)
            return refused(found.code, found.label, status)
        return issued_out(found)


def _report(desk: ReportDesk, who: Asker, incident: int, number: int) -> Report:
    found = desk.read(who, incident, number) if number else desk.live(who, incident)
    if found is None:
        raise HTTPException(404, "there is no such report")
    return found


def issued_out(one: Issued) -> IssuedOut:
    """Return a report that was issued, as it is told."""
    return IssuedOut(incident=one.incident, number=one.number, hash=one.hash, author=one.author, at_us=one.at_us)


def _bar(desk: ReportDesk, who: Asker, incident: int, number: int, language: Language) -> str:
    """Return what stands above the paper: the way back, languages, issued ones, PDF, and issuing."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    def link(text: str, to_number: int, to: Language, now: bool) -> str:
        at = f"/incidents/{incident}/report?number={to_number}&amp;language={to}"
        return f'<a href="{at}"{" class=now aria-current=page" if now else ""}>{escape(text)}</a>'

    parts = [f'<a href="/incidents/{incident}">‹ {say("事件", "incident")} {incident}</a>']
    parts.append(link(say("实时稿", "live"), 0, language, number == 0))
    for one in desk.issued(who, incident)[:12]:
        parts.append(link(say(f"第 {one.number} 期", f"No. {one.number}"), one.number, language, one.number == number))
    parts.append(link(say("English", "中文"), number, "en" if language == "zh" else "zh", False))
    pdf = f"/incidents/{incident}/report.pdf?number={number}&amp;language={language}"
    parts.append(f'<a href="{pdf}" download>PDF</a>')
    if number == 0 and desk.may_issue(who, incident):
        expects = say("研判与下一步（可不填）", "outlook (optional)")
        parts.append(
            f'<form id="report-issue" data-incident="{incident}" data-language="{language}"'
            f' data-account="{escape(who.account)}">'
            f'<textarea name="outlook" maxlength="{LONGEST_OUTLOOK}" aria-label="{expects}" placeholder="{expects}">'
            f'</textarea><button>{say("签发", "Issue")}</button><output role="status"></output></form>'
        )
    script = '<script src="/assets/incident_report.js" defer></script>'
    return f'<nav class="bar">{"".join(parts)}</nav>{script}'
