"""More that can be found, kept elsewhere than in catalog and city pack. Few: asked anew at each query, by who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ops_center.domain.rights import Asker
from ops_center.services.scenes import SCENES
from ops_center.services.search.entries import KINDS, Entry
from ops_center.services.walls import SceneName

Source = Callable[[Asker], Sequence[Entry]]
_NOWHERE = float("nan")


def scene_source(scenes: Callable[[], Mapping[str, SceneName]]) -> Source:
    """Return the scenes of the wall as entries; the id of one is its name, as ``/wall/<name>`` has it."""

    def entries(who: Asker) -> Sequence[Entry]:
        if not who.may_see(SCENES):
            return []
        return [
            Entry("scene", f"scenes:{name}", one.label, KINDS["scene"], _NOWHERE, _NOWHERE)
            for name, one in sorted(scenes().items())
        ]

    return entries
