"""The model city at one moment, as feeds observe it.

Models share a clock, a seed and a story; the same (pack, seed, start, scenario) and the same steps make the same
city. Called by ``ops_center/services/simulation.py`` (step), by feeds (reading), by the history generator.
"""

from __future__ import annotations

from typing import Self

from ops_center.city.pack import CityPack
from ops_center.world.air_devices import AirDevices
from ops_center.world.cameras import CameraModel
from ops_center.world.figures import CityFigures
from ops_center.world.ground import Ground, Moment
from ops_center.world.model import Model
from ops_center.world.occurrences import Occurrence
from ops_center.world.people import PeopleModel
from ops_center.world.scenario import SCENARIOS, Scenario
from ops_center.world.story import Story
from ops_center.world.traffic import TrafficModel
from ops_center.world.vehicles import VehicleModel
from ops_center.world.water import WaterModel
from ops_center.world.weather import WeatherModel


class World:
    """All models at one time; what feeds read of it changes only in :meth:`step`."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.weather = WeatherModel(ground)
        self.traffic = TrafficModel(ground, self.weather.rain_mm_h)
        self.water = WaterModel(ground, self.weather)
        self.air = AirDevices(ground, self.weather, self.traffic)
        self.people = PeopleModel(ground, self.weather.rain_mm_h)
        self.vehicles = VehicleModel(ground, self.traffic)
        self.cameras = CameraModel(ground)
        self.figures = CityFigures(ground, self.weather, self.traffic, self.water, self.air)
        self.models: tuple[Model, ...] = (
            self.weather, self.traffic, self.water, self.air, self.people, self.vehicles, self.cameras, self.figures,
        )  # fmt: skip
        """in the order they are stepped: whoever depends on another comes after it"""
        self.moment = Moment(ground.start_us, ground.start_us)
        """the last step; a device whose time to send lies in it sends now"""

    @classmethod
    def from_pack(cls, pack: CityPack, *, seed: int, start_us: int, scenario: str | Scenario = "calm") -> Self:
        """Return the city of ``pack`` as it is at ``start_us``; KeyError for an unknown scenario."""
        chosen = SCENARIOS[scenario] if isinstance(scenario, str) else scenario
        ground = Ground(pack, seed, start_us, Story(pack, seed, start_us, chosen))
        return cls(ground)

    @property
    def now_us(self) -> int:
        """Return what time it is in the city, µs since the epoch, UTC."""
        return self.moment.now_us

    @property
    def truth(self) -> tuple[Occurrence, ...]:
        """Return what is really happening now: alarms are judged by it."""
        return self.ground.story.active(self.now_us)

    def step(self, now_us: int) -> None:
        """Advance to ``now_us``. A clock that was set back makes a step of no length: the city never goes back."""
        self.moment = Moment(self.moment.now_us, max(now_us, self.moment.now_us))
        for model in self.models:
            model.step(self.moment)
