"""What the processes of one command say once, whichever of them comes first."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = "VITREOUS_SAID"
"""Environment variable: a folder with an empty file for each thing that was said.

Commands set it for themselves and their workers; without it, every process speaks for itself.
"""


def is_first_to_say(what: str) -> bool:
    """Whether no other process of the same command has said something; from now on, one has."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return True
    try:
        Path(folder, what).touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:
        return True
    return True
