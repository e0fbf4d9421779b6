"""Small configurations of every kind that the tests of this room share."""

import numpy as np
import pytest

from vitreous.liquid import Box, Configuration

BOXES = {
    "2D": Box([14.0, 12.5]),
    "2D triclinic": Box([14.0, 12.5], [0.4]),
    "3D": Box([8.0, 9.0, 8.5]),
    "3D triclinic": Box([8.0, 9.0, 8.5], [0.3, -0.2, 0.4]),
}


@pytest.fixture(params=BOXES)
def configuration(request):
    """Three species at random places, in each kind of box."""
    box = BOXES[request.param]
    generator = np.random.default_rng(3)
    positions = (generator.random((120, box.dimensions)) - 0.5) @ box.matrix.T
    types = generator.integers(0, 3, 120)
    return Configuration.wrapped(positions, types, box, ("A", "B", "C"))


@pytest.fixture
def spaced(configuration):
    """The same kinds of box, with particles that keep a distance: a shaken lattice."""
    box = configuration.box
    side = {2: 11, 3: 5}[box.dimensions]
    generator = np.random.default_rng(7)
    axes = np.meshgrid(*[np.arange(side)] * box.dimensions, indexing="ij")
    lattice = (np.stack(axes, axis=-1).reshape(-1, box.dimensions) + 0.5) / side - 0.5
    positions = lattice @ box.matrix.T + generator.uniform(-0.15, 0.15, lattice.shape)
    types = generator.integers(0, 3, len(lattice))
    return Configuration.wrapped(positions, types, box, configuration.species)


@pytest.fixture(params=[2, 3], ids=["2D", "3D"])
def liquid(request):
    """Two species on a shaken lattice, where neighbours keep their distance as in a liquid."""
    dimensions = request.param
    side = {2: 14, 3: 8}[dimensions]
    generator = np.random.default_rng(5)
    axes = np.meshgrid(*[np.arange(side)] * dimensions, indexing="ij")
    lattice = np.stack(axes, axis=-1).reshape(-1, dimensions) + 0.5 - side / 2
    positions = lattice + generator.uniform(-0.2, 0.2, lattice.shape)
    types = generator.integers(0, 2, len(lattice))
    return Configuration.wrapped(positions, types, Box.cube(side, dimensions), ("A", "B"))


@pytest.fixture
def bonds():
    """The brute-force twin of every neighbour search: vectors to all periodic images."""

    def vectors_and_others(configuration, i):
        others = np.delete(np.arange(configuration.n_particles), i)
        images = np.array(list(np.ndindex(*[3] * configuration.dimensions))) - 1
        vectors = [
            configuration.positions[others]
            + configuration.box.matrix @ image
            - configuration.positions[i]
            for image in images
        ]
        return np.concatenate(vectors), np.tile(others, len(images))

    return vectors_and_others


@pytest.fixture
def botan(shared_data):
    """The published configuration to which the partycls values belong."""
    with np.load(shared_data / "botan" / "isoconfig_N4096T0.44_1_tc07.npz") as data:
        positions = data["initial_positions"].astype(np.float64)
        types = data["types"].astype(np.int32)
    return Configuration.wrapped(positions, types, Box.cube(15.05658, 3), ("A", "B"))
