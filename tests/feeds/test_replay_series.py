"""Real series are read as their sources mean them; a few lines of each stand in where the data isn't there."""

import os
from pathlib import Path

import numpy as np
import pytest

from feeds.replay import MPH_TO_KMH, SOURCES, read_beijing_air, read_los_angeles_loops
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.time import HOUR_US, MINUTE_US, to_datetime

BEIJING = """No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station
1,2016,10,1,0,133,164,9,125,1400,43,17.6,1009.8,10.7,0,SE,1.3,Aotizhongxin
3,2016,10,1,2,149,237,2,NA,1500,2,16.2,1010.9,11.6,0,NNE,2.3,Aotizhongxin
1,2016,10,1,0,7,9,1,2,300,88,17.6,1009.8,10.7,0,SE,1.3,Dingling
"""


def test_beijing_hours_are_local_starts_with_gaps_kept() -> None:
    series = read_beijing_air(BEIJING)
    assert to_datetime(int(series.time_us[0])).isoformat() == "2016-09-30T16:00:00+00:00"
    assert np.all(np.diff(series.time_us) == HOUR_US) and len(series.time_us) == 3
    assert series.thing_ids == ("Aotizhongxin", "Dingling")
    np.testing.assert_array_equal(series.values["pm25"], [[133, 7], [np.nan, np.nan], [149, np.nan]])
    np.testing.assert_array_equal(series.values["co"][:, 0], [1.4, np.nan, 1.5])
    assert np.isnan(series.values["no2"][2, 0])


def test_los_angeles_speeds_are_metric_and_nought_is_a_gap() -> None:
    series = read_los_angeles_loops("773869,767541\n65.0,0\n60,30.5\n")
    np.testing.assert_allclose(
        series.values["vehicle_speed"], [[65 * MPH_TO_KMH, np.nan], [96.56064, 30.5 * MPH_TO_KMH]]
    )
    assert series.interval_us == 5 * MINUTE_US


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_beijing_air, ""),
        (read_beijing_air, "a,b\n1,2\n"),
        (read_los_angeles_loops, "1,2\n3\n"),
        (read_los_angeles_loops, "1,2\nx,y\n"),
        (read_los_angeles_loops, ""),
    ],
)
def test_another_file_is_refused(read: object, text: str) -> None:
    with pytest.raises(ConfigurationError):
        read(text)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "times", "things", "gaps"),
    [("beijing-air", 2208, 12, 0.03), ("los-angeles-loops", 2016, 207, 0.10)],
)
def test_the_trial_data_is_as_documented(name: str, times: int, things: int, gaps: float) -> None:
    folder = os.environ.get("OPS_TRIAL_DATA")
    if folder is None or not (Path(folder) / SOURCES[name].path).is_file():
        pytest.skip(f"OPS_TRIAL_DATA has no {SOURCES[name].path}")
    series = SOURCES[name].read((Path(folder) / SOURCES[name].path).read_text(encoding="utf-8"))
    assert (len(series.time_us), len(series.thing_ids)) == (times, things)
    for values in series.values.values():
        assert 0 <= np.isnan(values).mean() < gaps
        assert np.nanmin(values) >= 0
