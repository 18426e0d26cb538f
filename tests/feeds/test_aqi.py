"""The index against the standard's own figures: breakpoints, worked examples, rules beyond the table's end."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import aqi

OF_2012 = aqi.edition_at(date(2018, 2, 20))
OF_2026 = aqi.edition_at(date(2026, 3, 1))
COLUMNS = [(edition, name) for edition in aqi.editions() for name in edition.breakpoints]


def test_a_day_is_judged_by_the_edition_of_its_day() -> None:
    assert OF_2012.standard == aqi.edition_at(date(2026, 2, 28)).standard == "HJ 633-2012"
    assert OF_2026.standard == "HJ 633-2026"


@pytest.mark.parametrize(("edition", "column"), COLUMNS, ids=lambda v: getattr(v, "standard", v))
def test_every_breakpoint_has_the_index_that_the_table_gives_it(edition: aqi.Edition, column: str) -> None:
    pollutant, averaging = column.split("_")
    points = edition.breakpoints[column]
    found = aqi.iaqi(edition, pollutant, averaging, points)
    np.testing.assert_array_equal(found, aqi.STEPS[: len(points)])


@pytest.mark.parametrize(
    ("edition", "pollutant", "averaging", "concentration", "index"),
    [
        (OF_2026, "pm25", "24h", 45, 70),  # worked example of HJ 633-2026
        (OF_2026, "pm25", "24h", 61, 101),  # 100.9 is carried up
        (OF_2026, "pm25", "24h", 75, 114),
        (OF_2026, "pm10", "24h", 150, 112),
        (OF_2012, "pm25", "24h", 75, 100),
        (OF_2012, "pm10", "24h", 150, 100),
        (OF_2012, "pm25", "24h", 38, 54),  # Beijing Wanshou Xigong, 2018-02-20 07:00, as published
        (OF_2026, "so2", "1h", 2000, 200),
        (OF_2026, "o3", "8h", 900, 300),
        (OF_2026, "pm25", "24h", 900, 500),
        (OF_2026, "co", "24h", 1.2, 30),
        (OF_2026, "no2", "1h", 350, 115),
    ],
)
def test_the_index_of_known_concentrations(
    edition: aqi.Edition, pollutant: aqi.Pollutant, averaging: str, concentration: float, index: int
) -> None:
    assert aqi.iaqi(edition, pollutant, averaging, concentration)[0] == index


@given(st.sampled_from(COLUMNS), st.floats(0, 5000), st.floats(0, 5000))
def test_dirtier_air_never_has_a_lower_index(which: tuple[aqi.Edition, str], one: float, other: float) -> None:
    edition, column = which
    pollutant, averaging = column.split("_")
    low, high = aqi.iaqi(edition, pollutant, averaging, sorted((one, other)))
    assert 0 <= low <= high <= 500 and low == int(low)


def test_what_was_not_measured_counts_for_nothing_and_nothing_measured_has_no_index() -> None:
    index = aqi.hourly_index(OF_2026, {"pm25": [np.nan, np.nan, 60], "o3": [np.nan, 100, -4]})
    np.testing.assert_array_equal(index.value, [np.nan, 32, 100])
    assert aqi.hourly_index(OF_2026, {}).value.size == 0


def test_primary_pollutants_are_those_that_make_an_index_above_fifty() -> None:
    index = aqi.daily_index(OF_2026, {"pm25": [60, 35], "pm10": [120, 50], "o3": [90, 20]})
    assert index.primary(0) == ("pm25", "pm10")
    assert index.primary(1) == ()


def test_particles_of_an_hour_are_read_against_the_daily_column_and_ozone_against_its_own() -> None:
    hourly = aqi.hourly_index(OF_2026, {"pm25": [60], "o3": [160]})
    daily = aqi.daily_index(OF_2026, {"pm25": [60], "o3": [160]})
    assert hourly.by_pollutant["pm25"][0] == daily.by_pollutant["pm25"][0] == 100
    assert (hourly.by_pollutant["o3"][0], daily.by_pollutant["o3"][0]) == (50, 100)


@pytest.mark.parametrize(
    ("index", "zh", "colour"),
    [
        (0, "优", "#00E400"),
        (50, "优", "#00E400"),
        (51, "良", "#FFFF00"),
        (150, "轻度污染", "#FF7E00"),
        (151, "中度污染", "#FF0000"),
        (300, "重度污染", "#99004C"),
        (301, "严重污染", "#7E0023"),
        (500, "严重污染", "#7E0023"),
    ],
)
def test_levels_begin_and_end_where_the_standard_says(index: int, zh: str, colour: str) -> None:
    level = aqi.level_of(index)
    assert (level.label.zh, level.colour) == (zh, colour)


def test_no_index_has_no_level() -> None:
    with pytest.raises(ValueError, match="no index"):
        aqi.level_of(float("nan"))


def test_a_moving_mean_needs_enough_hours() -> None:
    hours = [10.0, 20, np.nan, 40, 50, 60, 70, 80, 90]
    means = aqi.moving_mean(hours, 8, at_least=6)
    assert np.isnan(means[:6]).all()
    assert means[6] == pytest.approx(np.nanmean(hours[:7]))
    assert means[8] == pytest.approx(np.nanmean(hours[1:9]))
