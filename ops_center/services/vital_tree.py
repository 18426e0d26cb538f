"""Which tree of indicators a center has: the city's own file, else the one that ships."""

from __future__ import annotations

from pathlib import Path

from ops_center.domain.errors import ConfigurationError
from ops_center.indicators.loading import Tree, load_tree, shipped_tree

_MOST_BYTES = 1 << 20


def tree_of(file: Path | None) -> Tree:
    """Return the tree. Raises ConfigurationError that says what is wrong where in the file."""
    if file is None:
        return shipped_tree()
    try:
        text = file.read_bytes()[: _MOST_BYTES + 1].decode("utf-8")
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"OPS_INDICATORS_FILE: {file} can't be read: {error}") from error
    if len(text) > _MOST_BYTES:
        raise ConfigurationError(f"OPS_INDICATORS_FILE: {file} is larger than 1 MiB")
    return load_tree(text, file.name)
