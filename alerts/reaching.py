"""Which rows of a second-stage rule hear of which members: the subject itself, or its neighbours.

Called by ``alerts.stage_two``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from alerts.contract import Leg, Reach, StageTwoType, SubjectKind
from alerts.expansion import WALL, Part, joined, subjects_of
from alerts.members import Group, Members
from alerts.rule import Rule
from alerts.scope import Columns
from alerts.subjects import CITY, group_key
from alerts.surroundings import Pairs, Surroundings
from ops_center.domain.observations import Int64

_KINDS = {"thing": SubjectKind.THING}


def second_stage(
    rule: Rule, legs: Sequence[Leg], members: Members, columns: Columns, surroundings: Surroundings
) -> Part:
    """Return the rows of a rule over conditions; an input key is the number of a member."""
    reach = cast("StageTwoType", rule.type).reaches(rule.parameters)
    inside = np.zeros(len(columns.thing), bool)
    inside[columns.things_of(rule.scope)] = True
    groups = [members.groups[leg] for leg in legs]
    if reach.by == "subject":
        some = [_own(rule, number, group, inside, columns) for number, group in enumerate(groups)]
    else:
        some = [_around(reach, group, inside, columns, surroundings) for group in groups]
    keys, subjects, codes = (np.concatenate([one[n] for one in some]) for n in range(3))
    kind = _KINDS.get(rule.scope.subject, SubjectKind.GROUP)
    size = len(keys)
    nothing = np.full(size, np.nan)
    return joined(rule, kind, subjects, np.ones(size), np.full(size, WALL, np.int32), nothing, keys, codes)


def _own(
    rule: Rule, number: int, group: Group, inside: NDArray[np.bool_], columns: Columns
) -> tuple[Int64, Int64, NDArray[np.int32]]:
    """Return (member, subject, code) where each member concerns what it belongs to."""
    key = group.first + np.arange(len(group.part.subject))
    if group.part.subject_kind is SubjectKind.GROUP:
        subjects = _group_subjects(rule, group.part.subject, inside, columns)
    else:
        places = places_of(group, columns)
        key = key[inside[places]]
        subjects = subjects_of(columns, places[inside[places]], rule.scope.subject)[1]
        return key, subjects, np.full(len(key), number, np.int32)
    fit = subjects >= 0
    return key[fit], subjects[fit], np.full(int(fit.sum()), number, np.int32)


def _group_subjects(rule: Rule, keys: Int64, inside: NDArray[np.bool_], columns: Columns) -> Int64:
    """Return whom conditions of groups concern: the same district, or the city; -1 where nobody."""
    if rule.scope.subject == "city":
        return np.full(len(keys), group_key(CITY), np.int64)
    if rule.scope.subject == "thing":
        return np.full(len(keys), -1, np.int64)
    known = subjects_of(columns, np.flatnonzero(inside), "district")[1]
    return np.where(np.isin(keys, known), keys, -1)


def _around(
    reach: Reach, group: Group, inside: NDArray[np.bool_], columns: Columns, surroundings: Surroundings
) -> tuple[Int64, Int64, NDArray[np.int32]]:
    """Return (member, subject, code) where each member concerns the things around it: 1 its own, 0 another's."""
    if group.part.subject_kind is SubjectKind.GROUP:
        nobody = np.empty(0, np.int64)
        return nobody, nobody, np.empty(0, np.int32)
    places = places_of(group, columns)
    key = (group.first + np.arange(len(places)))[inside[places]]
    places = places[inside[places]]
    one, other = _pairs(reach, places, columns, surroundings)
    return key[other], columns.thing[places[one]], (places[one] == places[other]).astype(np.int32)


def _pairs(reach: Reach, places: NDArray[np.intp], columns: Columns, surroundings: Surroundings) -> Pairs:
    if reach.by == "distance":
        return surroundings.near(columns.longitude[places], columns.latitude[places], reach.distance_m)
    network = surroundings.networks.get(reach.network)
    if network is None:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    return network.within(columns.thing[places], reach.hops)


def places_of(group: Group, columns: Columns) -> NDArray[np.intp]:
    """Return the places of the things that the members of a group are, or belong to."""
    if group.part.subject_kind is SubjectKind.THING:
        return np.searchsorted(columns.thing, group.part.subject)
    return columns.owner[np.searchsorted(columns.stream, group.part.subject)]
