"""What an editor of documents (scenes, plans) asks of the server: judge a draft, save, revert, …, say what was there.

The editor stands in the browser; it asks and hears through stores of the page whose ids begin with the kind's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from dash import Input, Output, dcc, no_update

from ops_center.domain.errors import OpsCenterError, PlanChanged, PlanError, SceneChanged, SceneError
from ops_center.domain.faults import Fault
from ops_center.domain.rights import Asker, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center
from ops_center.screens.version_words import author_in_words, reason_in_words
from ops_center.services.versions import Refused, VersionDesk
from ops_center.store.version_port import VersionRow

Name = Annotated[str, msgspec.Meta(max_length=64)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Line = Annotated[str, msgspec.Meta(max_length=500)]
_TOLD_EVERY_MS = 15_000
_MOST_VERSIONS = 60
_MOST_FORMS = 20
"""versions that are sent whole, to be compared"""

_CHANGED = Label(
    "期间有人保存了新版本。您的草稿仍在；“放弃修改”可查看新版本。",
    "Somebody saved another version meanwhile. Your draft is kept; Drop shows theirs.",
)
_NOT_SAVED = Label("没有保存，请看标出的问题：", "Not saved, see what is wrong: ")
_NOWHERE = Label("此处不保存这类文档。", "Nothing of this kind is kept here.")


class Draft(msgspec.Struct, frozen=True):
    """What is drafted."""

    seq: Seq
    form: dict[str, Any]


class Act(msgspec.Struct, frozen=True):
    """What somebody does to a document."""

    seq: Seq
    act: Literal["save", "duplicate", "revert", "shipped", "delete", "enable", "disable"]
    name: Name
    expected: Number = 0
    reason: Line = ""
    form: dict[str, Any] | None = None
    new: Name = ""
    zh: Line = ""
    en: Line = ""
    version: Number = 0


Does = Callable[[Any, Asker, Act], VersionRow | Refused]


@dataclass(frozen=True, slots=True)
class Edited:
    """One kind of documents and its editor."""

    name: str
    """ids of the page's stores begin with it"""
    script: str
    """what the functions of the page's script are called together"""
    page: Rights
    change: Rights
    """over the whole city"""
    desk: Callable[[Center], VersionDesk | None]
    acts: Mapping[str, Does]
    not_yours: Label
    kept: Label
    """why something can't be done to what ships"""
    forms: bool = False
    """whether old versions are sent whole, to be compared"""


Knows = Callable[[bool], dict[str, Any]]
"""returns what an editor knows: its documents always, with True also what stays as it is; raises StoreError"""


def stores(name: str, script: str) -> list[Any]:
    """Return where the browser asks and where it is answered, and what has it told anew."""
    known = [dcc.Store(id=f"{name}-data"), dcc.Store(id=f"{name}-known"), dcc.Store(id=f"{name}-changed", data=0)]
    asked = [dcc.Store(id=f"{name}-{one}") for one in ("draft", "act", "history-of")]
    answered = [dcc.Store(id=f"{name}-{one}") for one in ("faults", "answer", "history")]
    heard = [dcc.Store(id=f"{name}-{one}-heard") for one in ("faults", "answer", "history")]
    return [*known, *asked, *answered, *heard, dcc.Interval(id=f"{script}-tick", interval=_TOLD_EVERY_MS)]


def listed(row: VersionRow, zone: str) -> dict[str, Any]:
    """Return what an editor knows of any document."""
    return {
        "name": row.name,
        "version": row.version,
        "form": row.form,
        "shipped": row.is_as_shipped,
        "author": row.author,
        "at": f"{in_zone(row.at_us, zone):%Y-%m-%d %H:%M}",
    }


