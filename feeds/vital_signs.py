"""City vital signs, as the center makes them each minute: value, score and level of every indicator of every area.

Sent by ``ops_center.services.vital_signs`` through the log like everything else, so that history, rollups, live values
and rules treat an indicator as they treat a sensor. What is not known is not sent. A thing is an indicator of an area
(``congestion@district:D01``); the unit of its value is its datastream's.
"""

from __future__ import annotations

from feeds.contract import DatastreamKind
from feeds.declared import ColumnarFeed
from ops_center.domain.text import Label

EVERY_S = 60.0
NAME = "vital_signs"
KIND = "indicator"
_ANY = (-1e12, 1e12)

FEED = ColumnarFeed(
    name=NAME,
    label=Label("城市运行体征", "city vital signs"),
    lateness_s=120.0,
    kinds=(
        DatastreamKind("indicator_value", Label("指标值", "value of the indicator"), "1", _ANY, _ANY, EVERY_S),
        DatastreamKind(
            "indicator_score", Label("指标得分", "score of the indicator"), "1", (0.0, 100.0), (0.0, 100.0), EVERY_S
        ),
        DatastreamKind(
            "indicator_level", Label("指标等级", "level of the indicator"), "1", (1.0, 5.0), (1.0, 5.0), EVERY_S
        ),
        DatastreamKind(
            "indicator_known",
            Label("已知权重占比", "share of the weight that is known"),
            "%",
            (0.0, 100.0),
            (0.0, 100.0),
            EVERY_S,
        ),
    ),
    thing_kinds={KIND: Label("体征指标", "indicator")},
)
