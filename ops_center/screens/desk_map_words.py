"""What the desk's scripts say, in both languages; beside the words of alarms (``alarm_words``)."""

from __future__ import annotations

from collections.abc import Mapping

from ops_center.domain.text import Label

_WORDS: Mapping[str, Label] = {
    "find": Label("搜索地点、设备、报警……拼音首字母亦可", "Search places, things, alarms …"),
    "found_nothing": Label("没有找到“{0}”", "Nothing is called “{0}”"),
    "find_failed": Label("搜索服务无应答，请稍后再试", "The search does not answer; try again"),
    "layers": Label("图层与图例", "Layers and legend"),
    "layers_all": Label("全部显示", "show all"),
    "layers_none": Label("全部隐藏", "hide all"),
    "aged": Label("灰色、空心：数据陈旧", "grey, hollow: aged data"),
    "tilt": Label("二维 / 三维", "2D / 3D"),
    "night": Label("日间 / 夜间底图", "day / night map"),
    "time": Label("回放最近 24 小时", "play the last 24 hours"),
    "north": Label("正北朝上", "north up"),
    "home": Label("全市视图", "the whole city"),
    "distance": Label("测量距离", "measure a distance"),
    "surface": Label("测量面积", "measure an area"),
    "draw_point": Label("标点", "draw a point"),
    "draw_line": Label("画线", "draw a line"),
    "draw_polygon": Label("画多边形", "draw a polygon"),
    "draw_circle": Label("画圆", "draw a circle"),
    "draw": Label("绘制", "Draw"),
    "measure": Label("测量", "Measure"),
    "select": Label("选择", "Select"),
    "select_polygon": Label("多边形选择", "select by polygon"),
    "select_circle": Label("圆形选择", "select by circle"),
    "select_view": Label("选择可见范围", "select what is in view"),
    "clear": Label("清除图形", "remove what is drawn"),
    "compare": Label("对比", "Compare"),
    "compare_times": Label("对比两个时刻", "compare two times"),
    "compare_districts": Label("对比两个区县", "compare two districts"),
    "wall": Label("大屏", "Wall"),
    "wall_view": Label("把此视图发送到大屏", "send this view to the wall"),
    "wall_follow": Label("大屏跟随我的地图", "the wall follows my map"),
    "wall_follows": Label("大屏正跟随您的地图", "the wall follows your map"),
    "wall_let_go": Label("大屏不再跟随您的地图", "the wall follows your map no longer"),
    "link": Label("复制链接", "copy the link"),
    "link_done": Label("链接已复制", "the link is copied"),
    "link_failed": Label("浏览器不允许复制，请从地址栏复制", "copy it from the address bar"),
    "help": Label("按键", "keys"),
    "hint_line": Label(
        "单击加点，双击或回车结束，Esc 取消", "click to add a point, double click or Enter ends, Esc cancels"
    ),
    "hint_circle": Label("单击圆心，再单击边缘", "click the middle, then the edge"),
    "hint_point": Label("单击放置", "click to place it"),
    "length": Label("长度", "length"),
    "perimeter": Label("周长", "perimeter"),
    "area": Label("面积", "area"),
    "radius": Label("半径", "radius"),
    "selection": Label("选择结果", "Selection"),
    "things": Label("{0} 个设备", "{0} things"),
    "all_kinds": Label("全部类别", "all kinds"),
    "kind": Label("类别", "Kind"),
    "state": Label("状态", "State"),
    "name": Label("名称", "Name"),
    "district": Label("区县", "District"),
    "value": Label("最新值", "Latest value"),
    "when": Label("时间", "Time"),
    "counted": Label("数量", "Count"),
    "more": Label("仅列出前 {0} 个，导出包含全部 {1} 个", "the first {0} are listed, a copy has all {1}"),
    "export": Label("导出", "Export"),
    "crs": Label("坐标系", "Coordinates"),
    "close": Label("关闭", "Close"),
    "reading": Label("正在读取……", "reading …"),
    "select_failed": Label("读取失败：{0}", "could not be read: {0}"),
    "select_nothing": Label("此范围内没有您可查看的设备", "There is nothing here that you may see"),
    "in_view": Label("视野内", "In view"),
    "in_view_hint": Label(
        "单击地图、报警或搜索结果，在此查看详情", "Click the map, an alarm or a hit: its detail stands here"
    ),
    "now": Label("现在", "now"),
    "first": Label("左", "Left"),
    "second": Label("右", "Right"),
    "difference": Label("差值", "Difference"),
    "live": Label("实时", "live"),
    "ago": Label("{0} 前", "{0} ago"),
    "unmeasured": Label("无数据", "not measured"),
    "key_find": Label("搜索", "search"),
    "key_layer": Label("开关图层", "switch a layer"),
    "key_zoom": Label("放大 / 缩小地图", "zoom the map"),
    "key_pan": Label("移动地图", "move the map"),
    "key_finish": Label("结束绘制", "finish drawing"),
    "centre": Label("中心", "centre"),
    "lost": Label("数据中断", "data lost"),
    "none_yet": Label("尚无历史画面", "no picture of that time"),
}


def words_for_script() -> dict[str, list[str]]:
    """Return ``desk_<key>`` → Chinese, English, as ``opsCenter.alarmText.say`` looks them up."""
    return {f"desk_{key}": [label.zh, label.en] for key, label in _WORDS.items()}