def connect(callbacks: Callbacks, center: Center, edited: Edited, knows: Knows) -> None:
    """Register the callbacks."""
    name, rights = edited.name, edited.page
    callbacks.in_browser(edited.script, "known", Output(f"{name}-known", "data"), Input(f"{name}-data", "data"))

    @callbacks.add(
        Output(f"{name}-data", "data"),
        Input(f"{edited.script}-tick", "n_intervals"),
        Input(f"{name}-changed", "data"),
        rights=rights,
    )
    def _data(tick: int | None, _changed: object) -> Any:
        try:
            return knows(not tick)
        except OpsCenterError as error:
            return {"fault": _pair(refusal(error))}

    for one in ("faults", "answer", "history"):
        heard, data = Output(f"{name}-{one}-heard", "data"), Input(f"{name}-{one}", "data")
        callbacks.in_browser(edited.script, one, heard, data)

    @callbacks.add(
        Output(f"{name}-faults", "data"), Input(f"{name}-draft", "data"), rights=rights, prevent_initial_call=True
    )
    def _judge(draft: Draft | None) -> Any:
        desk = edited.desk(center)
        if draft is None or desk is None:
            return None
        return {"seq": draft.seq, "faults": _told(desk.validate(draft.form))}

    @callbacks.add(
        Output(f"{name}-history", "data"), Input(f"{name}-history-of", "data"), rights=rights, prevent_initial_call=True
    )
    def _history(of: Name | None) -> Any:
        desk = edited.desk(center)
        if not of or desk is None:
            return None
        zone = center.pack.manifest.timezone
        try:
            rows = desk.history(of)[:_MOST_VERSIONS]
        except OpsCenterError:
            return {"name": of, "versions": []}
        whole = _MOST_FORMS if edited.forms else 0
        return {"name": of, "versions": [_version(row, zone, place < whole) for place, row in enumerate(rows)]}

    @callbacks.add(
        Output(f"{name}-answer", "data"),
        Output(f"{name}-changed", "data"),
        Input(f"{name}-act", "data"),
        rights=rights,
        changes=True,
        prevent_initial_call=True,
    )
    def _act(act: Act | None) -> Any:
        if act is None:
            return no_update, no_update
        answer = _done(edited, edited.desk(center), asker(), act)
        return {"seq": act.seq, "act": act.act, **answer}, act.seq if answer["ok"] else no_update


def _done(edited: Edited, desk: VersionDesk | None, who: Asker, act: Act) -> dict[str, Any]:  # noqa: PLR0911 - refusals
    if desk is None or act.act not in edited.acts:
        return _refused(_NOWHERE)
    if not who.may_change_of(edited.change, "", ""):
        return _refused(edited.not_yours)
    try:
        outcome = edited.acts[act.act](desk, who, act)
    except (SceneChanged, PlanChanged):
        return {**_refused(_CHANGED), "conflict": True}
    except (SceneError, PlanError):
        return _refused(edited.kept)
    except OpsCenterError as error:
        return _refused(refusal(error))
    if isinstance(outcome, Refused):
        return {**_refused(_NOT_SAVED), "faults": _told(outcome.faults)}
    words = Label(f"已保存为第 {outcome.version} 版。", f"Saved as version {outcome.version}.")
    if outcome.gone:
        words = Label("已删除；各版本仍保留。", "Deleted; its versions are kept.")
    return {"ok": True, "name": outcome.name, "version": outcome.version, "gone": outcome.gone, "said": _pair(words)}


def _refused(words: Label) -> dict[str, Any]:
    return {"ok": False, "said": _pair(words), "faults": []}


def _pair(words: Label) -> list[str]:
    return [words.zh, words.en]


def _told(faults: tuple[Fault, ...]) -> list[list[str]]:
    return [[fault.field, fault.what.zh, fault.what.en] for fault in faults]


def _version(row: VersionRow, zone: str, whole: bool) -> dict[str, Any]:
    return {
        "version": row.version,
        "author": _pair(author_in_words(row.author)),
        "reason": _pair(reason_in_words(row)),
        "shipped": row.is_as_shipped,
        "gone": row.gone,
        "at": f"{in_zone(row.at_us, zone):%Y-%m-%d %H:%M}",
        **({"form": row.form} if whole else {}),
    }
