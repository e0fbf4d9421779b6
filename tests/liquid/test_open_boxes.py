"""Fields of view: no images across open sides, and nothing is said of cut surroundings."""

import numpy as np
import pytest

from vitreous.datasets import to_mdanalysis
from vitreous.descriptors import (
    AngularDescriptor,
    BondOrderDescriptor,
    CoarseGrain,
    RadialDescriptor,
    SteinhardtDescriptor,
    VoronoiDescriptor,
)
from vitreous.dynamics import (
    BondBreaking,
    CageRelativeDisplacement,
    four_point_structure_factor,
    mobility_map,
)
from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen,
    KobAndersen2D,
    cut_surroundings,
    neighbor_list,
)
from vitreous.models import (
    GroupedRidge,
    PropensityRegressor,
    TwoLevelRidge,
    conformal_intervals,
    cross_predict,
    noise_ceiling,
    propensity_scores,
    transfer_between_times,
    transfer_matrix,
)
from vitreous.simulate import EmbeddedEngine, minimize

SYSTEM = KobAndersen2D()
VIEW = Box((14.0, 11.0), periodic=(False, False))


def scattered(box, n_particles, seed, species=("A", "B", "C")):
    """Particles at random that do not lie on each other."""
    rng = np.random.default_rng(seed)
    positions = rng.uniform(-0.5, 0.5, (n_particles, box.dimensions)) * box.lengths
    return Configuration(positions, rng.integers(0, len(species), n_particles), box, species)


def view_of(configuration, box=VIEW):
    """What a field of view in the middle shows, and whom."""
    inside = (np.abs(configuration.positions) <= np.array(box.lengths) / 2).all(axis=1)
    return Configuration(
        configuration.positions[inside], configuration.types[inside], box, configuration.species
    ), inside


@pytest.mark.parametrize(
    ("lengths", "periodic", "cutoff"),
    [
        ((8.0, 6.0), (False, False), 2.5),
        ((8.0, 6.0), (True, False), 2.5),
        ((8.0, 1.0), (True, False), 2.5),
        ((9.0, 9.0, 2.0), (True, False, False), 3.0),
        ((6.0, 6.0, 6.0), (False, False, False), 20.0),
    ],
)
def test_neighbors_against_brute_force(lengths, periodic, cutoff):
    configuration = scattered(Box(lengths, periodic=periodic), 60, 1)
    found = neighbor_list(configuration, cutoff)
    vectors = configuration.positions[None] - configuration.positions[:, None]
    sides = np.where(periodic, lengths, np.inf)
    vectors -= np.where(periodic, np.rint(vectors / sides) * lengths, 0.0)
    distances = np.linalg.norm(vectors, axis=-1)
    np.fill_diagonal(distances, np.inf)
    i, j = np.nonzero(distances < cutoff)
    np.testing.assert_array_equal(found.rows, i)
    np.testing.assert_array_equal(found.indices, j)
    np.testing.assert_allclose(found.vectors, vectors[i, j], atol=1e-12)


def test_box():
    box = Box((4.0, 6.0), periodic=(True, False))
    assert "periodic=(True, False)" in repr(box)
    assert box != Box((4.0, 6.0))
    np.testing.assert_array_equal(box.wrap([[3.0, 5.0], [-2.0, 3.0]]), [[-1.0, 5.0], [-2.0, 3.0]])
    np.testing.assert_array_equal(box.minimum_image([3.0, 5.0]), [-1.0, 5.0])
    with pytest.raises(ValueError, match="along each of its axes"):
        Box((4.0, 6.0), periodic=(False,))
    with pytest.raises(ValueError, match="cannot have tilt factors"):
        Box((4.0, 6.0), (0.3,), periodic=(True, False))
    with pytest.raises(ValueError, match="outside the field of view"):
        Configuration.wrapped([[0.0, 3.1]], [0], box, "A")


def test_gsd_and_freud_know_which_sides_are_open():
    configuration = scattered(Box((4.0, 6.0), periodic=(True, False)), 5, 0)
    again = Configuration.from_gsd(configuration.to_gsd())
    assert again.box == configuration.box
    np.testing.assert_array_equal(again.positions, configuration.positions)
    assert list(configuration.to_freud()[0].periodic) == [True, False, False]
    of_freud = Configuration.from_freud(
        configuration.to_freud(), configuration.types, configuration.species
    )
    assert of_freud.box.periodic == (True, False)
    with pytest.raises(ValueError, match="MDAnalysis needs a periodic box"):
        to_mdanalysis(configuration)


def test_particles_near_an_open_side_are_marked():
    box = Box((10.0, 8.0), periodic=(True, False))
    places = [[4.9, 0.0], [0.0, 2.9], [0.0, -3.1], [0.0, 4.0]]
    configuration = Configuration(places, [0] * 4, box, "A")
    np.testing.assert_array_equal(cut_surroundings(configuration, 1.0), [False, False, True, True])


