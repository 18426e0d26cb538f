"""Layers of who helps and where: facilities, organisations, units, duty roster. Gathered by ``schema``."""

from __future__ import annotations

from ops_center.city.fields import PROVENANCE, Field, Layer, choices, district, key, label, names

FACILITY_KINDS = choices(
    hospital=("医院", "hospital"),
    school=("学校", "school"),
    shelter=("应急避难场所", "emergency shelter"),
    plant=("工厂", "plant"),
    store=("应急物资库", "emergency store"),
    fire_station=("消防站", "fire station"),
    police_station=("派出所", "police station"),
    water_works=("水厂", "water works"),
    sewage_works=("污水处理厂", "sewage works"),
    gas_station=("加油站", "filling station"),
    bus_depot=("公交场站", "bus depot"),
    railway_station=("火车站", "railway station"),
    stadium=("体育场馆", "stadium"),
    government=("政府机关", "government"),
    commerce=("商业", "commerce"),
    other=("其他", "other"),
)

FACILITIES = Layer(
    "facilities",
    label("设施", "facilities"),
    "Point",
    ("facility_id",),
    (
        key("facility_id", "设施编号", "facility id"),
        Field("kind", "text", label("类别", "kind"), required=True, allowed=FACILITY_KINDS),
        *names(),
        Field("capacity", "real", label("容量", "beds, pupils, places or tonnes, as the kind says"), range=(0, 1e7)),
        Field("hazardous_goods", "text", label("危险品", "hazardous goods, UN numbers with commas: UN1005,UN1017")),
        Field("hazardous_t", "real", label("危险品储量", "hazardous goods held"), unit="t", range=(0, 1e6)),
        Field("address_zh", "text", label("中文地址", "Chinese address")),
        Field("address_en", "text", label("英文地址", "English address")),
        Field("organisation", "text", label("单位", "run by"), references="organisations.organisation_id"),
        district(),
        PROVENANCE,
    ),
)

ORGANISATIONS = Layer(
    "organisations",
    label("机构", "organisations"),
    None,
    ("organisation_id",),
    (
        key("organisation_id", "机构编号", "organisation id; things and units name it as their department"),
        *names(),
        Field(
            "level",
            "text",
            label("级别", "level"),
            required=True,
            allowed=choices(
                city=("市级", "city"),
                district=("区级", "district"),
                street=("街道级", "street"),
                company=("企业", "company"),
            ),
        ),
        Field("parent", "text", label("上级机构", "parent"), references="organisations.organisation_id"),
        district(),
        Field("phone", "text", label("电话", "telephone")),
        PROVENANCE,
    ),
)

UNITS = Layer(
    "units",
    label("队伍", "units"),
    "Point",
    ("unit_id",),
    (
        key("unit_id", "队伍编号", "unit id"),
        Field(
            "kind",
            "text",
            label("类别", "kind"),
            required=True,
            allowed=choices(
                traffic_police=("交警", "traffic police"),
                patrol=("巡警", "patrol"),
                fire_brigade=("消防", "fire brigade"),
                ambulance_crew=("急救", "ambulance crew"),
                water_repair=("供水抢修", "water repair"),
                drainage_crew=("排水抢险", "drainage crew"),
                gas_repair=("燃气抢修", "gas repair"),
                sanitation_crew=("环卫", "sanitation crew"),
                inspection_team=("城管执法", "urban inspection"),
                environment_team=("环境监测", "environment monitoring"),
                rescue_team=("应急救援", "rescue team"),
            ),
        ),
        *names(),
        Field(
            "organisation", "text", label("所属机构", "organisation"), True, references="organisations.organisation_id"
        ),
        Field("members", "integer", label("人数", "members"), range=(0, 10000)),
        Field("vehicle", "text", label("车辆", "thing id of its vehicle"), references="things.thing_id"),
        district(),
        PROVENANCE,
    ),
)

DUTY_ROSTER = Layer(
    "duty_roster",
    label("值班表", "duty roster"),
    None,
    ("organisation", "weekday", "shift", "duty"),
    (
        Field("organisation", "text", label("机构", "organisation"), True, references="organisations.organisation_id"),
        Field("weekday", "integer", label("星期", "day of the week, 1 = Monday (ISO 8601)"), True, range=(1, 7)),
        Field(
            "shift",
            "text",
            label("班次", "shift"),
            required=True,
            allowed=choices(day=("白班 08-20", "day 08-20"), night=("夜班 20-08", "night 20-08")),
        ),
        Field(
            "duty",
            "text",
            label("岗位", "duty"),
            required=True,
            allowed=choices(leader=("带班领导", "leader on duty"), officer=("值班员", "officer on duty")),
        ),
        Field("person", "text", label("姓名", "person"), True),
        Field("phone", "text", label("电话", "telephone")),
        PROVENANCE,
    ),
)

LAYERS = (FACILITIES, ORGANISATIONS, UNITS, DUTY_ROSTER)
