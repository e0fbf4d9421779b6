"""Hops are found where they are, by the formula as it is written."""

import numpy as np
import pytest

from vitreous.dynamics import hop_classes, hop_indicator, residence_times
from vitreous.dynamics.hops import HopWindow, ResidenceRecord


def by_the_formula(positions, half):
    """Both averages over the frames of A and B, one particle and frame at a time."""
    n_frames, n_particles, _ = positions.shape
    found = np.full((n_frames, n_particles), np.nan)
    for t in range(half, n_frames - half):
        for i in range(n_particles):
            before, after = positions[t - half : t + 1, i], positions[t : t + half + 1, i]
            from_after = ((before - after.mean(axis=0)) ** 2).sum(axis=1).mean()
            from_before = ((after - before.mean(axis=0)) ** 2).sum(axis=1).mean()
            found[t, i] = np.sqrt(from_after * from_before)
    return found


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("half", [1, 4])
def test_indicator_against_the_formula(dimensions, half):
    rng = np.random.default_rng(half)
    positions = np.cumsum(0.3 * rng.normal(size=(15, 6, dimensions)), axis=0)
    found = hop_indicator(positions, half)
    np.testing.assert_allclose(found, by_the_formula(positions, half), rtol=1e-11)


def test_indicator_far_from_the_origin():
    """A trajectory 10^8 away has the same hops, to the rounding of its positions."""
    rng = np.random.default_rng(0)
    near = np.round(rng.normal(size=(11, 3, 2)), 3) * 2.0**-3
    near = np.round(near * 1024) / 1024
    np.testing.assert_array_equal(
        np.isnan(hop_indicator(near + 2.0**27, 2)), np.isnan(hop_indicator(near, 2))
    )
    np.testing.assert_allclose(hop_indicator(near + 2.0**27, 2), hop_indicator(near, 2), rtol=1e-9)


def test_a_jump_is_worth_the_square_of_its_length():
    positions = np.zeros((401, 1, 3))
    positions[200:, 0] = 0.6
    found = hop_indicator(positions, half_window=100)[:, 0]
    assert np.nanargmax(found) in (199, 200)
    np.testing.assert_allclose(np.nanmax(found), 3 * 0.36, rtol=0.02)


def test_frames_in_which_a_particle_is_missing_have_no_hops():
    positions = np.zeros((9, 2, 2))
    positions[4, 1] = np.nan
    found = hop_indicator(positions, 2)
    assert not np.isnan(found[2:7, 0]).any()
    assert np.isnan(found[2:7, 1]).all()


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="a half window must hold a frame"):
        hop_indicator(np.zeros((5, 2, 2)), 0)
    with pytest.raises(ValueError, match=r"shape \(T, N, d\)"):
        hop_indicator(np.zeros((5, 2)), 1)
    with pytest.raises(ValueError, match="must not be the larger"):
        hop_classes([0.1], hop_above=0.05, quiet_below=0.2)


def test_classes():
    found = hop_classes([[0.0, 0.05], [0.2, 0.21]])
    np.testing.assert_array_equal(found, [[0, -1], [-1, 1]])


def residences_by_hand(times, indicator, above):
    found = []
    for column in indicator.T:
        hops, stretch = [], []
        for time, value in [*zip(times, column, strict=True), (np.inf, 0.0)]:
            if value > above:
                stretch.append((value, -time))
            elif stretch:
                hops.append(-max(stretch)[1])
                stretch = []
        found += list(np.diff(hops))
    return sorted(found)


def test_residence_times_by_hand():
    rng = np.random.default_rng(4)
    indicator = rng.uniform(0, 0.5, size=(60, 7))
    times = np.cumsum(rng.uniform(0.5, 1.5, size=60))
    found = residence_times(times, indicator, 0.3)
    assert len(found) > 50
    np.testing.assert_allclose(np.sort(found), residences_by_hand(times, indicator, 0.3))


def test_residence_times_of_particles_that_come_and_go():
    """A particle that was gone for a while may have hopped unseen: that stay is not counted."""
    record = ResidenceRecord(0.2)
    hop, rest = np.array([0.5, 0.5]), np.array([0.0, 0.0])
    record.add(0.0, hop, np.array([3, 8]))
    record.add(1.0, rest, np.array([3, 8]))
    record.add(2.0, np.array([0.0]), np.array([8]))
    record.add(3.0, rest, np.array([3, 8]))
    record.add(5.0, hop, np.array([3, 8]))
    np.testing.assert_array_equal(record.times(), [5.0])


def test_frame_by_frame_as_all_at_once():
    rng = np.random.default_rng(1)
    positions = rng.normal(size=(12, 5, 2))
    window = HopWindow(3.0)
    found = [window.add(0.5 * t, x) for t, x in enumerate(positions)]
    assert found[:6] == [None] * 6
    expected = hop_indicator(positions, 3)
    np.testing.assert_allclose([indicator for indicator, _ in found[6:]], expected[3:-3])


def test_frame_by_frame_of_particles_that_come_and_go():
    rng = np.random.default_rng(2)
    positions, ids = rng.normal(size=(5, 4, 2)), np.array([2, 3, 5, 9])
    window = HopWindow(4.0)
    for t in range(4):
        seen = [0, 2, 3] if t == 1 else [0, 1, 2, 3]
        assert window.add(float(t), positions[t, seen], ids[seen]) is None
    indicator, common = window.add(4.0, positions[4, :3], ids[:3])
    np.testing.assert_array_equal(common, [2, 5])
    np.testing.assert_allclose(indicator, hop_indicator(positions, 2)[2, [0, 2]])


def test_uneven_frames_are_refused():
    window = HopWindow(4.0)
    window.add(0.0, np.zeros((1, 2)))
    window.add(1.0, np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"1 and 3 are 2 apart, and those before 1"):
        window.add(3.0, np.zeros((1, 2)))
    window = HopWindow(3.0)
    window.add(0.0, np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"is 3, and frames are 1 apart: it must be 2, 4, 6"):
        window.add(1.0, np.zeros((1, 2)))
