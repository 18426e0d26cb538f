"""What the dialog that opens an incident says, and what it shares with the room: fields, states, failures."""

from __future__ import annotations

from collections.abc import Mapping

from ops_center.domain.text import Label

OPEN_WORDS: Mapping[str, Label] = {
    "open_title": Label("启动事件", "Open an incident"),
    "open_now": Label("启动并指挥", "Open and command"),
    "open_only_report": Label("仅登记", "Only report it"),
    "open_nowhere": Label(
        "没有选定报警或地点：请填写类型和标题，地点稍后可在地图上标出。",
        "No alarm or place is chosen: say type and title; the place can be put on the map later.",
    ),
    "open_asking": Label("正在查询现场情况与预案。", "Looking up the place, what is near and the plan."),
    "open_needs_lead": Label("启动须有牵头部门", "what is opened has a leading department"),
    "already_in": Label("该报警已属于事件", "This alarm is already part of incident"),
    "known_place": Label("地点", "Place"),
    "known_people": Label("500米内", "Within 500 m"),
    "known_weather": Label("天气", "Weather"),
    "known_roads": Label("路况", "Roads"),
    "known_cameras": Label("摄像机", "Cameras"),
    "known_duty": Label("值班", "On duty"),
    "known_alike": Label("相似案例", "Cases alike"),
    "people_n": Label("{0} 人", "{0} people"),
    "choose": Label("请选择", "choose"),
    "nobody": Label("未指定", "nobody"),
    "plan": Label("预案", "Plan"),
    "no_plan": Label("不启动预案", "no plan"),
    "cancel": Label("取消", "Cancel"),
    "fact_title": Label("标题", "Title"),
    "fact_type": Label("类型", "Type"),
    "fact_level": Label("级别", "Level"),
    "fact_lead_department": Label("牵头部门", "Lead"),
    "fact_description": Label("描述", "Description"),
    "state_empty": Label("暂无内容", "nothing here"),
    "state_loading": Label("正在读取", "loading"),
    "state_aged": Label("数据陈旧", "aged"),
    "state_failed": Label("未能读取", "could not be read"),
    "state_forbidden": Label("无权查看", "not for you"),
    "fails_no_answer": Label(
        "中心没有应答：不知道是否已执行", "the center does not answer: whether it was done is not known"
    ),
    "fails_signed_out": Label("您已退出登录", "you are signed out"),
    "fails_forbidden": Label("您的角色不能这样做", "your roles do not allow this"),
    "fails_unknown": Label("没有这起事件，或您无权查看", "there is no such incident, or none that you may see"),
    "fails_database_away": Label("数据库没有应答", "the database does not answer"),
    "fails_failed": Label("未能完成", "it could not be done"),
    "drill": Label("演练", "DRILL"),
}
