"""The figures of an area as somebody may see them: what ``figures`` computes, with what it needs of the center."""

from __future__ import annotations

from functools import cached_property

from ops_center.domain.rights import Asker
from ops_center.domain.time import Clock, in_zone
from ops_center.services.selection.areas import Area
from ops_center.services.selection.desk import SelectionDesk
from ops_center.services.selection.figures import Figure, Road, figures_of


class AreaFigures:
    """Answers from memory; safe to use from any thread."""

    def __init__(self, desk: SelectionDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def of(self, who: Asker, area: Area) -> list[Figure]:
        """Return the figures of an area. Raises CityPackError if the pack is damaged."""
        chosen = self._desk.select(who, area)
        keys = {one.thing.key for one in chosen.things}
        alarms = [alarm for alarm in self._desk.open_alarms(who) if alarm.thing in keys]
        day = in_zone(self._clock.now_us(), self._desk.pack.manifest.timezone).date()
        return figures_of(chosen, alarms, self._roads, day)

    @cached_property
    def _roads(self) -> dict[str, Road]:
        rows = self._desk.pack.table("roads")[["road_id", "class", "speed_limit_kmh"]].itertuples(index=False)
        return {str(road): Road(str(kind), float(limit)) for road, kind, limit in rows}
