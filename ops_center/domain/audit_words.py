"""What the acts in the audit are called. An act without a name is shown as its code: new acts need no change here."""

from __future__ import annotations

from collections.abc import Mapping

from ops_center.domain.text import Label

ACTIONS: Mapping[str, Label] = {
    "session.started": Label("登录", "signed in"),
    "session.refused": Label("登录被拒", "sign-in refused"),
    "session.ended": Label("结束会话", "session ended"),
    "account.added": Label("新建账号", "account added"),
    "account.changed": Label("修改账号", "account changed"),
    "account.granted": Label("变更权限", "grants changed"),
    "account.disabled": Label("停用账号", "account disabled"),
    "account.enabled": Label("启用账号", "account enabled"),
    "account.password_changed": Label("修改密码", "password changed"),
    "account.password_reset": Label("重置密码", "password reset"),
    "account.totp_enrolled": Label("绑定验证器", "one-time codes set up"),
    "account.totp_reset": Label("重置验证器", "one-time codes reset"),
    "account.totp_removed": Label("解除验证器", "one-time codes removed"),
    "account.recovery_code_used": Label("使用恢复码", "recovery code used"),
    "account.recovery_codes_made": Label("重新生成恢复码", "recovery codes made anew"),
    "account.confirmation_refused": Label("确认密码被拒", "confirmation refused"),
    "account.signed_out": Label("结束全部会话", "all sessions ended"),
    "token.added": Label("发放令牌", "token made"),
    "token.revoked": Label("撤销令牌", "token revoked"),
    "page.seen": Label("查看页面", "page seen"),
    "thing.seen": Label("查看设备", "thing looked at"),
    "series.seen": Label("查看序列", "series looked at"),
    "series.exported": Label("导出序列", "series exported"),
    "quarantine.seen": Label("查看隔离区", "quarantine looked at"),
    "quarantine.released": Label("放行隔离数据", "quarantine released"),
    "address.asked": Label("访问地址", "address asked for"),
    "things.registered": Label("登记设备", "things registered"),
    "things.imported": Label("批量导入设备", "things imported"),
    "things.exported": Label("导出设备目录", "catalog exported"),
    "things.moved": Label("移动设备", "thing moved"),
    "things.retired": Label("停用设备", "thing retired"),
    "things.copied": Label("导出选定设备数据", "selection copied"),
    "alarm.seen": Label("查看报警", "alarm looked at"),
    "alarms.acknowledged": Label("确认报警", "alarms acknowledged"),
    "alarms.reset": Label("复位报警", "alarms reset"),
    "alarms.shelved": Label("搁置报警", "alarms shelved"),
    "alarms.unshelved": Label("取消搁置", "alarms taken off the shelf"),
    "alarms.out_of_service": Label("停用报警", "alarms out of service"),
    "alarms.in_service": Label("恢复报警", "alarms back in service"),
    "alarms.assigned": Label("指派报警", "alarms assigned"),
    "alarms.commented": Label("备注报警", "alarms commented on"),
    "alarms.attached": Label("附加文件", "file attached to alarms"),
    "alarms.handed_over": Label("交接班", "shift handed over"),
    "hand_over.seen": Label("查看交接班记录", "hand-over looked at"),
    "alarms.searched": Label("查询报警日志", "alarm journal searched"),
    "alarms.exported": Label("导出报警日志", "alarm journal exported"),
    "rule.imported": Label("导入规则", "rules imported"),
    "rule.saved": Label("保存规则", "rule saved"),
    "rule.enabled": Label("启用规则", "rule enabled"),
    "rule.tried": Label("预演规则", "rule tried on history"),
    "rule.disabled": Label("停用规则", "rule disabled"),
    "scene.imported": Label("导入场景", "scenes imported"),
    "scene.saved": Label("保存场景", "scene saved"),
    "scene.duplicated": Label("复制场景", "scene duplicated"),
    "scene.reverted": Label("恢复场景的旧版", "scene reverted"),
    "scene.scheduled": Label("设定场景时段", "scene scheduled"),
    "scene.deleted": Label("删除场景", "scene deleted"),
    "sso.refused": Label("单点登录被拒", "single sign-on refused"),
    "sso.logout_refused": Label("单点登出被拒", "single sign-out refused"),
    "sso.signed_out": Label("单点登出", "signed out by single sign-on"),
    "notifications.route_saved": Label("保存通知路由", "route of notifications saved"),
    "notifications.read": Label("已读通知", "notifications read"),
    "notifications.tested": Label("测试通知路由", "route of notifications tested"),
    "warnings.issued": Label("发布预警", "public warning issued"),
    "warnings.updated": Label("更新预警", "public warning changed"),
    "warnings.cancelled": Label("解除预警", "public warning taken back"),
    "wall.scene_set": Label("大屏切换场景", "scene set on a wall"),
    "wall.sent": Label("发送到大屏", "sent to a wall"),
    "wall.taken_back": Label("从大屏撤回", "taken back from a wall"),
    "wall.followed": Label("大屏跟随席位", "wall follows a desk"),
    "wall.let_go": Label("大屏停止跟随", "wall follows no desk any more"),
    "wall.released": Label("释放大屏", "wall released"),
    "statistics.entered": Label("录入统计数据", "statistics entered"),
    "audit.searched": Label("查询审计", "audit searched"),
    "audit.exported": Label("导出审计", "audit exported"),
    "audit.verified": Label("核验审计", "audit verified"),
    "audit.archived": Label("归档审计", "audit archived"),
    "audit.accepted": Label("确认审计异常", "audit findings accepted"),
    "audit.overflowed": Label("审计记录遗失", "audit entries lost"),
}
GROUPS: Mapping[str, Label] = {
    "session.": Label("登录与会话", "signing in"),
    "account.": Label("账号", "accounts"),
    "token.": Label("令牌", "tokens"),
    "sso.": Label("单点登录", "single sign-on"),
    "page.": Label("查看页面", "pages seen"),
    "thing.": Label("查看设备", "things looked at"),
    "series.": Label("查看序列", "series looked at"),
    "address.": Label("访问地址", "addresses asked for"),
    "things.": Label("设备目录", "catalog of things"),
    "quarantine.": Label("隔离区", "quarantine"),
    "alarm.": Label("查看报警", "alarms looked at"),
    "hand_over.": Label("查看交接班", "hand-overs looked at"),
    "alarms.": Label("处理报警", "alarms dealt with"),
    "rule.": Label("告警规则", "alarm rules"),
    "scene.": Label("大屏场景", "scenes of the wall"),
    "notifications.": Label("通知", "notifications"),
    "warnings.": Label("公众预警", "public warnings"),
    "wall.": Label("大屏", "walls"),
    "statistics.": Label("统计数据", "statistics"),
    "audit.": Label("审计本身", "the audit itself"),
}
"""beginnings of acts by which one looks for them"""
OUTCOMES: Mapping[str, Label] = {
    "done": Label("完成", "done"),
    "refused": Label("被拒", "refused"),
    "failed": Label("失败", "failed"),
}


def action_in_words(action: str) -> Label:
    """Return what an act is called."""
    return ACTIONS.get(action) or Label(action, action)


def outcome_in_words(outcome: str) -> Label:
    """Return what became of it."""
    return OUTCOMES.get(outcome) or Label(outcome, outcome)
