"""The model city at one moment, as feeds observe it."""

from __future__ import annotations


class World:
    """Placeholder name for typing until the models land in this package."""
