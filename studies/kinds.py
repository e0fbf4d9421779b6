"""The kinds of studies, and which of them a settings file describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..campaigns._toml import read_toml
from ..storage.progress import Progress, silent
from .base import SETTINGS, Study
from .heterogeneity.study import HeterogeneityStudy
from .transfer.study import TransferStudy

KINDS: tuple[type[Study[Any, Any]], ...] = (HeterogeneityStudy, TransferStudy)
"""All kinds of studies; the first of them takes a file that has tables of several."""

DEFAULT_STUDY = "ka2d_transfer"
"""Name of the packaged study that ``vitreous run`` runs if none is named."""


def open_study(
    study: str | Path = DEFAULT_STUDY,
    folder: str | Path = "study",
    n_jobs: int = -1,
    progress: Progress = silent,
) -> Study:
    """Open a study of the kind whose tables its file has.

    Parameters
    ----------
    study : str or Path
        TOML file, or the name of a packaged study.
    folder, n_jobs, progress
        As for `Study`.

    Returns
    -------
    Study

    Raises
    ------
    FileNotFoundError
        If there is no such file, and no packaged study of this name.
    ValueError
        If the file has the tables of no kind of study, its settings are wrong, or the folder holds
        another study.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.studies import open_study
    >>> with TemporaryDirectory() as folder:
    ...     study = open_study("ka2d_to_tg", folder)
    >>> type(study).__name__, study.settings.title
    ('HeterogeneityStudy', 'Dynamic heterogeneity of KA2D down to the glass transition')
    """
    settings_file = find_study(study)
    there = set(read_toml(settings_file))
    for kind in KINDS:
        if kind.tables() & there:
            return kind(settings_file, folder, n_jobs, progress)
    known = ", ".join(f"[{name}]" for kind in KINDS for name in sorted(kind.tables()))
    raise ValueError(
        f"{settings_file}: no table says what is studied; the tables are {known}; without one it "
        "is a campaign, for vitreous simulate"
    )


def reopen_study(folder: str | Path, n_jobs: int = -1, progress: Progress = silent) -> Study:
    """Open the study that a folder keeps, to look at its results.

    Raises
    ------
    FileNotFoundError
        If the folder holds no study.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.studies import open_study, reopen_study
    >>> with TemporaryDirectory() as folder:
    ...     study = open_study("ka2d_to_tg", folder)
    ...     reopen_study(folder).settings == study.settings
    True
    """
    kept = Path(folder) / SETTINGS
    if not kept.is_file():
        raise FileNotFoundError(f"{folder} is not the folder of a study: no {SETTINGS} in it")
    return open_study(kept, folder, n_jobs, progress)


def study_tables() -> frozenset[str]:
    """Names of all tables that studies have and campaigns do not."""
    return frozenset().union(*(kind.tables() for kind in KINDS))


def packaged_studies() -> dict[str, Path]:
    """Find the studies that come with the package, by their names."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.toml"))}


def find_study(study: str | Path) -> Path:
    """Path of a settings file, or of the packaged study of this name if there is no such file."""
    packaged = packaged_studies()
    if Path(study).is_file():
        return Path(study)
    if str(study) in packaged:
        return packaged[str(study)]
    raise FileNotFoundError(f"there is no file {study}; packaged studies are {', '.join(packaged)}")
