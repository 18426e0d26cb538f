"""The judge of the anomaly detector on a made-up folder: both layouts are read, silence is 0, an early hit near 100."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.anomaly_scoring import Scorer, Series, area_under_precision_recall, f1, windows_of
from benchmarks.judge_anomaly import main, read
from tests.alerts.series import every, noise

SIZE = 1000


def made(windows: list[tuple[int, int]]) -> Series:
    label = np.zeros(SIZE, np.bool_)
    for first, last in windows:
        label[first : last + 1] = True
    return Series("made", "one", every(5, SIZE), noise(SIZE), windows, label)


def scored(windows: list[tuple[int, int]], hits: list[int]) -> float:
    scores = np.zeros(SIZE)
    scores[hits] = 1.0
    scorer = Scorer([made(windows)])
    return scorer.score(scores, scorer.rows(np.array([True])), 0.5)


def test_silence_is_0_and_a_detection_at_the_left_edge_is_100() -> None:
    assert scored([(500, 599)], []) == 0
    assert scored([(500, 599)], [500]) == pytest.approx(100)


def test_a_later_detection_is_worth_less_and_one_outside_costs() -> None:
    early, late = scored([(500, 599)], [510]), scored([(500, 599)], [590])
    assert 0 < late < early < 100
    assert scored([(500, 599)], [300]) == pytest.approx(-100 * 0.11 / 2)


def test_the_first_observations_are_not_scored() -> None:
    assert scored([(500, 599)], [10, 149]) == 0


def test_windows_surround_labels_and_join_where_they_meet() -> None:
    label = np.zeros(SIZE, np.bool_)
    label[[400, 405, 800]] = True
    assert windows_of(label) == [(398, 415), (798, 810)]


def test_measures_of_observations() -> None:
    label = np.array([False, True, True, False])
    assert area_under_precision_recall(np.array([0.1, 0.9, 0.8, 0.2]), label) == pytest.approx(1)
    assert f1(np.array([0.9, 0.9, 0.1, 0.2]), label, 0.5) == pytest.approx(0.5)


def write(path: Path, values: np.ndarray, label: np.ndarray | None) -> list[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    times = [str(t) for t in every(5, len(values)).astype("datetime64[us]")]
    rows = [
        f"{t},{v}" if label is None else f"{t},{v},{int(label[i])}"
        for i, (t, v) in enumerate(zip(times, values, strict=True))
    ]
    path.write_text("\n".join(["timestamp,value" + ("" if label is None else ",label"), *rows]), "utf-8")
    return times


def test_both_layouts_are_read_and_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = noise(SIZE)
    values[600] += 60
    label = np.arange(SIZE) == 600
    times = write(tmp_path / "windows/data/kind/spike.csv", values, None)
    labels = tmp_path / "windows/labels/combined_windows.json"
    labels.parent.mkdir()
    labels.write_text(json.dumps({"kind/spike.csv": [[times[590], times[640]]]}), "utf-8")
    write(tmp_path / "labels/kind/spike.csv", values, label)
    assert read(tmp_path / "windows")[0].windows == [(590, 640)]
    for layout in ("windows", "labels"):
        main([str(tmp_path / layout)])
        report = json.loads(capsys.readouterr().out)["categories"]
        assert report["kind"]["windows_found"] == report["all"]["windows"] == 1
        assert report["all"]["standard"] > 50
