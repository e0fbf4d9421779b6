"""Print the lowest version of every requirement of setup.cfg, as constraints for pip."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

settings = configparser.ConfigParser()
settings.read(Path(__file__).resolve().parents[1] / "setup.cfg", encoding="utf-8")
groups = [settings["options"]["install_requires"], *settings["options.extras_require"].values()]

for name, version in sorted(set(re.findall(r"^([\w.-]+)[>=]=([\w.]+)", "\n".join(groups), re.M))):
    print(f"{name}=={version}")
