"""The base class of all descriptors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from ..liquid import Configuration
from ..liquid.conversion import as_configurations


class Descriptor(TransformerMixin, BaseEstimator, ABC):
    """A scikit-learn transformer from configurations to one row of features per particle.

    A subclass takes ``n_jobs`` and ``dtype`` among its parameters and says how one configuration
    is described (:meth:`describe`) and what the columns are called (:meth:`feature_names`). It may
    check its parameters and prepare what both need in :meth:`prepare`, which does nothing here.
    These three methods are called by :meth:`fit`, :meth:`transform` and
    :meth:`get_feature_names_out`, which subclasses inherit.

    In a field of view, a box with open directions, some surroundings are cut by the border. A
    subclass that gives NaN for such particles (`vitreous.liquid.cut_surroundings`) says so by
    ``open_boxes = True``; the others refuse open boxes.

    Attributes
    ----------
    species_ : tuple of str
        Species of the configurations seen in ``fit``.
    dimensions_ : int
        Their dimension, 2 or 3.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import Descriptor
    >>> from vitreous.liquid import KobAndersen2D, neighbor_list
    >>> class Coordination(Descriptor):
    ...     def __init__(self, cutoff=1.4, n_jobs=None, dtype="float32"):
    ...         self.cutoff = cutoff
    ...         self.n_jobs = n_jobs
    ...         self.dtype = dtype
    ...
    ...     def describe(self, configuration):
    ...         return neighbor_list(configuration, self.cutoff).counts[:, np.newaxis]
    ...
    ...     def feature_names(self):
    ...         return [f"coordination cutoff={self.cutoff:g}"]
    >>> configuration = KobAndersen2D().random_configuration(100, random_state=1)
    >>> Coordination().fit_transform([configuration]).shape
    (100, 1)

    What other packages hold goes straight into every descriptor:

    >>> box, points = configuration.to_freud()
    >>> Coordination().fit_transform([(box, points, configuration.types)]).shape
    (100, 1)
    """

    n_jobs: int | None
    dtype: str

    open_boxes = False

    @abstractmethod
    def describe(self, configuration: Configuration) -> NDArray[Any]:
        """Describe one configuration, whose species and dimension have been checked.

        Parameters
        ----------
        configuration : Configuration

        Returns
        -------
        ndarray, shape (n_particles, n_features)
        """

    @abstractmethod
    def feature_names(self) -> list[str]:
        """Name the columns of :meth:`describe`.

        Called after :meth:`prepare`, when ``species_`` and ``dimensions_`` are known.

        Returns
        -------
        list of str
            One name for each column, all different.
        """

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters and prepare what does not depend on the configuration.

        Called by :meth:`fit`, after ``species_`` and ``dimensions_`` are set.

        Parameters
        ----------
        configurations : sequence of Configuration
            Those given to ``fit``, all of the same species and dimension.

        Raises
        ------
        ValueError
            If a parameter is out of range.
        """

    def fit(self, configurations: Sequence[Configuration], y: Any = None) -> Self:
        """Learn the species and the dimension.

        Parameters
        ----------
        configurations : sequence of Configuration
            Or of anything of which `vitreous.liquid.as_configuration` makes one, such as
            ``(box, points, types)``, GSD frames, freud systems, ASE atoms and MDAnalysis universes.
            All of the same species and dimension. A single configuration goes in a list.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        TypeError
            If this is not a sequence, or an item is nothing that is accepted.
        ValueError
            If the sequence is empty or mixed, or a parameter is out of range.
        """
        configurations = as_configurations(configurations)
        if self.dtype not in ("float32", "float64"):
            raise ValueError(f"dtype must be 'float32' or 'float64', not {self.dtype!r}")
        self.species_ = configurations[0].species
        self.dimensions_ = configurations[0].dimensions
        self._require_same_liquid(configurations)
        self.prepare(configurations)
        return self

    def transform(self, configurations: Sequence[Configuration]) -> NDArray[Any]:
        """Describe every particle of every configuration.

        Parameters
        ----------
        configurations : sequence of Configuration
            Or of what `fit` takes. Names of species find their places among those of `fit`;
            integers count them from 0.

        Returns
        -------
        ndarray of dtype ``dtype``, shape (n_particles_total, n_features)
            Rows in the order of the configurations, then of their particles.

        Raises
        ------
        TypeError
            If this is not a sequence, or an item is nothing that is accepted.
        ValueError
            If the sequence is empty, or a configuration has other species or another dimension
            than in ``fit``, is too small for the cutoff, holds two particles at one point, or lies
            in an open box, of which the descriptor can make nothing.
        """
        check_is_fitted(self)
        configurations = as_configurations(configurations, self.species_)
        self._require_same_liquid(configurations)
        if len(configurations) == 1:
            return np.asarray(self.describe(configurations[0]), dtype=self.dtype)
        blocks: Iterator[NDArray[Any]] = Parallel(
            n_jobs=self.n_jobs, prefer="threads", return_as="generator"
        )(delayed(self.describe)(configuration) for configuration in configurations)
        n_particles = sum(configuration.n_particles for configuration in configurations)
        features = np.empty((n_particles, len(self.feature_names())), dtype=self.dtype)
        row = 0
        for block in blocks:
            features[row : row + len(block)] = block
            row += len(block)
        return features

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the columns.

        Parameters
        ----------
        input_features : None
            Ignored: configurations have no columns.

        Returns
        -------
        ndarray of str, shape (n_features,)
        """
        check_is_fitted(self)
        return np.array(self.feature_names(), dtype=object)

    def _require_same_liquid(self, configurations: Sequence[Configuration]) -> None:
        for number, configuration in enumerate(configurations):
            if not self.open_boxes:
                configuration.box.require_periodic(type(self).__name__)
            if configuration.species != self.species_:
                raise ValueError(
                    f"configuration {number} has the species {configuration.species}, but the "
                    f"descriptor was fitted to {self.species_}; fit it again, or give both "
                    "configurations the same tuple of species"
                )
            if configuration.dimensions != self.dimensions_:
                raise ValueError(
                    f"configuration {number} has {configuration.dimensions} dimensions, but the "
                    f"descriptor was fitted to {self.dimensions_}; fit it again"
                )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "species_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags
