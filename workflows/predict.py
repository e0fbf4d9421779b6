"""Predictions for files, and files of predictions: what ``vitreous predict`` does."""

from __future__ import annotations

import copy
import csv
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import gsd.hoomd
import numpy as np
from joblib import effective_n_jobs
from numpy.typing import NDArray

from ..datasets import (
    Structure,
    averaged_configuration,
    iterate_structures,
    past_averages,
    unwrapped_structures,
)
from ..liquid import Configuration, System, get_system
from ..models import (
    SoftnessRegressor,
    StoredModel,
    TimeScaleRegressor,
    TransferableRegressor,
)
from ..storage.atomic import atomic_path
from ..storage.progress import Progress, silent
from ._choice import Choice, structure_files
from ._labels import errors_name_files, warn_of_temperatures
from ._outputs import gsd_frame, ids, require_writable

# Configurations that each worker has at a time; more only take memory.
_PER_WORKER = 4


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predicted labels of one configuration.

    Attributes
    ----------
    structure : Structure
        What was read: the configuration, and its ids, frame, time step and file.
    values : ndarray, shape (N,), or (N, K) for the K levels of a transferable model
    half_widths : ndarray, shape (N,), or None
        Half the width of the prediction interval of each particle, if the model has intervals.
    time : float
        Of the label that was predicted; NaN for a transferable model, which knows levels.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.datasets import Structure
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.workflows import Prediction
    >>> liquid = KobAndersen2D().random_configuration(43, 0)
    >>> prediction = Prediction(Structure(liquid, source="run.gsd, frame 3"), np.zeros(43), None)
    >>> prediction.configuration.n_particles, prediction.source
    (43, 'run.gsd, frame 3')
    """

    structure: Structure
    values: NDArray[np.float64]
    half_widths: NDArray[np.float64] | None
    time: float = float("nan")

    @property
    def configuration(self) -> Configuration:
        """The configuration that was predicted for."""
        return self.structure.configuration

    @property
    def source(self) -> str:
        """Where it came from."""
        return self.structure.source


def predict(
    stored: StoredModel,
    files: Sequence[str | Path],
    file_format: str = "auto",
    n_jobs: int | None = None,
    allow_other_system: bool = False,
    progress: Progress = silent,
    *,
    time: float | None = None,
    level: float | None = None,
    temperature: float | None = None,
    configurations: str | None = None,
    **reading: Any,
) -> list[Prediction]:
    """Predict for every configuration in files; they need no labels.

    Parameters
    ----------
    stored : StoredModel
    files : sequence of str or Path
        File names or glob patterns, or folders of campaigns and studies for the equilibrated
        configurations in them.
    file_format : {"auto", "gsd", "lammps", "extxyz", "mdanalysis", "table", "botan", \
"glassbench", "deepmind"}
        As in `vitreous.datasets.read_structures`. For a model of average positions the files are
        one trajectory, of which it predicts for the last frame of each such stretch.
    n_jobs
        As in `score`.
    allow_other_system : bool
        Accept configurations of another system, composition or density than the model's. A file
        that names no system is taken to be of the model's, if species and dimension agree.
    progress : callable, optional
        Called with "predict" and how many configurations are done, of how many is not known.
    time : float, optional
        Time of the label, for a time-scales model, which needs it unless it learnt one time.
    level : float, optional
        Mean label of the liquid: of the configurations of each temperature, at that time, for a
        time-scales model, which needs it where it was not trained. Of a transferable model the
        level to predict at, in place of all those it was trained at.
    temperature : float, optional
        Of folders, take only configurations of this temperature. For a time-scales model, and for
        those of a study of heterogeneity, it may be that of files that tell none.
    configurations : str, optional
        Of folders, take only some of each temperature: a slice as in `fit`.
    **reading
        ``species``, ``frames``, ``times``, ``time_step``, ``length_unit``, ``topology`` and
        ``field_of_view`` of `vitreous.datasets.read_structures`.

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If there are no configurations, or they are of another system than the model, another
        composition or another density; or the time or the level is missing, or not for this model.

    Warns
    -----
    ExtrapolationWarning
        If configurations or their temperatures lie outside the training range.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from vitreous.datasets import load_ka2d, write_gsd
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.models import GroupedRidge, PropensityRegressor, StoredModel
    >>> from vitreous.workflows import predict
    >>> sample = load_ka2d()
    >>> labels = [single.matrix("displacement")[:, 2] for single in sample.labels[:2]]
    >>> model = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    >>> model = model.fit(sample.configurations[:2], labels)
    >>> stored = StoredModel(model, "KA2D", "displacement", sample.times[0, 2], (0.5,), ())
    >>> with TemporaryDirectory() as folder:
    ...     write_gsd(sample.data[2], f"{folder}/liquid.gsd")
    ...     (prediction,) = predict(stored, [f"{folder}/liquid.gsd"])
    >>> (expected,) = model.predict(sample.configurations[2:3])
    >>> bool(np.allclose(prediction.values, expected, atol=1e-3))
    True
    """
    return list(
        iterate_predictions(
            stored,
            files,
            file_format,
            n_jobs,
            allow_other_system,
            progress,
            time=time,
            level=level,
            temperature=temperature,
            configurations=configurations,
            **reading,
        )
    )


def iterate_predictions(
    stored: StoredModel,
    files: Sequence[str | Path],
    file_format: str = "auto",
    n_jobs: int | None = None,
    allow_other_system: bool = False,
    progress: Progress = silent,
    *,
    time: float | None = None,
    level: float | None = None,
    temperature: float | None = None,
    configurations: str | None = None,
    **reading: Any,
) -> Iterator[Prediction]:
    """Predict as `predict`, with a few configurations for each worker in memory at a time.

    For a time-scales model, and one that is tied to its levels, all of them are in memory: levels
    are means over all.

    Yields
    ------
    Prediction
    """
    if time is None and isinstance(stored.model, TimeScaleRegressor) and stored.time > 0:
        time = stored.time
    _require_question(stored, time, level)
    of_all_times = isinstance(stored.model, TimeScaleRegressor)
    told = None
    of_temperatures = of_all_times or getattr(stored.model, "temperature_scale_", 0.0) > 0
    if of_temperatures and not any(Path(path).expanduser().is_dir() for path in files):
        told, temperature = temperature, None
    system = get_system(stored.system)
    files = structure_files(files, Choice(temperature, configurations))
    structures = iterate_structures(files, file_format, system=system, **reading)
    if stored.state == "average":
        structures = _one_in_each(stored.averaged_over, structures)
    model = copy.copy(stored.model).set_params(n_jobs=n_jobs)
    intervals = stored.intervals
    warned: set[float] = set()
    together = of_all_times or getattr(model, "tied", False)
    levels = None if level is None else [level]
    n_together = None if together else _PER_WORKER * effective_n_jobs(n_jobs)
    done = 0
    progress("predict", done, 0)
    while batch := list(islice(structures, n_together)):
        batch = [_with_temperature(item, told) for item in batch]
        for item in batch:
            _require(stored, system, item, allow_other_system)
        new = {item.temperature for item in batch} - warned
        warn_of_temperatures(stored, new)
        warned |= new
        items = [replace(item, configuration=_described(item)) for item in batch]
        described = [item.configuration for item in items]
        with errors_name_files(items):
            if of_all_times:
                predicted = model.predict(described, [time], levels, progress=progress)
            elif isinstance(model, TransferableRegressor):
                temperatures = [item.temperature for item in batch]
                predicted = model.predict(
                    described, levels, temperatures if of_temperatures else None
                )
            else:
                predicted = model.predict(described)
        if of_all_times or levels is not None:
            predicted = [values[:, 0] for values in predicted]
        for item, values in zip(batch, predicted, strict=True):
            widths = None if intervals is None else intervals.half_width(item.configuration)
            asked = stored.time_at(item.temperature) if time is None else time
            yield Prediction(item, values, widths, asked)
        done += len(batch)
        progress("predict", done, 0)


def _require_question(stored: StoredModel, time: float | None, level: float | None) -> None:
    """Refuse a time or a level that the model cannot be asked at, or that is missing."""
    if isinstance(stored.model, TimeScaleRegressor):
        if time is None:
            raise ValueError(
                "this model predicts at any time: choose one (--time), and at a temperature that "
                "it was not trained at also the level (--level), the mean "
                f"{stored.label} of the liquid at that time"
            )
        return
    transferable = isinstance(stored.model, TransferableRegressor)
    learnt = _times_learnt(stored)
    if level is not None and not transferable:
        raise ValueError(f"this model learnt labels of time {learnt}; leave the level out")
    if time is not None and transferable:
        raise ValueError(
            "a transferable model knows no times; choose a level, the mean of the label at the time"
        )
    if time is not None and not np.isclose(time, stored.times or stored.time, rtol=1e-6).any():
        raise ValueError(
            f"this model learnt labels of time {learnt} and knows no other; fit one for {time:g}, "
            "or one of all times to files with labels at several"
        )


def _times_learnt(stored: StoredModel) -> str:
    """Tell the time of the labels, at each temperature if these have times of their own."""
    if not stored.times:
        return f"{stored.time:g}"
    each = zip(stored.times, stored.temperatures, strict=True)
    return ", ".join(f"{time:g} at T = {temperature:g}" for time, temperature in each)


def _with_temperature(item: Structure, temperature: float | None) -> Structure:
    """Give a structure that tells no temperature the one that its user told."""
    if temperature is None:
        return item
    known = item.configuration.temperature
    if known is not None and not np.isclose(known, temperature, rtol=1e-6):
        raise ValueError(f"{item.source} is at T = {known:g}, not {temperature:g}")
    return replace(item, configuration=item.configuration.with_temperature(temperature))


def _one_in_each(duration: float, structures: Iterable[Structure]) -> Iterator[Structure]:
    """Choose the last frame of each stretch of a trajectory, with its average positions."""
    last = None
    for item in past_averages(unwrapped_structures(structures), duration):
        if last is None or item.time >= last + duration * (1 - 1e-6):
            last = item.time
            yield item
    if last is None:
        raise ValueError(
            f"the model describes positions averaged over {duration:g}, and the files hold no "
            "trajectory of that length; single structures have no average"
        )


def _described(item: Structure) -> Configuration:
    if item.average is None:
        return item.configuration
    return averaged_configuration(item.configuration, item.average)


def _require(stored: StoredModel, system: System, item: Structure, any_system: bool) -> None:
    if item.system:
        stored.require_system(item.system, item.source, any_system)
    try:
        system.require(item.configuration)
        if not any_system:
            system.require_composition(item.configuration)
    except ValueError as error:
        raise ValueError(f"{item.source}: {error}") from error


def write_predictions(
    stored: StoredModel,
    predictions: Iterable[Prediction],
    path: str | Path,
    overwrite: bool = False,
) -> int:
    """Write predictions to a file, whole or not at all.

    Parameters
    ----------
    stored : StoredModel
        The model that made them.
    predictions : iterable of Prediction
        GSD and CSV files need one in memory at a time.
    path : str or Path
        The suffix sets the format. ``.gsd``: one frame for each configuration, with per-particle
        log chunks ``particles/<label>_predicted`` and, with intervals, ``..._lower`` and
        ``..._upper``, which OVITO and freud show; softness is ``particles/softness``.
        ``particles/id``, ``frame``, ``frame_time`` and ``file`` record where it came from, and its
        step is the time step there. ``.npz`` and
        ``.csv``: a row for each particle with the number of its configuration, its own number, its
        id, file, frame, time step, time and type, the prediction and the bounds of its interval. If
        the file does not give them, the id is a running number, the time step -1 and the time NaN.
    overwrite : bool
        Whether an older file may be replaced.

    Returns
    -------
    int
        How many configurations were predicted for.

    Raises
    ------
    FileExistsError
        If the file exists.
    ValueError
        If the suffix is none of these.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from vitreous.datasets import Structure
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import GroupedRidge, PropensityRegressor, StoredModel
    >>> from vitreous.workflows import Prediction, write_predictions
    >>> model = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    >>> stored = StoredModel(model, "KA2D", "displacement", 5.0, (0.4,), ("liquid.gsd",))
    >>> liquid = KobAndersen2D().random_configuration(43, 0)
    >>> prediction = Prediction(Structure(liquid), np.linspace(0.0, 1.0, 43), None)
    >>> with TemporaryDirectory() as folder:
    ...     n_written = write_predictions(stored, [prediction], f"{folder}/predicted.npz")
    ...     with np.load(f"{folder}/predicted.npz") as table:
    ...         n_written, table["displacement_predicted"][[0, -1]], str(table["type"][0])
    (1, array([0., 1.]), 'A')
    """
    path = Path(path)
    check_output(path, overwrite)
    with atomic_path(path) as partial:
        n_written = _WRITERS[path.suffix](stored, predictions, partial)
        if not n_written:
            raise ValueError("there are no configurations to predict for")
    return n_written


def check_output(path: Path, overwrite: bool = False) -> None:
    """Refuse a path that `write_predictions` would refuse."""
    require_writable(path, _WRITERS, "predictions", overwrite)


def _columns(stored: StoredModel, prediction: Prediction) -> dict[str, NDArray[np.float64]]:
    if isinstance(getattr(stored.model, "regressor", None), SoftnessRegressor):
        return {"softness": prediction.values}
    name = f"{stored.label}_predicted"
    if prediction.values.ndim == 2:
        levels = np.ravel(stored.model.levels)
        return {f"{name}_at_{c:.3g}": v for c, v in zip(levels, prediction.values.T, strict=True)}
    columns = {name: prediction.values}
    if prediction.half_widths is not None:
        columns[f"{name}_lower"] = prediction.values - prediction.half_widths
        columns[f"{name}_upper"] = prediction.values + prediction.half_widths
    return columns


def _write_gsd(stored: StoredModel, predictions: Iterable[Prediction], path: Path) -> int:
    n_written = 0
    with gsd.hoomd.open(path, "w") as file:
        for prediction in predictions:
            frame = gsd_frame(prediction.structure, n_written)
            frame.log["time"] = np.array([prediction.time])
            for name, values in _columns(stored, prediction).items():
                frame.log[f"particles/{name}"] = values
            file.append(frame)
            n_written += 1
    return n_written


def _table(stored: StoredModel, prediction: Prediction, number: int) -> dict[str, NDArray[Any]]:
    """Columns of one configuration, a row for each particle."""
    structure, configuration = prediction.structure, prediction.configuration
    n = configuration.n_particles
    return {
        "configuration": np.full(n, number),
        "particle": np.arange(n),
        "id": ids(structure),
        "file": np.full(n, structure.file),
        "frame": np.full(n, structure.frame),
        "time_step": np.full(n, -1 if structure.step is None else structure.step),
        "time": np.full(n, structure.time),
        "type": np.array(configuration.species)[configuration.types],
    } | _columns(stored, prediction)


def _write_npz(stored: StoredModel, predictions: Iterable[Prediction], path: Path) -> int:
    sources, tables = [], []
    for number, prediction in enumerate(predictions):
        sources.append(prediction.source)
        tables.append(_table(stored, prediction, number))
    if tables:
        # Not by numpy.savez, which takes no column called file.
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("sources", *tables[0]):
                parts = [sources] if name == "sources" else [part[name] for part in tables]
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.concatenate(parts), allow_pickle=False)
    return len(tables)


def _write_csv(stored: StoredModel, predictions: Iterable[Prediction], path: Path) -> int:
    n_written = 0
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for prediction in predictions:
            table = _table(stored, prediction, n_written)
            if not n_written:
                writer.writerow(table)
            writer.writerows(zip(*(column.tolist() for column in table.values()), strict=True))
            n_written += 1
    return n_written


_WRITERS: dict[str, Callable[[StoredModel, Iterable[Prediction], Path], int]] = {
    ".gsd": _write_gsd,
    ".npz": _write_npz,
    ".csv": _write_csv,
}
