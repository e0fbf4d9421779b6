"""Labels from replicas that a user ran from each of several structures."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import translate
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..datasets import Structure, displacement_vectors, iterate_structures, unwrapped_structures
from ..datasets._paths import matching_files
from ..datasets.displacements import SAME_PLACE, nearest_displacements
from ..dynamics import ParticleLabels
from ..liquid import System
from ._hops import FollowedHops, HopSettings, LargestHop
from ._motion import common_share, require_motion
from ._order import in_known_order, warn_of_order

_PLACE = "{i}"


@dataclass(frozen=True)
class ReplicaSet:
    """Files of the replicas that start from one structure.

    Attributes
    ----------
    name : str
        What stands for ``{i}`` in their names; the name of the start file where there is none.
    start : str
    replicas : list of str
    """

    name: str
    start: str
    replicas: list[str]


@dataclass(frozen=True)
class ReplicaLabels:
    """Labels of one replica.

    Attributes
    ----------
    path : str
    times : ndarray, shape (T,)
        Since the start.
    labels : dict of str to ndarray, shape (N, T)
    common : float
        As `common_share` finds it, at the last time.
    """

    path: str
    times: NDArray[np.float64]
    labels: dict[str, NDArray[np.float64]]
    common: float


def replica_sets(start: str | Path, replicas: str | Path) -> list[ReplicaSet]:
    """Find the start structures and the replicas of each.

    Parameters
    ----------
    start : str or Path
        Name or glob pattern; ``{i}`` stands for the part that differs between structures, in both.
    replicas : str or Path

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If several files match the start, and no ``{i}`` shows which replicas belong to which.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for number in range(2):
    ...         Path(folder, f"c{number}").mkdir()
    ...         for name in ("start.dump", "r1.dump", "r2.dump"):
    ...             Path(folder, f"c{number}", name).touch()
    ...     found = replica_sets(f"{folder}/c{{i}}/start.dump", f"{folder}/c{{i}}/r*.dump")
    >>> [(item.name, len(item.replicas)) for item in found]
    [('0', 2), ('1', 2)]
    """
    first, second = (str(Path(pattern).expanduser()) for pattern in (start, replicas))
    if _PLACE not in first:
        starts = matching_files(first)
        if len(starts) > 1 or _PLACE in second:
            raise ValueError(
                f"{len(starts)} files match the start {first!r}: write {_PLACE} in both names "
                "where structures differ, as in --start 'c{i}/start.dump' --replicas 'c{i}/r*.dump'"
            )
        own = [path for path in matching_files(second) if path != starts[0]]
        return [ReplicaSet(Path(starts[0]).stem, starts[0], own)]
    if _PLACE not in second:
        raise ValueError(f"the replicas {second!r} lack the {_PLACE} that tells whose they are")
    known = re.compile(_regular_expression(first))
    sets: dict[str, ReplicaSet] = {}
    for file in matching_files(first.replace(_PLACE, "*")):
        match = known.fullmatch(file)
        if match is None:
            continue
        name = match["i"]
        if name in sets:
            raise ValueError(f"{file} and {sets[name].start} both are the start of {name!r}")
        own = matching_files(second.replace(_PLACE, glob.escape(name)))
        sets[name] = ReplicaSet(name, file, [path for path in own if path != file])
    if not sets:
        raise FileNotFoundError(f"no file matches {first!r}")
    return list(sets.values())


def _regular_expression(pattern: str) -> str:
    """Turn a glob pattern into a regular expression with the group ``i``."""
    parts = [translate(part).removeprefix("(?s:").rpartition(")")[0]
             for part in pattern.split(_PLACE)]  # fmt: skip
    return "(?s:" + parts[0] + "(?P<i>[^/]+)" + "(?P=i)".join(parts[1:]) + ")"


def read_start(path: str, reading: dict[str, Any]) -> Structure:
    """Read the only structure of a file."""
    structures = list(iterate_structures(path, **_whole(reading)))
    if len(structures) != 1:
        raise ValueError(
            f"{path} holds {len(structures)} frames: the start of replicas is one; write it to a "
            "file of its own"
        )
    return structures[0]


def replica_labels(
    system: System,
    evaluate: ParticleLabels,
    start: Structure,
    path: str,
    reading: dict[str, Any],
    time_zero: float | None,
    hops: HopSettings | None = None,
    remove_drift: bool = False,
) -> ReplicaLabels:
    """Label the particles at all times of one replica."""
    times: list[float] = []
    found: list[dict[str, NDArray[np.float64]]] = []
    common = 0.0
    initial = start.configuration.positions
    followed = None if hops is None else _HopsOfReplica(hops, initial, path)
    for time, moved in _motion(start, path, reading, time_zero):
        if remove_drift:
            moved = moved - moved.mean(axis=0)
        common = common_share(moved)
        times.append(time)
        found.append(evaluate(initial + moved))
        if followed is not None:
            found[-1] |= followed.labels(time, initial + moved)
    if followed is not None:
        followed.close()
    if not times:
        raise ValueError(f"{path} has no frame after the start")
    labels = {name: np.stack([f[name] for f in found], axis=-1) for name in found[0]}
    return ReplicaLabels(path, np.array(times), labels, common)


class _HopsOfReplica:
    """Labels of the hops since the start of one replica."""

    def __init__(self, hops: HopSettings, initial: NDArray[np.float64], path: str) -> None:
        self._followed = FollowedHops(hops)
        self._followed.add(0.0, initial)
        self._largest = LargestHop(hops, 0.0, len(initial))
        self._path = path
        self.close = self._followed.close

    def labels(self, time: float, positions: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        try:
            found = self._followed.add(time, positions)
        except ValueError as error:
            raise ValueError(f"{self._path}: {error}") from error
        if found is not None:
            self._largest.add(*found)
        return self._largest.labels()


def _motion(
    start: Structure, path: str, reading: dict[str, Any], time_zero: float | None
) -> Iterator[tuple[float, NDArray[np.float64]]]:
    """Follow the particles: times since the start, and displacements until then."""
    frames = unwrapped_structures(in_known_order(iterate_structures(path, **reading)))
    first = next(frames, None)
    if first is None:
        raise ValueError(f"{path} holds no frames")
    warn_of_order(first)
    # Image flags of a start and of its replicas need not count from the same box.
    offset = nearest_displacements(
        start,
        first,
        "image flags of a start and of its replicas need not count from the same box: write frames "
        "of the replica closer to its start, and see that it is the start of this replica",
    )
    farthest = float(np.linalg.norm(offset, axis=1).max())
    is_start = farthest < SAME_PLACE
    zero = first.time if is_start else _time_zero(start, first, path, time_zero)
    if first.time == zero and not is_start:
        raise ValueError(
            f"{first.source} is of the time of the start, {zero:g}, and shows other positions than "
            f"{start.source}, up to {farthest:.3g} away: name the start as the replica has it, "
            "neither minimised nor moved, or say when the replica started (time_zero=, --time-zero)"
        )
    for frame in frames if is_start else chain([first], frames):
        time = frame.time - zero
        if not time > 0:
            raise ValueError(
                f"{frame.source}: its time {frame.time:g} is not after that of the start, "
                f"{zero:g}; give the time of a step (time_step=, --time-step) if files tell steps "
                "only"
            )
        moved = offset + displacement_vectors(first, frame)
        since_first = moved - offset if is_start else moved
        require_motion(since_first, frame, (first if is_start else start).source, time)
        yield time, moved


def _time_zero(start: Structure, first: Structure, path: str, time_zero: float | None) -> float:
    """When a replica started, if its first frame does not show the start."""
    if time_zero is not None:
        return time_zero
    if start.time == 0 or first.time < start.time:
        return 0.0
    raise ValueError(
        f"{path} begins at time {first.time:g}, and its start, {start.source}, is of time "
        f"{start.time:g}: say when the replicas started (time_zero=, --time-zero), 0 if steps were "
        f"counted anew, or write their frame 0 too"
    )


def _whole(reading: dict[str, Any]) -> dict[str, Any]:
    """Read all frames: those that were chosen are of the replicas."""
    return {name: value for name, value in reading.items() if name not in ("frames", "times")}
