"""How Chinese names are spelled in pinyin, so that they are found by those who type it; pure.

The library reads a name by the longest phrases it knows (长江 is changjiang, 银行 is yinhang). Places often read
otherwise than words (六合 is luhe): those are listed here. And whoever doesn't know how a place is read types the
common reading: a few characters that places are full of have their other reading as a second spelling.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, load_phrases_dict

Syllables = tuple[str, ...]
MOST_SPELLINGS = 3

_PLACES = (
    "六合 lù hé|六安 lù ān|浒墅关 xǔ shù guān|盱眙 xū yí|甪直 lù zhí|句容 jù róng|秣陵 mò líng|台州 tāi zhōu|"
    "天台 tiān tāi|丽水 lí shuǐ|乐清 yuè qīng|铅山 yán shān|婺源 wù yuán|歙县 shè xiàn|亳州 bó zhōu|"
    "枞阳 zōng yáng|蚌埠 bèng bù|番禺 pān yú|大埔 dà bù|东莞 dōng guǎn|洪洞 hóng tóng|解州 xiè zhōu|"
    "长子 zhǎng zǐ|蔚县 yù xiàn|乐亭 lào tíng|单县 shàn xiàn|莘县 shēn xiàn|莘庄 xīn zhuāng|东阿 dōng ē|"
    "曲阜 qū fù|荥阳 xíng yáng|浚县 xùn xiàn|渑池 miǎn chí|尉氏 wèi shì|尉犁 yù lí|会稽 kuài jī|涪陵 fú líng|"
    "綦江 qí jiāng|郫都 pí dū|犍为 qián wéi|珙县 gǒng xiàn|巴中 bā zhōng|厦门 xià mén|大厦 dà shà|"
    "广厦 guǎng shà|重庆 chóng qìng|朝天门 cháo tiān mén|朝阳 cháo yáng|朝天 cháo tiān|行知 xíng zhī|"
    "校场 jiào chǎng|弄 lòng|都江堰 dū jiāng yàn|藏龙 cáng lóng|宿迁 sù qiān|相城 xiàng chéng|燕山 yān shān|"
    "燕郊 yān jiāo|华山 huà shān|柏林 bǎi lín|十里堡 shí lǐ pù|百色 bǎi sè|儋州 dān zhōu|高要 gāo yāo"
)
_OTHER_READINGS = {
    "重": "zhong chong", "长": "chang zhang", "乐": "le yue", "行": "xing hang", "朝": "chao zhao", "都": "du dou",
    "六": "liu lu", "厦": "xia sha", "单": "dan shan", "曾": "zeng ceng", "会": "hui kuai", "车": "che ju",
    "番": "fan pan", "校": "xiao jiao", "埔": "pu bu", "蔚": "wei yu", "莘": "xin shen", "圩": "wei xu",
    "涌": "yong chong", "栖": "qi xi", "宿": "su xiu", "盛": "sheng cheng", "解": "jie xie", "堡": "bao pu",
    "藏": "cang zang", "洞": "dong tong", "角": "jiao lu", "弄": "nong long", "浒": "hu xu", "丽": "li",
    "铅": "qian yan", "枞": "cong zong", "歙": "xi she", "阿": "a e", "蚌": "bang beng", "薄": "bo bao",
}  # fmt: skip
_KNOWN: dict[str, list[list[str]]] = {}
for _line in _PLACES.split("|"):
    _written, *_read = _line.split(" ")
    _KNOWN[_written] = [[syllable] for syllable in _read]
load_phrases_dict(_KNOWN)


def folded(text: str) -> str:
    """Return a text as it is compared: of one width, in lower case, without accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.replace("ü", "v").replace("Ü", "v"))
    shown = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFKC", shown).lower().split())


def is_han(character: str) -> bool:
    """Return whether a character is read, not spelled."""
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


def _letters(text: str) -> list[str]:
    """What isn't read stays, a letter at a time: a syllable for each character."""
    return list(text)


@lru_cache(maxsize=200_000)
def spellings(name: str) -> tuple[Syllables, ...]:
    """Return how a folded name is spelled, the usual way first: a syllable for each character, others as they are.

    () for a name without Chinese characters.
    """
    if not any(map(is_han, name)):
        return ()
    first = tuple(lazy_pinyin(name, style=Style.NORMAL, errors=_letters))  # type: ignore[arg-type]
    found = [first]
    for place, character in enumerate(name):
        for other in _OTHER_READINGS.get(character, "").split():
            if len(first) == len(name) and other != first[place]:
                found.append((*first[:place], other, *first[place + 1 :]))
    for spelled in tuple(found):
        if any("v" in syllable for syllable in spelled):
            found.append(tuple(syllable.replace("v", "u") for syllable in spelled))
    return tuple(dict.fromkeys(found))[:MOST_SPELLINGS]
