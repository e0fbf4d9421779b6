"""Labels from trajectories that were simulated elsewhere: what ``vitreous label`` does."""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..datasets import (
    LabelledConfiguration,
    Structure,
    iterate_structures,
    past_averages,
    structures_of_table,
    unwrapped_structures,
    without_drift,
    write_gsd,
)
from ..dynamics import (
    HOP_ABOVE,
    QUIET_BELOW,
    IsoconfigurationalAverage,
    ParticleLabels,
    RelaxationFunctions,
)
from ..dynamics._known_means import mean_of_known
from ..liquid import System, get_system
from ..models.noise_ceiling import noise_ceiling
from ..storage.progress import Progress, silent
from ._hops import HopSettings
from ._labels import require_mixture
from ._motion import warn_of_drift
from ._order import in_known_order, warn_of_order
from ._origins import label_origins
from ._replicas import ReplicaLabels, ReplicaSet, read_start, replica_labels, replica_sets

__all__ = ["Labelled", "label"]


@dataclass(frozen=True, eq=False)
class Labelled:
    """What `label` made.

    Attributes
    ----------
    files : list of Path
        One for each configuration.
    functions : RelaxationFunctions
    noise_ceilings : dict of str to ndarray, shape (T,)
        For each label the largest correlation that the number of replicas allows within a
        configuration, averaged over configurations, for the particles of the first species. NaN
        for a single trajectory, from which it cannot be known.
    n_groups : int
        Number of configurations, or stretches of overlapping ones, that are independent.
    residence_times : ndarray, shape (n_residences,), or None
        How long particles stayed between two hops, in all trajectories; None without hops.

    Examples
    --------
    Two replicas that move nearly alike have labels with little noise:

    >>> from tempfile import TemporaryDirectory
    >>> import gsd.hoomd
    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.workflows import label
    >>> system, rng = KobAndersen2D(), np.random.default_rng(0)
    >>> start = system.random_configuration(129, 0)
    >>> shared, *own = rng.normal(size=(3, 129, 2))
    >>> ends = [start.with_positions(start.positions + 0.1 * shared + 0.01 * o) for o in own]
    >>> with TemporaryDirectory() as folder:
    ...     for name, later in {"start": [], "run1": ends[:1], "run2": ends[1:]}.items():
    ...         with gsd.hoomd.open(f"{folder}/{name}.gsd", "w") as file:
    ...             for step, liquid in enumerate([start, *later]):
    ...                 frame = liquid.to_gsd()
    ...                 frame.configuration.step = step
    ...                 file.append(frame)
    ...     made = label(f"{folder}/labels", system, start=f"{folder}/start.gsd",
    ...                  replicas=f"{folder}/run*.gsd", temperature=0.4, time_step=1.0)
    >>> made.noise_ceilings["displacement"].round(2)
    array([0.99])
    """

    files: list[Path]
    functions: RelaxationFunctions
    noise_ceilings: dict[str, NDArray[np.float64]]
    n_groups: int
    residence_times: NDArray[np.float64] | None = None


_EITHER = (
    "give start and replicas, or a trajectory and lags "
    "(--start and --replicas, or --trajectory and --lags)"
)


