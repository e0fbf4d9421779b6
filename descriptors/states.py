"""Descriptors of several states of a configuration, and of the way between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from ..liquid import Configuration
from .base import Descriptor


class StateUnion(Descriptor):
    r"""Describe several states of each configuration, and how far apart they are.

    Every state is computed once for each configuration, whatever is described in it. Columns are
    first those of the descriptor in each state, with the name of the state behind them, then the
    distances

    .. math:: |r_i^a - r_i^b|

    between the positions of a particle in each pair of states.

    Parameters
    ----------
    states : sequence of (str, transformer or None)
        Names and transformers from configurations to configurations, such as
        ``vitreous.simulate.InherentStructure`` or ``CageState``; None is the configuration itself.
    descriptor : transformer, optional
        Descriptor of each state; only distances without it. It is fitted to the configurations
        themselves, not to their states.
    differences : bool
        Whether there are distances among the columns.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Attributes
    ----------
    states_ : list of (str, transformer or None)
        The fitted transformers.
    descriptor_ : transformer or None
        The fitted descriptor.

    Raises
    ------
    ValueError
        In ``fit``, if there are no states, two have the same name, or nothing is asked for.

    References
    ----------
    R. M. Alkemade, F. Smallenburg and L. Filion, J. Chem. Phys. 158, 134512 (2023), where initial
    and cage state are described together.

    Examples
    --------
    >>> from vitreous.descriptors import RadialDescriptor, StateUnion
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import InherentStructure
    >>> system = KobAndersen2D()
    >>> states = [("thermal", None), ("inherent", InherentStructure(system))]
    >>> union = StateUnion(states, RadialDescriptor([1.1], 0.1))
    >>> configuration = system.random_configuration(100, random_state=1)
    >>> union.fit_transform([configuration]).shape
    (100, 7)
    >>> union.get_feature_names_out()[-4:].tolist()  # doctest: +NORMALIZE_WHITESPACE
    ['radial[A] r=1.1 inherent', 'radial[B] r=1.1 inherent', 'radial[C] r=1.1 inherent',
     'distance thermal-inherent']
    """

    def __init__(
        self,
        states: Sequence[tuple[str, Any]],
        descriptor: Any = None,
        differences: bool = True,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.states = states
        self.descriptor = descriptor
        self.differences = differences
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        names = [name for name, _ in self.states]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"states must have different names, at least one, not {names}")
        if self.descriptor is None and not (self.differences and len(names) > 1):
            raise ValueError("give a descriptor, or two states and ask for their differences")
        self.states_ = [
            (name, None if state is None else clone(state).fit(configurations))
            for name, state in self.states
        ]
        self.descriptor_ = (
            None if self.descriptor is None else clone(self.descriptor).fit(configurations)
        )

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        states = [
            configuration if state is None else state.transform([configuration])[0]
            for _, state in self.states_
        ]
        columns = []
        if self.descriptor_ is not None:
            columns += [np.asarray(self.descriptor_.transform([state])) for state in states]
        if self.differences:
            for one, other in combinations(states, 2):
                vectors = configuration.box.minimum_image(other.positions - one.positions)
                columns.append(np.linalg.norm(vectors, axis=1)[:, None])
        return np.concatenate(columns, axis=1)

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        names = [name for name, _ in self.states_]
        features = []
        if self.descriptor_ is not None:
            described = self.descriptor_.get_feature_names_out()
            features += [f"{feature} {name}" for name in names for feature in described]
        if self.differences:
            features += [f"distance {one}-{other}" for one, other in combinations(names, 2)]
        return features


class CageFluctuation(Descriptor):
    r"""Mean squared displacement of each particle within its cage.

    .. math:: \langle |r_i - \langle r_i \rangle|^2 \rangle

    This is the local Debye-Waller factor at one temperature, anharmonic motion included.

    Parameters
    ----------
    state : transformer
        ``vitreous.simulate.CageState``, or another with a method ``averages`` whose items have a
        ``mean_square_displacement``. Give it a ``memory`` if its positions are described as well.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    See Also
    --------
    DebyeWallerFactor : its harmonic approximation, which needs no dynamics.

    References
    ----------
    A. Widmer-Cooper and P. Harrowell, Phys. Rev. Lett. 96, 185701 (2006).

    Examples
    --------
    >>> from vitreous.descriptors import CageFluctuation
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import CageState, minimize
    >>> system = KobAndersen2D()
    >>> start = minimize(system, system.random_configuration(43, random_state=1)).configuration
    >>> fluctuation = CageFluctuation(CageState(system, 0.1, duration=20.0))
    >>> fluctuation.fit_transform([start]).shape
    (43, 1)
    """

    def __init__(self, state: Any, n_jobs: int | None = None, dtype: str = "float32") -> None:
        self.state = state
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self.state_ = clone(self.state).fit(configurations)

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        (average,) = self.state_.averages([configuration])
        return average.mean_square_displacement[:, None]

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return ["mean-square-displacement"]
