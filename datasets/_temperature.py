"""One temperature for a configuration and for what its source says of it."""

from __future__ import annotations

import math

from ..liquid import Configuration


def told_once(configuration: Configuration, temperature: float) -> tuple[Configuration, float]:
    """Let a configuration tell the temperature of its source, or the source that of it.

    NaN stands for a source that does not tell. One that does has the last word.
    """
    if math.isnan(temperature):
        known = configuration.temperature
        return configuration, math.nan if known is None else known
    if configuration.temperature != temperature:
        configuration = configuration.with_temperature(temperature)
    return configuration, temperature
