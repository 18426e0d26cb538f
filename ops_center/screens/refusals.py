"""What a page says where something could not be done: in words of the person in front of it, never of the database."""

from __future__ import annotations

from ops_center.domain.errors import Forbidden, OpsCenterError, StoreUnavailable
from ops_center.domain.text import Label

_SAID: tuple[tuple[type[OpsCenterError], Label], ...] = (
    (Forbidden, Label("您的角色不允许此操作。", "Your roles do not allow this.")),
    (
        StoreUnavailable,
        Label(
            "数据库无应答，没有任何改动。恢复后请重试。",
            "The database does not answer; nothing was changed. Try again when it is back.",
        ),
    ),
    (OpsCenterError, Label("没有成功，请重试；如仍不行，请联系管理员。", "This did not succeed. Try again.")),
)
"""the first that fits counts"""


def refusal(error: OpsCenterError) -> Label:
    """Return what is said of ``error``."""
    return next(words for kind, words in _SAID if isinstance(error, kind))