def label(
    out: str | Path,
    system: System | str,
    *,
    start: str | Path | None = None,
    replicas: str | Path | None = None,
    trajectory: Any = None,
    temperature: float | None = None,
    time_zero: float | None = None,
    lags: ArrayLike | None = None,
    every: float | None = None,
    stretch: float | None = None,
    remove_drift: bool = False,
    hop_window: float | None = None,
    hop_above: float = HOP_ABOVE,
    quiet_below: float = QUIET_BELOW,
    average: float | None = None,
    allow_other_system: bool = False,
    overwrite: bool = False,
    progress: Progress = silent,
    **reading: Any,
) -> Labelled:
    """Label structures by what their particles did in trajectories simulated elsewhere.

    There are two sources. **Replicas**: for each structure at least two trajectories that start
    from it with fresh velocities. **One trajectory**: every so often a frame is a structure, and
    what follows it is its only replica.

    Parameters
    ----------
    out : str or Path
        Folder for the labelled GSD files, one for each structure; made if it does not exist.
    system : System or str
        What the particles are, as `get_system` knows it.
    start : str or Path
        File with the structure that replicas start from. ``{i}`` in its name stands for the part
        that differs between several structures: ``c{i}/start.dump``.
    replicas : str or Path
        Name or pattern of the replicas, such as ``c{i}/r*.dump``. They have any number of frames,
        at the same times in all replicas. A first frame that shows the start is time 0.
    trajectory : str, Path or sequence of them; or pandas.DataFrame
        Files of one trajectory in the order of time, in place of `start` and `replicas`; or a table
        of tracked particles, as `vitreous.datasets.structures_of_table` takes it.
    temperature : float, optional
        In units of eps_AA / k_B, for files that do not tell it.
    time_zero : float, optional
        When the replicas started, on the clock of their files, where no frame shows the start and
        the files leave it open.
    lags : array_like, shape (T,)
        Times after an origin of a trajectory at which labels are taken.
    every : float, optional
        Time between origins; the longest lag by default. Shorter ones overlap, and make one group,
        whose configurations are never on both sides of a split.
    stretch : float, optional
        How long such origins are taken before a gap of the longest lag, after which another group
        begins. By default there is no gap.
    remove_drift : bool
        Whether the motion that all particles share is taken from displacements: needed for
        experiments as a rule (`vitreous.datasets.without_drift`), and for simulations whose
        thermostat moves the centre of mass.
    hop_window : float, optional
        Adds the labels ``hop``, the largest p_hop between the structure and the time of the label;
        ``hopped``, 1 if it is above a threshold; and ``quiet``, 1 if it is below another: over
        replicas, the probabilities of both. The window is that of `vitreous.dynamics.hop_indicator`
        in units of time, both halves together; frames must be evenly spaced and closer. Labels are
        NaN at times shorter than the window.
    hop_above, quiet_below : float
        These thresholds of p_hop, in units of sigma_AA^2.
    average : float, optional
        Duration over which the positions before each origin are averaged, for models of average
        positions (``fit(..., state="average")``); only for a trajectory. Labels are those of the
        positions at the origin all the same.
    allow_other_system : bool
        Whether composition and density may differ from those of the system.
    overwrite : bool
        Whether older files in the folder may be replaced.
    progress : callable, optional
        Called with the step, "label", the number of replicas done, and the number of all. For a
        trajectory frames are counted, and the second number is 0, unknown.
    **reading
        ``file_format``, ``species``, ``frames``, ``times``, ``time_step``, ``length_unit``,
        ``topology`` and ``field_of_view`` of `vitreous.datasets.read_structures`.

    Returns
    -------
    Labelled
        Files, relaxation functions and noise ceilings.

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    FileExistsError
        If the folder holds such files.
    ValueError
        If times, particles or boxes do not fit together, or wrapped positions are too far apart in
        time to be followed; names the file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import gsd.hoomd
    >>> from vitreous.liquid import KobAndersen2D
    >>> system, rng = KobAndersen2D(), np.random.default_rng(0)
    >>> begin = system.random_configuration(129, 0)
    >>> with TemporaryDirectory() as folder:
    ...     with gsd.hoomd.open(f"{folder}/run.gsd", "w") as file:
    ...         for step in range(5):
    ...             moved = begin.positions + 0.1 * np.sqrt(step) * rng.normal(size=(129, 2))
    ...             frame = begin.with_positions(moved).to_gsd()
    ...             frame.configuration.step = step
    ...             file.append(frame)
    ...     made = label(f"{folder}/labels", system, trajectory=f"{folder}/run.gsd", lags=[1, 2],
    ...                  temperature=0.4, time_step=1.0)
    ...     [path.name for path in made.files]
    ['run_000000.gsd', 'run_000002.gsd']
    >>> made.functions.times, made.n_groups
    (array([1., 2.]), 2)
    """
    chosen = get_system(system) if isinstance(system, str) else system
    folder = Path(out).expanduser()
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; name a folder for the labelled files")
    reading = reading | {"system": chosen}
    hops = None if hop_window is None else HopSettings(hop_window, hop_above, quiet_below)
    if trajectory is None:
        if start is None or replicas is None or lags is not None:
            raise ValueError(_EITHER)
        if average is not None:
            raise ValueError(
                "average positions are those before an origin of a trajectory; replicas have no "
                "time before their start"
            )
        sets = replica_sets(start, replicas)
        for item in sets:
            _require_new(folder / f"{item.name}.gsd", overwrite)
        made = _from_replicas(
            chosen,
            sets,
            time_zero,
            hops,
            remove_drift,
            allow_other_system,
            reading,
            progress,
        )
    else:
        if start is not None or replicas is not None or lags is None:
            raise ValueError(_EITHER)
        values = _rising(lags)
        if hops is not None and values[-1] < hops.window:
            raise ValueError(
                f"no lag is as long as the window of hops, {hops.window:g}, after which they show"
            )
        frames = unwrapped_structures(_frames_of(trajectory, reading))
        if remove_drift:
            frames = without_drift(frames)
        if average is not None:
            frames = past_averages(frames, average)
        made = _from_trajectory(
            chosen, frames, values, every, stretch, average, hops, allow_other_system, progress
        )
    labelled = _write(made, folder, chosen, temperature, overwrite)
    if hops is None:
        return labelled
    return replace(labelled, residence_times=np.concatenate(hops.residences))


