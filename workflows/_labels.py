"""Choosing labels from files, for everything that learns from them or is scored on them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..datasets import LabelledConfiguration, Structure, averaged_configuration
from ..dynamics import MOBILE_BEYOND, mobile_fraction
from ..liquid import System, get_system
from ..models import ExtrapolationWarning, SoftnessRegressor, StoredModel
from ..models._species_blocks import NotDescribed, fingerprint
from ..storage.progress import Progress, silent
from ._choice import Choice, read_labelled

EVERYTHING = Choice()


def read_one_system(
    files: Sequence[str | Path],
    file_format: str,
    allow_other_mixture: bool = False,
    progress: Progress = silent,
    choice: Choice = EVERYTHING,
) -> list[LabelledConfiguration]:
    """Read files, which must be of one system, its composition and density, and at least one."""
    progress("read", 0, 1)
    data = read_labelled(files, file_format)
    progress("read", 1, 1)
    if not data:
        raise ValueError("no files were given")
    systems = sorted({item.system for item in data})
    if len(systems) > 1:
        raise ValueError(f"the files are of different systems: {', '.join(systems)}")
    if not allow_other_mixture:
        for item in data:
            require_mixture(get_system(item.system), item)
    _require_once(data)
    return choice.of(data)


def _require_once(data: Iterable[LabelledConfiguration]) -> None:
    """Refuse a configuration that is there twice at the same time, and would count twice."""
    sources: dict[tuple[str, str, float], str] = {}
    for item in data:
        positions = fingerprint(item.configuration)
        for time in item.labels.times.tolist():
            key = (positions, f"{item.temperature}", time)
            if (other := sources.get(key)) is not None:
                both = "it is named twice"
                if other != item.source:
                    both = f"{other} holds the same configuration, with labels of the same times"
                raise ValueError(f"{item.source}: {both}; name it once, or it counts twice")
            sources[key] = item.source


def require_label(data: Sequence[LabelledConfiguration], label: str) -> None:
    """Refuse files without the label, and name those that they have."""
    for item in data:
        if label not in item.labels.names:
            raise ValueError(
                f"{item.source}: unknown label {label!r}; there are {', '.join(item.labels.names)}"
            )


def require_mixture(
    system: System,
    item: LabelledConfiguration | Structure,
    allow_other_mixture: bool = False,
) -> None:
    """Refuse other species and, unless `allow_other_mixture`, other fractions or densities."""
    try:
        system.require(item.configuration)
        if not allow_other_mixture:
            system.require_composition(item.configuration)
    except ValueError as error:
        raise ValueError(f"{item.source}: {error}") from error


def in_state(
    data: Sequence[LabelledConfiguration], state: str, averaged_over: float | None = None
) -> list[LabelledConfiguration]:
    """Replace configurations by what a model is given: average positions, if that is the state.

    All must be averages over the same time: that of the model, if it has learnt already. Fields of
    view have no inherent structures.
    """
    for item in data:
        if state == "inherent" and not item.configuration.box.is_periodic:
            raise ValueError(
                f"{item.source} is a field of view, in which no inherent structure can be found; "
                "describe thermal or average positions (--state thermal)"
            )
    if state != "average":
        return list(data)
    described = []
    for item in data:
        if item.average is None:
            raise ValueError(
                f"{item.source} has no average positions: label a trajectory with --average "
                "DURATION, or describe thermal positions (--state thermal)"
            )
        averaged_over = item.averaged_over if averaged_over is None else averaged_over
        if not np.isclose(item.averaged_over, averaged_over, rtol=1e-6):
            raise ValueError(
                f"{item.source} has positions averaged over {item.averaged_over:g} and others over "
                f"{averaged_over:g}: one model takes averages over one time"
            )
        configuration = averaged_configuration(item.configuration, item.average)
        described.append(replace(item, configuration=configuration))
    return described


def groups_of(data: Sequence[LabelledConfiguration]) -> list[str] | None:
    """Tell which configurations depend on each other; None if each stands alone.

    One configuration in several files, such as those of its labels at different times, is a group.
    """
    groups = [item.group or fingerprint(item.configuration) for item in data]
    return None if len(set(groups)) == len(groups) else groups


def place_of_time(item: LabelledConfiguration, time: float | None) -> int:
    """Place of a time among those of a file; of the only one, if none is named."""
    try:
        return item.labels.time_index(time)
    except ValueError as error:
        how = " (--time), or its place (--time-index)" if time is None else ""
        raise ValueError(f"{item.source}: {error}{how}") from error


def label_at(
    item: LabelledConfiguration, label: str, time: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Average over all replicas (N,) and over two halves of them (2, N)."""
    index = place_of_time(item, time)
    labels = item.labels.matrix(label)[:, [index]]
    _require_known(item, label, labels, item.labels.times[[index]])
    return labels[:, 0], item.labels.halves(label)[..., index]


def labels_at_all_times(item: LabelledConfiguration, label: str) -> NDArray[np.float64]:
    """Average over all replicas at all times, shape (N, T)."""
    labels = item.labels.matrix(label)
    _require_known(item, label, labels, item.labels.times)
    return labels


def settled_quantile(
    quantile: float | None, model: str, label: str, data: Sequence[LabelledConfiguration]
) -> float | None:
    """Quantile at which softness cuts a label; None where hops have thresholds of their own.

    These are for the hops of one run. Averages over replicas are seldom beyond them.
    """
    averaged = any(item.labels.n_replicas > 1 for item in data)
    if quantile is None and model == "softness" and label == "hop" and averaged:
        return SoftnessRegressor().quantile
    return quantile


def _require_known(
    item: LabelledConfiguration,
    label: str,
    labels: NDArray[np.float64],
    times: NDArray[np.float64],
) -> None:
    """Refuse labels (N, T) that are not finite; in a field of view, times without any that is."""
    finite = np.isfinite(labels)
    is_periodic = item.configuration.box.is_periodic
    for time, values in zip(times, finite.T, strict=True):
        if values.all() or (values.any() and not is_periodic):
            continue
        whose = "any particle" if not values.any() else f"particle {int(np.argmin(values))}"
        raise ValueError(
            f"{item.source}: the label {label!r} of {whose} is not known at time {time:g}; choose "
            "another time or label"
        )


def order_parameter(label: str, system: str) -> Callable[[Any], Any] | None:
    """Turn labels into the field whose chi4 is measured."""
    if label == "displacement" and system in MOBILE_BEYOND:
        return partial(mobile_fraction, threshold=MOBILE_BEYOND[system])
    return None


def warn_of_temperatures(stored: StoredModel, temperatures: Iterable[float]) -> None:
    """Warn of temperatures below or above all that a model learnt from; NaN is not judged."""
    known = np.array(stored.temperatures)
    known = known[~np.isnan(known)]
    if not known.size:
        return
    asked = np.array(sorted(set(temperatures)))
    slack = 1e-6 * np.abs(known).max()
    outside = asked[(asked < known.min() - slack) | (asked > known.max() + slack)]
    if outside.size:
        warnings.warn(
            f"the model learnt from temperatures {known.min():g} to {known.max():g}: predictions "
            f"at {', '.join(f'{t:g}' for t in outside)} are extrapolations",
            ExtrapolationWarning,
            stacklevel=3,
        )


@contextmanager
def errors_name_files(data: Iterable[LabelledConfiguration | Structure]) -> Iterator[None]:
    """Name the file of a configuration that cannot be described."""
    try:
        yield
    except NotDescribed as error:
        for item in data:
            if fingerprint(item.configuration) == error.which:
                raise ValueError(f"{item.source}: {error}") from error
        raise
