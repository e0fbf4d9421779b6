"""Reader of the DeepMind glassy-dynamics data (Bapst et al., Nat. Phys. 16, 448, 2020)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dynamics import (
    BondBreaking,
    IsoconfigurationalAverage,
    IsoconfigurationalLabels,
    displacement,
)
from ..liquid import Box, Configuration, KobAndersen
from ._errors import errors_name
from ._unpickling import PickledArray, load_plain
from .items import LabelledConfiguration

# Replicas whose displacements are averaged in `targets` (Bapst et al.).
_N_REPLICAS = 30


def read_deepmind(path: str | Path) -> LabelledConfiguration:
    """Read one pickle of the DeepMind layout: a Kob-Andersen configuration and its replicas.

    The dictionary holds ``positions`` (N, 3), ``types`` (N,) 0/1, ``box`` (3,), ``time`` with all
    times of a trajectory, ``time_indices`` with the places of the labels among them, ``metadata``
    with the temperature, and ``trajectory_target_positions[time][replica]`` (N, 3), unwrapped.

    Loading a pickle in the usual way runs code from it. This reader accepts only arrays of numbers,
    lists, tuples, dictionaries, text and numbers. It refuses everything else before any code is
    run, and looks up nothing in any module.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    LabelledConfiguration
        With the displacement propensity and the bond-breaking correlation at all times. Some files
        keep the trajectories at only one time, with averages of the displacement at all times as
        ``targets``. From these only the averages are read; their halves, and so the noise ceiling,
        are unknown.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not of this layout or holds anything that could run code; names the file.

    Examples
    --------
    >>> import pickle
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import read_deepmind
    >>> stored = {"positions": [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], "types": [0, 1],
    ...           "box": [5.0, 5.0, 5.0], "time": [0.0, 130.0], "time_indices": [1],
    ...           "targets": [[0.1, 0.3]], "metadata": {"temperature": 0.44}}
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "liquid.pickle").write_bytes(pickle.dumps(stored))
    ...     data = read_deepmind(f"{folder}/liquid.pickle")
    >>> data.temperature, float(data.labels.times[0]), data.labels.at("displacement")
    (0.44, 130.0, array([0.1, 0.3]))
    """
    path = Path(path)
    with errors_name(path, "pickle of the DeepMind layout"):
        data = path.read_bytes()
        return _labelled(load_plain(data), len(data), str(path))


def _labelled(stored: Any, size: int, source: str) -> LabelledConfiguration:
    if not isinstance(stored, dict):
        raise ValueError(f"it holds a {type(stored).__name__}, not a dict")
    missing = [key for key in ("positions", "types", "box", "time", "time_indices")
               if key not in stored]  # fmt: skip
    if missing:
        there = ", ".join(key for key in stored if isinstance(key, str))[:200]
        raise ValueError(f"{', '.join(missing)} missing; it holds {there or 'nothing'}")
    system = KobAndersen()
    positions = _array(stored["positions"], (None, 3))
    n_particles = len(positions)
    types = _array(stored["types"], (n_particles,)).astype(np.int64)
    box = Box(tuple(_array(stored["box"], (3,))))
    configuration = Configuration.wrapped(positions, types, box, system.species)
    all_times = np.array([float(time) for time in stored["time"]])
    times = all_times[[int(index) for index in stored["time_indices"]]]
    targets = stored.get("targets")
    if targets is not None:
        _require_held(len(targets) * n_particles, size)
        averages = [_array(values, (n_particles,)) for values in targets]
        labels = IsoconfigurationalLabels(
            times, {"displacement": np.stack(averages, axis=-1)[None]}, _N_REPLICAS
        )
    else:
        labels = _average(configuration, positions, times, _trajectories(stored, n_particles, size))
    temperature = float(dict(stored.get("metadata", {})).get("temperature", np.nan))
    return LabelledConfiguration(configuration, labels, system.name, temperature, source)


def _trajectories(
    stored: dict[str, Any], n_particles: int, size: int
) -> list[list[NDArray[np.float64]]]:
    """Positions (N, 3) at all times of all replicas, which the file must really hold."""
    kept = stored.get("trajectory_target_positions")
    if kept is None:
        raise ValueError("it has neither trajectory_target_positions nor targets")
    counts = {len(replicas) for replicas in kept}
    if len(counts) != 1 or min(counts) < 2:
        raise ValueError(f"there are {sorted(counts)} replicas; at least 2 are needed, the same "
                         "number at all times")  # fmt: skip
    _require_held(len(kept) * min(counts) * n_particles * 3, size)
    trajectories = [
        [_array(positions, (n_particles, 3)) for positions in replicas] for replicas in kept
    ]
    return trajectories


def _average(
    configuration: Configuration,
    initial: NDArray[np.float64],
    times: NDArray[np.float64],
    trajectories: list[list[NDArray[np.float64]]],
) -> IsoconfigurationalLabels:
    if len(trajectories) != len(times):
        raise ValueError(
            f"there are trajectories at {len(trajectories)} times and {len(times)} time_indices"
        )
    broken = BondBreaking(KobAndersen(), configuration)
    average = IsoconfigurationalAverage(times)
    for replica in zip(*trajectories, strict=True):
        average.add(
            {
                "displacement": displacement(initial, np.array(replica)).T,
                "bond_breaking": np.stack([broken(positions) for positions in replica], axis=-1),
            }
        )
    return average.labels()


def _array(value: Any, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
    array = value.array if isinstance(value, PickledArray) else np.array(value, dtype=np.float64)
    if len(array.shape) != len(shape) or any(
        wanted not in (None, length) for wanted, length in zip(shape, array.shape, strict=True)
    ):
        raise ValueError(f"an array has the shape {array.shape}, not {shape}")
    if not np.isfinite(array).all():
        raise ValueError("an array holds values that are not finite")
    return np.asarray(array, dtype=np.float64)


def _require_held(n_numbers: int, size: int) -> None:
    """Refuse more numbers than the file has room for: a pickle may name one array many times."""
    if n_numbers * 2 > size:
        raise ValueError(f"it refers to {n_numbers} numbers in {size} bytes")
