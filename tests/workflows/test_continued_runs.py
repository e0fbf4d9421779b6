"""One trajectory in several files, as runs that went on from where others stopped leave it."""

import numpy as np
import pytest

from vitreous.datasets import read_gsd, read_structures, unwrapped_structures
from vitreous.liquid import KobAndersen2D
from vitreous.workflows import label

SYSTEM = KobAndersen2D()
START = SYSTEM.random_configuration(86, 0)
LENGTH = START.box.lengths[0]
RNG = np.random.default_rng(0)
STEPS = RNG.normal(0, 0.25, (20, 86, 2))
FRAMES = np.concatenate([START.positions[None], START.positions + np.cumsum(STEPS, axis=0)])


def write(path, numbers, *, columns="id type x y", images_since=None, clock=0, shuffled=False):
    """Dump frames; image flags count crossings since one of them."""
    path.parent.mkdir(exist_ok=True)
    rng = np.random.default_rng(1)
    text = []
    for number in numbers:
        wrapped = START.box.wrap(FRAMES[number])
        crossed = FRAMES[number] - wrapped
        if images_since is not None:
            crossed = crossed - (FRAMES[images_since] - START.box.wrap(FRAMES[images_since]))
        images = np.rint(crossed / LENGTH).astype(int)
        text += ["ITEM: TIMESTEP", str(number - clock), "ITEM: NUMBER OF ATOMS", "86"]
        text += ["ITEM: BOX BOUNDS pp pp pp", *2 * [f"{-LENGTH / 2!r} {LENGTH / 2!r}"]]
        text += ["-0.5 0.5", f"ITEM: ATOMS {columns}"]
        for k in rng.permutation(86) if shuffled else range(86):
            known = dict(zip(("x", "y"), wrapped[k].tolist(), strict=True))
            known |= dict(zip(("ix", "iy"), images[k].tolist(), strict=True))
            known |= {"id": k + 1, "type": START.types[k] + 1}
            text.append(" ".join(repr(known[c]) if c in "xy" else str(known[c])
                                 for c in columns.split()))  # fmt: skip
    path.write_text("\n".join(text) + "\n")
    return path


def labelled(folder, *files, **settings):
    return label(folder / "labels", SYSTEM, trajectory=files, temperature=0.4, time_step=1.0,
                 **{"lags": [2, 5]} | settings)  # fmt: skip


@pytest.mark.parametrize("first_of_second", [10, 11])
@pytest.mark.parametrize("hops", [{}, {"hop_window": 2.0}])
def test_files_follow_each_other_whether_the_last_frame_is_repeated(
    tmp_path, first_of_second, hops
):
    columns = "id type x y ix iy"
    one = write(tmp_path / "whole" / "run.dump", range(21), columns=columns)
    first = write(tmp_path / "a" / "run.dump", range(11), columns=columns)
    second = write(tmp_path / "b" / "run.dump", range(first_of_second, 21), columns=columns)
    whole = labelled(tmp_path / "whole", one, **hops)
    parts = labelled(tmp_path / "parts", first, second, **hops)
    assert [path.name for path in parts.files] == [
        "run_000000.gsd", "run_000005.gsd", "run_000010.gsd",
        f"run-2_{15 - first_of_second:06d}.gsd",
    ]  # fmt: skip
    assert len(whole.files) == 4
    for path, other in zip(parts.files, whole.files, strict=True):
        expected, found = read_gsd(other).labels, read_gsd(path).labels
        for name in expected.averages:
            np.testing.assert_array_equal(found.matrix(name), expected.matrix(name))


