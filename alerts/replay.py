"""A rule over a stored series: what it would have raised. The same code as live, in batches of any size.

Called by ``run.py rules replay`` and by the editor's preview.
"""

from __future__ import annotations

from collections.abc import Iterable

from alerts.conditions import ConditionBatch
from alerts.rule import Rule
from alerts.stage_one import StageOne
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch

Series = ObservationBatch | PositionBatch | tuple[Event, ...]


def replay(rules: Iterable[Rule], catalog: Catalog, series: Iterable[Series], until_us: int) -> ConditionBatch:
    """Return what rules of the first stage would have raised over ``series``, in its order, and up to ``until_us``.

    Feeds count as alive throughout: what is replayed is often one series of many, and its gaps are its own.
    """
    feeds = sorted({thing.feed for thing in catalog.things.values()})
    stage = StageOne(dict.fromkeys(feeds, 0.0), feeds_pause=False)
    stage.rebuild(rules, catalog, 0)
    found = [_shown(stage, batch) for batch in series]
    return ConditionBatch.concat([*found, stage.advance(until_us)])


def _shown(stage: StageOne, batch: Series) -> ConditionBatch:
    if isinstance(batch, ObservationBatch):
        return stage.observations(batch)
    return stage.positions(batch) if isinstance(batch, PositionBatch) else stage.events(batch)
