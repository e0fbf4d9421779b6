"""Fluctuations of a per-particle field around its mean, ready to be correlated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Box, Configuration


class Fluctuations(NamedTuple):
    """Deviations of a field in one configuration, and of a second measurement of the same field."""

    box: Box
    positions: NDArray[np.float64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]


def fluctuations(
    configurations: Sequence[Configuration],
    fields: Sequence[ArrayLike],
    others: Sequence[ArrayLike] | None,
    species: str | None,
) -> list[Fluctuations]:
    """Select the particles of a species and subtract the mean over all configurations."""
    first = selected_values(configurations, fields, species)
    second = first if others is None else selected_values(configurations, others, species)
    means = [np.concatenate(values).mean() for values in (first, second)]
    return [
        Fluctuations(
            configuration.box,
            configuration.positions[chosen_particles(configuration, species)],
            a - means[0],
            b - means[1],
        )
        for configuration, a, b in zip(configurations, first, second, strict=True)
    ]


def selected_values(
    configurations: Sequence[Configuration], fields: Sequence[ArrayLike], species: str | None
) -> list[NDArray[np.float64]]:
    """Check the fields and keep the values of the particles of a species, or all."""
    if not len(configurations):
        raise ValueError("there are no configurations")
    if len(fields) != len(configurations):
        raise ValueError(f"{len(fields)} fields for {len(configurations)} configurations")
    selected = []
    for number, (configuration, field) in enumerate(zip(configurations, fields, strict=True)):
        values = np.asarray(field, dtype=np.float64)
        if values.shape != (configuration.n_particles,):
            raise ValueError(
                f"the field of configuration {number} has shape {values.shape}; its "
                f"{configuration.n_particles} particles ask for ({configuration.n_particles},)"
            )
        if not np.isfinite(values).all():
            particle = int(np.flatnonzero(~np.isfinite(values))[0])
            raise ValueError(
                f"the field of configuration {number} is not finite at particle {particle}"
            )
        selected.append(values[chosen_particles(configuration, species)])
    return selected


def chosen_particles(configuration: Configuration, species: str | None) -> NDArray[np.bool_]:
    """Mark the particles of a species, or all particles."""
    chosen = configuration.of_species(species)
    if not chosen.any():
        raise ValueError(f"{configuration!r} has no particles of species {species!r}")
    return chosen
