"""Averages taken piece by piece, for want of memory, are those taken at once."""

import numpy as np
import pytest

from vitreous.descriptors import CoarseGrain, RadialDescriptor, _averages
from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D
from vitreous.liquid.cells import cells

DESCRIPTOR = CoarseGrain(RadialDescriptor(np.arange(1.0, 1.8, 0.01), 0.1), cutoff=2.0)


def elongated(dimensions, tilts=()):
    """Two species at random places in a box that is long along x."""
    box = Box([30.0, *[6.0] * (dimensions - 1)], tilts)
    generator = np.random.default_rng(2)
    positions = (generator.random((600, dimensions)) - 0.5) @ box.matrix.T
    types = generator.integers(0, 2, 600)
    return Configuration.wrapped(positions, types, box, ("A", "B"))


CONFIGURATIONS = {
    "2D": elongated(2),
    "3D": elongated(3),
    "2D triclinic": elongated(2, [0.3]),
    "3D triclinic": elongated(3, [0.3, 0.1, -0.2]),
    "KA2D": KobAndersen2D().random_configuration(400, random_state=1),
    "KA": KobAndersen().random_configuration(400, random_state=1),
}
every_configuration = pytest.mark.parametrize("name", CONFIGURATIONS)


@every_configuration
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bytes_of_panels", [1, 60_000, 150_000, 250_000])
def test_windows_and_blocks_change_no_bit(name, dtype, bytes_of_panels, monkeypatch):
    configuration = CONFIGURATIONS[name]
    descriptor = DESCRIPTOR.set_params(dtype=dtype).fit([configuration])
    expected = descriptor.transform([configuration])
    monkeypatch.setattr(_averages, "_BYTES_OF_PANELS", bytes_of_panels)
    np.testing.assert_array_equal(descriptor.transform([configuration]), expected)


@every_configuration
def test_few_neighborhoods_at_a_time_change_no_bit(name, monkeypatch):
    configuration = CONFIGURATIONS[name]
    descriptor = DESCRIPTOR.fit([configuration])
    expected = descriptor.transform([configuration])
    for neighbors, n_tiles in ((1, 2**14), (3000, 2**14), (2**20, 1), (2**20, 7)):
        monkeypatch.setattr(_averages, "_NEIGHBORS_OF_TILES", neighbors)
        monkeypatch.setattr(_averages, "_N_TILES", n_tiles)
        np.testing.assert_array_equal(descriptor.transform([configuration]), expected)


@pytest.mark.parametrize("name", ["2D", "3D", "2D triclinic", "3D triclinic"])
@pytest.mark.parametrize("bytes_of_panels", [1, 60_000, 150_000])
def test_windows_cover_all_cells_within_their_bytes(name, bytes_of_panels, monkeypatch):
    neighborhood = cells(CONFIGURATIONS[name], 2.0)
    monkeypatch.setattr(_averages, "_BYTES_OF_PANELS", bytes_of_panels)
    windows, n_panels = _averages._windows(neighborhood, 5)
    edges = [windows[0].first_cell, *(window.stop_cell for window in windows)]
    assert edges[0] == 0
    assert edges[-1] == len(neighborhood.start) - 1
    assert [window.first_cell for window in windows] == edges[:-1]
    assert len(windows) > 1
    assert max(window.n_rows for window in windows) < 600
    if bytes_of_panels > 1:
        assert max(window.n_rows for window in windows) * n_panels * 128 <= bytes_of_panels


@pytest.mark.parametrize("n_columns", [1, 31, 32, 33, 64, 130, 400])
def test_blocks_of_any_number_of_columns(n_columns, monkeypatch):
    """A last block with fewer panels than the others touches nothing beside its columns."""
    neighborhood = cells(CONFIGURATIONS["3D"], 2.0)
    bare = np.random.default_rng(6).random((600, n_columns), dtype=np.float32)

    def averaged():
        features = np.full((600, 3 * n_columns), np.nan, dtype=np.float32)
        features[:, :n_columns] = bare
        _averages.fill_generations(neighborhood, 1.5, features, n_columns)
        return features

    expected = averaged()
    alone = np.concatenate([bare[:, -1:], np.full((600, 2), np.nan)], axis=1, dtype=np.float32)
    _averages.fill_generations(neighborhood, 1.5, alone, 1)
    np.testing.assert_array_equal(expected[:, n_columns - 1 :: n_columns], alone)
    for n_panels in (1, 2, 3, 5):
        monkeypatch.setattr(_averages, "_BYTES_OF_PANELS", 40_000 * n_panels)
        np.testing.assert_array_equal(averaged(), expected)


def test_crowded_cells():
    """More than a tile, and more than the room for tiles, in one cell."""
    box = Box.cube(40.0, dimensions=2)
    generator = np.random.default_rng(4)
    positions = np.concatenate([generator.uniform(-1, 1, (90, 2)), [[15.0, 15.0]]])
    crowd = Configuration(positions, np.zeros(91, dtype=int), box, ("A",))
    descriptor = CoarseGrain(
        RadialDescriptor([1.0], 0.3, dtype="float64"), cutoff=3.0, generations=1, dtype="float64"
    )
    bare, averaged = descriptor.fit_transform([crowd]).T
    r = np.linalg.norm(positions[:, None] - positions, axis=2)
    weights = np.where(r < 3.0, np.exp(-r / 2.0), 0.0)
    np.testing.assert_allclose(averaged, weights @ bare / weights.sum(axis=1), rtol=1e-12)