def test_images_that_are_counted_anew_go_on(tmp_path):
    columns = "id type x y ix iy"
    first = write(tmp_path / "a.dump", range(11), columns=columns)
    second = write(tmp_path / "b.dump", range(10, 16), columns=columns, images_since=10)
    third = write(tmp_path / "c.dump", range(16, 21), columns=columns, images_since=15)
    files = [first, second, third]
    frames = list(unwrapped_structures(read_structures(files, system=SYSTEM, time_step=1.0)))
    assert len(frames) == 21
    for number, frame in enumerate(frames):
        moved = frame.unwrapped - frames[0].unwrapped
        np.testing.assert_allclose(moved, FRAMES[number] - FRAMES[0], atol=1e-12)
    joined = tmp_path / "joined.dump"
    joined.write_text("".join(path.read_text() for path in files))
    frames = list(unwrapped_structures(read_structures(joined, system=SYSTEM, time_step=1.0)))
    assert len(frames) == 21
    np.testing.assert_allclose(frames[-1].unwrapped - frames[0].unwrapped, moved, atol=1e-12)
    crossed = np.abs(START.box.wrap(FRAMES[10]) - FRAMES[10]).max()
    assert crossed > LENGTH / 2  # there was something to go wrong


@pytest.mark.parametrize(
    ("files", "times"),
    [(("b", "a"), "0, and the frame before, .* of 20"), (("a", "anew"), "0, and .* of 10"),
     (("a", "other"), "10, and the frame before, .* of 10")],
)  # fmt: skip
def test_frames_that_do_not_follow_in_time_are_refused(tmp_path, files, times):
    write(tmp_path / "a.dump", range(11))
    write(tmp_path / "b.dump", range(11, 21))
    write(tmp_path / "anew.dump", range(11, 21), clock=11)
    write(tmp_path / "other.dump", range(12, 21), clock=2)
    with pytest.raises(ValueError, match=f"{files[1]}.dump, .* is of time {times}"):
        labelled(tmp_path, *(tmp_path / f"{name}.dump" for name in files), every=1.0)


def test_particles_without_ids_draw_a_warning(tmp_path):
    path = write(tmp_path / "run.dump", range(21), columns="type x y")
    with pytest.warns(UserWarning, match=r"run\.dump: its particles have no ids"):
        made = labelled(tmp_path, path)
    item = read_gsd(made.files[1])
    moved = np.linalg.norm(FRAMES[10] - FRAMES[5], axis=1)
    np.testing.assert_allclose(item.labels.at("displacement", 5.0), moved)


def test_runs_shorter_than_the_lags_say_how_long_they_are(tmp_path):
    path = write(tmp_path / "run.dump", range(4))
    with pytest.raises(ValueError, match="at all lags; all frames lie within 3: choose"):
        labelled(tmp_path, path)
    with pytest.raises(ValueError, match=r"at all lags; there are none after 2\.5: choose"):
        labelled(tmp_path, path, lags=[2, 2.5])


def test_groups_tell_runs_and_late_stretches_apart(tmp_path, monkeypatch):
    """Files of one name in different folders, and times that differ in their seventh digit."""
    groups = []
    for name, numbers in (("a", range(11)), ("b", range(10, 21))):
        write(tmp_path / name / "run.dump", numbers, clock=numbers[0] - 10_000_000)
        monkeypatch.chdir(tmp_path / name)
        made = label("labels", SYSTEM, trajectory="run.dump", temperature=0.4, time_step=1.0,
                     lags=[1, 2])  # fmt: skip
        assert made.n_groups == len(made.files) == 5
        groups += [read_gsd(path).group for path in made.files]
    assert len(set(groups)) == 10


def test_a_file_for_each_frame_makes_one_trajectory(tmp_path):
    """Names are sorted by their numbers, and origins that overlap are one group in all files."""
    for number in range(21):
        write(tmp_path / "frames" / f"run.{number}.dump", [number])
    write(tmp_path / "run.dump", range(21))
    parts = labelled(tmp_path / "parts", tmp_path / "frames" / "run.*.dump", every=1.0, stretch=4.0)
    whole = labelled(tmp_path / "whole", tmp_path / "run.dump", every=1.0, stretch=4.0)
    assert len(parts.files) == len(whole.files)
    assert parts.n_groups == whole.n_groups == 2
    np.testing.assert_array_equal(
        parts.functions.mean_square_displacement.value,
        whole.functions.mean_square_displacement.value,
    )
