"""What `equilibrate` asks of a sampler."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable

import numpy as np

from ..liquid import Configuration
from .swap import SwapResult


class Sampler(Protocol):
    """Moves that leave the canonical distribution of a system as it is.

    `SwapMonteCarlo` and `HybridSwap` are two; any object with this attribute and this method can
    take their place in `equilibrate`.

    Examples
    --------
    A sampler that leaves everything where it is:

    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import SwapResult, equilibrate_from
    >>> class Idle:
    ...     displacement = float("nan")
    ...     def run(self, configuration, temperature, n_sweeps, random_state=None):
    ...         return SwapResult(configuration, np.array([n_sweeps]), np.zeros(1), 1.0, {})
    >>> liquid = KobAndersen2D().random_configuration(43, random_state=0)
    >>> equilibrate_from(liquid, 0.5, Idle(), n_sweeps=10).configuration is liquid
    True
    """

    @property
    def displacement(self) -> float:
        """Standard deviation of each component of a trial displacement; NaN if there are none."""

    def run(
        self,
        configuration: Configuration,
        temperature: float,
        n_sweeps: int,
        random_state: int | np.random.Generator | None = None,
    ) -> SwapResult:
        """Run at one temperature.

        Parameters
        ----------
        configuration : Configuration
            Start of the run.
        temperature : float
            In units of eps_AA / k_B.
        n_sweeps : int
            Length of the run.
        random_state : int, numpy Generator or None
            Source of all random numbers.

        Returns
        -------
        SwapResult
        """


@runtime_checkable
class TunableSampler(Sampler, Protocol):
    """A sampler that finds displacements of which a given fraction is accepted."""

    def tune(
        self,
        configuration: Configuration,
        temperature: float,
        *,
        target_acceptance: float,
        n_sweeps: int,
        random_state: int | np.random.Generator | None = None,
    ) -> tuple[Self, Configuration]:
        """Return a sampler with such displacements, and the configuration after the search."""
