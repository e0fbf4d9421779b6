"""Which settings a folder belongs to: it keeps a copy of them, and of what they refer to."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from ..storage.atomic import atomic_path
from .settings import CampaignSettings


def claim_folder(
    folder: Path,
    name: str,
    settings_file: Path,
    settings: CampaignSettings,
    ignored: Collection[str] = (),
) -> None:
    """Keep a copy of the settings in a folder, and refuse a folder that holds other settings.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    name : str
        Name of the copy.
    settings_file : Path
    settings : CampaignSettings
        What was read from this file.
    ignored : collection of str
        Names of tables that were left out.

    Raises
    ------
    ValueError
        If the folder holds other settings, or another file of a system of one's own.
    """
    claimed = folder / name
    if claimed.exists() and claimed.samefile(settings_file):
        return
    files = {folder / file: settings_file.parent / file for file in settings.files}
    if claimed.exists() and (
        type(settings).load(claimed, ignored) != settings
        or any(kept.exists() and _differ(kept, file) for kept, file in files.items())
    ):
        raise ValueError(
            f"the folder {folder} holds a {claimed.stem} with other settings; choose another "
            f"folder, or delete {claimed} to reuse what the two have in common"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for kept, file in (files | {claimed: settings_file}).items():
        with atomic_path(kept) as partial:
            shutil.copyfile(file, partial)


def _differ(first: Path, second: Path) -> bool:
    return first.read_bytes() != second.read_bytes()
