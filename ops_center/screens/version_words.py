"""Who made a version and why, in both languages: what people typed stays as it is, what a file's says is ours."""

from __future__ import annotations

from ops_center.domain.text import Label
from ops_center.store.version_port import VersionRow

_FILE = "file:"
_CENTER = Label("系统", "the center")


def author_in_words(author: str) -> Label:
    """Return the author of a version; an import at the start is by the center itself."""
    return _CENTER if author == "system" else Label(author or "—", author or "—")


def reason_in_words(row: VersionRow) -> Label:
    """Return why there is this version."""
    file = row.origin.removeprefix(_FILE)
    if row.reason == f"file {file}":
        return Label(f"随文件 {file}", f"from the file {file}")
    return Label(row.reason, row.reason)
