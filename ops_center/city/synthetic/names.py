"""Names for everything in a synthetic city, in Chinese and English. Unique within a city, drawn without repeats."""

from __future__ import annotations

from dataclasses import dataclass

from ops_center.city.synthetic.plan import Plan


def _syllables(text: str) -> list[tuple[str, str]]:
    """Return character and pinyin of words like ``文wen``."""
    return [(word[0], word[1:]) for word in text.split()]


_FIRST = _syllables(
    "文wen 锦jin 瑞rui 永yong 长chang 福fu 兴xing 建jian 和he 安an 康kang 龙long 凤feng 金jin "
    "玉yu 银yin 云yun 青qing 清qing 江jiang 海hai 湖hu 山shan 石shi 松song 竹zhu 梅mei 兰lan "
    "荷he 桂gui 桃tao 柳liu 枫feng 梧wu 新xin 华hua 明ming 光guang 星xing 月yue 春chun 秋qiu "
    "同tong 太tai 广guang 宏hong 嘉jia 景jing 静jing 学xue 书shu 德de 仁ren 礼li 信xin 忠zhong "
    "孝xiao 友you 平ping 宝bao 珠zhu 翠cui 紫zi 白bai 红hong 丹dan 天tian "
)
_SECOND = _syllables(
    "昌chang 华hua 宁ning 安an 泰tai 平ping 和he 兴xing 隆long 盛sheng 祥xiang 庆qing 源yuan "
    "泉quan 溪xi 桥qiao 港gang 湾wan 浦pu 洲zhou 岭ling 峰feng 谷gu 林lin 园yuan 苑yuan 城cheng "
    "门men 塔ta 亭ting 台tai 阁ge 庄zhuang 村cun 坊fang 里li 井jing 田tian 陵ling 阳yang 霞xia "
    "虹hong 雨yu 雪xue 风feng 鹤he 鹭lu 莲lian 岗gang 塘tang "
)
CITIES = (
    ("云江市", "Yunjiang"),
    ("澜浦市", "Lanpu"),
    ("青汀市", "Qingting"),
    ("临潇市", "Linxiao"),
    ("汉沅市", "Hanyuan"),
)
DISTRICTS = (
    ("城中区", "Chengzhong District", "czq"),
    ("滨江区", "Binjiang District", "bjq"),
    ("江北区", "Jiangbei District", "jbq"),
    ("东湖区", "Donghu District", "dhq"),
    ("西山区", "Xishan District", "xsq"),
    ("南浦区", "Nanpu District", "npq"),
    ("高新区", "Gaoxin District", "gxq"),
    ("文昌区", "Wenchang District", "wcq"),
    ("龙泉区", "Longquan District", "lqq"),
    ("云台区", "Yuntai District", "ytq"),
    ("北塘区", "Beitang District", "btq"),
)
RIVERS = (("云江", "Yun River", "yj"), ("青溪河", "Qingxi River", "qxh"))
RADIALS = (
    ("人民大道", "Renmin Avenue", "rmdd"),
    ("中山大道", "Zhongshan Avenue", "zsdd"),
    ("解放路", "Jiefang Road", "jfl"),
    ("建设路", "Jianshe Road", "jsl"),
    ("和平路", "Heping Road", "hpl"),
    ("北京路", "Beijing Road", "bjl"),
    ("上海路", "Shanghai Road", "shl"),
    ("长江路", "Changjiang Road", "cjl"),
    ("黄河路", "Huanghe Road", "hhl"),
    ("泰山路", "Taishan Road", "tsl"),
    ("珠江路", "Zhujiang Road", "zjl"),
    ("迎宾大道", "Yingbin Avenue", "ybdd"),
    ("机场高速", "Airport Expressway", "jcgs"),
    ("科技大道", "Keji Avenue", "kjdd"),
)
RINGS = ("一", "二", "三", "四", "五", "六", "七")
_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh")
RIVERSIDE = (
    ("滨江大道", "Binjiang Avenue", "bjdd"),
    ("沿江大道", "Yanjiang Avenue", "yjdd"),
    ("青溪东路", "Qingxi East Road", "qxdl"),
    ("青溪西路", "Qingxi West Road", "qxxl"),
)


@dataclass(frozen=True, slots=True)
class Name:
    """One name in both languages, with the first letters of its pinyin."""

    zh: str
    en: str
    initials: str


def ring_name(number: int) -> Name:
    """Return the name of the ring road ``number``, 0 being the innermost."""
    return Name(f"{RINGS[number]}环路", f"{_ORDINALS[number]} Ring Road", f"{'yesswlq'[number]}hl")


class Namer:
    """Draws names that were not drawn before; the order of asking decides, so that a seed gives the same ones."""

    def __init__(self, plan: Plan, purpose: str) -> None:
        pairs = [(a, b) for a in _FIRST for b in _SECOND if a[0] != b[0]]
        order = plan.chance(f"names {purpose}").permutation(len(pairs))
        self._pairs = [pairs[i] for i in order]
        self._next = 0

    def draw(self, suffix_zh: str, suffix_en: str, suffix_initials: str) -> Name:
        """Return a new name; beyond all pairs they are numbered (文昌二路, Wenchang 2nd Road)."""
        lap, place = divmod(self._next, len(self._pairs))
        self._next += 1
        first, second = self._pairs[place]
        zh, en = first[0] + second[0], (first[1] + second[1]).capitalize()
        if lap:
            zh, en = f"{zh}{_numeral(lap + 1)}", f"{en} {lap + 1}"
        return Name(f"{zh}{suffix_zh}", f"{en} {suffix_en}", f"{first[1][0]}{second[1][0]}{suffix_initials}")


def _numeral(number: int) -> str:
    """Return a small number in Chinese."""
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
