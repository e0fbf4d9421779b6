"""Readers of published data, all of which hand over labelled configurations."""

from .botan import read_botan
from .gsd_files import read_gsd, write_gsd
from .ka2d import load_ka2d
from .labelled import LabelledConfiguration
from .readers import read, read_ends

__all__ = [
    "LabelledConfiguration",
    "load_ka2d",
    "read",
    "read_botan",
    "read_ends",
    "read_gsd",
    "write_gsd",
]
