"""Everything of one web process about what is told of incidents, and learnt from them: reports and cases."""

from __future__ import annotations

from dataclasses import dataclass

from ops_center.services.incidents.cases import CaseDesk
from ops_center.services.incidents.reports import IncidentReader, ReportDesk


@dataclass(frozen=True, slots=True)
class CaseRoom:
    """Safe to use from any thread."""

    reports: ReportDesk
    cases: CaseDesk
    incidents: IncidentReader
    """the desk of incidents, which says who may see which"""
