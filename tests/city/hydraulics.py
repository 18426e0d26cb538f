"""A day of hydraulics through EPANET, for the tests of water networks."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import pandas as pd
import wntr

from ops_center.city.water_model import load_water_model


def pressures_m(path: Path) -> pd.DataFrame:
    """Return the pressure head in metres, one row per time, one column per node."""
    model = load_water_model(path)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(Path(folder) / "run"))
    return results.node["pressure"]