Made = tuple[str, LabelledConfiguration, dict[str, NDArray[np.float64]]]
"""Name of a file, what goes into it, and averages over particles of each trajectory in it."""


def _from_replicas(
    system: System,
    sets: Sequence[ReplicaSet],
    time_zero: float | None,
    hops: HopSettings | None,
    remove_drift: bool,
    allow_other_system: bool,
    reading: dict[str, Any],
    progress: Progress,
) -> Iterator[Made]:
    done, total = 0, sum(len(item.replicas) for item in sets)
    drifts: list[tuple[float, str]] = []
    progress("label", done, total)
    for item in sets:
        if len(item.replicas) < 2:
            raise ValueError(
                f"{item.start} has {len(item.replicas)} replica(s); at least 2 are needed, or name "
                "it as a trajectory"
            )
        structure = read_start(item.start, reading)
        warn_of_order(structure)
        require_mixture(system, structure, allow_other_system)
        evaluate = ParticleLabels(system, structure.configuration)
        first: ReplicaLabels | None = None
        average, means = None, []
        seen: dict[bytes, str] = {}
        for path in item.replicas:
            replica = replica_labels(
                system, evaluate, structure, path, reading, time_zero, hops, remove_drift
            )
            if first is None or average is None:
                first, average = replica, IsoconfigurationalAverage(replica.times)
            _require_same_times(first.times, replica.times, path, first.path)
            motion = np.ascontiguousarray(replica.labels["displacement"]).tobytes()
            other = seen.setdefault(hashlib.sha256(motion).digest(), path)
            if other != path:
                _warn_of_copy(path, other)
            average.add(replica.labels)
            means.append(_means(replica.labels))
            drifts += [(replica.common, path)] if replica.common else []
            done += 1
            progress("label", done, total)
        assert average is not None
        data = LabelledConfiguration(
            structure.configuration,
            average.labels(),
            system.name,
            structure.temperature,
            item.start,
            ids=structure.ids,
        )
        yield item.name, data, {name: np.array([m[name] for m in means]) for name in means[0]}
    if drifts:
        share, path = max(drifts)
        warn_of_drift(share, f"{path}, as in {len(drifts)} of {total} replicas")


def _warn_of_copy(path: str, other: str) -> None:
    warnings.warn(
        f"{path} moves as {other} does, to the last digit: two names of one run, or runs with the "
        "same velocities; replicas need velocities of their own, and these count twice, as if the "
        "labels had less noise",
        UserWarning,
        stacklevel=2,
    )


def _frames_of(trajectory: Any, reading: dict[str, Any]) -> Iterable[Structure]:
    """Frames of files, or of a table in memory."""
    if hasattr(trajectory, "keys"):
        return structures_of_table(trajectory, **reading)
    return in_known_order(iterate_structures(trajectory, **reading))


class _Names:
    """Names of what is written for each origin: those of files that are called alike differ."""

    def __init__(self) -> None:
        self._stems: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def __call__(self, structure: Structure) -> str:
        if structure.file not in self._stems:
            stem = Path(structure.file).name.partition(".")[0]
            self._counts[stem] += 1
            number = f"-{self._counts[stem]}" if self._counts[stem] > 1 else ""
            self._stems[structure.file] = f"{stem}{number}"
        return f"{self._stems[structure.file]}_{structure.frame:06d}"


