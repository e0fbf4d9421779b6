"""What states of configurations have in common, as steps of a scikit-learn pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

from joblib import Memory, Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_memory

from ..liquid import Configuration, System
from ..liquid.conversion import as_configurations
from ..storage.memory import cached

R = TypeVar("R")


class OfOneSystem(BaseEstimator):
    """Simulates configurations of one system; there is nothing to learn."""

    system: System

    def fit(self, configurations: Sequence[Configuration], labels: Any = None) -> Self:
        """Check that the configurations belong to the system; nothing is learned.

        Parameters
        ----------
        configurations : sequence of Configuration
            Or of anything of which `vitreous.liquid.as_configuration` makes one.
        labels : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        TypeError
            If this is not a sequence, or an item is nothing that is accepted.
        ValueError
            If a configuration has other species or another dimension than the system.
        """
        self._of_system(configurations)
        return self

    def _of_system(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """Make configurations of what users hold, and check that they are of the system."""
        made = as_configurations(configurations, self.system.species)
        for configuration in made:
            self.system.require(configuration)
        return made

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


class State(TransformerMixin, OfOneSystem):
    """Maps configurations of one system to configurations."""

    memory: str | Memory | None
    n_jobs: int | None

    def __init_subclass__(cls, **keywords: Any) -> None:
        # Whatever containers scikit-learn is told to return, configurations stay what they are.
        super().__init_subclass__(auto_wrap_output_keys=None, **keywords)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Return what comes in, since configurations have no columns.

        So the names of a pipeline are those of the descriptor behind its states.

        Parameters
        ----------
        input_features : Any
            What the step before it says.

        Returns
        -------
        Any
            The same.
        """
        return input_features

    def set_output(self, *, transform: str | None = None) -> Self:
        """Do nothing: configurations go into no data frame, the features of them do.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, optional
            Ignored here, and followed by the descriptors of the same pipeline.

        Returns
        -------
        self
        """
        return self

    def _each(
        self,
        compute: Callable[..., R],
        configurations: Sequence[Configuration],
        *settings: Any,
        **named: Any,
    ) -> list[R]:
        """Compute something of every configuration, side by side, kept in the memory if any."""
        kept = cached(check_memory(self.memory), compute)
        return list(
            Parallel(n_jobs=self.n_jobs)(
                delayed(kept)(self.system, configuration, *settings, **named)
                for configuration in self._of_system(configurations)
            )
        )
