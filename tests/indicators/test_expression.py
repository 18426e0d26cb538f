"""Formulas: a small language, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ops_center.indicators.expression import MAX_CHARACTERS, parse

VALUES = {"a": np.asarray(6.0), "b": np.asarray(4.0), "zero": np.asarray(0.0), "lost": np.asarray(math.nan)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * 2", 14.0),
        ("(a + b) * 2", 20.0),
        ("a - b - 1", 1.0),
        ("a / b / 2", 0.75),
        ("-a + 10", 4.0),
        ("2 * -b", -8.0),
        ("min(a, b, 5)", 4.0),
        ("max(a, b)", 6.0),
        ("mean(a, b)", 5.0),
        ("abs(b - a)", 2.0),
        ("clip(a, 0, 5)", 5.0),
        ("1.5e2", 150.0),
    ],
)
def test_means_what_it_says(text: str, value: float) -> None:
    assert float(parse(text)(VALUES)) == value


@pytest.mark.parametrize("text", ["a / zero", "lost + a", "min(a, lost)", "max(lost, a)", "mean(a, lost)", "0 * lost"])
def test_what_cannot_be_known_is_not_known(text: str) -> None:
    assert math.isnan(float(parse(text)(VALUES)))


@pytest.mark.parametrize(
    "text",
    ["", "a +", "a b", "(a", "a)", "min(a)", "clip(a, b)", "open('x')", "a.real", "__import__", "a ** b", "a; b",
     "lambda: 1", "a[0]", "1..2", "sum(a, b)",
     "(" * 60 + "a" + ")" * 60, "-" * 200 + "a", "a" + " + a" * MAX_CHARACTERS],
)  # fmt: skip
def test_anything_else_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_works_on_whole_series_and_names_its_inputs() -> None:
    formula = parse("100 * good / all_of_them")
    found = formula({"good": np.array([1.0, 2.0, np.nan]), "all_of_them": np.array([4.0, 0.0, 4.0])})
    assert found[0] == 25.0 and np.isnan(found[1:]).all()
    assert formula.names == {"good", "all_of_them"}
