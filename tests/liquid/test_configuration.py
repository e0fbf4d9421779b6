import re

import gsd.hoomd
import joblib
import numpy as np
import pytest

from vitreous.liquid import Box, Configuration


def make(dimensions, n_particles=20, tilts=()):
    rng = np.random.default_rng(3)
    box = Box((8.1, 9.2, 10.3)[:dimensions], tilts)
    positions = rng.uniform(-30, 30, (n_particles, dimensions))
    types = rng.integers(0, 2, n_particles)
    return Configuration.wrapped(positions, types, box, ("A", "B", "C"))


@pytest.mark.parametrize(
    ("box", "remedy"),
    [(32.9, "Box.cube(32.9, 2)"), ([32.9], "Box.cube(32.9, 2)"), ((3.0, 4.0), "Box((3.0, 4.0))")],
)
@pytest.mark.parametrize("make", [Configuration, Configuration.wrapped])
def test_what_is_no_box_is_refused_with_what_to_write(make, box, remedy):
    with pytest.raises(TypeError, match=re.escape(f"write {remedy}")):
        make([[0.0, 0.0]], [0], box, "A")
    assert isinstance(eval(remedy), Box)


def test_arrays_in_any_order_are_written_without_a_word(tmp_path, caplog):
    columns = np.random.default_rng(0).uniform(0.5, 2.5, size=(20, 6))
    places, diameters = np.asfortranarray(columns[:, :3]), columns[:, 3]
    configuration = Configuration(places, np.zeros(20, int), Box.cube(5.0, 3), ("A",), diameters)
    with gsd.hoomd.open(tmp_path / "frame.gsd", "w") as file:
        file.append(configuration.to_gsd())
    assert not caplog.messages
    with gsd.hoomd.open(tmp_path / "frame.gsd") as file:
        found = Configuration.from_gsd(file[0])
    np.testing.assert_array_equal(found.positions, configuration.positions)
    np.testing.assert_array_equal(found.diameters, diameters)


def test_diameters_come_back_exactly_from_gsd_files(tmp_path):
    diameters = np.random.default_rng(4).uniform(0.7, 1.6, 20)
    configuration = make(3).with_diameters(diameters)
    with gsd.hoomd.open(tmp_path / "frames.gsd", "w") as file:
        file.append(configuration.to_gsd())
    with gsd.hoomd.open(tmp_path / "frames.gsd", "r") as file:
        frame = file[0]
    np.testing.assert_array_equal(Configuration.from_gsd(frame).diameters, diameters)
    np.testing.assert_array_equal(frame.particles.diameter, diameters.astype(np.float32))
    # A file written elsewhere has the native diameters only.
    del frame.log["particles/vitreous_diameter"]
    np.testing.assert_allclose(Configuration.from_gsd(frame).diameters, diameters, rtol=1e-7)
    frame.particles.diameter = np.ones(20, np.float32)
    assert Configuration.from_gsd(frame).diameters is None


def test_diameters_stay_with_their_particles():
    diameters = np.linspace(0.7, 1.3, 20)
    configuration = make(2).with_diameters(diameters)
    for other in (
        configuration.with_positions(configuration.positions + 7.0),
        configuration.with_types(np.zeros(20, int)),
        Configuration.from_freud(
            configuration.to_freud(), configuration.types, "ABC", configuration.diameters
        ),
    ):
        np.testing.assert_array_equal(other.diameters, diameters)
    assert configuration.with_diameters(None).diameters is None
    diameters[0] = 9.0
    assert configuration.diameters[0] == 0.7
    with pytest.raises(ValueError, match="read-only"):
        configuration.diameters[0] = 1.0


@pytest.mark.parametrize(
    ("diameters", "message"),
    [
        ([1.0], r"diameters must have shape \(2,\)"),
        ([1.0, 0.0], "particle 1 has the diameter 0"),
        ([np.nan, 1.0], "particle 0 has the diameter nan"),
    ],
)
def test_impossible_diameters_are_named(diameters, message):
    with pytest.raises(ValueError, match=message):
        Configuration(np.zeros((2, 2)), [0, 0], Box.cube(1.0, 2), "A", diameters)


BOXES = [(2, ()), (3, ()), (2, (0.3,)), (3, (0.3, -0.2, 0.1))]


