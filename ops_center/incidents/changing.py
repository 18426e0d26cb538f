"""One change of an incident with the line that says so: what every command ends in. Called by ``acts``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ops_center.incidents.facts import MINDED
from ops_center.incidents.incident import Act, Change, Entry, Incident

_MENTION = re.compile(r"@([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
_MOST_MENTIONS = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What a line of the log will say."""

    act: Act
    who: str
    at_us: int
    text: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    mentions: tuple[str, ...] = ()
    """besides those in the text"""


def changed(incident: Incident, changes: Mapping[str, Any], said: Said) -> Change:
    """Return the incident with its changes, one version on, and the line."""
    version = incident.version + 1
    touched = {**incident.touched, **dict.fromkeys((name for name in changes if name in MINDED), version)}
    after = replace(incident, version=version, touched=touched, **changes)
    mentions = tuple(dict.fromkeys((*said.mentions, *mentioned(said.text))))
    entry = Entry(
        incident=incident.id, at_us=said.at_us, act=said.act, who=said.who, text=said.text, before=incident.state,
        after=after.state, mentions=mentions, detail=said.detail,
    )  # fmt: skip
    return Change(after, (entry,))


def mentioned(text: str) -> tuple[str, ...]:
    """Return the accounts that ``@name`` in a text means, each once."""
    return tuple(dict.fromkeys(_MENTION.findall(text)))[:_MOST_MENTIONS]
