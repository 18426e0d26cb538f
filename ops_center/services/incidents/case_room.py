"""Everything of one web process about what is told of incidents, and learnt from them: reports and cases."""

from __future__ import annotations

from dataclasses import dataclass

from ops_center.domain.rights import Asker
from ops_center.incidents.case_story import CaseStory, story_of
from ops_center.services.incidents.cases import CaseDesk
from ops_center.services.incidents.reports import IncidentReader, ReportDesk, whole_log
from ops_center.store.incident_port import Standing


@dataclass(frozen=True, slots=True)
class CaseRoom:
    """Safe to use from any thread."""

    reports: ReportDesk
    cases: CaseDesk
    incidents: IncidentReader
    """the desk of incidents, which says who may see which"""

    def told(self, asker: Asker, number: int) -> tuple[Standing, CaseStory] | None:
        """Return a case as it is kept, with its story; None: there is none for who asks. Raises StoreError."""
        if self.cases.case(asker, number) is None:
            return None
        standing = self.incidents.one(asker, number)
        if standing is None:
            return None
        return standing, story_of(standing.incident, standing.tasks, whole_log(self.incidents, asker, number))
