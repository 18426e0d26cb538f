"""A rule type that raises is set aside with its rules, and the others go on: a type may be anybody's file.

Called by both stages. What stood under its rules is withdrawn: nothing is known of it any more. It is tried again when
rules or catalog change, and when its worker starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from alerts.conditions import ConditionBatch
from alerts.table import Table
from ops_center.domain.text import shown

Space = TypeVar("Space")


def ask(
    tables: dict[Space, Table],
    spaces: Iterable[Space],
    judge: Callable[[Table], ConditionBatch],
    failed: dict[str, str],
    now_us: int,
) -> list[ConditionBatch]:
    """Return what ``judge`` finds of each table in ``spaces``; one that raises goes from ``tables`` into ``failed``.

    ``failed``: name of the type → what it raised.
    """
    found = []
    for space in list(spaces):
        table = tables[space]
        try:
            found.append(judge(table))
        except Exception as error:  # whatever a type does wrong
            failed[table.type.name] = shown(f"{type(error).__name__}: {error}")
            del tables[space]
            found.append(table.withdraw(np.arange(len(table)), now_us))
    return found
