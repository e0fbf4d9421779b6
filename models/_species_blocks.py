"""The features of one configuration at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from joblib import Memory
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import check_memory

from ..liquid import Configuration
from ..storage import recipes
from ..storage.memory import cached
from .training_range import Columns, column_statistics


class NotDescribed(ValueError):
    """A configuration that a descriptor cannot describe.

    Parameters
    ----------
    reason : str
    which : str
        Fingerprint of the configuration, by which whoever read it knows its file.
    """

    def __init__(self, reason: str, which: str) -> None:
        super().__init__(reason, which)
        self.which = which

    def __str__(self) -> str:
        return str(self.args[0])


def fingerprint(configuration: Configuration) -> str:
    """Checksum of the positions."""
    return hashlib.sha256(configuration.positions.tobytes()).hexdigest()


def fitted_to(descriptor: Any, configuration: Configuration) -> Any:
    """Fit a copy of a descriptor to a configuration.

    Raises
    ------
    NotDescribed
    """
    try:
        return clone(descriptor).fit([configuration])
    except ValueError as error:
        raise NotDescribed(str(error), fingerprint(configuration)) from error


class Features:
    """Describes configurations by a fitted descriptor; remembers them in a `joblib.Memory`."""

    def __init__(self, descriptor: Any, memory: str | Memory | None = None) -> None:
        self._descriptor = descriptor
        self._transform = cached(check_memory(memory), _features)

    def __call__(self, configuration: Configuration) -> NDArray[np.floating]:
        """Features of every particle, shape (N, n_features).

        Raises
        ------
        NotDescribed
        """
        try:
            return self._transform(self._descriptor, configuration, recipes.FEATURES)
        except ValueError as error:
            raise NotDescribed(str(error), fingerprint(configuration)) from error


def _features(descriptor: Any, configuration: Configuration, recipe: int) -> NDArray[np.floating]:
    """Transform one configuration; what is remembered depends on the number of the recipe, too."""
    return np.asarray(descriptor.transform([configuration]))


def rows_of(configuration: Configuration, species: str) -> NDArray[np.bool_]:
    """Which particles are of a species, or of ``"all"``."""
    return configuration.of_species(None if species == "all" else species)


def known_rows(configuration: Configuration, block: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which particles have features, or labels, shape (N,): in a periodic box all.

    In a field of view those whose surroundings are cut by its border have none, nor those that were
    lost from sight.
    """
    if configuration.box.is_periodic:
        return np.ones(configuration.n_particles, dtype=bool)
    return ~np.isnan(block).reshape(len(block), -1).any(axis=1)


def nothing_known(species: str) -> ValueError:
    """Error for a species of which no particle can be learnt from."""
    return ValueError(
        f"no particle of species {species!r} has both a label and surroundings that are not cut by "
        "the border; take a larger field of view or a shorter cutoff"
    )


def all_cut() -> ValueError:
    """Error for a configuration of which no particle can be predicted for."""
    return ValueError(
        "the surroundings of all particles are cut by the border of the field of view, which "
        "is too small for the model"
    )


def require_finite(
    labels: NDArray[np.float64], configuration: Configuration, number: int
) -> NDArray[np.float64]:
    """Refuse labels that are not finite; in a field of view NaN stands for lost particles."""
    allowed = np.isfinite(labels)
    if not configuration.box.is_periodic:
        allowed |= np.isnan(labels)
    if not allowed.all():
        particle = int(np.argwhere(~allowed)[0, 0])
        raise ValueError(
            f"the label of particle {particle} in configuration {number} is {labels[particle]}"
        )
    return labels


def columns_of(
    configuration: Configuration, block: NDArray[np.floating], species: Iterable[str]
) -> Columns:
    """Column statistics of each species that has particles."""
    known = known_rows(configuration, block)
    rows = {name: rows_of(configuration, name) & known for name in species}
    return {name: column_statistics(block[chosen]) for name, chosen in rows.items() if chosen.any()}
