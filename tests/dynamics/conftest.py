"""Random fields whose statistics are known."""

import numpy as np
import pytest


@pytest.fixture
def gaussian_field():
    """Make Gaussian random fields with a given spectrum, evaluated at positions in a box."""

    def make(box, positions, spectrum, rng, longest=4.0):
        reciprocal = 2 * np.pi * np.linalg.inv(box.matrix)
        reach = np.ceil(longest * np.linalg.norm(box.matrix, axis=0) / (2 * np.pi)).astype(int)
        grid = np.meshgrid(*(np.arange(-n, n + 1) for n in reach), indexing="ij")
        waves = np.stack([axis.ravel() for axis in grid], axis=1) @ reciprocal
        waves = waves[len(waves) // 2 + 1 :]
        waves = waves[np.linalg.norm(waves, axis=1) < longest]
        # Each pair q, -q is one real wave of amplitude sqrt(2 S(q) / volume) times a unit normal.
        widths = np.sqrt(2 * spectrum(np.linalg.norm(waves, axis=1)) / box.volume)
        cosines, sines = widths * rng.normal(size=(2, len(waves)))
        phases = positions @ waves.T
        return np.cos(phases) @ cosines + np.sin(phases) @ sines

    return make
