"""How far the bonds of a particle are stretched, as it is and in a state without vibrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr
from sklearn.base import clone

from ..liquid import Configuration, System, neighbor_list
from .base import Descriptor

_DEFAULT_LENGTHS = tuple(np.arange(1.1, 1.79, 0.05).round(2).tolist())


class StretchedBonds(Descriptor):
    r"""Share of the bonds of a particle that are longer than given lengths, in two states.

    Bonds are pairs with :math:`r_{ij} < b \, \sigma_{ij}` in the configuration, as the
    bond-breaking correlation counts them. Columns are their number :math:`n_i`, and for each length
    a

    .. math:: \frac{1}{n_i} \sum_j \Phi\left( \frac{r_{ij} / \sigma_{ij} - a}{w} \right),

    :math:`\Phi` being the normal distribution function: with the distances of the configuration
    itself, and with those of the same pairs in the state. A pair that was caught on its way out is
    bound by that definition, long in the state, and soon counts as broken.

    Parameters
    ----------
    system : System
        Gives the diameters :math:`\sigma_{ij}`.
    state : transformer
        From configurations to configurations, such as ``vitreous.simulate.InherentStructure``.
    lengths : array_like of float, shape (n_lengths,)
        The a.
    width : float
        The w.
    bond_length : float
        The b; 1.4 as in `vitreous.dynamics.BondBreaking`.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Attributes
    ----------
    state_ : transformer
        The fitted one.

    Raises
    ------
    ValueError
        In ``fit``, if a length, the width or the bond length is not positive and finite; in
        ``transform``, if bonds exceed half the box.

    Notes
    -----
    Columns of our own. For thermal configurations.

    Examples
    --------
    >>> from vitreous.descriptors import StretchedBonds
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import InherentStructure
    >>> system = KobAndersen2D()
    >>> descriptor = StretchedBonds(system, InherentStructure(system), lengths=[1.2, 1.5])
    >>> descriptor.fit_transform([system.random_configuration(100, random_state=1)]).shape
    (100, 5)
    >>> descriptor.get_feature_names_out().tolist()  # doctest: +NORMALIZE_WHITESPACE
    ['bonds', 'bonds longer than 1.2', 'bonds longer than 1.5',
     'bonds longer than 1.2 in the state', 'bonds longer than 1.5 in the state']
    """

    def __init__(
        self,
        system: System,
        state: Any,
        lengths: ArrayLike = _DEFAULT_LENGTHS,
        width: float = 0.03,
        bond_length: float = 1.4,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.system = system
        self.state = state
        self.lengths = lengths
        self.width = width
        self.bond_length = bond_length
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self._lengths = np.ravel(np.asarray(self.lengths, dtype=np.float64))
        for name, values in (
            ("lengths", self._lengths),
            ("width", np.array([self.width])),
            ("bond_length", np.array([self.bond_length])),
        ):
            if not values.size or not ((values > 0) & np.isfinite(values)).all():
                raise ValueError(f"{name} must be positive and finite, not {getattr(self, name)!r}")
        for configuration in configurations:
            self.system.require(configuration)
        self.state_ = clone(self.state).fit(configurations)

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        (state,) = self.state_.transform([configuration])
        neighbors = neighbor_list(
            configuration, self.bond_length * self.system.largest_diameter(configuration)
        )
        rows, columns = neighbors.rows, neighbors.indices
        diameters = self.system.pair_diameters(configuration, rows, columns)
        bonded = neighbors.distances < self.bond_length * diameters
        rows, columns, diameters = rows[bonded], columns[bonded], diameters[bonded]
        n = configuration.n_particles
        counts = np.bincount(rows, minlength=n)
        shares = [counts.astype(np.float64)]
        for places in (configuration.positions, state.positions):
            vectors = configuration.box.minimum_image(places[columns] - places[rows])
            stretched = np.linalg.norm(vectors, axis=1) / diameters
            for length in self._lengths:
                longer = ndtr((stretched - length) / self.width)
                shares.append(np.bincount(rows, longer, minlength=n) / np.maximum(counts, 1))
        return np.column_stack(shares)

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        longer = [f"bonds longer than {length:g}" for length in self._lengths]
        return ["bonds", *longer, *(f"{name} in the state" for name in longer)]
