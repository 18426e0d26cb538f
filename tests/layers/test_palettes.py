"""Colours that mean something are told apart also by people who see red, green or blue otherwise than most: those of a
scale by colour alone, those of a legend and of alarms by colour, or else by shape or size."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

import layers
from layers import palette
from layers.contract import LegendEntry

# Machado, Oliveira and Fernandes 2009, severity 1.0: what linear RGB becomes.
VISION = {
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
    "usual": np.eye(3),
}
AT_A_GLANCE = 10
"""a difference (CIE 1976) that is seen at a glance; 2.3 is just noticeable"""
BY_DAY = 5
"""on light ground all colours are darker and nearer to each other: twice what is just noticeable"""
LARGER = 1.15
"""of two signs beside each other: seen as one larger than the other"""
PRIORITIES = re.compile(r"--p[1-4]: #([0-9a-f]{6});")
GRADED = (palette.GOOD, palette.FAIR, palette.NOTICE, palette.WARNING, palette.SEVERE)


def lab(color: tuple[int, int, int], vision: str) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as somebody sees it."""
    srgb = np.array(color) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISION[vision] @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", sorted(set(VISION) - {"tritanopia"}))
def test_neighbours_in_a_scale_are_told_apart(vision: str) -> None:
    """By colour alone; the one in ten thousand who don't see blue read a scale by size and words."""
    for one, next_one in pairwise(GRADED):
        difference = float(np.linalg.norm(lab(one, vision) - lab(next_one, vision)))
        assert difference > AT_A_GLANCE, (one, next_one, vision, difference)


@pytest.mark.parametrize("vision", VISION)
def test_aged_is_not_mistaken_for_a_level(vision: str) -> None:
    for color in GRADED:
        assert np.linalg.norm(lab(palette.AGED, vision) - lab(color, vision)) > 15


def distance(one: tuple[int, int, int], other: tuple[int, int, int], vision: str) -> float:
    return float(np.linalg.norm(lab(one, vision) - lab(other, vision)))


def alike(one: LegendEntry, other: LegendEntry, vision: str) -> bool:
    """Whether somebody might take one sign for the other."""
    if one.icon != other.icon or max(one.size, other.size) >= LARGER * min(one.size, other.size):
        return False
    by_day = distance(palette.by_day(one.color), palette.by_day(other.color), vision) < BY_DAY
    return by_day or distance(one.color, other.color, vision) < AT_A_GLANCE


@pytest.mark.parametrize("name", layers.registry())
def test_signs_of_a_legend_are_told_apart(name: str) -> None:
    legend = layers.registry()[name].legend
    mistaken = [
        (vision, one.label.en, other.label.en)
        for one, other in combinations(legend, 2)
        for vision in VISION
        if alike(one, other, vision)
    ]
    assert mistaken == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_priorities_of_alarms_are_told_apart(theme: str) -> None:
    """Each has a shape and a number of its own (assets/alarms.css); the first two are told apart by colour as well."""
    assets = Path(__file__).parents[2] / "assets"
    colours = [tuple(bytes.fromhex(found)) for found in PRIORITIES.findall((assets / "theme.css").read_text("utf-8"))]
    assert len(colours) == 8
    shapes = re.findall(
        r"^\.p([1-4]) \{ --p: var\(--p\1\); --shape: (.+); \}", (assets / "alarms.css").read_text(), re.M
    )
    assert len({shape for _, shape in shapes}) == 4
    first, second, third, fourth = colours[:4] if theme == "dark" else colours[4:]
    for vision in VISION:
        for one, other in ((first, second), (first, fourth), (second, fourth), (third, fourth)):
            assert distance(one, other, vision) > AT_A_GLANCE, (theme, vision, one, other)


def test_colours_stand_out_by_day() -> None:
    """WCAG 2.1 clause 1.4.11: 3:1 with the ground; what is lighter by night is lighter by day."""
    for color in GRADED:
        darker = palette.by_day(color)
        assert (palette.luminance(palette.DAY_GROUND) + 0.05) / (palette.luminance(darker) + 0.05) > 3
    assert sorted(GRADED, key=palette.luminance) == sorted(
        GRADED, key=lambda one: palette.luminance(palette.by_day(one))
    )
