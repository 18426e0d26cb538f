"""Layers of networks: roads, pipe nodes and links. Gathered by ``schema``."""

from __future__ import annotations

from ops_center.city.fields import PROVENANCE, Field, Layer, choices, district, key, label, names

ROAD_CLASSES = choices(
    expressway=("快速路", "expressway"),
    arterial=("主干路", "arterial"),
    collector=("次干路", "collector"),
    local=("支路", "local street"),
)
"""the four urban road classes of CJJ 37 (城市道路工程设计规范, clause 3.1.1), fastest first"""

ROADS = Layer(
    "roads",
    label("道路", "roads"),
    "LineString",
    ("road_id",),
    (
        key("road_id", "路段编号", "segment id"),
        Field("class", "text", label("等级", "class"), required=True, allowed=ROAD_CLASSES),
        *names(),
        Field("lanes", "integer", label("单向车道数", "lanes in one direction"), True, range=(1, 12)),
        Field("oneway", "boolean", label("单行", "one way, as drawn"), True),
        Field("speed_limit_kmh", "real", label("限速", "speed limit"), True, "km/h", range=(5, 150)),
        Field("from_node", "integer", label("起点", "node where the line starts"), True, range=(0, 2**31 - 1)),
        Field("to_node", "integer", label("终点", "node where the line ends"), True, range=(0, 2**31 - 1)),
        Field("length_m", "real", label("长度", "length"), True, "m", range=(0.01, 1e6)),
        Field("bridge", "boolean", label("桥梁", "crosses water")),
        district(),
        PROVENANCE,
    ),
)

NETWORKS = choices(
    water=("供水", "water supply"),
    drain=("雨水", "storm drain"),
    sewage=("污水", "sewage"),
    gas=("燃气", "gas"),
    heat=("热力", "heat"),
)

_network = Field("network", "text", label("管网", "network"), required=True, allowed=NETWORKS)

PIPE_NODES = Layer(
    "pipe_nodes",
    label("管点", "pipe nodes"),
    "Point",
    ("node_id",),
    (
        key("node_id", "管点编号", "node id; in the network water the id of the EPANET model"),
        _network,
        Field(
            "kind",
            "text",
            label("类别", "kind"),
            required=True,
            allowed=choices(
                junction=("节点", "junction"),
                tank=("水池", "tank"),
                reservoir=("水源", "reservoir"),
                manhole=("检查井", "manhole"),
                outfall=("排放口", "outfall"),
                station=("站场", "station (gas gate, pressure regulator, heat exchanger)"),
            ),
        ),
        Field("elevation_m", "real", label("高程", "elevation; of a reservoir its head"), unit="m", range=(-500, 9000)),
        Field("base_demand_l_s", "real", label("基本需水量", "base demand"), unit="L/s", range=(-1e5, 1e5)),
        Field("depth_m", "real", label("埋深", "depth below the street"), unit="m", range=(0, 200)),
        district(),
        PROVENANCE,
    ),
)

PIPE_LINKS = Layer(
    "pipe_links",
    label("管段", "pipe links"),
    "LineString",
    ("link_id",),
    (
        key("link_id", "管段编号", "link id; in the network water the id of the EPANET model"),
        _network,
        Field(
            "kind",
            "text",
            label("类别", "kind"),
            required=True,
            allowed=choices(pipe=("管道", "pipe"), pump=("水泵", "pump"), valve=("阀门", "valve")),
        ),
        Field("from_node", "text", label("起点", "first node"), True, references="pipe_nodes.node_id"),
        Field("to_node", "text", label("终点", "last node"), True, references="pipe_nodes.node_id"),
        Field("diameter_mm", "real", label("管径", "inner diameter"), unit="mm", range=(0, 20000)),
        Field("length_m", "real", label("长度", "length"), unit="m", range=(0, 1e6)),
        Field("roughness", "real", label("粗糙系数", "Hazen-Williams coefficient"), range=(0, 1000)),
        Field("depth_m", "real", label("埋深", "depth of the axis below the street"), unit="m", range=(0, 200)),
        Field("material", "text", label("管材", "material")),
        district(),
        PROVENANCE,
    ),
)

LAYERS = (ROADS, PIPE_NODES, PIPE_LINKS)
