"""Which configurations and times of their files users choose, and folders in place of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..datasets import LabelledConfiguration, read
from ..dynamics import labels_at_levels

CLOCK = "bond_breaking"
"""Label whose mean is the level at which others are taken."""


@dataclass(frozen=True)
class Choice:
    """What to take of the files.

    Attributes
    ----------
    temperature : float or None
        The only one; all if None.
    configurations : str or None
        A slice as in Python, ``"0:12"`` or ``"12:"``, of those at each temperature.
    time : float or None
        Of the label.
    time_index : int or None
        Place of the time in each file, from 0.
    level : float or None
        Labels are interpolated to where the mean bond-breaking correlation of their temperature has
        this value.

    Raises
    ------
    ValueError
        If the time is chosen in several ways, or the slice is none.
    """

    temperature: float | None = None
    configurations: str | None = None
    time: float | None = None
    time_index: int | None = None
    level: float | None = None

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.time, self.time_index, self.level)) > 1:
            raise ValueError("choose the time of the label, its place or its level: one of them")
        _slice(self.configurations)

    def of(self, data: Sequence[LabelledConfiguration]) -> list[LabelledConfiguration]:
        """Take the chosen configurations; with a level, their labels at that level alone.

        The level is that of the mean over all configurations of the temperature, so that those that
        are learnt from and those left aside have labels of the same time.
        """
        if self.temperature is None and self.configurations is None and self.level is None:
            return list(data)
        chosen = []
        groups = _by_temperature(data, self.temperature)
        for at_temperature in groups:
            if self.level is not None:
                at_temperature = _at_level(at_temperature, self.level)
            chosen += at_temperature[_slice(self.configurations)]
        if not chosen:
            there = " and the ".join(f"{len(group)} {_at(group[0])}" for group in groups)
            raise ValueError(f"there are no configurations {self.configurations} among the {there}")
        return chosen

    def time_of(self, item: LabelledConfiguration) -> float | None:
        """Time of the label of a configuration; None is the only one there is."""
        if self.time_index is None:
            return self.time
        if not 0 <= self.time_index < len(item.labels.times):
            raise ValueError(
                f"{item.source} has labels at {len(item.labels.times)} time(s), "
                f"none at place {self.time_index}; the first is 0"
            )
        return float(item.labels.times[self.time_index])


def read_labelled(
    files: Sequence[str | Path] | str | Path, file_format: str
) -> list[LabelledConfiguration]:
    """Read labelled files, and all that folders of campaigns and studies hold."""
    data = []
    for path in [files] if isinstance(files, str | Path) else files:
        if Path(path).expanduser().is_dir():
            data += _of_folder(Path(path).expanduser())
        else:
            data += read(path, file_format)
    return data


def structure_files(files: Sequence[str | Path] | str | Path, choice: Choice) -> list[str | Path]:
    """Put the files of equilibrated configurations in place of folders of campaigns and studies."""
    from ..campaigns import Campaign

    found: list[str | Path] = []
    chosen = choice.temperature is not None or choice.configurations is not None
    for path in [files] if isinstance(files, str | Path) else files:
        folder = Path(path).expanduser()
        if not folder.is_dir():
            if chosen:
                raise ValueError(
                    f"{path} is not the folder of a campaign or a study, of which temperatures and "
                    "configurations could be chosen; choose frames, or name fewer files"
                )
            found.append(path)
            continue
        campaign = Campaign(folder)
        temperatures = campaign.settings.liquid.temperatures
        if choice.temperature is not None:
            temperatures = [t for t in temperatures if np.isclose(t, choice.temperature, rtol=1e-6)]
        for temperature in temperatures:
            runs = [run.path for run in campaign.store.runs(temperature)]
            found += [run for run in runs[_slice(choice.configurations)] if run.exists()]
    if not found:
        raise ValueError("there are no such configurations to predict for")
    return found


def _of_folder(folder: Path) -> list[LabelledConfiguration]:
    from ..campaigns import Campaign

    campaign = Campaign(folder)
    data = campaign.load()
    n = campaign.settings.liquid.n_configurations
    if not data:
        raise ValueError(
            f"{folder} holds no labelled configurations yet: go on with vitreous simulate or run"
        )
    for at_temperature in _by_temperature(data, None):
        if len(at_temperature) < n:
            raise ValueError(
                f"{folder} is not finished: {len(at_temperature)} of {n} configurations at "
                f"T = {at_temperature[0].temperature:g} are labelled; go on with vitreous simulate "
                "or run"
            )
    return data


def _by_temperature(
    data: Sequence[LabelledConfiguration], temperature: float | None
) -> list[list[LabelledConfiguration]]:
    """Sort configurations by temperature, in the order in which these come first."""
    groups: dict[float | None, list[LabelledConfiguration]] = {}
    for item in data:
        groups.setdefault(None if np.isnan(item.temperature) else item.temperature, []).append(item)
    if temperature is None:
        return list(groups.values())
    for known, group in groups.items():
        if known is not None and np.isclose(known, temperature, rtol=1e-6):
            return [group]
    known_ones = ", ".join("unknown" if t is None else f"{t:g}" for t in groups)
    raise ValueError(f"no configurations at T = {temperature:g}; the temperatures are {known_ones}")


def _at(item: LabelledConfiguration) -> str:
    if np.isnan(item.temperature):
        return "of unknown temperature"
    return f"at T = {item.temperature:g}"


def _at_level(data: Sequence[LabelledConfiguration], level: float) -> list[LabelledConfiguration]:
    try:
        found = labels_at_levels([item.labels for item in data], CLOCK, [level])
    except ValueError as error:
        raise ValueError(f"{CLOCK} {_at(data[0])}: {error}") from error
    return [replace(item, labels=labels) for item, labels in zip(data, found, strict=True)]


def _slice(text: str | None) -> slice:
    if text is None:
        return slice(None)
    parts = text.split(":")
    try:
        values = [int(part) if part.strip() else None for part in parts]
    except ValueError:
        values = []
    if not 2 <= len(values) <= 3 or 0 in values[2:]:
        raise ValueError(f"configurations {text!r} are no slice as in Python, such as 0:12 or 12:")
    return slice(*values)
