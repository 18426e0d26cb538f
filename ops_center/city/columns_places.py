"""Layers of places: districts, areas, population, gazetteer, buildings, water. Gathered by ``schema``."""

from __future__ import annotations

from ops_center.city.fields import PROVENANCE, Field, Layer, choices, district, key, label, names

DISTRICTS = Layer(
    "districts",
    label("行政区", "districts"),
    "MultiPolygon",
    ("district_id",),
    (
        key("district_id", "区编号", "district id"),
        *names(),
        Field("adcode", "text", label("行政区划代码", "administrative code (GB/T 2260)")),
        PROVENANCE,
    ),
)

AREAS = Layer(
    "areas",
    label("街道、社区与网格", "streets, communities and grid cells"),
    "MultiPolygon",
    ("area_id",),
    (
        key("area_id", "区域编号", "area id"),
        Field(
            "kind",
            "text",
            label("类别", "kind"),
            required=True,
            allowed=choices(
                street=("街道", "street"), community=("社区", "community"), grid_cell=("网格", "grid cell")
            ),
        ),
        *names(),
        Field("parent", "text", label("上级区域", "parent area; empty for a street"), references="areas.area_id"),
        district(),
        Field("population", "integer", label("人口", "residents"), range=(0, 1e8)),
        PROVENANCE,
    ),
)

POPULATION_GRID = Layer(
    "population_grid",
    label("人口格网", "population grid"),
    "MultiPolygon",
    ("cell_id",),
    (
        key("cell_id", "格网编号", "cell id"),
        Field("residents", "real", label("居住人口", "residents (at night)"), True, range=(0, 1e7)),
        Field("workers", "real", label("就业人口", "people by day, at work or school"), range=(0, 1e7)),
        district(),
        PROVENANCE,
    ),
)

GAZETTEER = Layer(
    "gazetteer",
    label("地名地址", "place names and addresses"),
    "Point",
    ("place_id",),
    (
        key("place_id", "地名编号", "place id"),
        *names(),
        Field("pinyin_initials", "text", label("拼音首字母", "pinyin initials, lower case: bjdl for 滨江大道")),
        Field(
            "kind",
            "text",
            label("类别", "kind"),
            required=True,
            allowed=choices(
                district=("行政区", "district"),
                area=("街道社区", "street or community"),
                road=("道路", "road"),
                crossing=("路口", "crossing"),
                bridge=("桥梁", "bridge"),
                water=("水体", "water"),
                facility=("设施", "facility"),
                address=("地址", "address"),
                place=("地点", "place"),
            ),
        ),
        Field("address_zh", "text", label("中文地址", "Chinese address")),
        Field("address_en", "text", label("英文地址", "English address")),
        Field("feature", "text", label("对应要素", "layer:id of the feature it names, e.g. roads:R000012")),
        district(),
        PROVENANCE,
    ),
)

BUILDINGS = Layer(
    "buildings",
    label("建筑", "buildings"),
    "MultiPolygon",
    ("building_id",),
    (
        key("building_id", "建筑编号", "building id"),
        *names(),
        Field("height_m", "real", label("高度", "height"), True, "m", range=(0, 1000)),
        Field(
            "use",
            "text",
            label("用途", "use"),
            required=True,
            allowed=choices(
                residential=("住宅", "residential"),
                commercial=("商业", "commercial"),
                office=("办公", "office"),
                industrial=("工业", "industrial"),
                public=("公共", "public"),
                school=("教育", "school"),
                hospital=("医疗", "hospital"),
                other=("其他", "other"),
            ),
        ),
        district(),
        PROVENANCE,
    ),
)

WATER = Layer(
    "water",
    label("水体与绿地", "water and green"),
    "MultiPolygon",
    ("water_id",),
    (
        key("water_id", "编号", "id"),
        *names(),
        Field(
            "kind",
            "text",
            label("类别", "kind"),
            required=True,
            allowed=choices(
                river=("河流", "river"),
                lake=("湖泊", "lake"),
                canal=("河渠", "canal"),
                park=("公园绿地", "park"),
            ),
        ),
        PROVENANCE,
    ),
)

LAYERS = (DISTRICTS, AREAS, POPULATION_GRID, GAZETTEER, BUILDINGS, WATER)
