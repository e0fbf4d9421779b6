"""Minima of the energy that are remembered as long as the configurations they belong to."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from ..liquid import Configuration, System
from .minimize import minimize

_minima: WeakKeyDictionary[Configuration, dict[tuple[str, float], Configuration]]
_minima = WeakKeyDictionary()


def minimum(system: System, configuration: Configuration, force_tolerance: float) -> Configuration:
    """Find the inherent structure of a configuration, once for every system and tolerance.

    Descriptors of several states ask for it one after the other. Configurations are immutable, so
    that their minima are theirs for good. What has not converged is not kept: it warns each time.
    """
    found = _minima.setdefault(configuration, {})
    key = system.fingerprint(), force_tolerance
    if key in found:
        return found[key]
    result = minimize(system, configuration, force_tolerance=force_tolerance)
    if result.converged:
        found[key] = result.configuration
    return result.configuration