@pytest.mark.parametrize(("dimensions", "tilts"), BOXES)
def test_gsd_files_keep_everything_exactly(tmp_path, dimensions, tilts):
    configuration = make(dimensions, tilts=tilts)
    with gsd.hoomd.open(tmp_path / "frames.gsd", "w") as file:
        file.append(configuration.to_gsd())
    with gsd.hoomd.open(tmp_path / "frames.gsd", "r") as file:
        read = Configuration.from_gsd(file[0])
    np.testing.assert_array_equal(read.positions, configuration.positions)
    np.testing.assert_array_equal(read.types, configuration.types)
    assert read.species == configuration.species
    assert read.box == configuration.box


@pytest.mark.parametrize(("dimensions", "tilts"), BOXES)
def test_freud_systems_keep_single_precision(dimensions, tilts):
    configuration = make(dimensions, tilts=tilts)
    read = Configuration.from_freud(
        configuration.to_freud(), configuration.types, configuration.species
    )
    difference = configuration.box.minimum_image(read.positions - configuration.positions)
    np.testing.assert_allclose(difference, 0, atol=1e-5)


def test_arrays_cannot_be_changed_and_are_not_shared():
    positions = np.zeros((3, 2))
    configuration = Configuration(positions, [0, 0, 0], Box.cube(1.0, 2), ("A",))
    positions[0, 0] = 9.0
    assert configuration.positions[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        configuration.positions[0, 0] = 1.0


def test_an_empty_configuration_is_allowed():
    assert Configuration(np.empty((0, 3)), [], Box.cube(1.0, 3), ("A",)).n_particles == 0


@pytest.mark.parametrize(
    ("positions", "types", "message"),
    [
        ([[0.0, 0.0, 0.0]], [0], r"shape \(N, 2\)"),
        ([[0.0, 0.0]], [0, 0], r"shape \(1,\)"),
        ([[0.0, 0.0]], [0.5], "integers"),
        ([[0.0, 0.0], [0.1, 0.1]], [0, 2], "particle 1 has unknown type 2"),
        ([[0.0, np.nan]], [0], "particle 0 .* not finite"),
        ([[0.0, 0.0], [0.0, 0.7]], [0, 0], "particle 1 .* outside the box .*wrapped"),
    ],
)
def test_bad_input_is_named(positions, types, message):
    with pytest.raises(ValueError, match=message):
        Configuration(positions, types, Box.cube(1.0, 2), ("A", "B"))


def test_temperature_stays_with_the_liquid(tmp_path):
    box = Box.cube(4.0, dimensions=2)
    liquid = Configuration([[0, 0], [1, 1]], [0, 1], box, "AB", [1.0, 1.2], temperature=0.44)
    relatives = [
        Configuration.wrapped([[9, 0], [1, 1]], [0, 1], box, "AB", temperature=0.44),
        liquid.with_positions([[0, 1], [1, 0]]),
        liquid.with_types([1, 0]),
        liquid.with_diameters(None),
        liquid.selected(np.array([True, False])),
        Configuration(
            liquid.positions, liquid.types, Box((4.0, 4.0), (1.0,)), "AB", temperature=0.44
        ).reduced(),
    ]
    assert [relative.temperature for relative in relatives] == [0.44] * 6
    assert liquid.require_temperature() == 0.44
    with gsd.hoomd.open(tmp_path / "liquid.gsd", "w") as file:
        file.extend([liquid.to_gsd(), liquid.with_temperature(None).to_gsd()])
    with gsd.hoomd.open(tmp_path / "liquid.gsd") as file:
        known = Configuration.from_gsd(file[0])
    assert known.temperature == 0.44
    assert Configuration.from_gsd(liquid.with_temperature(None).to_gsd()).temperature is None
    assert joblib.hash(liquid) == joblib.hash(known) != joblib.hash(liquid.with_temperature(0.45))


@pytest.mark.parametrize("temperature", [0.0, -0.4, np.nan, np.inf])
def test_impossible_temperatures_are_named(temperature):
    with pytest.raises(ValueError, match="temperature must be positive and finite, or None"):
        Configuration([[0, 0]], [0], Box.cube(4.0, 2), "A", temperature=temperature)


def test_an_unknown_temperature_is_missed():
    unknown = Configuration([[0, 0]], [0], Box.cube(4.0, 2), "A")
    with pytest.raises(ValueError, match="with_temperature"):
        unknown.require_temperature()
