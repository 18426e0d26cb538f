"""The few groups of pages in the navigation. A screen says its own where it is written: ``group=Group.CITY``."""

from __future__ import annotations

from enum import Enum

from ops_center.domain.text import Label


class Group(Enum):
    """A group of pages, in the order in which they stand in the line at the top of every page for a desk."""

    LIVE = Label("监测", "Live")
    """what the city does now, and the walls that show it"""
    ALARMS = Label("报警", "Alarms")
    """what stands, what was set aside, what happened to it"""
    COMMAND = Label("指挥", "Command")
    """incidents, units, what the public is told"""
    RULES = Label("规则与预案", "Rules and plans")
    """what was thought of before: rules, plans, cases"""
    CITY = Label("城市目录", "City catalog")
    """what the city is made of, and where its data comes from"""
    ADMINISTRATION = Label("管理", "Administration")
    """who may what, and who did what"""
