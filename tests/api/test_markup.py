"""Pages made of elements: nothing gets onto one unescaped."""

from __future__ import annotations

from ops_center.api.markup import Html, both, el, together
from ops_center.domain.text import Label

NASTY = "<script>alert('x')</script>\" onload=\"y"


def test_text_is_escaped_wherever_it_comes_from() -> None:
    page = el("p", NASTY, [NASTY], Label(NASTY, f"{NASTY}!"), title=NASTY)
    assert "<script" not in page and 'onload="' not in page
    assert page.count("&lt;script&gt;") == 5


def test_elements_within_elements_stay_what_they_are() -> None:
    assert el("ul", [el("li", "1"), el("li", 2)]) == "<ul><li>1</li><li>2</li></ul>"
    assert together("a<", Html("<br>"), None) == "a&lt;<br>"


def test_attributes_are_spelled_as_html_spells_them() -> None:
    page = el("input", class_="big", aria_describedby="notice", required=True, disabled=False, value=None, maxlength=6)
    assert page == '<input class="big" aria-describedby="notice" required maxlength="6">'


def test_a_label_is_there_in_both_languages_and_once_where_they_are_the_same() -> None:
    assert both(Label("城", "city")) == '<span class="zh" lang="zh-CN">城</span><span class="en" lang="en">city</span>'
    assert both(Label("QR", "QR")) == "<span>QR</span>"
