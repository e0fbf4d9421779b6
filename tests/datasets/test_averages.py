"""Positions averaged over the time before a frame."""

import numpy as np
import pytest

from vitreous.datasets import (
    LabelledConfiguration,
    Structure,
    past_averages,
    read_gsd,
    read_structures,
    unwrapped_structures,
    write_gsd,
)
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import Box, Configuration

BOX = Box.cube(8.0, 2)


def trajectory(times, seed=0):
    """A random walk across the faces of the box, with wrapped positions."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.4, (len(times), 5, 2))
    walk = rng.uniform(-4, 4, (5, 2)) + steps.cumsum(axis=0)
    frames = [
        Structure(
            Configuration.wrapped(positions, [0] * 5, BOX, "A"), time=time, source=f"frame {k}"
        )
        for k, (time, positions) in enumerate(zip(times, walk, strict=True))
    ]
    return walk, frames


def test_averages_are_means_over_frames_of_the_past():
    times = np.array([0.0, 1.0, 2.0, 2.5, 4.0, 5.0, 5.5, 7.0])
    walk, frames = trajectory(times)
    found = list(past_averages(unwrapped_structures(frames), 2.0))
    assert [frame.time for frame in found] == times[times >= 2].tolist()
    for frame in found:
        inside = (times <= frame.time) & (times >= frame.time - 2)
        shift = frame.configuration.positions - walk[times == frame.time][0]
        np.testing.assert_allclose(frame.average, walk[inside].mean(axis=0) + shift, atol=1e-12)


@pytest.mark.parametrize(
    ("times", "duration", "message"),
    [
        ([0.0, 1.0], 0.0, "needs a positive duration, not 0"),
        ([0.0, np.nan], 1.0, "frame 1 has no time"),
        ([0.0, 1.0, 1.0], 5.0, "frame 2 is of time 1, and the frame before of 1"),
        ([0.0, 3.0], 2.0, "frame 1: the frame before is more than 2 earlier"),
    ],
)
def test_what_has_no_average_is_refused(times, duration, message):
    _, frames = trajectory(times)
    with pytest.raises(ValueError, match=message):
        list(past_averages(frames, duration))


def test_averages_are_kept_in_labelled_files_and_are_no_label(tmp_path):
    _, frames = trajectory([0.0, 1.0])
    labels = IsoconfigurationalLabels([1.0], {"displacement": np.ones((1, 5, 1))}, 1)
    average = frames[0].configuration.positions + 0.1
    data = LabelledConfiguration(
        frames[0].configuration, labels, "mine", 1.0, "run", average=average, averaged_over=3.0
    )
    write_gsd(data, tmp_path / "one.gsd")
    again = read_gsd(tmp_path / "one.gsd")
    np.testing.assert_array_equal(again.average, average)
    assert again.averaged_over == 3.0
    assert again.labels.names == ("displacement",)
    assert read_structures(tmp_path / "one.gsd")[0].average is None
    with pytest.raises(ValueError, match=r"average positions have the shape \(4, 2\)"):
        LabelledConfiguration(frames[0].configuration, labels, "mine", 1.0, "", average=average[1:])
