"""What the page of cases says (``assets/incident_cases.js``, ``assets/incident_case.js``)."""

from __future__ import annotations

from collections.abc import Mapping

from ops_center.domain.text import Label

_LIST: Mapping[str, Label] = {
    "cases_find": Label("搜索标题、经过、教训、地点", "Find in title, story, lessons, place"),
    "cases_every_type": Label("全部类型", "every type"),
    "cases_every_level": Label("全部级别", "every level"),
    "cases_since": Label("发生于（起）", "happened from"),
    "cases_until": Label("发生于（止）", "happened until"),
    "cases_clear": Label("清除筛选", "Clear"),
    "cases_list": Label("案例列表", "list of cases"),
    "cases_n": Label("{0} 个案例", "cases: {0}"),
    "case_after": Label("{0}后", "after {0}"),
    "cases_most": Label("最近的 {0} 个，请缩小范围", "the newest {0}: narrow the search"),
    "cases_reading": Label("正在读取案例。", "Cases are being read."),
    "cases_none": Label(
        "还没有案例：处置后结案的事件会成为案例。", "No case yet: an incident that is handled and closed becomes one."
    ),
    "cases_none_fit": Label("没有符合条件的案例。", "No case is like this."),
    "cases_again": Label("再试", "Try again"),
    "cases_aged": Label("未能更新，所示为 {0} 的列表。", "Could not be brought up to date: this is the list of {0}."),
    "simulated": Label("模拟", "simulated"),
    "contained_in": Label("{0} 受控", "contained in {0}"),
    "never_contained": Label("未记受控", "containment not noted"),
    "choose_case": Label("在左侧选择一个案例。", "Choose a case on the left."),
}  # fmt: skip
_CASE: Mapping[str, Label] = {
    "case_reading": Label("正在读取案例。", "The case is being read."),
    "case_unknown": Label(
        "没有这个案例：事件未结案、属误报或已并入他处，或不归您查看。",
        "There is no such case: it isn't closed, was a false report or merged, or is not for you.",
    ),
    "case_heading": Label("案例", "case"),
    "case_back": Label("返回列表", "back to the list"),
    "case_room": Label("事件室", "Incident room"),
    "case_report": Label("情况快报", "Report"),
    "case_report_n": Label("快报第 {0} 期", "Report No. {0}"),
    "case_figures": Label("用时（自接报起）", "How long it took, since the report"),
    "minutes_verify": Label("核实", "verified"),
    "minutes_arrive": Label("首支到场", "first arrival"),
    "minutes_contain": Label("受控", "contained"),
    "minutes_resolve": Label("处置完毕", "resolved"),
    "minutes_close": Label("结案", "closed"),
    "late_tasks_n": Label("超时任务", "tasks late"),
    "late_units_n": Label("晚到队伍", "units late"),
    "of_n": Label("共 {0}", "of {0}"),
    "not_noted": Label("未记", "not noted"),
    "case_story": Label("经过", "What happened"),
    "case_turns": Label("各阶段", "Stages"),
    "case_late": Label("超时与晚到", "What was late"),
    "case_all_in_time": Label("任务与队伍均未超时。", "No task and no unit was late."),
    "late_accepted": Label("晚接受 {0}", "accepted {0} late"),
    "late_done": Label("晚完成 {0}", "done {0} late"),
    "late_arrived": Label("晚到 {0}", "{0} late"),
    "case_alike": Label("相似案例", "Cases like it"),
    "case_no_alike": Label("没有其他案例。", "There is no other case."),
    "alike_all": Label("相似度 {0}", "{0} alike"),
    "case_leads": Label("牵头", "lead"),
    "case_commanded": Label("指挥员", "commander"),
    "case_people": Label("伤亡与疏散", "Casualties"),
    "case_reopened": Label("重新处置 {0} 次", "reopened {0}×"),
    "turn_arrived": Label("首支队伍到场", "first unit on scene"),
}
_LESSONS: Mapping[str, Label] = {
    "lessons_edit": Label("修订", "Rewrite"),
    "lessons_save": Label("保存", "Save"),
    "lessons_drop": Label("放弃", "Discard"),
    "lessons_saving": Label("正在保存…", "saving …"),
    "lessons_saved": Label("已保存。", "Saved."),
    "lessons_kept": Label("未保存的文字已恢复。", "What you had typed is back."),
    "lessons_passed": Label("{0} 在 {1} 先行修改为：", "{0} rewrote it first, {1}:"),
    "lessons_over": Label("再次保存将以您的文字替换。", "Saving again replaces it by your text."),
    "lessons_take": Label("用对方的", "Take theirs"),
    "lessons_versions": Label("{0} 个版本", "{0} versions"),
    "lessons_by": Label("{0}，{1}", "{0}, {1}"),
    "lessons_now": Label("当前", "now"),
}  # fmt: skip
_SPANS: Mapping[str, Label] = {
    "span_less": Label("不到 1 分", "< 1 min"),
    "span_min": Label("{0} 分", "{0} min"),
    "span_hours": Label("{0} 小时 {1} 分", "{0} h {1} min"),
    "span_days": Label("{0} 天 {1} 小时", "{0} d {1} h"),
}
_KEYS: Mapping[str, Label] = {
    "cases_key_find": Label("搜索", "search"),
    "cases_key_move": Label("上一个、下一个", "previous, next"),
    "cases_key_open": Label("打开", "open"),
    "cases_key_edit": Label("修订经验教训", "rewrite the lessons"),
    "cases_key_back": Label("返回列表", "back to the list"),
}
CASE_WORDS: Mapping[str, Label] = {**_LIST, **_CASE, **_LESSONS, **_SPANS, **_KEYS}
