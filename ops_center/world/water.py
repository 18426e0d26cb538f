"""The water supply as the water company sees it: pressures, flows, tanks, quality, with bursts and what they do.

Hydraulics come from ``hydraulics`` (EPANET), quality from ``water_quality``. A city without a water model has no
readings: its devices stay silent. Stepped by the world; the feed ``water`` reads its banks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import HOUR_US
from ops_center.world.epanet import Hydraulics
from ops_center.world.ground import Ground, Moment
from ops_center.world.held import Held
from ops_center.world.hydraulics import RunningNetwork
from ops_center.world.occurrences import Occurrence
from ops_center.world.places import metres_of
from ops_center.world.sensors import Accuracy
from ops_center.world.water_quality import chlorine_mg_l, turbidity_ntu, water_age_h
from ops_center.world.weather import WeatherModel, bank

INTERVAL_S = 10.0
QUALITY_INTERVAL_S = 60.0
QUALITY_HOLD_S = 10.0
KPA_PER_M = 9.80665
"""pressure of a metre of water"""
_STIRRED_FOR_US = 4 * HOUR_US
"""how long a burst is remembered in the turbidity"""
_PRESSURE = {"water_pressure": Accuracy(0.003, 0.0, 1.2, 1, implausible=1400.0, impossible=-500.0, low=-100.0)}
_FLOW = {"water_flow": Accuracy(0.008, 0.006, 0.05, 2, implausible=9000.0, impossible=1e6, low=-1e5)}
_TANK = {"water_level": Accuracy(0.0, 0.0, 0.004, 3, implausible=28.0, impossible=-9.99)}
_QUALITY = {
    "free_chlorine": Accuracy(0.03, 0.01, 0.005, 2, implausible=4.6, impossible=-1.0),
    "turbidity": Accuracy(0.03, 0.03, 0.005, 2, implausible=95.0, impossible=-1.0),
}


@dataclass(frozen=True, slots=True)
class WaterFigures:
    """The network in a few figures."""

    inflow_l_s: float
    """from all works"""
    least_pressure_kpa: float
    """where somebody drinks"""
    mean_pressure_kpa: float
    tank_level_m: float
    """mean of all tanks; NaN without any"""
    leak_l_s: float


class WaterModel:
    """The network around now and its devices."""

    def __init__(self, ground: Ground, weather: WeatherModel) -> None:
        self._ground = ground
        self._climate = weather.climate
        self.pressure_sensors = bank(ground, "water_pressure_sensor", INTERVAL_S, _PRESSURE)
        self.flow_meters = bank(ground, "water_flow_meter", INTERVAL_S, _FLOW)
        self.tanks = bank(ground, "water_tank", INTERVAL_S, _TANK)
        self.quality_stations = bank(ground, "water_quality_station", QUALITY_INTERVAL_S, _QUALITY)
        self._quality_now = Held(QUALITY_HOLD_S, self._quality)
        self._quality_xy = metres_of(ground.things("water_quality_station"), ground.metric)
        self.running: RunningNetwork | None = None
        """None in a city without a water model"""
        self.state: Hydraulics | None = None
        """the network now"""
        model = ground.pack.water_model
        if model is not None:
            self.running = RunningNetwork(ground, weather.climate, model, self._bursts)
            self._begin(self.running)

    def _begin(self, running: RunningNetwork) -> None:
        ground, network = self._ground, running.network
        node = {name: index for index, name in enumerate(network.node_ids)}
        link = {name: index for index, name in enumerate(network.link_ids)}
        self._at_pressure = _indices(ground, "water_pressure_sensor", "pipe_node", node)
        self._at_flow = _indices(ground, "water_flow_meter", "pipe_link", link)
        self._at_tank = _indices(ground, "water_tank", "pipe_node", node)
        at_quality = _indices(ground, "water_quality_station", "pipe_node", node)
        running.run_to(ground.start_us - 24 * HOUR_US)
        age = water_age_h(network, *running.mean_flow_l_s(ground.start_us - 24 * HOUR_US))
        self._age_h = _at(age, at_quality)
        running.run_to(ground.start_us)
        self.state = running.at(ground.start_us)

    def step(self, moment: Moment) -> None:
        """Solve up to now and let the devices measure."""
        if self.running is None:
            return
        now = moment.now_us
        self.running.run_to(now)
        state = self.state = self.running.at(now)
        self.pressure_sensors.step(moment, {"water_pressure": KPA_PER_M * _at(state.pressure_m, self._at_pressure)})
        self.flow_meters.step(moment, {"water_flow": _at(state.flow_l_s, self._at_flow)})
        self.tanks.step(moment, {"water_level": _at(state.pressure_m, self._at_tank)})
        self.quality_stations.step(moment, self._quality_now.at(now))

    def figures(self) -> WaterFigures | None:
        """Return the network in figures; None without a model."""
        if self.running is None or self.state is None:
            return None
        return figures_of(self.running, self.state)

    def _quality(self, now_us: int) -> dict[str, Float64]:
        chlorine = chlorine_mg_l(self._ground.seed, self._climate, self._age_h, np.array([now_us]))[0]
        stirred = []
        for burst in self._ground.story.between(max(now_us - _STIRRED_FOR_US, self._ground.start_us), now_us + 1):
            if burst.kind == "pipe_burst":
                x, y = self._ground.metric.to_metres(burst.site.longitude, burst.site.latitude)
                stirred.append((burst, float(x), float(y)))
        turbidity = turbidity_ntu(self._ground.seed, now_us, *self._quality_xy, stirred)
        return {"free_chlorine": chlorine, "turbidity": turbidity}

    def _bursts(self, time_us: int) -> tuple[Occurrence, ...]:
        return self._ground.story.active(time_us, "pipe_burst")


def figures_of(running: RunningNetwork, state: Hydraulics) -> WaterFigures:
    """Return a state in figures."""
    served = state.pressure_m[running.served]
    tanks = state.pressure_m[running.network.node_kind == 2]
    return WaterFigures(
        running.feed_l_s(state),
        KPA_PER_M * float(served.min(initial=np.inf)),
        KPA_PER_M * float(served.mean()) if len(served) else np.nan,
        float(tanks.mean()) if len(tanks) else np.nan,
        running.leak_l_s(state),
    )


def _indices(ground: Ground, kind: str, column: str, index: dict[str, int]) -> Int64:
    """Return where in the network each device of a kind is; -1 where the model doesn't know the place."""
    return np.array([index.get(str(name), -1) for name in ground.things(kind)[column]], dtype=np.int64)


def _at(values: Float64, index: Int64) -> Float64:
    """Return the values at the devices; NaN, which is sent as null, where the model doesn't know the place."""
    return np.where(index >= 0, values[index], np.nan)
