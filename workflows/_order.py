"""Whose rows are whose in the frames of a trajectory."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator

from ..datasets import Structure, format_of


def in_known_order(structures: Iterable[Structure]) -> Iterator[Structure]:
    """Pass frames on; warn if nothing but their order tells who is who, and programs change it."""
    for number, structure in enumerate(structures):
        if number == 1:
            warn_of_order(structure)
        yield structure


def warn_of_order(structure: Structure) -> None:
    """Warn of a frame whose particles are compared with those of others, and have no ids."""
    if structure.ids is None and format_of(structure.file) == "lammps":
        warnings.warn(
            f"{structure.file}: its particles have no ids, and count as being in the same "
            "order in all frames, in which LAMMPS does not write them by itself; dump the "
            "column id",
            UserWarning,
            stacklevel=2,
        )
