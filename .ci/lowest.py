"""Print the lowest version of every requirement of setup.cfg, as constraints for pip."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

settings = configparser.ConfigParser()
settings.read(Path(__file__).resolve().parents[1] / "setup.cfg", encoding="utf-8")
groups = [settings["options"]["install_requires"], *settings["options.extras_require"].values()]

lowest: dict[str, str] = {}
for name, version in re.findall(r"^([\w.-]+)[>=]=([\w.]+)", "\n".join(groups), re.MULTILINE):
    known = lowest.setdefault(name, version)
    lowest[name] = min(known, version, key=lambda text: [int(part) for part in text.split(".")])

for name, version in sorted(lowest.items()):
    print(f"{name}=={version}")
