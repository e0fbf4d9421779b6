"""Descriptors that write their features beside those of others, without a copy."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import FeatureUnion

from ..liquid import Configuration
from .base import Descriptor


class ColumnDescriptor(Descriptor):
    """A descriptor whose kernel can write into some columns of a larger array."""

    @abstractmethod
    def _n_features(self) -> int:
        """Return the number of columns."""

    @abstractmethod
    def _fill(
        self, configuration: Configuration, features: NDArray[np.floating], column: int
    ) -> None:
        """Write the features of one configuration into ``features`` from a column on.

        ``features`` is C-contiguous and has one row per particle and the dtype of the descriptor.
        """

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        features = np.empty((configuration.n_particles, self._n_features()), self.dtype)
        self._fill(configuration, features, 0)
        return features


def describe_with_room(
    transformer: Any, configuration: Configuration, n_repeats: int, dtype: str
) -> NDArray[np.floating]:
    """Describe one configuration, with room to the right for as many columns again and again.

    Members of a union are called one by one. Those that are column descriptors of the same dtype
    write straight into the array that is returned, any others are transformed and copied.

    Returns
    -------
    ndarray of dtype ``dtype``, shape (n_particles, n_repeats times n_features)
        The first n_features columns are filled.

    Raises
    ------
    ValueError
        If the transformer does not give one row per particle.
    """
    n_particles = configuration.n_particles
    parts: list[ColumnDescriptor | NDArray[Any]] = []
    widths = []
    for member in _members(transformer):
        if _writes_columns(member) and member.dtype == dtype:
            parts.append(member)
            widths.append(member._n_features())
            continue
        block = np.asarray(member.transform([configuration]), dtype=dtype)
        if len(block) != n_particles:
            raise ValueError(
                f"the wrapped descriptor gave {len(block)} rows for a configuration of "
                f"{n_particles} particles; it must give one per particle"
            )
        parts.append(block)
        widths.append(block.shape[1])
    features = np.empty((n_particles, n_repeats * sum(widths)), dtype)
    column = 0
    for part, width in zip(parts, widths, strict=True):
        if isinstance(part, ColumnDescriptor):
            part._fill(configuration, features, column)
        else:
            features[:, column : column + width] = part
        column += width
    return features


def _writes_columns(member: Any) -> TypeGuard[ColumnDescriptor]:
    """Whether a member gives what its kernel writes, and no subclass has changed that."""
    return (
        isinstance(member, ColumnDescriptor)
        and type(member).describe is ColumnDescriptor.describe
        and type(member).transform is ColumnDescriptor.transform
    )


def _members(transformer: Any) -> list[Any]:
    """Take a union apart, unless it does more to its members than to join them."""
    if (
        type(transformer) is not FeatureUnion
        or transformer.n_jobs is not None
        or transformer.transformer_weights
    ):
        return [transformer]
    return [
        leaf
        for _, member in transformer.transformer_list
        if member != "drop"
        for leaf in _members(member)
    ]
