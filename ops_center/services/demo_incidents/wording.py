"""What people wrote in the demo's incidents where the plan and the cause don't say it; pure."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from ops_center.domain.text import Label
from ops_center.domain.words import Words

MARK = "【模拟】"
VERIFIED = (
    Words(
        "值班员电话回访报警人并调看最近摄像机，情况属实。",
        "Called back and looked through the nearest camera: it is so.",
    ),
    Words("巡逻力量到场确认，与报告一致。", "A patrol is there and confirms the report."),
    Words("两个独立来源一致，核实属实。", "Two sources that don't know each other say the same."),
)
OPENED = (
    Words("启动指挥，相关部门进群，按预案分派。", "Command set up, departments called in, tasks by the plan."),
    Words("由带班领导指挥，先控制后处置。", "The leader on duty commands: contain first."),
    Words("成立现场指挥部，统一口径对外发布。", "A post on site; one voice to the public."),
)
CONTAINED = (
    Words("现场可控，影响范围不再扩大。", "Under control, it grows no more."),
    Words("源头已切断，转入后续处置。", "The source is cut off; what follows can begin."),
    Words("主要风险解除，保留必要力量。", "The main danger is over, those needed stay."),
)
RESOLVED = (
    Words("现场处置完毕，恢复正常秩序。", "Nothing left to do on the ground."),
    Words("全部任务核验完成，力量撤收。", "Every task verified, crews leave."),
)
REFUSALS = (
    Words("力量已在另一现场，20分钟内无法抽调", "all crews are at another scene for twenty minutes"),
    Words("该路段养护权属区级，应由区里处置", "that street is the district's to keep"),
    Words("车辆检修中，缺少所需装备", "the vehicle is in the workshop, the equipment is missing"),
    Words("夜班人员不足，请求增援后再接", "too few on the night shift, help is wanted first"),
    Words("职责划分不清，请指挥员明确牵头", "unclear whose it is: the commander decides"),
)
SENT_BACK = (
    Words("照片未显示完成情况，请补充", "the picture doesn't show it done"),
    Words("现场仍有遗留，未达到要求", "something is left, it doesn't meet what was asked"),
)
HANDED_OVER = Words(
    "交接班：现场态势、未完任务和联系人已当面说明。",
    "Change of shift: situation, open tasks and contacts told in person.",
)
PEOPLE = Words("核实伤员与疏散人数。", "People hurt and moved, as confirmed.")

_LATE = (
    Words(
        "“{what}”比时限晚了{minutes}分钟，原因是前一项迟迟未上报，依赖关系需要放宽。",
        "“{what}” came {minutes} minutes late because the one before was reported late: loosen the order.",
    ),
    Words(
        "时间都花在“{what}”上（超{minutes}分钟），现场通话不畅，应改用电台组网。",
        "Time went into “{what}”, {minutes} minutes over: calls did not get through, use the radio net.",
    ),
    Words(
        "“{what}”晚{minutes}分钟完成，时限应按实际力量重订或前置力量。",
        "“{what}” was done {minutes} minutes late: change the time, or place the crew nearer.",
    ),
    Words(
        "最大的延误在“{what}”（超时{minutes}分钟），接受后到出发之间无人跟踪。",
        "The longest delay was “{what}”, {minutes} minutes; nobody followed it between yes and leaving.",
    ),
    Words(
        "“{what}”超时{minutes}分钟，催办第一次是在超时之后，提醒应提前到时限的八成。",
        "“{what}” ran {minutes} minutes over and was asked about only then; ask at four fifths of the time.",
    ),
)
_REFUSED = (
    Words(
        "“{what}”被拒后改派，耽搁{minutes}分钟，备选队伍应写进预案。",
        "“{what}” was refused and given to another, {minutes} minutes; the plan should name the second choice.",
    ),
    Words(
        "“{what}”首派被拒（{minutes}分钟后改派成功），派单前应看得见对方在岗力量。",
        "The first one asked refused “{what}”; another had it {minutes} minutes later. "
        "Who gives a task should see who is there.",
    ),
)
_GOOD = (
    Words(
        "{tasks}项任务均在时限内，开设指挥{minutes}分钟后受控；部门间当面交接是关键。",
        "{tasks} tasks within their times, contained {minutes} minutes after command: departments met face to face.",
    ),
    Words(
        "{minutes}分钟控制住局面，{tasks}项任务没有催办，说明预案时限切合实际。",
        "Contained in {minutes} minutes and none of {tasks} tasks had to be asked about: the plan's times are right.",
    ),
    Words(
        "{tasks}项任务全部按时，{minutes}分钟内控制，做法可固化。",
        "All {tasks} tasks in time, contained within {minutes} minutes: keep doing it this way.",
    ),
    Words(
        "从开设指挥到控制{minutes}分钟，{tasks}项任务无超时，值班长提前集结有效。",
        "{minutes} minutes from command to contained, none of {tasks} tasks late: crews that gathered early made it.",
    ),
)


def one_of(words: Sequence[Words], chance: Generator) -> Words:
    """Return one of several ways to say it."""
    return words[int(chance.integers(len(words)))]


def measured(
    chance: Generator, late: tuple[Label, int] | None, refused: tuple[Label, int] | None, good: tuple[int, int]
) -> Label:
    """Return what the times teach: the worst delay, a refusal, else that all went well.

    ``late``, ``refused``: a task and minutes; ``good``: tasks, and minutes until it was contained.
    """
    said = []
    for found, ways in ((late, _LATE), (refused, _REFUSED)):
        if found is not None:
            said.append(_with(one_of(ways, chance), found[0], minutes=found[1]))
    if not said:
        said.append(_with(one_of(_GOOD, chance), Label("—", "—"), tasks=good[0], minutes=good[1]))
    return Label("".join(one.zh for one in said), " ".join(one.en for one in said))


def _with(words: Words, what: Label, **numbers: int) -> Label:
    return Label(words.zh.format(what=what.zh, **numbers), words.en.format(what=what.en, **numbers))
