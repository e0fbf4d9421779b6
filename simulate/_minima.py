"""Minima of the energy that are found once for each configuration."""

from __future__ import annotations

from ..liquid import Configuration, System
from ._remembered import remembered
from .minimize import minimize


def minimum(system: System, configuration: Configuration, force_tolerance: float) -> Configuration:
    """Find the inherent structure of a configuration, once for every system and tolerance.

    What has not converged is not kept: it warns each time.
    """
    found = remembered(configuration)
    key = "minimum", system.fingerprint(), force_tolerance
    if key in found:
        return found[key]
    result = minimize(system, configuration, force_tolerance=force_tolerance)
    if result.converged:
        found[key] = result.configuration
    return result.configuration
