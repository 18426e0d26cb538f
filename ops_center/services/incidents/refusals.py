"""Why a command can't be done, where it is the city and not the incident that stands against it."""

from __future__ import annotations

from ops_center.domain.text import Label
from ops_center.incidents.incident import Refusal

NO_TYPE = Refusal("type", Label("没有这种事件类型", "there is no such type of incident"))
NO_PLAN = Refusal("plan", Label("没有这个预案，或已停用", "there is no such plan, or it is disabled"))
NO_DEPARTMENT = Refusal("department", Label("没有这个单位", "there is no such organisation"))
NOBODY = Refusal("nobody", Label("没有这个账号，或已停用", "there is no such account, or it is disabled"))
NO_ALARM = Refusal("alarm", Label("没有这条报警", "there is no such alarm"))
NO_LINKED = Refusal("linked", Label("没有要关联的事件", "there is no such incident to be linked"))
NO_WHAT = Refusal("what", Label("关联的内容与类别不符", "what is linked is not of this kind"))
NO_FILE = Refusal("files", Label("没有这个文件", "there is no such file"))
NO_UNIT = Refusal("unit", Label("没有这支队伍", "there is no such unit"))
NO_PLACE = Refusal("place", Label("事件尚无位置", "nobody has said yet where the incident is"))
NO_STOCK = Refusal("stock", Label("该库没有这种物资", "the store has no such item"))
TOO_LITTLE = Refusal("quantity", Label("库存不足", "there is not so much left"))
LED_FIRST = Refusal("led", Label("请先开启要并入的事件", "open the one that is to take it over first"))
