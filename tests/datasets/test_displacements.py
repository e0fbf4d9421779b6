"""Displacements between frames that were read are those of the simulation that was written."""

from dataclasses import replace

import gsd.hoomd
import numpy as np
import pytest

from vitreous.datasets import (
    Structure,
    displacement_vectors,
    iterate_structures,
    read_structures,
    unwrapped_structures,
)
from vitreous.dynamics import displacement
from vitreous.liquid import Box, Configuration, KobAndersen2D

N = 150
START = KobAndersen2D().random_configuration(N, 0)
LENGTH = START.box.lengths[0]


def walk(n_frames, step):
    """Unwrapped positions of a random walk, in the box and far out of it."""
    rng = np.random.default_rng(1)
    moves = rng.normal(0, step, (n_frames - 1, N, 2))
    return np.concatenate([START.positions[None], START.positions + np.cumsum(moves, axis=0)])


def frame_text(number, columns, rows, box=START.box):
    bounds = [f"{-length / 2!r} {length / 2!r}" for length in (*box.lengths, 1.0)]
    lines = ["ITEM: TIMESTEP", str(number), "ITEM: NUMBER OF ATOMS", str(len(rows)),
             "ITEM: BOX BOUNDS pp pp pp", *bounds, f"ITEM: ATOMS {columns}",
             *(" ".join(map(str, row)) for row in rows)]  # fmt: skip
    return "\n".join(lines) + "\n"


def write(path, positions, form):
    rng = np.random.default_rng(2)
    if form == "gsd":
        with gsd.hoomd.open(path, "w") as file:
            for unwrapped in positions:
                wrapped = START.box.wrap(unwrapped)
                frame = gsd.hoomd.Frame()
                frame.configuration.dimensions = 2
                frame.configuration.box = [LENGTH, LENGTH, 0, 0, 0, 0]
                frame.particles.N = N
                frame.particles.types = ["A", "B", "C"]
                frame.particles.typeid = START.types
                frame.particles.position = np.pad(wrapped, ((0, 0), (0, 1)))
                images = np.rint((unwrapped - wrapped) / LENGTH)
                frame.particles.image = np.pad(images, ((0, 0), (0, 1)))
                file.append(frame)
        return
    text = []
    for number, unwrapped in enumerate(positions):
        wrapped = START.box.wrap(unwrapped)
        images = np.rint((unwrapped - wrapped) / LENGTH).astype(int)
        ids, kinds = np.arange(N) + 1, START.types + 1
        columns, values = {
            "xu": ("id type xu yu", [unwrapped]),
            "x": ("id type x y", [wrapped]),
            "images": ("id type x y ix iy", [wrapped, images]),
            "xsu": ("id type xsu ysu", [unwrapped / LENGTH + 0.5]),
            "xs images": ("id type ix iy xs ys", [images, wrapped / LENGTH + 0.5]),
        }[form]
        rows = [(i, t, *(v for value in values for v in value[row].tolist()))
                for row, (i, t) in enumerate(zip(ids, kinds, strict=True))]  # fmt: skip
        text.append(frame_text(number, columns, [rows[k] for k in rng.permutation(N)]))
    path.write_text("".join(text))


@pytest.mark.parametrize("form", ["xu", "images", "xsu", "xs images", "gsd"])
def test_unwrapped_positions_are_kept_beside_the_wrapped(tmp_path, form):
    positions = walk(5, 0.8 * LENGTH)
    assert np.abs(positions[-1]).max() > 2 * LENGTH
    write(tmp_path / "a", positions, form)
    structures = read_structures(tmp_path / "a")
    atol = 1e-4 if form == "gsd" else 1e-9
    for structure, unwrapped in zip(structures, positions, strict=True):
        np.testing.assert_allclose(structure.unwrapped, unwrapped, atol=atol)
        inside = structure.configuration.positions
        assert np.abs(inside).max() <= LENGTH / 2
        np.testing.assert_allclose(START.box.minimum_image(inside - unwrapped), 0, atol=atol)
    moved = displacement_vectors(structures[0], structures[-1])
    np.testing.assert_allclose(moved, positions[-1] - positions[0], atol=atol)
    # What read positions alone give, as wrapped readers did, is wrong by whole boxes.
    naive = displacement(structures[0].configuration.positions,
                         structures[-1].configuration.positions)  # fmt: skip
    right = displacement(structures[0].unwrapped, structures[-1].unwrapped)
    np.testing.assert_allclose(right, np.linalg.norm(moved, axis=1))
    assert (naive < right - LENGTH / 2).any()


def test_replicas_and_their_start_in_two_files(tmp_path):
    positions = walk(2, 0.4)
    write(tmp_path / "start", positions[:1], "xu")
    write(tmp_path / "end", positions[1:] + LENGTH * np.array([0, 0]), "xu")
    (start,), (end,) = (read_structures(tmp_path / name) for name in ("start", "end"))
    moved = displacement_vectors(start, end)
    np.testing.assert_allclose(moved, positions[1] - positions[0], atol=1e-12)
    crossed = np.abs(START.box.wrap(positions[1]) - positions[1]).max(axis=1) > 1
    assert crossed.sum() > 2


def test_wrapped_frames_close_in_time_and_too_far_apart(tmp_path):
    positions = walk(20, 0.3)
    write(tmp_path / "a.dump", positions, "x")
    frames = read_structures(tmp_path / "a.dump")
    assert all(frame.unwrapped is None for frame in frames)
    moved = displacement_vectors(frames[0], frames[1])
    np.testing.assert_allclose(moved, positions[1] - positions[0], atol=1e-9)
    with pytest.raises(ValueError, match=r"time step 19: particle \d+ moved by .* quarter of the "):
        displacement_vectors(frames[0], frames[-1])
    followed = list(unwrapped_structures(iterate_structures(tmp_path / "a.dump")))
    total = displacement_vectors(followed[0], followed[-1])
    np.testing.assert_allclose(total, positions[-1] - positions[0], atol=1e-9)


def test_frames_that_have_nothing_in_common(tmp_path):
    write(tmp_path / "a.dump", walk(1, 0.1), "xu")
    (known,) = read_structures(tmp_path / "a.dump", species="ABC")
    c = known.configuration
    fewer = Configuration(c.positions[1:], c.types[1:], c.box, c.species)
    larger = Configuration(c.positions, c.types, Box.cube(1.01 * LENGTH, 2), c.species)
    for other, message in (
        (replace(known, configuration=fewer), "hold 149 and 150 particles"),
        (replace(known, configuration=larger), "different boxes"),
        (replace(known, ids=known.ids + 1), "different particles: one has the id 2"),
        (replace(known, configuration=c.with_types(c.types[::-1])), "is of species C and of A"),
    ):
        with pytest.raises(ValueError, match=message):
            displacement_vectors(known, other)


def test_structures_made_by_hand():
    start = Structure(START)
    end = Structure(START.with_positions(START.positions + 0.5))
    np.testing.assert_allclose(displacement_vectors(start, end), 0.5, atol=1e-12)
