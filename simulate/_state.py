"""What states of configurations have in common, as steps of a scikit-learn pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin

from ..liquid import Configuration, System


class State(TransformerMixin, BaseEstimator):
    """Maps configurations of one system to configurations; there is nothing to learn."""

    system: System

    def fit(self, configurations: Sequence[Configuration], labels: Any = None) -> Self:
        """Check that the configurations belong to the system; nothing is learned."""
        for configuration in configurations:
            self.system.require(configuration)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags
