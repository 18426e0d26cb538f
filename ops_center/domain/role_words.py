"""What roles and grants are called, and in a sentence what each role is for: sign-in page, menu, people page.

A grant's department and district are codes; whoever shows one gives the names (``Names``), as the city pack has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ops_center.domain.rights import Grant, Role
from ops_center.domain.text import Label

ROLE_NAMES: Mapping[Role, Label] = {
    Role.OPERATOR: Label("值班员", "Operator"),
    Role.COORDINATOR: Label("协调员", "Coordinator"),
    Role.COMMANDER: Label("指挥长", "Commander"),
    Role.DEPARTMENT: Label("部门人员", "Department"),
    Role.LEADER: Label("领导", "Leader"),
    Role.ADMINISTRATOR: Label("管理员", "Administrator"),
    Role.DISPLAY: Label("显示屏", "Display"),
    Role.FIELD_UNIT: Label("现场队伍", "Field unit"),
    Role.AUDITOR: Label("审计员", "Auditor"),
}
ROLE_SENTENCES: Mapping[Role, Label] = {
    Role.OPERATOR: Label(
        "值守全市实时画面，最先发现异常。", "Watches the city live and is first to see what is wrong."
    ),
    Role.COORDINATOR: Label(
        "看同一幅画面，在部门之间协调处置。", "Sees the same picture and brings departments together."
    ),
    Role.COMMANDER: Label("掌握全局，对处置作出决定。", "Sees everything on the map and decides what is done."),
    Role.DEPARTMENT: Label("只看本部门、本辖区的设备与数据。", "Sees what belongs to its own department and district."),
    Role.LEADER: Label("总览全市态势，只看不改。", "Sees how the city is doing and changes nothing."),
    Role.ADMINISTRATOR: Label(
        "管理账号、权限、显示屏与接口令牌。", "Looks after accounts, grants, displays and tokens."
    ),
    Role.DISPLAY: Label("墙上的大屏幕：只读，可随时撤销。", "A screen on a wall: reads only, revoked at any time."),
    Role.FIELD_UNIT: Label("现场队伍；目前只有自己的账号页。", "A team in the field; for now its own page only."),
    Role.AUDITOR: Label("查阅并核验谁在何时看了、做了什么。", "Reads and verifies who saw and did what, and when."),
}
EVERY_DEPARTMENT = Label("全部部门", "all departments")
WHOLE_CITY = Label("全市", "whole city")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of what grants are limited to; a code without a name is shown as it is."""

    departments: Mapping[str, Label] = field(default_factory=dict)
    districts: Mapping[str, Label] = field(default_factory=dict)

    def department(self, code: str | None) -> Label:
        """Return the name of a department, or of all."""
        return EVERY_DEPARTMENT if code is None else self.departments.get(code) or Label(code, code)

    def district(self, code: str | None) -> Label:
        """Return the name of a district, or of the city."""
        return WHOLE_CITY if code is None else self.districts.get(code) or Label(code, code)


def scope_in_words(grant: Grant, names: Names) -> Label:
    """Return over what a grant holds: ``全部部门 · 全市``."""
    department, district = names.department(grant.department), names.district(grant.district)
    return Label(f"{department.zh} · {district.zh}", f"{department.en} · {district.en}")


def grant_in_words(grant: Grant, names: Names) -> Label:
    """Return a grant as people say it: ``部门人员（自来水公司 · 全市）``."""
    role, scope = ROLE_NAMES[grant.role], scope_in_words(grant, names)
    return Label(f"{role.zh}（{scope.zh}）", f"{role.en} ({scope.en})")


def shown_name(name: str) -> Label:
    """Return a name as it is shown: a person's as it is, a role's (the demo's accounts) in both languages."""
    return next((words for words in ROLE_NAMES.values() if words.zh == name), Label(name, name))


def roles_in_words(grants: Iterable[Grant]) -> Label | None:
    """Return the roles of some grants, each once; None where there are none."""
    roles = [ROLE_NAMES[role] for role in Role if role in {grant.role for grant in grants}]
    if not roles:
        return None
    return Label("、".join(role.zh for role in roles), ", ".join(role.en for role in roles))
