"""What a rule type's file holds. Judged by tests/contracts/test_every_rule.py.

A rule type is a *judge*: shown one observation of each of some rows, it says for each whether it lies beyond what the
rule allows. Everything else is the same for all types and written once: which rows an observation reaches
(``alerts/expansion.py``), their order in time (``alerts/table.py``), delays, and what becomes known as time passes
(``alerts/standing.py``). A row is one rule over one subject. A type is pure: it opens nothing and asks no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from alerts.bounds import Parameters
from ops_center.domain.observations import Event, Float64, Int32, Int64
from ops_center.domain.text import Label

NEVER_US = np.int64(2**62)
"""later than anything; a delay can still be added to it"""

Flags = NDArray[np.bool_]
Source = Literal["observations", "positions", "events", "conditions"]
"""what rows of a type are shown"""


class SubjectKind(IntEnum):
    """What a row is about."""

    DATASTREAM = 0
    THING = 1
    GROUP = 2
    """a feed, a district, the city: its key is a hash of its name (``alerts.subjects.group_key``)"""


@dataclass(frozen=True, slots=True)
class Channel:
    """One verdict of a type: most have one; several limits have one each."""

    code: str
    label: Label
    level: int = 1
    """1 to 4, worse is greater"""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Arrays by row (parameters, memory), as seen by a judge that is shown the rows ``rows``, each once."""

    columns: Mapping[str, NDArray[Any]]
    rows: NDArray[np.intp]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name][self.rows]

    def __setitem__(self, name: str, values: Any) -> None:
        self.columns[name][self.rows] = values

    def at(self, name: str, place: NDArray[Any]) -> NDArray[Any]:
        """Return one cell of each row of a column of several: ``column[row, place]``."""
        found: NDArray[Any] = self.columns[name][self.rows, place]
        return found

    def put(self, name: str, place: NDArray[Any], values: Any) -> None:
        """Set one cell of each row of a column of several."""
        self.columns[name][self.rows, place] = values


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One observation, fix, event or change of a condition for each of n rows; all arrays have n entries."""

    time_us: Int64
    """phenomenon time; later than the one before of the same row"""
    value: Float64
    """the result in the rule's unit; of a fix the speed in m/s; of an event its confidence; of a condition 1: entered,
    -1: left"""
    longitude: Float64
    latitude: Float64
    """of a fix or event; NaN otherwise"""
    code: Int32
    """of a condition: which of the rule's legs it is; of an event: what the type made of it (``Reading.code``)"""
    until_us: Int64
    """when an event says itself that it ends; ``NEVER_US`` otherwise"""

    def __len__(self) -> int:
        return len(self.time_us)


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a judge says of n rows with k channels."""

    beyond: Flags
    """bool[n, k]"""
    limit: Float64
    """float64[n, k]: what was crossed or would have to be"""
    value: Float64
    """float64[n]: what is to be compared with it, by whoever reads the condition"""
    until_us: Int64 | None = None
    """int64[n, k]: when ``beyond`` ends by itself if nothing else is seen; None: never"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a type's memory: constant in size, one entry or a few for each row."""

    dtype: Any
    initial: Any = 0
    width: tuple[int, ...] = ()
    """() for one entry a row"""


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """The subjects of one rule's rows, n of them, as :meth:`RuleType.columns` may need them."""

    interval_s: Float64
    """float64[n]: how often it is expected to report; NaN where nothing is"""


@dataclass(frozen=True, slots=True)
class Leg:
    """One input of a second-stage rule: conditions of a rule of the first stage."""

    rule: str
    level: int = 1
    """conditions of this level and worse"""


class RuleType(Protocol):
    """A kind of rule."""

    @property
    def name(self) -> str:
        """Return the unique name, as rules name it in ``type``."""
        ...

    @property
    def label(self) -> Label:
        """Return the name that operators read."""
        ...

    @property
    def source(self) -> Source:
        """Return what its rows are shown."""
        ...

    @property
    def subjects(self) -> frozenset[str]:
        """Return what its rows may be about: values of ``Scope.subject``; the contract suite tries each."""
        ...

    @property
    def parameters(self) -> type[Parameters]:
        """Return the structure of its parameters."""
        ...

    @property
    def example(self) -> Mapping[str, Any]:
        """Return parameters of a rule that could be, as a file writes them: the contract suite tries the type on it."""
        ...

    @property
    def restarts(self) -> frozenset[str]:
        """Return the parameters without which its memory has no meaning: when one is edited memory starts anew."""
        ...

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Return its verdicts, at most eight."""
        ...

    @property
    def memory(self) -> Mapping[str, Column]:
        """Return what it remembers of each row, beside what all types do (``alerts.standing``)."""
        ...

    @property
    def anew(self) -> bool:
        """Return whether the on-delay starts anew with each observation: silence, which is what follows the last."""
        ...

    def columns(self, parameters: Any, subjects: Subjects) -> Mapping[str, Any]:
        """Return the parameters as numbers for the judge: scalars, or arrays over the subjects.

        A name of ``alerts.standing.DELAYS`` in it takes the place of the common parameter.
        """
        ...

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Return what is to be said of what was seen; changes ``memory`` and nothing else.

        Every row is there once, later than before. ``memory["time_us"]`` is the row's time before (0: none yet), and
        ``memory["beyond"]`` its last verdict, which deadbands need.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule type makes of an event."""

    code: int = 0
    until_us: int = int(NEVER_US)
    """when it ends, where it says so"""
    districts: tuple[str, ...] = ()
    """codes of the districts it is about"""
    outline: tuple[tuple[float, float], ...] = ()
    """the area it is about; with neither it is about its own thing"""


class EventType(RuleType, Protocol):
    """A kind of rule over events, which are rich objects: it says what of them its rows are to see."""

    def kinds(self, parameters: Any) -> Sequence[str]:
        """Return the kinds of events that a rule wants."""
        ...

    def reads(self, event: Event) -> Reading | None:
        """Return what an event says to rows of this type; None for one that can't be read."""
        ...


class StageTwoType(RuleType, Protocol):
    """A kind of rule over conditions."""

    def legs(self, parameters: Any) -> Sequence[Leg]:
        """Return the conditions that a rule of this type listens to; ``Seen.code`` counts them."""
        ...

    def reaches(self, parameters: Any) -> Reach:
        """Return whom a member's condition concerns: which rows hear of it."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a condition concerns: the subject itself or its neighbours."""

    by: Literal["subject", "distance", "network"] = "subject"
    distance_m: float = 0.0
    network: str = ""
    hops: int = 0
