"""Columns for those who come for columns alone: what ``vitreous describe`` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.base import clone

from .._version import __version__
from ..datasets import Structure, iterate_structures
from ..liquid import Configuration, System, get_system
from ..simulate import CageState, InherentStructure
from ..storage.atomic import atomic_path
from ..storage.progress import Progress, silent, tracked
from ._column_files import ROW_COLUMNS, WRITERS, Features, require_packages
from ._descriptor_sets import load_descriptor, make_descriptor, needs_system, require_set
from ._outputs import require_writable

__all__ = ["Described", "check_output", "describe"]

STATES = ("thermal", "inherent", "cage")
"""What is described: positions as they are, at rest in their minimum, or averaged over the cage."""


@dataclass(frozen=True)
class Described:
    """What a file of features holds.

    Attributes
    ----------
    n_configurations : int
    n_particles : int
        In all configurations together.
    names : list of str
        Of the features.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import gsd.hoomd
    >>> from vitreous.descriptors import CoordinationDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.workflows import describe
    >>> liquid = KobAndersen2D().random_configuration(43, random_state=1)
    >>> with TemporaryDirectory() as folder:
    ...     with gsd.hoomd.open(f"{folder}/run.gsd", "w") as file:
    ...         file.append(liquid.to_gsd())
    ...     described = describe(
    ...         [f"{folder}/run.gsd"], f"{folder}/columns.gsd", CoordinationDescriptor(1.4)
    ...     )
    >>> described.n_particles, described.names[-1]
    (43, 'coordination[all]')
    """

    n_configurations: int
    n_particles: int
    names: list[str]


def describe(
    files: Sequence[str | Path],
    out: str | Path,
    descriptors: Any = "shells",
    state: str = "thermal",
    file_format: str = "auto",
    *,
    system: System | str | None = None,
    temperature: float | None = None,
    n_jobs: int | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    **reading: Any,
) -> Described:
    """Describe every particle of every configuration in files, and write the features to a file.

    Configurations are read, described and written a few at a time, however many there are. The file
    takes its name when it is complete.

    Parameters
    ----------
    files : sequence of str or Path
        File names or glob patterns.
    out : str or Path
        The suffix sets the format. ``.parquet``, for which pyarrow must be installed: a row for
        each particle with the columns ``configuration`` (its number), ``particle``, ``id``,
        ``file``, ``frame``, ``time_step``, ``time`` and ``type``, and one column for each feature.
        ``.npz``: ``features`` (n_particles, n_features) with their ``names``; ``configuration``,
        ``id`` and ``type`` of each row; ``sources``, ``files``, ``frames``, ``time_steps``,
        ``times``, ``temperatures`` and ``starts``, the first row, of each configuration. ``.gsd``:
        one frame for each configuration in the state that was described, with per-particle log
        chunks ``particles/<name>``, which OVITO and freud show, ``particles/id``, ``frame``,
        ``frame_time`` and ``file``. If the input does not give them, the id is a running number,
        the time step -1 (in GSD a running number) and the time NaN.
    descriptors : str or transformer
        A set by its name, as in `fit`; or any descriptor, ``FeatureUnion`` or ``Pipeline`` that
        turns a list of configurations into one row per particle; or where to find one, as
        ``path/to/file.py:object`` or ``package.module:object``, where a class or function is called
        without arguments. The file is run, so it must be one that you trust. A copy of it is fitted
        to the first configuration.
    state : {"thermal", "inherent", "cage"}
        Positions as the files have them; those of the inherent structures; or averages over the
        motion in the cage around these, `vitreous.simulate.CageState`.
    file_format : {"auto", "gsd", "lammps", "extxyz", "mdanalysis", "table", "botan", \
"glassbench", "deepmind"}
        As in `vitreous.datasets.read_structures`.
    system : System or str, optional
        What the particles are, for the states ``inherent`` and ``cage`` and for descriptors with
        energies or diameters. By default the system that the first file names, if it names one.
    temperature : float, optional
        For cage states of files that do not tell the temperature.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    overwrite : bool
        Whether an older file may be replaced.
    progress : callable, optional
        Called with "describe", how many configurations are done, and 0.
    **reading
        ``species``, ``frames``, ``times``, ``time_step``, ``length_unit``, ``topology`` and
        ``field_of_view`` of `vitreous.datasets.read_structures`.

    Returns
    -------
    Described

    Raises
    ------
    FileExistsError
        If the file to write exists.
    FileNotFoundError
        If a pattern matches nothing, or there is no such folder.
    ImportError
        If a Parquet file is wanted and pyarrow is not installed.
    ValueError
        If there are no configurations, or they differ in species or dimension; a system or a
        temperature is needed and not known; two columns have the same name; or the suffix or a name
        is unknown.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import gsd.hoomd
    >>> import numpy as np
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.workflows import describe
    >>> radial = RadialDescriptor([1.0, 1.5], widths=0.1)
    >>> liquids = [KobAndersen2D().random_configuration(150, seed) for seed in range(3)]
    >>> with TemporaryDirectory() as folder:
    ...     with gsd.hoomd.open(f"{folder}/run.gsd", "w") as file:
    ...         file.extend(liquid.to_gsd() for liquid in liquids)
    ...     described = describe([f"{folder}/run.gsd"], f"{folder}/columns.npz", radial)
    ...     with np.load(f"{folder}/columns.npz") as columns:
    ...         columns["features"].shape, columns["frames"]
    ((450, 6), array([0, 1, 2]))
    >>> described.n_configurations, described.names[0]
    (3, 'radial[A] r=1')
    """
    out = Path(out)
    check_output(out, overwrite)
    named = descriptors if isinstance(descriptors, str) else type(descriptors).__name__
    if isinstance(descriptors, str):
        if ":" in descriptors:
            descriptors = load_descriptor(descriptors)
        else:
            require_set(descriptors)
    if state not in STATES:
        raise ValueError(f"unknown state {state!r}; choose one of {', '.join(STATES)}")
    if isinstance(system, str):
        system = get_system(system)
    structures = iterate_structures(files, file_format, system=system, **reading)
    first = next(structures, None)
    if first is None:
        raise ValueError("there are no configurations to describe")
    needed = state != "thermal" or (isinstance(descriptors, str) and needs_system(descriptors))
    if system is None and needed and first.system:
        system = get_system(first.system)
        structures = iterate_structures(files, file_format, system=system, **reading)
    else:
        structures = chain([first], structures)
    describing = _Describing(descriptors, named, state, system, temperature)
    names = describing.fit(first)
    with atomic_path(out) as partial:
        described = tracked("describe", _described(describing, structures, n_jobs), 0, progress)
        written = WRITERS[out.suffix](partial, names, describing.made_by, described)
    return Described(written.n_configurations, written.n_particles, names)


def check_output(path: Path, overwrite: bool = False) -> None:
    """Refuse a path that `describe` would refuse."""
    require_writable(path, WRITERS, "descriptors", overwrite)
    require_packages(path)


def _described(
    describing: _Describing, structures: Iterator[Structure], n_jobs: int | None
) -> Iterator[Features]:
    n_together = effective_n_jobs(n_jobs)
    with Parallel(n_jobs=n_jobs, prefer="threads") as parallel:
        while batch := list(islice(structures, n_together)):
            yield from parallel(delayed(describing)(item) for item in batch)


class _Describing:
    """From one structure to its features."""

    def __init__(
        self,
        descriptors: Any,
        named: str,
        state: str,
        system: System | None,
        temperature: float | None,
    ) -> None:
        if state != "thermal" and system is None:
            raise ValueError(
                f"{state} states need the system of the particles, and the first file names none; "
                "name it (system=, --system)"
            )
        if isinstance(descriptors, str):
            descriptors = make_descriptor(descriptors, system)
        # A copy, so that what users hold is not fitted anew; whatever it is that has a transform.
        self._transformer = clone(descriptors, safe=False)
        self._state = state
        self._system = system
        self._temperature = temperature
        liquid = "" if system is None else f" of {system.name}"
        self.made_by = f"vitreous {__version__} describe: {named}, {state} state{liquid}"

    def fit(self, first: Structure) -> list[str]:
        """Fit the descriptors to the first structure and name their columns."""
        try:
            self._transformer.fit([first.configuration])
        except ValueError as error:
            raise ValueError(f"{first.source}: {error}") from error
        try:
            names = [str(name) for name in self._transformer.get_feature_names_out()]
        except AttributeError as error:
            raise ValueError(
                "the columns of the descriptors have no names; give get_feature_names_out to each "
                f"step ({error})"
            ) from error
        counts = Counter(names) + Counter(ROW_COLUMNS)
        if twice := [name for name, count in counts.items() if count > 1]:
            raise ValueError(f"two columns would have the name {twice[0]!r}; rename the descriptor")
        return names

    def __call__(self, item: Structure) -> Features:
        try:
            if self._system is not None and item.system not in ("", self._system.name):
                raise ValueError(f"is of system {item.system}, not {self._system.name}")
            configuration = self._in_state(item.configuration)
            values = np.asarray(self._transformer.transform([configuration]))
            if len(values) != configuration.n_particles:
                raise ValueError(
                    f"the descriptors gave {len(values)} rows for {configuration.n_particles} "
                    "particles"
                )
        except ValueError as error:
            raise ValueError(f"{item.source}: {error}") from error
        return Features(replace(item, configuration=configuration), values)

    def _in_state(self, configuration: Configuration) -> Configuration:
        if self._state == "thermal":
            return configuration
        system = cast(System, self._system)
        (inherent,) = InherentStructure(system).transform([configuration])
        if self._state == "inherent":
            return inherent
        temperature = self._temperature
        if temperature is None and configuration.temperature is None:
            raise ValueError(
                "the file does not tell the temperature, which cage states need; name it "
                "(temperature=, --temperature)"
            )
        kept = configuration.temperature if temperature is None else temperature
        (cage,) = CageState(system, cast(float, kept)).transform([inherent])
        return cage