def _from_trajectory(
    system: System,
    frames: Iterator[Structure],
    lags: NDArray[np.float64],
    every: float | None,
    stretch: float | None,
    average_over: float | None,
    hops: HopSettings | None,
    allow_other_system: bool,
    progress: Progress,
) -> Iterator[Made]:
    for name, value in (("every", every), ("stretch", stretch)):
        if value is not None and not value > 0:
            raise ValueError(f"{name} must be positive, not {value}")

    def counted() -> Iterator[Any]:
        for number, frame in enumerate(frames):
            progress("label", number, 0)
            yield frame

    name_of = _Names()
    for origin in label_origins(counted(), system, lags, every, stretch, hops, allow_other_system):
        structure = origin.structure
        labels = {
            name: np.stack([origin.labels[lag][name] for lag in lags.tolist()], axis=-1)
            for name in origin.labels[float(lags[0])]
        }
        average = IsoconfigurationalAverage(lags)
        average.add(labels)
        data = LabelledConfiguration(
            structure.configuration,
            average.labels(),
            system.name,
            structure.temperature,
            structure.source,
            group=origin.stretch,
            ids=structure.ids,
            average=structure.average,
            averaged_over=float("nan") if average_over is None else average_over,
        )
        yield name_of(structure), data, {name: mean[None] for name, mean in _means(labels).items()}


def _write(
    made: Iterator[Made],
    folder: Path,
    system: System,
    temperature: float | None,
    overwrite: bool,
) -> Labelled:
    files: list[Path] = []
    groups: list[str] = []
    sizes: list[int] = []
    ceilings: dict[str, list[NDArray[np.float64]]] = {}
    trajectories: dict[str, list[NDArray[np.float64]]] = {}
    times: NDArray[np.float64] | None = None
    for name, data, means in made:
        if temperature is not None:
            known = data.temperature
            if not np.isnan(known) and not np.isclose(known, temperature, rtol=1e-6):
                raise ValueError(
                    f"{data.source} is at T = {known:g}, not {temperature:g}; leave the "
                    "temperature out"
                )
            data = replace(data, temperature=temperature)
        times = data.labels.times if times is None else times
        _require_same_times(times, data.labels.times, data.source, str(files[0]) if files else "")
        path = folder / f"{name}.gsd"
        if path in files:
            raise ValueError(f"{data.source} and another would both be written to {path}")
        _require_new(path, overwrite)
        folder.mkdir(parents=True, exist_ok=True)
        write_gsd(data, path)
        files.append(path)
        sizes.append(data.configuration.n_particles)
        n_trajectories = len(means["overlap"])
        groups += [data.group or name] * n_trajectories
        for label_name, mean in means.items():
            trajectories.setdefault(label_name, []).append(mean)
        rows = data.configuration.of_species(system.species[0])
        for label_name in data.labels.names:
            halves = data.labels.halves(label_name)[:, rows]
            ceilings.setdefault(label_name, []).append(np.atleast_1d(noise_ceiling(*halves)))
    assert times is not None
    curves = {name: np.concatenate(values) for name, values in trajectories.items()}
    return Labelled(
        files,
        RelaxationFunctions.of(times, curves, groups, float(np.mean(sizes))),
        {name: np.mean(values, axis=0) for name, values in ceilings.items()},
        len(set(groups)),
    )


def _require_new(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; choose another folder, or overwrite (--overwrite)")


def _means(labels: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Averages over the particles of one trajectory, shape (T,), over those with a label."""
    values = {name: labels[name] for name in ("bond_breaking", "overlap", "scattering")}
    values["square_displacement"] = labels["displacement"] ** 2
    return {name: mean_of_known(each) for name, each in values.items()}


def _rising(lags: ArrayLike) -> NDArray[np.float64]:
    values = np.ravel(np.asarray(lags, dtype=np.float64))
    if not values.size or not (values > 0).all() or not (np.diff(values) > 0).all():
        raise ValueError(f"lags must be positive and rise, not {values.tolist()}")
    return values


def _require_same_times(
    times: NDArray[np.float64], others: NDArray[np.float64], path: str, first: str
) -> None:
    if times.shape != others.shape or not np.allclose(times, others, rtol=1e-6, atol=0):
        raise ValueError(
            f"{path} has frames at times {_listed(others)} after the start, {first} at "
            f"{_listed(times)}: all must have the same"
        )


def _listed(times: NDArray[np.float64]) -> str:
    shown = [f"{time:g}" for time in times]
    return ", ".join(shown if len(shown) < 9 else [*shown[:4], "...", *shown[-2:]])
