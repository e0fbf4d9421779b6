"""How far particles moved between two frames that were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .items import Structure

# Share of the smallest distance between faces of the box up to which the nearest image is believed:
# half of what is possible at all.
_BELIEVED = 0.25

SAME_PLACE = 1e-3
"""Frames in which no particle moved farther show the same: text files keep six digits, and in one
time step particles move farther."""

# So many particles are not all within a quarter of the box of where they were by chance.
_TELLING = 10

# Boxes count as equal up to this share of their length.
_SAME_BOX = 1e-6


def displacement_vectors(start: Structure, end: Structure) -> NDArray[np.float64]:
    """Displacement of each particle between two frames of one simulation.

    If both files have unwrapped positions (``xu yu zu``, image flags, images of GSD), this is their
    difference. Otherwise it is the shortest vector between periodic images, which is the true
    displacement as long as no particle moves by half the box. A particle that moves farther looks
    as if it had hardly moved. Displacements are therefore refused as soon as a single one is longer
    than a quarter of the smallest distance between faces of the box: the tail of the distribution
    shows between a quarter and a half, before it is folded back. Frames farther apart in time can
    be joined through the frames between them, by `unwrapped_structures`.

    In a field of view, an open box, particles come and go: those of `start` that `end` lacks have
    the displacement NaN.

    Parameters
    ----------
    start, end : Structure
        The same particles in the same box.

    Returns
    -------
    ndarray, shape (N, d), float64
        In units of sigma_AA, in the order of `start`.

    Raises
    ------
    ValueError
        If particles or boxes are not the same, or wrapped positions are too far apart.

    See Also
    --------
    vitreous.dynamics.displacement : distances, from positions.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.liquid import Box, Configuration
    >>> def frame(x):
    ...     box = Box.cube(10.0, 2)
    ...     return Structure(Configuration.wrapped([[x, 0.0]], [0], box, "A"),
    ...                      unwrapped=np.array([[x, 0.0]]))
    >>> displacement_vectors(frame(4.0), frame(13.5))
    array([[9.5, 0. ]])
    """
    if not start.configuration.box.is_periodic:
        return _between_fields(start, end)
    _require_same_particles(start, end)
    if start.unwrapped is not None and end.unwrapped is not None:
        return end.unwrapped - start.unwrapped
    return nearest_displacements(
        start,
        end,
        "positions are wrapped: others may have moved by a box; write unwrapped positions (xu yu "
        "zu, image flags) or frames that are closer in time",
    )


def nearest_displacements(start: Structure, end: Structure, remedy: str) -> NDArray[np.float64]:
    """Displacements (N, d) to the nearest images, whatever is known of unwrapped positions.

    Parameters
    ----------
    start, end : Structure
        The same particles in the same periodic box.
    remedy : str
        Why it is these, and what can be done if they are too long, for the error.

    Raises
    ------
    ValueError
        As `displacement_vectors`.
    """
    _require_same_particles(start, end)
    moved, farthest, distance, limit = _nearest(start, end)
    if distance > limit:
        raise ValueError(
            f"{_called(end)}: particle {_id(end, farthest)} moved by {distance:.3g} since "
            f"{_called(start)}, more than a quarter of the box ({limit:.3g}), and {remedy}"
        )
    return moved


def _nearest(start: Structure, end: Structure) -> tuple[NDArray[np.float64], int, float, float]:
    """Displacements to the nearest images, who moved farthest, how far, and what is believed."""
    box = start.configuration.box
    moved = box.minimum_image(end.configuration.positions - start.configuration.positions)
    lengths = np.linalg.norm(moved, axis=1)
    farthest = int(np.argmax(lengths))
    return moved, farthest, float(lengths[farthest]), _BELIEVED * box.plane_distances.min()


def unwrapped_structures(structures: Iterable[Structure]) -> Iterator[Structure]:
    """Follow particles from frame to frame of one trajectory, so that all have unwrapped positions.

    Frames that have them already stay as they are, unless images are counted anew, as where a run
    was continued. Each of
    the others gets the unwrapped positions of the frame before plus the displacement since then. A
    frame that repeats the last one, as files of a run that was continued begin with, is left out.

    Parameters
    ----------
    structures : iterable of Structure
        Frames in the order of time; only the current frame and the one before are in memory.

    Yields
    ------
    Structure

    Raises
    ------
    ValueError
        If known times do not rise; or as `displacement_vectors`, between neighbouring frames.

    Examples
    --------
    >>> from vitreous.datasets import Structure, unwrapped_structures
    >>> from vitreous.liquid import Box, Configuration
    >>> def frame(x):
    ...     return Structure(Configuration.wrapped([[x, 0.0]], [0], Box.cube(10.0, 2), "A"))
    >>> frames = [frame(4.0), frame(5.5), frame(7.0)]
    >>> [float(structure.unwrapped[0, 0]) for structure in unwrapped_structures(frames)]
    [4.0, 5.5, 7.0]
    """
    last: Structure | None = None
    # What image flags that count from elsewhere are short of.
    missing: NDArray[np.float64] | float = 0.0
    for structure in structures:
        if last is not None and _repeats(last, structure):
            continue
        if structure.unwrapped is None:
            positions = structure.configuration.positions
            if last is not None and last.unwrapped is not None:
                positions = last.unwrapped + displacement_vectors(last, structure)
        else:
            if last is not None:
                found = _missing_images(last, structure, missing)
                if structure.file != last.file or _differ_by_boxes(found - missing):
                    missing = found
            positions = structure.unwrapped + missing
        last = replace(structure, unwrapped=positions)
        yield last


def _repeats(last: Structure, structure: Structure) -> bool:
    """Whether a frame shows the last one again; refuse one that is earlier, or shows another."""
    if not structure.time <= last.time:
        return False
    if structure.time == last.time:
        start, end = last, structure
        if start.configuration.box.is_periodic:
            start, end = replace(last, unwrapped=None), replace(structure, unwrapped=None)
        moved = np.linalg.norm(displacement_vectors(start, end), axis=1)
        if np.nanmax(moved, initial=0.0) < SAME_PLACE:
            return True
    raise ValueError(
        f"{_called(structure)} is of time {structure.time:g}, and the frame before, "
        f"{_called(last)}, of {last.time:g}: frames of one trajectory follow each other in time; "
        "name its files in their order, and where a run counts time steps anew, number them on"
    )


def _missing_images(
    last: Structure, structure: Structure, missing: NDArray[np.float64] | float
) -> NDArray[np.float64] | float:
    """Find what unwrapped positions of a new file lack to go on from those of the last frame."""
    if not last.configuration.box.is_periodic:
        return missing
    assert last.unwrapped is not None
    assert structure.unwrapped is not None
    _require_same_particles(last, structure)
    moved, _, distance, limit = _nearest(last, structure)
    if distance > limit:  # which the positions alone do not tell
        return missing
    box = last.configuration.box
    images = np.rint(box.fractional(last.unwrapped + moved - structure.unwrapped))
    return images @ box.matrix.T if images.any() else 0.0


def _differ_by_boxes(change: NDArray[np.float64] | float) -> bool:
    """Whether particles lost boxes, each its own number, without having moved.

    So do images that are counted anew within a file, as in dumps that were joined to one. A box
    that all moved by is drift; and of a few particles all may be near their place again by chance.
    """
    boxes = np.atleast_1d(change)
    return len(boxes) >= _TELLING and bool(np.ptp(boxes, axis=0).any())


def without_drift(structures: Iterable[Structure]) -> Iterator[Structure]:
    """Subtract the motion that all particles share: of the stage, of the sample, of the camera.

    From frame to frame the mean displacement of the particles in both is added up, and taken from
    the unwrapped positions. With N particles that removes 1/N of their own motion, too.
    Configurations stay where they were seen.

    Parameters
    ----------
    structures : iterable of Structure
        Frames in the order of time, with unwrapped positions; only the current frame and the one
        before are in memory.

    Yields
    ------
    Structure

    Raises
    ------
    ValueError
        If two neighbouring frames have no particle in common, or no unwrapped positions.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.datasets import Structure, without_drift
    >>> from vitreous.liquid import Box, Configuration
    >>> def frame(x):
    ...     box = Box.cube(10.0, 2)
    ...     positions = np.array([[x, 0.0], [x + 1.0, 0.0]])
    ...     return Structure(Configuration(positions, [0, 0], box, "A"), unwrapped=positions)
    >>> [float(structure.unwrapped[0, 0]) for structure in without_drift([frame(0.0), frame(0.5)])]
    [0.0, 0.0]
    """
    last: Structure | None = None
    drift: NDArray[np.float64] | float = 0.0
    for structure in structures:
        if structure.unwrapped is None:
            raise ValueError(f"{_called(structure)} has no unwrapped positions to take drift from")
        if last is not None:
            moved = displacement_vectors(last, structure)
            seen = ~np.isnan(moved).any(axis=1)
            if not seen.any():
                raise ValueError(
                    f"{_called(structure)} and {_called(last)} have no particle in common, from "
                    "which the drift between them could be told"
                )
            drift = drift + moved[seen].mean(axis=0)
        last = structure
        yield replace(structure, unwrapped=structure.unwrapped - drift)


def _between_fields(start: Structure, end: Structure) -> NDArray[np.float64]:
    """Displacements in a field of view, NaN for particles that were lost."""
    before, after = start.configuration, end.configuration
    if before.box != after.box:
        raise ValueError(
            f"{_called(end)} and {_called(start)} have different fields of view, {after.box} and "
            f"{before.box}"
        )
    (ids, first), (other_ids, second) = _linked(start), _linked(end)
    _, rows, others = np.intersect1d(ids, other_ids, assume_unique=True, return_indices=True)
    names = (
        np.array(before.species)[before.types[rows]],
        np.array(after.species)[after.types[others]],
    )
    if different := np.flatnonzero(names[0] != names[1]).tolist():
        k = different[0]
        raise ValueError(
            f"{_called(end)} and {_called(start)}: particle {ids[rows[k]]} is of species "
            f"{names[1][k]} and of {names[0][k]}"
        )
    moved = np.full(before.positions.shape, np.nan)
    moved[rows] = second[others] - first[rows]
    return moved


def _linked(structure: Structure) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Ids and unwrapped positions, without which nobody can be followed in a field of view."""
    if structure.ids is None or structure.unwrapped is None:
        raise ValueError(
            f"{_called(structure)} does not tell which particle is which in all frames (a column "
            "particle); link them first, as with trackpy.link"
        )
    return structure.ids, structure.unwrapped


