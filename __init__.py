"""Predict the dynamics of glass-forming liquids from their structure alone.

The rooms of the package, from the ground up: :mod:`~vitreous.liquid`, :mod:`~vitreous.dynamics`,
:mod:`~vitreous.simulate`, :mod:`~vitreous.descriptors`, :mod:`~vitreous.datasets`,
:mod:`~vitreous.models`, :mod:`~vitreous.plots`. All quantities are in reduced Lennard-Jones units.
"""

from ._version import __version__

__all__ = ["__version__"]
