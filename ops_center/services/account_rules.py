"""What an account and its tokens may be, and in words why not. Called by ``accounts``."""

from __future__ import annotations

from collections.abc import Sequence

from ops_center.domain.people import Account, is_account_name
from ops_center.domain.rights import WHOLE_CITY_ROLES, Grant, Role
from ops_center.domain.text import Label

_LONGEST_LABEL = 100
_GRANTS_MOST = 100

BAD_NAME = Label(
    "账号名须以小写字母或数字开头，只含小写字母、数字、点、下划线和连字符，最多 64 个字符。",
    "A name begins with a lower-case letter or digit and has only those, dots, underscores and hyphens; 64 at most.",
)
BAD_TEXT = Label(
    f"名称须为 1 到 {_LONGEST_LABEL} 个可见字符。", f"A name to be shown has 1 to {_LONGEST_LABEL} visible characters."
)
TAKEN = Label("该账号名已被使用。", "Another account has this name.")
NO_GRANTS = Label("账号至少需要一个角色。", "An account has one role at least.")
TOO_MANY_GRANTS = Label(f"角色最多 {_GRANTS_MOST} 个。", f"An account has {_GRANTS_MOST} roles at most.")
WHOLE_CITY = Label(
    "管理员和审计员的职责不分部门和区域，不能限定范围。",
    "Administrators and auditors work for the whole city: these roles can't be limited to a scope.",
)
DISPLAY_ALONE = Label("显示屏角色不能与其他角色同时授予。", "The display role can't be held together with others.")
NOT_LOCAL = Label("该账号不用本系统的密码登录。", "This account doesn't sign in with a password of this center.")
LAST = Label("这是最后一个管理员：请先设置另一个。", "This is the last administrator: make another one first.")
FROM_SINGLE_SIGN_ON = Label(
    "该账号的角色由单点登录决定。", "The roles of this account are what the single sign-on says."
)
ONLY_DISPLAY = Label("显示屏令牌只能发给显示屏账号。", "A display token is for an account with the display role alone.")
NO_DISPLAY = Label("显示屏账号不能有接口令牌。", "An account with the display role can't have a token for programs.")
NEEDS_CODES = Label(
    "该账号的角色要求一次性验证码，令牌会绕过它，因此不能发放。",
    "The roles of this account demand one-time codes, which a token would bypass.",
)
BUSY = Label("此刻太忙，请稍后再试。", "Too busy at this moment; try again.")
PAST = Label("到期时间须在将来。", "It must expire in the future.")


def fault_of_grants(grants: Sequence[Grant]) -> Label | None:
    """Return why no account may hold ``grants`` together."""
    if not grants:
        return NO_GRANTS
    if len(grants) > _GRANTS_MOST:
        return TOO_MANY_GRANTS
    if any(grant.role in WHOLE_CITY_ROLES and (grant.department or grant.district) for grant in grants):
        return WHOLE_CITY
    roles = {grant.role for grant in grants}
    return DISPLAY_ALONE if Role.DISPLAY in roles and len(roles) > 1 else None


def manages(account: Account) -> bool:
    """Return whether it counts as one that can manage accounts."""
    may = any(grant.role is Role.ADMINISTRATOR for grant in account.grants)
    return may and account.disabled_us is None and account.origin != "demo"


def is_display(grants: Sequence[Grant]) -> bool:
    """Return whether an account with ``grants`` is a display's: it reads, and nothing else."""
    return {grant.role for grant in grants} == {Role.DISPLAY}


def fault_of_name(name: str) -> Label | None:
    """Return why no account may have the name; the audit means the center itself by ``system``."""
    return None if is_account_name(name) and name != "system" else BAD_NAME


def fault_of_text(text: str) -> Label | None:
    """Return why it can't be shown as a name or label."""
    return None if 0 < len(text) <= _LONGEST_LABEL and text.isprintable() else BAD_TEXT
