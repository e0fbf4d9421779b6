import numpy as np
import pytest

from vitreous.simulate import logarithmic_times


@pytest.mark.parametrize("per_decade", [1, 3, 10, 40])
def test_times_are_distinct_steps_at_even_ratios(per_decade):
    times = logarithmic_times(0.02, 200.0, per_decade, time_step=0.02)
    steps = times / 0.02
    np.testing.assert_allclose(steps, np.rint(steps), rtol=1e-12)
    assert (np.diff(np.rint(steps)) >= 1).all()
    assert times[0] == pytest.approx(0.02)
    assert times[-1] == pytest.approx(200.0)
    # Far from the first steps, rounding no longer shows.
    ratios = times[1:] / times[:-1]
    np.testing.assert_allclose(ratios[times[:-1] > 20], 10 ** (1 / per_decade), rtol=0.03)


def test_ends_are_rounded_to_steps():
    np.testing.assert_allclose(logarithmic_times(0.013, 0.998, 1, time_step=0.01), [0.01, 0.11, 1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.001, 10.0, 5, 0.01), "first time"),
        ((10.0, 1.0, 5, 0.01), "10.0 and 1.0"),
        ((1.0, np.inf, 5, 0.01), "inf"),
        ((1.0, 10.0, 0, 0.01), "per_decade must be 1 or more, not 0"),
        ((1.0, 10.0, 5, 0.0), "time step must be positive"),
    ],
)
def test_impossible_grids_are_named(arguments, message):
    *grid, time_step = arguments
    with pytest.raises(ValueError, match=message):
        logarithmic_times(*grid, time_step=time_step)
