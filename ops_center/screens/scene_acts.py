"""What the editor of scenes asks of the server: judge a draft, save, duplicate, revert, delete, say what was there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from dash import Input, Output, dcc, no_update

from ops_center.domain.errors import OpsCenterError, SceneChanged, SceneError
from ops_center.domain.rights import Asker, Rights
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center
from ops_center.services.scenes import SCENES, Fault, Refused, SceneDesk
from ops_center.store.version_port import VersionRow

Name = Annotated[str, msgspec.Meta(max_length=60)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Line = Annotated[str, msgspec.Meta(max_length=500)]
_MOST_VERSIONS = 60

NOT_YOURS = Label(
    "场景是全市的：只有职权覆盖全市的协调员与管理员可以修改。",
    "A scene is the whole city's: coordinators and administrators over the whole city change it.",
)
_CHANGED = Label(
    "期间有人保存了新版本。您的草稿仍在；“还原”可查看新版本。",
    "Somebody saved another version meanwhile. Your draft is kept; Drop shows theirs.",
)
_KEPT = Label("随系统提供的场景不能删除。", "A scene that ships can't be deleted.")
_NOT_SAVED = Label("没有保存，请看标出的问题：", "Not saved, see what is wrong: ")
_NOWHERE = Label("此处没有场景库。", "No scenes are kept here.")


class Draft(msgspec.Struct, frozen=True):
    """What is drafted."""

    seq: Seq
    form: dict[str, Any]


class Act(msgspec.Struct, frozen=True):
    """What somebody does to a scene."""

    seq: Seq
    act: Literal["save", "duplicate", "revert", "shipped", "delete"]
    name: Name
    expected: Number = 0
    reason: Line = ""
    form: dict[str, Any] | None = None
    new: Name = ""
    zh: Line = ""
    en: Line = ""
    version: Number = 0


def stores() -> list[Any]:
    """Return where the browser asks and where it is answered."""
    asked = [dcc.Store(id=name) for name in ("scene-draft", "scene-act", "scene-history-of")]
    answered = [dcc.Store(id=name) for name in ("scene-faults", "scene-answer", "scene-history")]
    heard = [dcc.Store(id=f"{name}-heard") for name in ("scene-faults", "scene-answer", "scene-history")]
    return [*asked, *answered, *heard]


def connect(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    """Register the callbacks."""
    for name in ("faults", "answer", "history"):
        callbacks.in_browser("scenes", name, Output(f"scene-{name}-heard", "data"), Input(f"scene-{name}", "data"))

    @callbacks.add(
        Output("scene-faults", "data"), Input("scene-draft", "data"), rights=rights, prevent_initial_call=True
    )
    def _judge(draft: Draft | None) -> Any:
        if draft is None or center.scenes is None:
            return None
        return {"seq": draft.seq, "faults": _told(center.scenes.validate(draft.form))}

    @callbacks.add(
        Output("scene-history", "data"), Input("scene-history-of", "data"), rights=rights, prevent_initial_call=True
    )
    def _history(name: Name | None) -> Any:
        if not name or center.scenes is None:
            return None
        zone = center.pack.manifest.timezone
        try:
            rows = center.scenes.history(name)[:_MOST_VERSIONS]
        except OpsCenterError:
            return {"name": name, "versions": []}
        return {"name": name, "versions": [_version(row, zone) for row in rows]}

    @callbacks.add(
        Output("scene-answer", "data"),
        Output("scene-changed", "data"),
        Input("scene-act", "data"),
        rights=rights,
        changes=True,
        prevent_initial_call=True,
    )
    def _act(act: Act | None) -> Any:
        if act is None:
            return no_update, no_update
        answer = _done(center, asker(), act)
        return {"seq": act.seq, "act": act.act, **answer}, act.seq if answer["ok"] else no_update


def _done(center: Center, who: Asker, act: Act) -> dict[str, Any]:  # noqa: PLR0911 - a line for each refusal
    if center.scenes is None:
        return _refused(_NOWHERE)
    if not who.may_change_of(SCENES, "", ""):
        return _refused(NOT_YOURS)
    try:
        outcome = _ACTS[act.act](center.scenes, who, act)
    except SceneChanged:
        return {**_refused(_CHANGED), "conflict": True}
    except SceneError:
        return _refused(_KEPT)
    except OpsCenterError as error:
        return _refused(refusal(error))
    if isinstance(outcome, Refused):
        return {**_refused(_NOT_SAVED), "faults": _told(outcome.faults)}
    words = Label(f"已保存为第 {outcome.version} 版。", f"Saved as version {outcome.version}.")
    if outcome.gone:
        words = Label("已删除；各版本仍保留。", "Deleted; its versions are kept.")
    return {"ok": True, "name": outcome.name, "version": outcome.version, "gone": outcome.gone, "said": _pair(words)}


_ACTS: dict[str, Callable[[SceneDesk, Asker, Act], VersionRow | Refused]] = {
    "save": lambda desk, who, act: desk.save(who, act.form or {}, act.expected, act.reason),
    "duplicate": lambda desk, who, act: desk.duplicate(
        who, act.name, act.new, Label(act.zh.strip() or act.new or "—", act.en.strip() or act.new or "—"), act.reason
    ),
    "revert": lambda desk, who, act: desk.revert(who, act.name, act.version, act.expected, act.reason),
    "shipped": lambda desk, who, act: desk.as_shipped(who, act.name, act.expected, act.reason),
    "delete": lambda desk, who, act: desk.delete(who, act.name, act.expected, act.reason),
}


def _refused(words: Label) -> dict[str, Any]:
    return {"ok": False, "said": _pair(words), "faults": []}


def _pair(words: Label) -> list[str]:
    return [words.zh, words.en]


def _told(faults: tuple[Fault, ...]) -> list[list[str]]:
    return [[fault.field, fault.what.zh, fault.what.en] for fault in faults]


def _version(row: VersionRow, zone: str) -> dict[str, Any]:
    return {
        "version": row.version,
        "author": row.author,
        "reason": row.reason,
        "shipped": row.is_as_shipped,
        "gone": row.gone,
        "at": f"{in_zone(row.at_us, zone):%Y-%m-%d %H:%M}",
    }
