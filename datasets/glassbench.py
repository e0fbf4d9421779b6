"""Reader and writer of GlassBench files (Jung et al., arXiv:2311.14752, Zenodo 10118191)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..dynamics import (
    BondBreaking,
    IsoconfigurationalAverage,
    IsoconfigurationalLabels,
)
from ..liquid import Configuration, KobAndersen, KobAndersen2D, System
from ..storage.atomic import atomic_path
from ._errors import errors_name
from ._npz import read_npz
from .botan import TIMES as _TIMES_KA
from .items import LabelledConfiguration

State = Literal["thermal", "inherent", "cage"]

_SYSTEMS: dict[int, System] = {3: KobAndersen(), 2: KobAndersen2D()}

# Times by temperature in the file name, and by the index tc that the names of trajectories have.
_TIMES_KA2D = {
    0.30: dict(zip(range(1, 7), (0.11, 1.25, 14.14, 158.74, 1781.79, 20000.0), strict=True)),
    0.23: dict(
        zip(
            range(5, 41, 5),
            (0.1, 1.1, 11.64, 122.47, 1288.41, 13554.0, 142587.0, 1.5e6),
            strict=True,
        )
    ),
}
_TIMES = {
    "KA": {
        temperature: dict(enumerate(times, start=1)) for temperature, times in _TIMES_KA.items()
    },
    "KA2D": _TIMES_KA2D,
}

# Replicas in an average of the models folders.
_N_REPLICAS = {"KA": 32, "KA2D": 20}

# The files called T0.23 were simulated at 0.231.
_EXACT_TEMPERATURE = {("KA2D", 0.23): 0.231}

_LABELS = {"md_prop": "displacement", "bb_prop": "bond_breaking"}

_POSITIONS = {
    "thermal": "initial_positions",
    "inherent": "initial_positions_inherent",
    "cage": "initial_positions_cage",
}

_FILE_NAME = re.compile(r"N\d+T(?P<temperature>\d+\.\d+)_\d+(?:_tc(?P<index>\d+))?")


def read_glassbench(path: str | Path, state: State = "thermal") -> LabelledConfiguration:
    """Read one file of GlassBench: of `KA_models`, `KA2D_models` or `KA2D_trajectories`.

    All are npz archives with ``types`` (N,) from 1, ``initial_positions`` (N, d),
    ``initial_positions_inherent`` and, for some, ``initial_positions_cage``. The models folders
    have ``md_prop`` and ``bb_prop`` (T, N), the displacement propensity and the bond-breaking
    correlation, averaged over all replicas; the trajectories ``positions`` (replicas, N, d) at one
    time, from which both labels are computed here. Three dimensions mean the Kob-Andersen mixture,
    two KA2D.

    The box is not in the files: its side follows from N at the density of the system. Temperature
    and times are taken from the published tables by the name of the file, ``N1290T0.30_3.npz`` or
    ``N1290T0.30_3_tc01.npz``; files of `write_glassbench` hold them. They are NaN if neither gives
    them.

    Parameters
    ----------
    path : str or Path
    state : {"thermal", "inherent", "cage"}
        Which positions the labels come with; replicas always start from the thermal ones.

    Returns
    -------
    LabelledConfiguration
        With the labels ``displacement`` and ``bond_breaking``. Labels from the models folders have
        no halves, so that their noise ceiling is unknown (NaN).

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not of this layout or has no positions of that state; names the file.

    Notes
    -----
    Displacements in trajectories are taken to the nearest periodic image, because some files are
    wrapped and some are not: a particle that moved by more than half the box looks less mobile
    than it was.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import load_ka2d, write_glassbench
    >>> sample = load_ka2d()
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "N1290T0.50_1.npz")
    ...     write_glassbench(sample.data[0], path, sample.inherent[0])
    ...     data = read_glassbench(path, state="inherent")
    >>> data.configuration
    Configuration(600 A, 330 B, 360 C; Box(lengths=(32.8962, 32.8962), tilts=(0.0,)))
    >>> data.labels.matrix("bond_breaking").shape, data.labels.has_halves("bond_breaking")
    ((1290, 3), False)
    """
    if state not in _POSITIONS:
        raise ValueError(f"state must be one of {', '.join(_POSITIONS)}, not {state!r}")
    path = Path(path)
    stored = _read(path)
    with errors_name(path):
        thermal, system = _configuration(stored, "thermal")
        configuration = thermal if state == "thermal" else _configuration(stored, state)[0]
        temperature, index = _from_name(path.name)
        if "temperature" in stored:
            temperature = float(str(stored["temperature"][()]))
        times = _TIMES[system.name].get(temperature, {})
        if "positions" in stored:
            time = times.get(index, float("nan")) if index is not None else float("nan")
            labels = _labels_of_replicas(stored["positions"], thermal, system, time)
        else:
            labels = _labels_of_averages(stored, thermal.n_particles, system, list(times.values()))
        temperature = _EXACT_TEMPERATURE.get((system.name, temperature), temperature)
        return LabelledConfiguration(configuration, labels, system.name, temperature, str(path))


def read_glassbench_ends(path: str | Path, n_ends: int) -> list[Configuration]:
    """Read where the first `n_ends` replicas of a file end; those of averages have none."""
    stored = _read(path)
    if "positions" not in stored:
        return []
    with errors_name(path):
        configuration, _ = _configuration(stored, "thermal")
        return [configuration.with_positions(ends) for ends in stored["positions"][:n_ends]]


def write_glassbench(
    data: LabelledConfiguration, path: str | Path, inherent: Configuration | None = None
) -> None:
    """Write a labelled configuration in the layout of the models folders of GlassBench.

    The keys ``times`` and ``temperature`` are added to the published ones; in GlassBench itself
    they follow from the names of the files. The layout cannot hold the halves of the replicas,
    their number, or the verdict on equilibrium: write GSD files to keep these.

    Parameters
    ----------
    data : LabelledConfiguration
        Configuration of KA or KA2D at its density, with displacements, bond breaking or both.
    path : str or Path
        An older file is replaced.
    inherent : Configuration, optional
        Inherent structure; the file has an empty array without it, as some published ones do.

    Raises
    ------
    ValueError
        If the data are of another system or box, or have none of these labels.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from vitreous.datasets import load_ka2d, write_glassbench
    >>> sample = load_ka2d().data[0]
    >>> with TemporaryDirectory() as folder:
    ...     write_glassbench(sample, f"{folder}/N1290T0.50_1.npz")
    ...     with np.load(f"{folder}/N1290T0.50_1.npz") as stored:
    ...         propensity = stored["md_prop"]
    >>> propensity.shape, bool((propensity.T == sample.labels.matrix("displacement")).all())
    ((3, 1290), True)
    """
    configuration, labels = data.configuration, data.labels
    system = _SYSTEMS[configuration.dimensions]
    if data.system != system.name:
        raise ValueError(f"the GlassBench layout is of KA and KA2D, not of {data.system}")
    configuration.box.require_periodic("the GlassBench layout")
    _require_box(system, configuration.n_particles, configuration.box.matrix)
    averages = {
        key: labels.matrix(name).T for key, name in _LABELS.items() if name in labels.averages
    }
    if not averages:
        raise ValueError(
            f"there is neither displacement nor bond_breaking among the labels "
            f"{', '.join(labels.averages)}"
        )
    with atomic_path(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            types=configuration.types.astype(np.int64) + 1,
            initial_positions=configuration.positions,
            initial_positions_inherent=np.empty(0) if inherent is None else inherent.positions,
            times=labels.times,
            temperature=np.array(data.temperature),
            **averages,
        )


def _read(path: str | Path) -> dict[str, NDArray[Any]]:
    return read_npz(
        path,
        ("types", "initial_positions"),
        (*list(_POSITIONS.values())[1:], "positions", *_LABELS, "box", "times", "temperature"),
    )


def _configuration(stored: dict[str, NDArray[Any]], state: State) -> tuple[Configuration, System]:
    types, positions = stored["types"], stored.get(_POSITIONS[state], np.empty(0))
    if not positions.size:
        raise ValueError(f"there are no {_POSITIONS[state]} in it")
    _require_floats(_POSITIONS[state], positions)
    if types.ndim != 1 or positions.ndim != 2 or positions.shape[1] not in _SYSTEMS:
        raise ValueError(
            f"types and {_POSITIONS[state]} have shapes {types.shape} and {positions.shape}; (N,) "
            "and (N, 2) or (N, 3) are needed"
        )
    if not np.issubdtype(types.dtype, np.integer):
        raise ValueError(f"types are {types.dtype}, not integers")
    system = _SYSTEMS[positions.shape[1]]
    box = system.box(len(types))
    if "box" in stored:
        _require_box(system, len(types), np.diag(np.broadcast_to(stored["box"], box.dimensions)))
    return Configuration.wrapped(positions, types.astype(np.int64) - 1, box, system.species), system


def _require_box(system: System, n_particles: int, matrix: NDArray[np.float64]) -> None:
    expected = system.box(n_particles)
    if not np.allclose(matrix, expected.matrix, rtol=1e-4, atol=1e-4):
        raise ValueError(
            f"the box is {matrix.tolist()}; {n_particles} particles of {system.name} take one of "
            f"side {expected.lengths[0]:g} in this layout, which does not keep the box"
        )


def _labels_of_replicas(
    replicas: NDArray[Any], configuration: Configuration, system: System, time: float
) -> IsoconfigurationalLabels:
    shape = configuration.positions.shape
    if replicas.shape[1:] != shape or len(replicas) < 2:
        raise ValueError(
            f"positions have shape {replicas.shape}; (replicas, {shape[0]}, {shape[1]}) with at "
            "least 2 replicas is needed"
        )
    _require_floats("positions", replicas)
    broken = BondBreaking(system, configuration)
    average = IsoconfigurationalAverage([time])
    for positions in replicas.astype(np.float64):
        moved = configuration.box.minimum_image(positions - configuration.positions)
        average.add(
            {
                "displacement": np.linalg.norm(moved, axis=1)[:, None],
                "bond_breaking": broken(positions)[:, None],
            }
        )
    return average.labels()


def _labels_of_averages(
    stored: dict[str, NDArray[Any]], n_particles: int, system: System, published: list[float]
) -> IsoconfigurationalLabels:
    found = {name: stored[key] for key, name in _LABELS.items() if key in stored}
    if not found:
        raise ValueError("there are no labels in it: none of positions, md_prop and bb_prop")
    shapes = {values.shape for values in found.values()}
    shape = shapes.pop()
    if shapes or len(shape) != 2 or shape[1] != n_particles:
        raise ValueError(
            f"labels have shapes {', '.join(str(v.shape) for v in found.values())}; "
            f"(times, {n_particles}) is needed"
        )
    times = stored["times"] if "times" in stored else np.array(published)
    if "times" not in stored and not published:
        times = np.full(shape[0], np.nan)
    if times.shape != shape[:1]:
        raise ValueError(f"there are labels at {shape[0]} times, and {times.size} times")
    for name, values in found.items():
        _require_floats(name, values)
    averages = {name: values.T[None].astype(np.float64) for name, values in found.items()}
    return IsoconfigurationalLabels(times.astype(np.float64), averages, _N_REPLICAS[system.name])


def _require_floats(name: str, values: NDArray[Any]) -> None:
    if not np.issubdtype(values.dtype, np.floating):
        raise ValueError(f"{name} are {values.dtype}, not floating-point numbers")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} hold values that are not finite")


def _from_name(name: str) -> tuple[float, int | None]:
    """Temperature in the name of a file, and the index of the time of a trajectory."""
    match = _FILE_NAME.search(name)
    if match is None:
        return float("nan"), None
    return float(match["temperature"]), int(match["index"]) if match["index"] else None
