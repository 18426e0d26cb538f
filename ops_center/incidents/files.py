"""Files that people add to an incident: photos, forms, maps on paper. Pure; the bytes are kept by the store."""

from __future__ import annotations

from collections.abc import Iterable

from ops_center.domain.text import Label
from ops_center.incidents.acts import CLOSED, NOTHING, Answer
from ops_center.incidents.changing import Said, changed
from ops_center.incidents.incident import Act, Incident, Refusal
from ops_center.incidents.parts import Attached
from ops_center.incidents.task import Task

MOST_FILES = 100
"""of one incident, without the photos of its tasks"""
_MANY = Refusal("many", Label(f"最多{MOST_FILES}个文件", f"at most {MOST_FILES} files"))


def attach(incident: Incident, file: Attached) -> Answer:
    """Add a file; its line names it. One that is there already changes nothing."""
    if incident.is_closed:
        return CLOSED
    if file.hash in incident.files:
        return NOTHING
    if len(incident.files) >= MOST_FILES:
        return _MANY
    attached = (*(one for one in incident.attached if one.hash in incident.files), file)
    detail = {"kind": "files", "what": [file.hash], "name": file.name}
    changes = {"files": (*incident.files, file.hash), "attached": attached}
    return changed(incident, changes, Said(Act.LINKED, file.by, file.at_us, detail=detail))


def name_of(incident: Incident, tasks: Iterable[Task], digest: str) -> str | None:
    """Return what a file of an incident or of its tasks is called; None: it is no file of it."""
    named = next((one.name for one in incident.attached if one.hash == digest), "")
    if digest in incident.files:
        return named or digest[:12]
    return digest[:12] if any(digest in task.files for task in tasks) else None
