"""What may be done to scenes in their editor (``version_acts``)."""

from __future__ import annotations

from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.screens.version_acts import Does, Edited
from ops_center.services.scenes import SCENES

NOT_YOURS = Label(
    "场景是全市的：只有职权覆盖全市的协调员与管理员可以修改。",
    "A scene is the whole city's: coordinators and administrators over the whole city change it.",
)
_KEPT = Label("随系统提供的场景不能删除。", "A scene that ships can't be deleted.")

_ACTS: dict[str, Does] = {
    "save": lambda desk, who, act: desk.save(who, act.form or {}, act.expected, act.reason),
    "duplicate": lambda desk, who, act: desk.duplicate(
        who, act.name, act.new, Label(act.zh.strip() or act.new or "—", act.en.strip() or act.new or "—"), act.reason
    ),
    "revert": lambda desk, who, act: desk.revert(who, act.name, act.version, act.expected, act.reason),
    "shipped": lambda desk, who, act: desk.as_shipped(who, act.name, act.expected, act.reason),
    "delete": lambda desk, who, act: desk.delete(who, act.name, act.expected, act.reason),
}


def edited(page: Rights) -> Edited:
    """Return the kind of documents that scenes are."""
    return Edited("scene", "scenes", page, SCENES, lambda center: center.scenes, _ACTS, NOT_YOURS, _KEPT)