DESCRIPTORS = {
    "radial": (RadialDescriptor([0.9, 1.2], 0.05), 1.2 + 5.5 * 0.05),
    "bond order": (BondOrderDescriptor([4, 6], [1.1], width=0.05), 1.1 + 5.5 * 0.05),
    "angular": (AngularDescriptor([(2.0, 1, 1)], cutoff=1.5), 1.5),
    "averages": (
        CoarseGrain(RadialDescriptor([0.9], 0.05), length=1.0, cutoff=1.2, generations=2),
        0.9 + 5.5 * 0.05 + 2 * 1.2,
    ),
}


@pytest.mark.parametrize("name", list(DESCRIPTORS))
def test_descriptors_are_those_of_the_whole_liquid_or_nan(name):
    descriptor, distance = DESCRIPTORS[name]
    whole = scattered(Box.cube(24.0, 2), 700, 2)
    view, inside = view_of(whole)
    expected = descriptor.fit([whole]).transform([whole])[inside]
    found = descriptor.transform([view])
    known = ~np.isnan(found).any(axis=1)
    np.testing.assert_allclose(found[known], expected[known], rtol=1e-4, atol=1e-6)
    assert known[~cut_surroundings(view, 1.02 * distance)].all()
    cut = cut_surroundings(view, 0.95 * distance)
    if name == "averages":  # which need not meet a particle whose own surroundings are cut
        cut = cut_surroundings(view, 1.1)
    assert np.isnan(found[cut]).all()
    assert 20 < known.sum() < len(known)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_voronoi_cells_are_those_of_the_whole_liquid_or_nan(dimensions):
    system = KobAndersen2D() if dimensions == 2 else KobAndersen()
    n_particles, side = (900, 16.0) if dimensions == 2 else (1200, 8.0)
    start = minimize(system, system.random_configuration(n_particles, 0), force_tolerance=1.0)
    whole = start.configuration
    view, inside = view_of(whole, Box((side,) * dimensions, periodic=(False,) * dimensions))
    voronoi = VoronoiDescriptor([0.5, 0.44, 0.47][: len(system.species)], dtype="float64")
    expected = voronoi.fit([whole]).transform([whole])[inside]
    found = voronoi.transform([view])
    known = ~np.isnan(found).any(axis=1)
    np.testing.assert_allclose(found[known], expected[known], rtol=1e-9)
    spacing = view.density ** (-1 / dimensions)
    assert known[~cut_surroundings(view, 2.6 * spacing)].mean() > 0.95
    assert not known[cut_surroundings(view, spacing)].any()


def test_what_needs_all_neighbors_refuses_in_one_line():
    view = scattered(VIEW, 100, 3)
    refused = r"needs a periodic box; this one is open along x and y"
    with pytest.raises(ValueError, match=f"energy.*{refused}"):
        minimize(SYSTEM, view)
    with pytest.raises(ValueError, match=f"simulation.*{refused}"):
        EmbeddedEngine(SYSTEM).require(view)
    with pytest.raises(ValueError, match=f"energy.*{refused}"):
        SYSTEM.potential_energy(view)
    with pytest.raises(ValueError, match=f"SteinhardtDescriptor {refused}"):
        SteinhardtDescriptor(cutoffs=1.5).fit([view])
    with pytest.raises(ValueError, match=f"mobility map {refused}"):
        mobility_map(view, np.zeros(100))
    with pytest.raises(ValueError, match=f"S4 {refused}"):
        four_point_structure_factor([view], [np.zeros(100)])


def test_bonds_of_particles_that_are_lost_or_cut():
    """Five in a row, the last near the border; the second is lost, the third moves away."""
    row = [[-4.0, 0.0], [-3.0, 0.0], [-2.0, 0.0], [-1.0, 0.0], [6.8, 0.0]]
    start = Configuration(row, [0] * 5, VIEW, SYSTEM.species)
    end = np.array(row)
    end[1], end[2] = np.nan, [-2.0, 2.0]
    np.testing.assert_array_equal(
        BondBreaking(SYSTEM, start)(end), [np.nan, np.nan, 0.0, 0.0, np.nan]
    )
    np.testing.assert_allclose(
        CageRelativeDisplacement(SYSTEM, start)(end), [0.0, np.nan, 2.0, 2.0, np.nan]
    )


