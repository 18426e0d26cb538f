"""What somebody is told whom the single sign-on did not let in. Nothing of what it answered is repeated."""

from __future__ import annotations

from ops_center.domain.text import Label

AWAY = Label(
    "单点登录暂无应答。请稍后再试，或使用本系统账号登录。",
    "The single sign-on does not answer. Try again later, or use an account of this center.",
)
BROKEN = Label(
    "单点登录返回的内容不可信，未予登录。请联系管理员。",
    "What the single sign-on answered can't be believed, so nobody was let in. Tell your administrator.",
)
CLOCK = Label(
    "单点登录与本系统的时钟不一致，未予登录。请联系管理员。",
    "The clocks of the single sign-on and of this center differ, so nobody was let in. Tell your administrator.",
)
EXPIRED = Label(
    "登录用时过长，或不是在此浏览器中开始的。请重新登录。",
    "Signing in took too long, or was begun in another browser. Start again.",
)
USED = Label("登录链接已失效，请重新登录。", "This sign-in was used already or is too old. Start again.")
CANCELLED = Label("单点登录未予登录，或您已取消。", "The single sign-on did not let you in, or you cancelled.")
REFUSED = Label(
    "单点登录拒绝了本系统的请求。请联系管理员。",
    "The single sign-on refused this center's request. Tell your administrator.",
)
NO_RIGHTS = Label(
    "您的用户组没有本系统的权限。请联系管理员。",
    "None of your groups has rights at this center. Ask your administrator.",
)
LAST_ADMINISTRATOR = Label(
    "按单点登录的用户组，本系统将没有管理员，未予登录。请先设置另一位管理员。",
    "By the groups of the single sign-on nobody would be left to manage this center, so you were not let in. "
    "Make another administrator first.",
)

_OF_PROVIDER = {
    "access_denied": CANCELLED,
    "login_required": CANCELLED,
    "interaction_required": CANCELLED,
    "consent_required": CANCELLED,
    "account_selection_required": CANCELLED,
    "temporarily_unavailable": AWAY,
    "server_error": AWAY,
}
"""RFC 6749, 4.1.2.1 and OpenID Connect Core 1.0, 3.1.2.6"""


def of_provider(error: str) -> Label:
    """Return what an error of the provider means in words."""
    return _OF_PROVIDER.get(error, REFUSED)


def named(error: str) -> str:
    """Return an error for log and audit: a word of the standard's, or that it is none."""
    return error if error in _OF_PROVIDER else "another error"
