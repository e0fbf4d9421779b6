"""The kinds of studies that a settings file may describe."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

from ..campaigns.campaign import Progress


def open_study(
    settings_file: Path,
    folder: Path,
    n_jobs: int = -1,
    progress: Progress = lambda step, done, total: None,
) -> Callable[[], Path]:
    """Open the study of a settings file; what is returned runs it and writes its report.

    A file with a table ``[heterogeneity]`` describes a study of dynamic heterogeneity, any other
    one of transfer.
    """
    if _has_heterogeneity(settings_file):
        from .heterogeneity.report import write_heterogeneity_report
        from .heterogeneity.study import HeterogeneityStudy

        made = HeterogeneityStudy(settings_file, folder, n_jobs, progress)
        return lambda: write_heterogeneity_report(
            made.run(), made.settings, made.campaign.system, folder
        )
    from .transfer.report import write_report
    from .transfer.study import Study

    study = Study(settings_file, folder, n_jobs, progress)
    return lambda: write_report(study.run(), study.settings, folder)


def _has_heterogeneity(settings_file: Path) -> bool:
    """Look for the table; what is wrong with the file, the study will tell."""
    try:
        return "heterogeneity" in tomllib.loads(settings_file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
