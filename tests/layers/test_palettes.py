"""Colours that mean a level are told apart also by people who don't see red or green."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from layers import palette

# Machado, Oliveira and Fernandes 2009, severity 1.0: what linear RGB becomes.
VISION = {
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "usual": np.eye(3),
}
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


@pytest.mark.parametrize("vision", VISION)
def test_neighbours_in_a_scale_are_told_apart(vision: str) -> None:
    """A difference (CIE 1976) of 10 is seen at a glance; 2.3 is just noticeable."""
    for one, next_one in pairwise(GRADED):
        difference = float(np.linalg.norm(lab(one, vision) - lab(next_one, vision)))
        assert difference > 10, (one, next_one, vision, difference)


@pytest.mark.parametrize("vision", VISION)
def test_aged_is_not_mistaken_for_a_level(vision: str) -> None:
    for color in GRADED:
        assert np.linalg.norm(lab(palette.AGED, vision) - lab(color, vision)) > 15
