"""How fresh each feed is; follows the heartbeat of ``/live``."""

from __future__ import annotations

from typing import Annotated, Any

from dash import html

from ops_center.city.kinds import FEEDS
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.screens.panels.kind import Codes, PanelKind, PanelOptions, Shown, named
from ops_center.screens.screen import Center, both, marked


class FeedsOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the line of feeds."""

    feeds: Annotated[Codes, named("数据源（空：全部）", "feeds (none: all)")] = ()
    upright: Annotated[bool, named("竖排", "one under another")] = False


def render(_center: Center, options: FeedsOptions) -> Shown:
    """Return a mark for each feed: a dot while it is in time, a diamond and a word when it isn't."""
    chosen = {name: label for name, label in FEEDS.items() if not options.feeds or name in options.feeds}
    if not chosen:
        return Shown([both(Label("没有这些数据源", "there are no such feeds"))], "empty")
    layout = "sp-feeds upright" if options.upright else "sp-feeds"
    return Shown([html.Div([feed_mark(name, label) for name, label in chosen.items()], className=layout)])


def feed_mark(name: str, label: Label) -> Any:
    """Return one feed; ``data-state`` and the age are set by the page."""
    words = [
        both(Label("陈旧", "aged"), className="word aged"),
        both(Label("未收到", "never"), className="word never"),
    ]
    return html.Div(
        [html.Span(className="mark"), both(label), *words, html.Span("—", className="age num")],
        className="feed",
        **marked(data_feed_mark=name, data_state="never"),
    )


PANEL = PanelKind(
    "feeds",
    Label("数据源", "feeds"),
    Label("各数据源的新鲜程度", "how fresh each feed is"),
    Rights(see=PICTURE),
    FeedsOptions,
    render,
    order=60,
    size=(20, 1),
)