@pytest.mark.parametrize("regressor", [GroupedRidge(), TwoLevelRidge()])
def test_models_leave_masked_particles_out_and_mark_them(regressor):
    """Wild labels near the border, and unknown ones, change nothing."""
    rng = np.random.default_rng(0)
    views = [view_of(scattered(Box.cube(24.0, 2), 700, seed))[0] for seed in range(5)]
    radial = RadialDescriptor([0.9, 1.2], 0.05)
    features = [radial.fit([view]).transform([view]) for view in views]
    cut = [np.isnan(columns).any(axis=1) for columns in features]
    labels = []
    for columns, outside in zip(features, cut, strict=True):
        truth = columns[:, 0] + 0.01 * rng.normal(size=len(columns))
        labels.append(np.where(outside, 1e6, truth))
    lost = [label.copy() for label in labels]
    for label, outside in zip(lost, cut, strict=True):
        label[np.flatnonzero(~outside)[::9]] = np.nan
    model = PropensityRegressor(radial, regressor).fit(views[:4], lost[:4])
    (prediction,) = model.predict(views[4:])
    np.testing.assert_array_equal(np.isnan(prediction), cut[4])
    scores = propensity_scores(views[4:], lost[4:], [prediction])
    assert scores["A"]["pearson_mean"].value > 0.95
    too_small = scattered(Box((2.0, 2.0), periodic=(False, False)), 40, 0)
    with pytest.raises(ValueError, match="the field of view, which is too small"):
        model.predict([too_small])
    with pytest.raises(ValueError, match=r"no particle of species 'A' has both a label and"):
        model.fit([too_small] * 4, [np.zeros(40)] * 4)


def test_labels_of_a_periodic_liquid_must_all_be_known():
    liquid = SYSTEM.random_configuration(60, 0)
    model = PropensityRegressor(RadialDescriptor([0.9], 0.05), GroupedRidge())
    with pytest.raises(ValueError, match="the label of particle 3 in configuration 0 is nan"):
        model.fit([liquid], [np.where(np.arange(60) == 3, np.nan, 1.0)])


def test_composition_in_a_field_of_view_fluctuates():
    system = KobAndersen2D()
    whole = system.random_configuration(4 * 1290, 0)
    positions = whole.positions
    length = whole.box.lengths[0] / 2
    inside = np.flatnonzero((np.abs(positions) < length / 2).all(axis=1))
    view = Box((length, length), periodic=(False, False))
    seen = Configuration(positions[inside], whole.types[inside], view, whole.species)
    system.require_composition(seen)
    counts = np.bincount(seen.types, minlength=3)
    assert (np.abs(counts - system.fractions * len(inside)) > 0.01 * len(inside)).any()
    with pytest.raises(ValueError, match="say which species is which"):
        system.require_composition(seen.with_types((seen.types + 1) % 3))
    wide = Box((1.3 * length, 1.3 * length), periodic=(False, False))
    with pytest.raises(ValueError, match="if only the unit of length is another one"):
        system.require_composition(Configuration(seen.positions, seen.types, wide, seen.species))


@pytest.fixture(scope="module")
def seen_twice():
    """Fields of view, features, and two labels of the particles that follow them; some are lost."""
    rng = np.random.default_rng(1)
    views = [view_of(scattered(Box.cube(24.0, 2), 700, seed))[0] for seed in range(6)]
    radial = RadialDescriptor([0.9, 1.2], 0.05).fit(views[:1])
    labels = []
    for view in views:
        columns = np.nan_to_num(radial.transform([view]), nan=1e6)
        labels.append(columns[:, [0, 1]] + 0.01 * rng.normal(size=(len(columns), 2)))
        labels[-1][::9] = np.nan
    halves = [np.stack([label + 0.01 * rng.normal(size=label.shape) for _ in "12"])
              for label in labels]  # fmt: skip
    return views, PropensityRegressor(radial, GroupedRidge()), labels, halves


def test_transfer_leaves_masked_particles_out(seen_twice):
    views, model, labels, halves = seen_twice
    at_times = transfer_between_times(model, views, labels, [1.0, 10.0], halves=halves)
    assert (np.diagonal(at_times.pearson) > 0.95).all()
    assert np.isfinite(at_times.loss.value).all()
    one = [label[:, 0] for label in labels]
    at_temperatures = transfer_matrix(
        model, views, one, [0.5] * 3 + [0.4] * 3, halves=[half[..., 0] for half in halves]
    )
    assert (at_temperatures.pearson > 0.95).all()
    for matrix in (at_times, at_temperatures):
        assert ((matrix.noise_ceiling > 0.9) & (matrix.noise_ceiling <= 1)).all()


def test_intervals_leave_masked_particles_out(seen_twice):
    views, model, labels, _ = seen_twice
    one = [label[:, 0] for label in labels]
    predictions = cross_predict(model, views, one)
    widths = conformal_intervals(views, one, predictions, 0.8).half_widths
    assert set(widths) == set("ABC")
    assert all(0 < width < 0.1 for width in widths.values())


def test_noise_ceilings_of_lost_particles():
    halves = np.random.default_rng(2).normal(size=(2, 50, 2))
    halves[1] += 3 * halves[0]
    lost = halves.copy()
    lost[0, :10, 0] = np.nan
    expected = [noise_ceiling(*halves[:, 10:, 0]), noise_ceiling(*halves[..., 1])]
    np.testing.assert_allclose(noise_ceiling(*lost), expected, rtol=1e-12)
    assert np.isnan(noise_ceiling(*np.full((2, 5), np.nan)))