def _require_same_particles(start: Structure, end: Structure) -> None:
    before, after = start.configuration, end.configuration
    where = f"{_called(end)} and {_called(start)}"
    if before.n_particles != after.n_particles:
        raise ValueError(
            f"{where} hold {after.n_particles} and {before.n_particles} particles; displacements "
            "are between the same"
        )
    if start.ids is not None and end.ids is not None and not np.array_equal(start.ids, end.ids):
        row = int(np.flatnonzero(start.ids != end.ids)[0])
        raise ValueError(
            f"{where} hold different particles: one has the id {end.ids[row]}, and the other none "
            f"or another in its place, {start.ids[row]}"
        )
    names = [np.array(c.species)[c.types] for c in (before, after)]
    if different := np.flatnonzero(names[0] != names[1]).tolist():
        row = different[0]
        raise ValueError(
            f"{where}: particle {_id(end, row)} is of species {names[1][row]} and of "
            f"{names[0][row]}; write ids, by which particles are sorted"
        )
    if before.dimensions != after.dimensions or not np.allclose(
        before.box.matrix, after.box.matrix, rtol=0, atol=_SAME_BOX * max(before.box.lengths)
    ):
        raise ValueError(
            f"{where} have different boxes, {after.box} and {before.box}, in which displacements "
            "have no meaning"
        )


def _id(structure: Structure, row: int) -> int:
    return row if structure.ids is None else int(structure.ids[row])


def _called(structure: Structure) -> str:
    return structure.source or "a frame"
