"""A row of the audit as its page shows it: whoever did it, and whatever it says."""

from __future__ import annotations

import pytest

from ops_center.domain.audit_form import AuditRow
from ops_center.domain.rights import NOBODY, Asker
from ops_center.screens.audit_rows import row_of


def row(actor: str) -> AuditRow:
    return AuditRow(1, 0, actor, "", "127.0.0.1", "session.refused", "forgetful", "refused", {}, "live", b"", b"", 1)


@pytest.mark.parametrize(
    ("actor", "shown"),
    [
        (NOBODY.account, {"zh": "未知", "en": "unknown"}),
        ("system", {"zh": "系统", "en": "the center"}),
        (Asker("zhou").account, {"zh": "zhou", "en": "zhou"}),
    ],
)
def test_whoever_did_it_has_a_name(actor: str, shown: dict[str, str]) -> None:
    assert row_of(row(actor), "Asia/Shanghai")["who"] == shown
