"""What types of the second stage share: rules over conditions of rules."""

from __future__ import annotations

from typing import Annotated

import msgspec

from alerts.bounds import Name
from alerts.contract import Leg

MOST_LEGS = 8


class LegForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Conditions of one rule, of one level and worse."""

    rule: Name
    level: Annotated[int, msgspec.Meta(ge=1, le=4)] = 1

    def leg(self) -> Leg:
        """Return it as the engine takes it."""
        return Leg(self.rule, self.level)


Legs = Annotated[tuple[LegForm, ...], msgspec.Meta(max_length=MOST_LEGS)]
