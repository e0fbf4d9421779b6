"""Reader of the BOTAN data files (Shiba et al., J. Chem. Phys. 158, 084503, 2023)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..dynamics import IsoconfigurationalLabels, displacement
from ..liquid import Configuration, KobAndersen
from ._errors import errors_name
from ._npz import read_npz
from .items import LabelledConfiguration

_KEYS = ("types", "initial_positions", "positions")

_FILE_NAME = re.compile(r"N(?P<n>\d+)T(?P<temperature>\d+\.\d+)_\d+_tc(?P<time_index>\d+)\.npz$")

# Times of the labels, by temperature and by the index tc in the file name (GlassBench README).
TIMES = {
    0.44: (0.13, 1.3, 13.0, 130.0, 412.0, 1300.0, 4120.0, 13000.0, 41200.0, 130000.0),
    0.50: (0.108, 0.434, 2.17, 6.86, 21.7, 68.6, 217.0, 686.0, 2170.0, 6860.0),
    0.56: (0.104, 0.33, 0.99, 1.65, 5.2, 16.5, 52.0, 165.0, 520.0, 1650.0),
    0.64: (0.032, 0.1, 0.165, 0.52, 1.65, 5.2, 16.5, 52.0, 165.0, 520.0),
}


def read_botan(path: str | Path) -> LabelledConfiguration:
    """Read one file of the BOTAN layout: a Kob-Andersen configuration and its replicas.

    The npz archive holds `types` (N,) 0/1, `initial_positions` (N, 3) in a cubic box [0, L) and
    `positions` (replicas, N, 3), unwrapped, at one later time. The box is not in the file: its side
    follows from N at density 1.2. Temperature and time are taken from the file name
    ``..._N{N}T{T}_{i}_tc{index}.npz``; both are NaN if the name does not give them.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    LabelledConfiguration
        With the displacement propensity.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not of this layout; names the file and what is wrong with it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from vitreous.datasets import read_botan
    >>> from vitreous.liquid import KobAndersen
    >>> start = np.random.default_rng(0).uniform(0, KobAndersen().box(10).lengths[0], (10, 3))
    >>> with TemporaryDirectory() as folder:
    ...     path = f"{folder}/KA_N10T0.44_1_tc05.npz"
    ...     replicas = [start + [0.1, 0.0, 0.0], start + [0.3, 0.0, 0.0]]
    ...     types = [0] * 8 + [1] * 2
    ...     np.savez(path, types=types, initial_positions=start, positions=replicas)
    ...     data = read_botan(path)
    >>> data.temperature, float(data.labels.times[0]), data.labels.at("displacement")[:2].round(6)
    (0.44, 412.0, array([0.2, 0.2]))
    """
    path = Path(path)
    temperature, time = _temperature_and_time(path.name)
    with errors_name(path):
        configuration, initial, replicas = _read_positions(path)
        mobility = [displacement(initial, positions)[:, None] for positions in replicas]
        labels = IsoconfigurationalLabels.from_replicas([time], {"displacement": mobility})
    return LabelledConfiguration(configuration, labels, KobAndersen().name, temperature, str(path))


def read_botan_ends(path: str | Path, n_ends: int) -> list[Configuration]:
    """Read where the first `n_ends` replicas of a file of the BOTAN layout end."""
    with errors_name(path):
        configuration, _, replicas = _read_positions(path)
        return [configuration.with_positions(positions) for positions in replicas[:n_ends]]


def _read_positions(path: str | Path) -> tuple[Configuration, NDArray, NDArray]:
    """Read the configuration, and the positions before wrapping: initial and of the replicas."""
    types, initial, replicas = _read_arrays(path)
    system = KobAndersen()
    box = system.box(len(types))
    if initial.min() < 0 or initial.max() > box.lengths[0] * (1 + 1e-6):
        raise ValueError(
            f"positions from {initial.min():g} to {initial.max():g} do not fill a box "
            f"[0, {box.lengths[0]:g}), which {len(types)} particles need at density 1.2"
        )
    configuration = Configuration.wrapped(initial, types, box, system.species)
    if not np.isfinite(replicas).all():
        raise ValueError("'positions' holds values that are not finite")
    side = box.lengths[0] * (1 + 1e-6)
    if (
        replicas.min() >= 0
        and replicas.max() <= side
        and np.abs(replicas - initial).max() > side / 2
    ):
        raise ValueError(
            "its 'positions' are wrapped: all lie inside the box, and some particles are farther "
            "than half of it from where they started, across its border; keep unwrapped ones"
        )
    return configuration, initial, replicas


def _read_arrays(path: str | Path) -> tuple[NDArray, NDArray, NDArray]:
    arrays = read_npz(path, _KEYS)
    types, initial, replicas = (arrays[key] for key in _KEYS)
    n_particles = len(types) if types.ndim == 1 else -1
    if initial.shape != (n_particles, 3) or replicas.shape[1:] != (n_particles, 3):
        raise ValueError(
            f"types, initial_positions and positions have shapes {types.shape}, "
            f"{initial.shape}, {replicas.shape}; (N,), (N, 3), (replicas, N, 3) are needed"
        )
    if not len(types):
        raise ValueError("there are no particles in it")
    if len(replicas) < 2:
        raise ValueError(f"{len(replicas)} replicas; at least 2 are needed")
    for array in (initial, replicas):
        if not np.issubdtype(array.dtype, np.floating):
            raise ValueError(f"positions are {array.dtype}, not floating-point numbers")
    return types, initial.astype(np.float64), replicas.astype(np.float64)


def _temperature_and_time(name: str) -> tuple[float, float]:
    match = _FILE_NAME.search(name)
    if match is None:
        return float("nan"), float("nan")
    temperature = float(match["temperature"])
    times = TIMES.get(temperature, ())
    index = int(match["time_index"])
    return temperature, times[index - 1] if 0 < index <= len(times) else float("nan")
