"""The rule over the anomaly detector: a jump in an even series is found, stands for a while, and ends by itself."""

from __future__ import annotations

import numpy as np

from tests.alerts.trial import Item, Trial, rule


def test_a_jump_in_an_even_series_is_found_and_ends() -> None:
    values = np.random.default_rng(5).normal(50.0, 1.0, 600)
    values[500] = 90.0
    trial = Trial(rule("anomaly", {"unit": "L/s", "lasts_s": 300}))
    trial.show([Item(0, 60.0 * number, value) for number, value in enumerate(values.tolist(), 1)])
    trial.tick(1e6)
    found = [(turn.at_s, turn.entered) for turn in trial.turns()]
    assert (60.0 * 501, True) in found and len(found) <= 4
    assert found[-1][1] is False
