"""Tables of pair potentials as LAMMPS reads and writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PairTable = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Distances and energies, each of shape (n,)."""

# Median share by which forces may differ from the slope of the energies.
_FORCE_TOLERANCE = 0.05


def read_pair_table(path: str | Path) -> dict[str, PairTable]:
    r"""Read the sections of a file for ``pair_style table`` of LAMMPS, as ``pair_write`` makes it.

    A section is its keyword, a line ``N 500`` with more words that are not needed here, and N rows
    of index, distance, energy and force.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to (ndarray, ndarray)
        Distances and energies by keyword, for `TabulatedPotential.from_samples`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If there is no section, a row is missing or no row, distances do not rise, or forces are
        not the slope of the energies with its sign turned; names file and section.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> r = np.linspace(0.8, 2.0, 200)
    >>> rows = [f"{k + 1} {x} {x**-12} {12 * x**-13}" for k, x in enumerate(r.tolist())]
    >>> with TemporaryDirectory() as folder:
    ...     with open(f"{folder}/repulsion.table", "w") as file:
    ...         print("# soft spheres", "AA", "N 200 R 0.8 2.0", "", *rows, sep="\n", file=file)
    ...     distances, energies = read_pair_table(f"{folder}/repulsion.table")["AA"]
    >>> float(distances[0]), len(energies)
    (0.8, 200)
    """
    path = Path(path)
    lines = _meaningful(path.read_text(encoding="utf-8", errors="replace"))
    sections: dict[str, PairTable] = {}
    for words in lines:
        keyword = words[0]
        if keyword in sections:
            raise ValueError(f"{path}: there are two sections {keyword!r}")
        sections[keyword] = _section(path, keyword, lines)
    if not sections:
        raise ValueError(f"{path}: there is no table in it; a section begins with its keyword")
    return sections


def _meaningful(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            yield words


def _section(path: Path, keyword: str, lines: Iterator[list[str]]) -> PairTable:
    parameters = next(lines, [])
    if "N" not in parameters[:-1]:
        raise ValueError(
            f"{path}: after the keyword {keyword!r} comes {' '.join(parameters)[:60]!r} in place "
            "of a line such as 'N 500'; the file is that of pair_style table of LAMMPS"
        )
    count = parameters[parameters.index("N") + 1]
    if not count.isdigit() or int(count) < 6:
        raise ValueError(f"{path}: section {keyword!r} has N {count}; at least 6 rows are needed")
    table = np.empty((int(count), 3))
    for row in range(len(table)):
        words = next(lines, [])
        try:
            table[row] = [float(word) for word in words[1:4]]
        except ValueError:
            raise ValueError(
                f"{path}: row {row + 1} of {len(table)} of section {keyword!r} is "
                f"{' '.join(words)[:60]!r} in place of index, distance, energy and force"
            ) from None
    _require_sound(path, keyword, table)
    return table[:, 0], table[:, 1]


def _require_sound(path: Path, keyword: str, table: NDArray[np.float64]) -> None:
    if not np.isfinite(table).all():
        raise ValueError(f"{path}: section {keyword!r} holds numbers that are not finite")
    r, energies, forces = table.T
    if not (r[0] > 0 and (np.diff(r) > 0).all()):
        raise ValueError(f"{path}: the distances of section {keyword!r} must be positive and rise")
    slopes = -np.gradient(energies, r)[1:-1]
    scale = np.maximum(np.hypot(slopes, forces[1:-1]), np.finfo(float).tiny)
    off = np.median(np.abs(slopes - forces[1:-1]) / scale)
    if off > _FORCE_TOLERANCE:
        raise ValueError(
            f"{path}: the forces of section {keyword!r} are not -dE/dr of its energies (they "
            f"differ by {off:.0%}); check the order of the columns, signs and units"
        )
