"""Which files are the project's own, whatever else lies in its folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(path.parent for path in ROOT.glob("*/__init__.py"))
ROOM_NAMES = {room.name for room in ROOMS}


def package_sources() -> list[Path]:
    """All modules that are installed."""
    return sorted([*ROOT.glob("*.py"), *(path for room in ROOMS for path in room.rglob("*.py"))])


def pages_and_sources() -> list[Path]:
    """All modules, installed or not, and all pages."""
    folders = [*ROOMS, *(ROOT / name for name in ["docs", "examples", "benchmarks", "tests"])]
    inside = [
        path for folder in folders for path in folder.rglob("*") if "_build" not in path.parts
    ]
    return [path for path in [*ROOT.iterdir(), *inside] if path.suffix in (".py", ".md")]
