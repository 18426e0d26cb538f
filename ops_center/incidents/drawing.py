"""Drawing on the shared picture. Each drawing is a thing of its own: two people who draw never conflict. Pure."""

from __future__ import annotations

from dataclasses import replace

from ops_center.domain.text import Label
from ops_center.incidents.acts import CLOSED, NOTHING, Answer
from ops_center.incidents.changing import Said, changed
from ops_center.incidents.facts import is_no_place, plain
from ops_center.incidents.incident import Act, Incident, Refusal
from ops_center.incidents.parts import Drawing

MOST_DRAWINGS = 500
LONGEST_LABEL = 200
_AREAS = frozenset({"area", "cordon", "evacuation"})
"""kinds that are an area; a closure is an area or a line, a diversion a line, the others may be anything"""


def draw(incident: Incident, drawing: Drawing) -> Answer:
    """Put a drawing on the picture; it gets its id here."""
    if incident.is_closed:
        return CLOSED
    if fault := _fault_of(incident, drawing):
        return fault
    number = incident.drawn + 1
    detail = {"drawing": number, **_named(drawing), "place": plain(drawing.place)}
    said = Said(Act.DRAWN, drawing.by, drawing.at_us, detail=detail)
    return changed(incident, {"drawings": (*incident.drawings, replace(drawing, id=number)), "drawn": number}, said)


def erase(incident: Incident, who: str, now_us: int, number: int) -> Answer:
    """Take a drawing off the picture; the line that drew it keeps what it was."""
    if incident.is_closed:
        return CLOSED
    gone = next((one for one in incident.drawings if one.id == number), None)
    if gone is None:
        return NOTHING
    said = Said(Act.ERASED, who, now_us, detail={"drawing": number, **_named(gone)})
    return changed(incident, {"drawings": tuple(one for one in incident.drawings if one is not gone)}, said)


def _named(one: Drawing) -> dict[str, object]:
    english = {"english": one.english} if one.english else {}
    return {"kind": one.kind, "label": one.label, **english}


def _fault_of(incident: Incident, drawing: Drawing) -> Refusal | None:
    if len(incident.drawings) >= MOST_DRAWINGS:
        return Refusal("many", Label(f"最多{MOST_DRAWINGS}处标绘", f"at most {MOST_DRAWINGS} drawings"))
    shape = drawing.place.kind
    misfit = (drawing.kind in _AREAS and shape != "area") or (drawing.kind == "closure" and shape == "point")
    if misfit or (drawing.kind == "diversion" and shape != "line") or is_no_place(drawing.place):
        return Refusal("place", Label("标绘的形状不正确", "the shape of the drawing is not right"))
    longest = max(len(drawing.label), len(drawing.english))
    if longest > LONGEST_LABEL or (drawing.kind == "text" and not drawing.label.strip()):
        said = f"须填写不超过{LONGEST_LABEL}字的文字", f"a text of at most {LONGEST_LABEL} characters is wanted"
        return Refusal("label", Label(*said))
    return None
