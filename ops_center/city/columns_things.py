"""Layers of what observes: cameras, things, datastreams. Gathered by ``schema``."""

from __future__ import annotations

from ops_center.city.fields import PROVENANCE, Field, Layer, choices, district, key, label, names
from ops_center.city.kinds import FEEDS, THING_KINDS

CAMERAS = Layer(
    "cameras",
    label("摄像机", "cameras"),
    "Point",
    ("camera_id",),
    (
        key("camera_id", "摄像机编号", "camera id; its thing has the same id"),
        *names(),
        Field("heading_deg", "real", label("朝向", "heading, clockwise from north"), unit="deg", range=(0, 360)),
        Field("field_of_view_deg", "real", label("视角", "horizontal field of view"), unit="deg", range=(1, 360)),
        Field("range_m", "real", label("可视距离", "how far it sees"), unit="m", range=(1, 20000)),
        Field("height_m", "real", label("安装高度", "height above ground"), unit="m", range=(0, 500)),
        Field("ptz", "boolean", label("云台", "can be turned")),
        Field("road_id", "text", label("路段", "road it looks at"), references="roads.road_id"),
        district(),
        PROVENANCE,
    ),
)

THINGS = Layer(
    "things",
    label("感知设备", "things"),
    "Point",
    ("thing_id",),
    (
        key("thing_id", "设备编号", "thing id, stable for ever, unique in the pack"),
        Field(
            "kind",
            "text",
            label("类别", "kind"),
            required=True,
            allowed={kind.name: kind.label for kind in THING_KINDS.values()},
        ),
        *names(),
        Field("feed", "text", label("数据源", "feed that brings its data"), True, allowed=FEEDS),
        district(),
        Field("department", "text", label("所属部门", "department"), references="organisations.organisation_id"),
        Field("road_id", "text", label("路段", "road it is on"), references="roads.road_id"),
        Field("along_m", "real", label("路段内位置", "distance from the start of the road"), unit="m", range=(0, 1e6)),
        Field("reverse", "boolean", label("逆向", "observes the direction against the line of the road")),
        Field("pipe_node", "text", label("管点", "pipe node it is at"), references="pipe_nodes.node_id"),
        Field("pipe_link", "text", label("管段", "pipe link it is on"), references="pipe_links.link_id"),
        Field("camera", "text", label("摄像机", "camera it is"), references="cameras.camera_id"),
        Field("water_id", "text", label("水体", "river or lake it gauges"), references="water.water_id"),
        Field("heading_deg", "real", label("朝向", "heading, clockwise from north"), unit="deg", range=(0, 360)),
        Field("elevation_m", "real", label("高程", "elevation"), unit="m", range=(-500, 9000)),
        Field("warning_level_m", "real", label("警戒水位", "warning level of a gauge"), unit="m", range=(-500, 9000)),
        Field(
            "guarantee_level_m", "real", label("保证水位", "guarantee level of a gauge"), unit="m", range=(-500, 9000)
        ),
        PROVENANCE,
    ),
)

DATASTREAMS = Layer(
    "datastreams",
    label("数据流", "datastreams"),
    None,
    ("thing_id", "observed_property"),
    (
        Field("thing_id", "text", label("设备", "thing"), True, references="things.thing_id"),
        Field("observed_property", "text", label("观测属性", "observed property"), True),
        Field("unit", "text", label("单位", "UCUM code"), True),
        Field("feed", "text", label("数据源", "feed"), True, allowed=FEEDS),
        Field("interval_s", "real", label("间隔", "expected interval"), True, "s", range=(0.01, 86400 * 31)),
        Field(
            "time_kind",
            "text",
            label("时间含义", "what its time means"),
            required=True,
            allowed=choices(instant=("时刻", "instant"), interval=("时段起点", "start of an interval")),
        ),
    ),
)

LAYERS = (CAMERAS, THINGS, DATASTREAMS)
