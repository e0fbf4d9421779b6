"""How long loops are cut into calls."""

import numpy as np
import pytest

from vitreous.compiled import slices as module
from vitreous.compiled.slices import slices


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless a test moves it."""
    now = np.zeros(1)
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    return now


def durations(clock, n_steps, guess, seconds_per_step):
    """Run a loop and return the duration of each slice."""
    result, expected = [], 0
    for first, stop in slices(n_steps, guess):
        assert first == expected < stop <= n_steps
        expected = stop
        result.append(sum(seconds_per_step(step) for step in range(first, stop)))
        clock += result[-1]
    assert expected == n_steps
    return result


@pytest.mark.parametrize("factor", [0.01, 0.3, 1, 10])
def test_slices_take_a_quarter_of_a_second_however_wrong_the_guess(clock, factor):
    taken = durations(clock, 100_000, 1e-3 / factor, lambda step: 1e-3)
    assert max(taken[:-1]) == pytest.approx(0.25, rel=0.01) or factor == 10
    assert max(taken) < 0.501
    assert len(taken) < 410


def test_speed_that_changes_by_a_factor_of_two_keeps_slices_below_half_a_second(clock):
    taken = durations(clock, 10_000, 1e-3, lambda step: 1e-3 * (1 + (step > 3000)))
    assert max(taken) < 0.501


def test_steps_longer_than_a_slice_come_one_by_one(clock):
    assert durations(clock, 4, 1e-3, lambda step: 30.0)[1:] == []
    clock[:] = 0
    assert durations(clock, 4, 1.0, lambda step: 30.0) == [30.0] * 4


def test_short_loops_are_one_call_and_empty_ones_none(clock):
    assert list(slices(50, 1e-3)) == [(0, 50)]
    assert list(slices(0, 1e-3)) == []
