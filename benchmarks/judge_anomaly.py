"""How good the anomaly detector is on labelled series, per category, with one threshold for all.

    python -m benchmarks.judge_anomaly FOLDER [--detector ours|robust_z|windowed_gaussian] [--threshold 0.5]
                                              [--tune CATEGORY ...]

FOLDER is either laid out as the Numenta anomaly benchmark (``data/<category>/<name>.csv`` with ``timestamp,value`` and
``labels/combined_windows.json``: {"<category>/<name>.csv": [[from, to], …]}), or ``<category>/<name>.csv`` with
``timestamp,value,label`` (label 1: anomalous). Timestamps are ISO 8601 without a zone, or with Z. Nothing of the
data is kept. Baselines have no threshold of their own: theirs is the best one for the categories of ``--tune`` (all,
if none).
``best_standard`` is the score with the best threshold in hindsight for that very category: what thresholds cost.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from alerts.anomaly import THRESHOLD
from benchmarks.anomaly_baselines import DETECTORS
from benchmarks.anomaly_scoring import PROFILES, Float, Scorer, Series, area_under_precision_recall, f1, windows_of


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, run, score and print one JSON object."""
    options = _parser().parse_args(arguments)
    series = read(Path(options.folder))
    scorer = Scorer(series)
    began = time.perf_counter()
    scores = np.concatenate(DETECTORS[options.detector](series))
    took_s = time.perf_counter() - began
    names = np.array([one.category for one in series])
    tuned = np.isin(names, options.tune) if options.tune else np.full(len(series), True)
    threshold = options.threshold
    if threshold is None:
        ours = options.detector == "ours"
        threshold = THRESHOLD if ours else scorer.best_threshold(scores, scorer.rows(tuned))
    report = {name: judge(scorer, scores, names == name, threshold) for name in sorted(set(names))}
    report["all"] = judge(scorer, scores, np.full(len(series), True), threshold)
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    whole = {"machine": machine, "detector": options.detector, "threshold": threshold, "seconds": round(took_s, 1)}
    sys.stdout.write(json.dumps({**whole, "categories": report}, indent=2) + "\n")


def judge(scorer: Scorer, scores: Float, files: np.ndarray, threshold: float) -> dict[str, float | int | None]:
    """Return the figures of the series ``files``."""
    rows = scorer.rows(files)
    found, windows, false = scorer.counts(scores, rows, threshold)
    figures: dict[str, float | int | None] = {"series": int(files.sum()), "observations": int(rows.sum())}
    figures |= {"windows": windows, "windows_found": found, "false_findings": false}
    figures |= {name: scorer.score(scores, rows, threshold, name) for name in PROFILES}
    best = scorer.best_threshold(scores, rows)
    figures["best_standard"] = scorer.score(scores, rows, best)
    parts = [scorer.file == number for number in np.flatnonzero(files)]
    areas = [area_under_precision_recall(scores[part], scorer.label[part]) for part in parts]
    known = [area for area in areas if not math.isnan(area)]
    figures["area_under_precision_recall"] = float(np.mean(known)) if known else None
    figures["f1"] = f1(scores[rows], scorer.label[rows], threshold)
    return {name: _rounded(figure) for name, figure in figures.items()}


def _rounded(figure: float | int | None) -> float | int | None:
    """Return a figure as JSON can hold it."""
    if isinstance(figure, float):
        return None if math.isnan(figure) else round(figure, 3)
    return figure


def read(folder: Path) -> list[Series]:
    """Return the labelled series of a folder, in either layout."""
    labels = folder / "labels" / "combined_windows.json"
    if labels.exists():
        windows: dict[str, list[list[str]]] = json.loads(labels.read_text("utf-8"))
        return [_with_windows(folder / "data" / name, spans) for name, spans in sorted(windows.items())]
    return [_with_labels(path) for path in sorted(folder.glob("*/*.csv"))]


def _columns(path: Path) -> tuple[np.ndarray, Float, list[dict[str, str]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [{key.strip().lower(): cell for key, cell in row.items() if key} for row in csv.DictReader(file)]
    rows = [row for row in rows if row.get("value", "").strip()]
    return _microseconds([row["timestamp"] for row in rows]), np.array([float(row["value"]) for row in rows]), rows


def _microseconds(texts: Sequence[str]) -> np.ndarray:
    return np.array([text.strip().rstrip("Z") for text in texts], "datetime64[us]").astype(np.int64)


def _with_windows(path: Path, spans: list[list[str]]) -> Series:
    times, values, _ = _columns(path)
    ends = [_microseconds(span) for span in spans]
    windows = [(int(np.argmax(times == first)), int(np.argmax(times == last))) for first, last in ends]
    label = np.zeros(len(times), np.bool_)
    for first, last in windows:
        label[first : last + 1] = True
    return Series(path.parent.name, path.stem, times, values, windows, label)


def _with_labels(path: Path) -> Series:
    times, values, rows = _columns(path)
    label = np.array([float(row["label"] or 0) > 0 for row in rows])
    return Series(path.parent.name, path.stem, times, values, windows_of(label), label)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="labelled series, laid out as above")
    parser.add_argument("--detector", choices=sorted(DETECTORS), default="ours")
    parser.add_argument("--threshold", type=float, help="score from which an observation is a finding")
    parser.add_argument("--tune", nargs="*", default=[], help="categories whose best threshold a baseline takes")
    return parser


if __name__ == "__main__":
    main()
