import numpy as np
import pytest

from vitreous.dynamics import (
    IsoconfigurationalLabels,
    common_levels,
    labels_at_levels,
    labels_at_times,
    times_at_levels,
)

TIMES = np.geomspace(0.1, 1000, 9)


@pytest.mark.parametrize("slope", [-0.1, 0.1])
def test_levels_are_found_where_the_mean_is_linear_in_log_t(slope):
    mean = 1 + slope * np.log(TIMES / TIMES[0])
    wanted = np.array([0.1, 0.5, 20.0, 1000.0])
    levels = 1 + slope * np.log(wanted / TIMES[0])
    np.testing.assert_allclose(times_at_levels(TIMES, mean, levels), wanted, rtol=1e-9)


def test_levels_agree_with_numpy_where_the_mean_falls_steadily():
    mean = np.exp(-((TIMES / 50) ** 0.4))
    levels = np.linspace(mean[0], mean[-1], 13)[1:-1]
    expected = np.exp(np.interp(-levels, -mean, np.log(TIMES)))
    np.testing.assert_allclose(times_at_levels(TIMES, mean, levels), expected, rtol=1e-12)


def test_levels_out_of_reach_are_named():
    with pytest.raises(ValueError, match=r"from 1 at t = 0.1 to 0.5 at t = 1000, not through 0.4"):
        times_at_levels(TIMES, np.linspace(1, 0.5, 9), [0.9, 0.4])


def test_labels_agree_with_numpy_particle_by_particle():
    halves = np.random.default_rng(0).normal(size=(2, 5, 9))
    wanted = np.array([0.1, 0.3, 7.0, TIMES[4], 999.0, 1000.0])
    result = labels_at_times(TIMES, halves, wanted)
    for half in range(2):
        for particle in range(5):
            np.testing.assert_allclose(
                result[half, particle],
                np.interp(np.log(wanted), np.log(TIMES), halves[half, particle]),
                rtol=1e-12,
                atol=1e-12,
            )


def test_the_mean_of_labels_at_a_level_is_the_level():
    labels = np.cumsum(np.random.default_rng(1).uniform(0, 1, (50, 9)), axis=1)
    levels = [1.0, 2.2, 3.9]
    times = times_at_levels(TIMES, labels.mean(axis=0), levels)
    np.testing.assert_allclose(labels_at_times(TIMES, labels, times).mean(axis=0), levels)


@pytest.mark.parametrize("wanted", [0.01, 2000.0])
def test_nothing_is_extrapolated(wanted):
    with pytest.raises(ValueError, match=f"from t = 0.1 to 1000, none at {wanted:g}"):
        labels_at_times(TIMES, np.zeros((2, 9)), [1.0, wanted])


def ensembles(count, times=TIMES, seed=2):
    """Bonds that break steadily, in halves that differ."""
    rng = np.random.default_rng(seed)
    kept = 1 - np.cumsum(rng.uniform(0, 0.1, (count, 2, 20, len(times))), axis=-1)
    return [IsoconfigurationalLabels(times, {"bond_breaking": k}, 5) for k in kept]


@pytest.mark.parametrize("name", ["bond_breaking", "broken_bonds"])
def test_labels_at_levels_are_those_at_the_times_of_the_levels(name):
    kept = ensembles(3)
    levels = [0.9, 0.75] if name == "bond_breaking" else [0.1, 0.25]
    mean = np.mean([item.matrix(name) for item in kept], axis=(0, 1))
    times = times_at_levels(TIMES, mean, levels)
    found = labels_at_levels(kept, name, levels)
    for before, item in zip(kept, found, strict=True):
        np.testing.assert_allclose(item.times, times, rtol=1e-12)
        assert item.n_replicas == 5
        np.testing.assert_allclose(
            item.halves(name), labels_at_times(TIMES, before.halves(name), times), atol=1e-12
        )
    np.testing.assert_allclose(np.mean([i.matrix(name) for i in found], axis=(0, 1)), levels)


def test_levels_of_labels_at_different_times_are_refused():
    with pytest.raises(ValueError, match="must be of the same times"):
        labels_at_levels(ensembles(1) + ensembles(1, 2 * TIMES), "bond_breaking", [0.9])


def test_common_levels_are_the_means_at_each_place():
    kept = ensembles(2) + ensembles(2, 3 * TIMES, seed=3)
    levels = common_levels(kept, "broken_bonds")
    np.testing.assert_allclose(
        levels, np.mean([item.matrix("broken_bonds") for item in kept], axis=(0, 1))
    )


def test_means_that_differ_are_no_levels():
    fast = [
        IsoconfigurationalLabels(i.times, {"bond_breaking": i.averages["bond_breaking"] - 0.2}, 5)
        for i in ensembles(1)
    ]
    with pytest.raises(ValueError, match=r"mean bond_breaking at time number \d goes from"):
        common_levels(ensembles(1) + fast, "bond_breaking")
    with pytest.raises(ValueError, match="labels at 3 and at 9 times"):
        common_levels(ensembles(1) + ensembles(1, TIMES[:3]), "bond_breaking")


def test_particles_that_were_lost_from_sight_do_not_count():
    values = np.array([[0.9, 0.8], [0.7, 0.6], [0.5, 0.1]])
    lost = values.copy()
    lost[2] = np.nan
    ensembles = [
        IsoconfigurationalLabels([1.0, 10.0], {"bond_breaking": labels[None]}, 1)
        for labels in (values[:2], lost)
    ]
    np.testing.assert_allclose(common_levels(ensembles, "bond_breaking"), [0.8, 0.7])
    first, second = labels_at_levels(ensembles, "bond_breaking", [0.75])
    np.testing.assert_allclose(first.times, [10**0.5])
    np.testing.assert_allclose(second.matrix("bond_breaking"), [[0.85], [0.65], [np.nan]])
    lost[:, 1] = np.nan
    nothing = IsoconfigurationalLabels([1.0, 10.0], {"bond_breaking": lost[None]}, 1)
    with pytest.raises(ValueError, match="particles of configuration 1 is unknown at time number"):
        common_levels([ensembles[0], nothing], "bond_breaking")
