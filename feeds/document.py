"""A feed's declaration as a table of Markdown: docs/feeds.md holds them, a test compares.

``python -m feeds.document`` prints all, for pasting between the page's marks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from feeds.contract import DatastreamKind, Feed
from ops_center.domain.catalog import TimeKind


def document(feed: Feed) -> str:
    """Return what a feed declares, as Markdown between two marks."""
    return "\n".join([f"<!-- feed {feed.name} -->", *_lines(feed), f"<!-- end {feed.name} -->"])


def _lines(feed: Feed) -> Iterator[str]:
    yield f"### `{feed.name}` {feed.label.zh}, {feed.label.en}"
    yield ""
    yield f"Raw topic `raw.{feed.name}`; what arrives more than {feed.lateness_s:g} s late is flagged `LATE`."
    if feed.thing_kinds:
        things = ", ".join(f"`{kind}` {label.zh} ({label.en})" for kind, label in feed.thing_kinds.items())
        yield f"Things: {things}."
    if feed.kinds:
        yield ""
        yield "| observed property | name | unit | possible | plausible | every | time | stuck after |"
        yield "|---|---|---|---|---|---|---|---|"
        yield from map(_row, feed.kinds)
    if feed.event_kinds:
        yield ""
        yield (
            "Events: "
            + ", ".join(f"`{kind}` {label.zh} ({label.en})" for kind, label in feed.event_kinds.items())
            + "."
        )


def _row(kind: DatastreamKind) -> str:
    time = "start of the interval" if kind.time_kind is TimeKind.INTERVAL else "instant"
    stuck = "" if kind.stuck_after_s is None else f"{kind.stuck_after_s:g} s"
    name = f"{kind.label.zh}, {kind.label.en}"
    return (
        f"| `{kind.observed_property}` | {name} | `{kind.unit}` | {_range(kind.possible)} | {_range(kind.plausible)} "
        f"| {kind.interval_s:g} s | {time} | {stuck} |"
    )


def _range(limits: tuple[float, float]) -> str:
    return f"{limits[0]:g} to {limits[1]:g}"


if __name__ == "__main__":
    from feeds import all_feeds

    sys.stdout.write("\n\n".join(map(document, all_feeds().values())) + "\n")
