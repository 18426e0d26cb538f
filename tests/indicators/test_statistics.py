"""Statistics are checked line by line before anything is kept."""

from __future__ import annotations

import pytest

from ops_center.domain.time import from_datetime, in_zone
from ops_center.indicators.loading import shipped_tree
from ops_center.indicators.statistics import Line, check, end_of
from tests.indicators.evidences import NOW_US

STATISTICS = shipped_tree().statistics
ZONE = "Asia/Shanghai"
HEAD = "name,period,value,source,district"


def checked(*lines: str, head: str = HEAD) -> list[Line]:
    return list(check("\n".join((head, *lines)), STATISTICS, {"D01"}, ZONE, NOW_US))


@pytest.mark.parametrize(
    ("period", "kind", "after"),
    [
        ("2026-02-28", "day", "2026-03-01"),
        ("2026-12", "month", "2027-01-01"),
        ("2026-01", "month", "2026-02-01"),
        ("2026-Q4", "quarter", "2027-01-01"),
        ("2026-Q1", "quarter", "2026-04-01"),
        ("2026", "year", "2027-01-01"),
    ],
)
def test_a_period_ends_at_midnight_of_the_city(period: str, kind: str, after: str) -> None:
    found = end_of(period, kind, ZONE)
    assert found is not None and f"{in_zone(found, ZONE):%Y-%m-%d %H:%M}" == f"{after} 00:00"


@pytest.mark.parametrize(
    ("period", "kind"),
    [("2026-13", "month"), ("2026-00", "month"), ("2026-Q5", "quarter"), ("2026-02-30", "day"), ("26", "year"),
     ("2026-10", "quarter"), ("", "month"), ("9999-12", "month"), ("0000", "year")],
)  # fmt: skip
def test_what_is_no_period_is_none(period: str, kind: str) -> None:
    assert end_of(period, kind, ZONE) is None


def test_good_lines_are_read_with_their_district_and_source() -> None:
    city, district = checked("cpi,2026-07,0.8,Bureau", 'hotline_on_time,2026-07,97.5%,"Hotline, city",D01')
    assert city.entered is not None and (city.entered.value, city.entered.district) == (0.8, "")
    assert district.entered is not None and district.entered.source == "Hotline, city"
    assert district.entered.value == 97.5 and district.entered.district == "D01"
    assert city.entered.ended_us < from_datetime(in_zone(NOW_US, ZONE))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nothing,2026-07,1,B", "no statistic"),
        ("cpi,2026-Q2,1,B", "2026-10"),
        ("cpi,2099-01,1,B", "not over"),
        ("cpi,2026-07,much,B", "no number"),
        ("cpi,2026-07,nan,B", "no number"),
        ("cpi,2026-07,99,B", "between"),
        ("cpi,2026-07,1,", "source"),
        ("cpi,2026-07,1,B,Nowhere", "no district"),
        ("cpi,2026-07", "no number"),
    ],
)
def test_what_is_wrong_is_said_by_line(line: str, said: str) -> None:
    found = checked("unemployment,2026-07,5.1,B", line)
    assert found[0].fault is None
    assert found[1].number == 3 and found[1].entered is None
    assert found[1].fault is not None and said in found[1].fault.en


def test_a_line_that_repeats_one_is_refused_and_so_is_a_text_without_lines_or_columns() -> None:
    assert checked("cpi,2026-07,1,B", "cpi,2026-07,2,B")[1].fault is not None
    assert checked()[0].fault is not None
    (missing,) = checked("cpi,2026-07", head="name,period")
    assert missing.fault is not None and "value, source" in missing.fault.en
    assert check("x" * 300_000, STATISTICS, set(), ZONE, NOW_US)[0].fault is not None
    assert all(line.fault for line in check('\x00,\n"', STATISTICS, set(), ZONE, NOW_US))
