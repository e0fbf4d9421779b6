"""One temperature for a configuration and for what its source says about it."""

from __future__ import annotations

import math

from ..liquid import Configuration


def told_once(configuration: Configuration, temperature: float) -> tuple[Configuration, float]:
    """Give a configuration and its source the same temperature, whichever of them has one.

    NaN stands for a source without a temperature. If both have one, that of the source counts.
    """
    if math.isnan(temperature):
        known = configuration.temperature
        return configuration, math.nan if known is None else known
    if configuration.temperature != temperature:
        configuration = configuration.with_temperature(temperature)
    return configuration, temperature
