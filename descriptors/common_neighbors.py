"""Common neighbours of bonded pairs, and the crystals that they tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._bonds import Bonds, bonds_within, checked_cutoffs
from ._common_neighbor_kernels import MOST_COMMON, adaptive_structures, pair_signatures
from .base import Descriptor

STRUCTURES = ("other", "fcc", "hcp", "bcc", "icosahedral")
"""What `adaptive_common_neighbors` tells apart, by its numbers."""

_N_NEAREST = 14
_CRYSTALS = (1, 2, 3)


def common_neighbors(
    configuration: Configuration, cutoffs: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Honeycutt-Andersen signatures of all bonded pairs.

    Parameters
    ----------
    configuration : Configuration
        Three-dimensional.
    cutoffs : float or array_like of float, shape (n_species, n_species)
        Of the bonds, in units of sigma_AA; usually the first minima of the partial g(r).

    Returns
    -------
    pairs : ndarray of int64, shape (M, 2)
        Every bond once, the lower number first.
    signatures : ndarray of int64, shape (M, 3)
        Number of particles bonded to both, of bonds between these, and of those bonds that hang
        together in the largest cluster: 5, 5, 5 (1551 in the notation of the reference) for pairs
        in an icosahedron, 4, 2, 1 (1421) in fcc.

    Raises
    ------
    ValueError
        If the configuration is two-dimensional or its box open, a cutoff is not positive or exceeds
        half the box, or two particles have more than 62 common neighbours.

    References
    ----------
    J. D. Honeycutt, H. C. Andersen, J. Phys. Chem. 91, 4950 (1987); D. Faken, H. Jonsson, Comput.
    Mater. Sci. 2, 279 (1994).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import common_neighbors
    >>> from vitreous.liquid import Box, Configuration
    >>> cell = np.array(np.meshgrid(*[[-2, -1, 0, 1]] * 3)).reshape(3, -1).T
    >>> places = cell[cell.sum(axis=1) % 2 == 0]
    >>> fcc = Configuration(places, np.zeros(32, int), Box.cube(4.0, dimensions=3), "A")
    >>> pairs, signatures = common_neighbors(fcc, cutoffs=1.7)
    >>> len(pairs), np.unique(signatures, axis=0).tolist()
    (192, [[4, 2, 1]])
    """
    _require_three_dimensions(configuration)
    checked = checked_cutoffs(cutoffs, len(configuration.species))
    rows, others, signatures = _signatures_of(bonds_within(configuration, checked))
    return np.stack([rows, others], axis=1), signatures


def _signatures_of(
    bonds: Bonds,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Both ends of every bond, the lower number first, and its signature, shape (M, 3)."""
    rows, others = bonds.rows, bonds.indices.astype(np.int64)
    once = rows < others
    rows, others = rows[once], others[once]
    signatures = np.empty((len(rows), 3), dtype=np.int64)
    most = pair_signatures(bonds.indptr, bonds.indices, rows, others, signatures)
    if most > MOST_COMMON:
        raise ValueError(
            f"two particles have {most} common neighbours, more than {MOST_COMMON}; the cutoffs "
            "reach beyond the nearest neighbours, take shorter ones"
        )
    return rows, others, signatures


def adaptive_common_neighbors(configuration: Configuration) -> NDArray[np.int64]:
    r"""Crystal structure around each particle, by common neighbours within a length of its own.

    The 12 (bcc: 14) nearest neighbours are bonded to each other if they are closer than

    .. math::

        r_c = \frac{1 + \sqrt 2}{2} \, \frac{1}{12} \sum_{j \le 12} r_j, \qquad
        r_c^\mathrm{bcc} = \frac{1 + \sqrt 2}{2} \, \frac{1}{14} \Bigl[
            \frac{2}{\sqrt 3} \sum_{j \le 8} r_j + \sum_{8 < j \le 14} r_j \Bigr].

    Where all are pairs 4, 2, 1 the structure is fcc; six of these and six 4, 2, 2 are hcp, twelve
    5, 5, 5 an icosahedron, eight 6, 6, 6 and six 4, 4, 4 bcc. freud finds the neighbours.

    Parameters
    ----------
    configuration : Configuration
        Three-dimensional. Species are not told apart.

    Returns
    -------
    ndarray of int64, shape (N,)
        0 for none of these, 1 fcc, 2 hcp, 3 bcc, 4 icosahedral.

    Raises
    ------
    ValueError
        If the configuration is two-dimensional or its box open.

    References
    ----------
    A. Stukowski, Modelling Simul. Mater. Sci. Eng. 20, 045021 (2012).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import adaptive_common_neighbors
    >>> from vitreous.liquid import Box, Configuration
    >>> cell = np.array(np.meshgrid(*[np.arange(-3, 3)] * 3)).reshape(3, -1).T
    >>> places = cell[cell.sum(axis=1) % 2 == 0]
    >>> fcc = Configuration(places, np.zeros(108, int), Box.cube(6.0, dimensions=3), "A")
    >>> np.unique(adaptive_common_neighbors(fcc))
    array([1])
    """
    import freud

    _require_three_dimensions(configuration)
    n = configuration.n_particles
    structures = np.zeros(n, dtype=np.int64)
    if n <= _N_NEAREST:
        return structures
    box, points = configuration.to_freud()
    # freud looks for neighbours no farther than half the box.
    reach = 0.4999 * float(configuration.box.plane_distances.min())
    query = {"num_neighbors": _N_NEAREST, "exclude_ii": True, "r_max": reach}
    found = freud.locality.AABBQuery(box, points).query(points, query).toNeighborList()
    order = np.lexsort((found.distances, found.query_point_indices))
    rows = found.query_point_indices[order]
    counts = np.bincount(rows, minlength=n)
    vectors = np.zeros((n, _N_NEAREST, 3))
    places = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    vectors[rows, places] = found.vectors[order]
    adaptive_structures(vectors, counts, structures)
    return structures


def crystalline_fraction(configuration: Configuration) -> float:
    """Share of the particles in fcc, hcp or bcc surroundings.

    Parameters
    ----------
    configuration : Configuration
        Three-dimensional; inherent structures show crystals best.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the configuration is two-dimensional or its box open.

    See Also
    --------
    adaptive_common_neighbors : what counts as such.

    Examples
    --------
    >>> from vitreous.descriptors import crystalline_fraction
    >>> from vitreous.liquid import KobAndersen
    >>> crystalline_fraction(KobAndersen().random_configuration(200, random_state=1))
    0.0
    """
    return float(np.isin(adaptive_common_neighbors(configuration), _CRYSTALS).mean())


def _require_three_dimensions(configuration: Configuration) -> None:
    configuration.box.require_periodic("an analysis of common neighbours")
    if configuration.dimensions != 3:
        raise ValueError(
            "signatures of common neighbours are those of three dimensions; in two, "
            "SolidBondsDescriptor tells crystals"
        )


class CommonNeighborDescriptor(Descriptor):
    """Shares of a particle's bonds with certain Honeycutt-Andersen signatures, in 3D.

    A particle without neighbours has 0 everywhere. See :func:`common_neighbors`.

    Parameters
    ----------
    cutoffs : float or array_like of float, shape (n_species, n_species)
        Of the bonds, in units of sigma_AA; usually the first minima of the partial g(r).
    signatures : sequence of (int, int, int)
        Numbers of common neighbours, of bonds between them, and of bonds that hang together. By
        default those of icosahedra whole and defective, close packings and bcc.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if configurations are two-dimensional or a parameter is out of range; in
        ``transform``, if a cutoff exceeds half the box.

    References
    ----------
    J. D. Honeycutt, H. C. Andersen, J. Phys. Chem. 91, 4950 (1987).

    Examples
    --------
    >>> from vitreous.descriptors import CommonNeighborDescriptor
    >>> from vitreous.liquid import KobAndersen
    >>> liquid = KobAndersen().random_configuration(200, random_state=1)
    >>> descriptor = CommonNeighborDescriptor(1.4, signatures=[(5, 5, 5)]).fit([liquid])
    >>> descriptor.get_feature_names_out().tolist()
    ['common-neighbors 555']
    """

    def __init__(
        self,
        cutoffs: ArrayLike,
        signatures: Sequence[Sequence[int]] = (
            (5, 5, 5),
            (5, 4, 4),
            (4, 3, 3),
            (4, 2, 1),
            (4, 2, 2),
            (4, 4, 4),
            (6, 6, 6),
        ),
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.cutoffs = cutoffs
        self.signatures = signatures
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        _require_three_dimensions(configurations[0])
        self._cutoffs = checked_cutoffs(self.cutoffs, len(self.species_))
        self._signatures = np.asarray(self.signatures)
        if self._signatures.shape[1:] != (3,) or not np.issubdtype(
            self._signatures.dtype, np.integer
        ):
            raise ValueError(
                f"signatures must be triples of whole numbers, not {self.signatures!r}"
            )

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        bonds = bonds_within(configuration, self._cutoffs)
        rows, others, signatures = _signatures_of(bonds)
        n = configuration.n_particles
        n_bonds = np.maximum(np.diff(bonds.indptr), 1)
        shares = np.empty((n, len(self._signatures)))
        for column, signature in enumerate(self._signatures):
            like = (signatures == signature).all(axis=1)
            ends = np.concatenate([rows[like], others[like]])
            shares[:, column] = np.bincount(ends, minlength=n) / n_bonds
        return shares

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [f"common-neighbors {_name(signature)}" for signature in self._signatures]


def _name(signature: NDArray[np.int64]) -> str:
    separator = "" if signature.max() < 10 else "-"
    return separator.join(str(number) for number in signature)


class CrystalStructureDescriptor(Descriptor):
    """Whether a particle is in fcc, hcp, bcc or icosahedral surroundings, 1 or 0 each, in 3D.

    See :func:`adaptive_common_neighbors`.

    Parameters
    ----------
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if configurations are two-dimensional.

    References
    ----------
    A. Stukowski, Modelling Simul. Mater. Sci. Eng. 20, 045021 (2012).

    Examples
    --------
    >>> from vitreous.descriptors import CrystalStructureDescriptor
    >>> from vitreous.liquid import KobAndersen
    >>> liquid = KobAndersen().random_configuration(200, random_state=1)
    >>> CrystalStructureDescriptor().fit([liquid]).get_feature_names_out().tolist()
    ['fcc', 'hcp', 'bcc', 'icosahedral']
    """

    def __init__(self, n_jobs: int | None = None, dtype: str = "float32") -> None:
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the dimension; see :meth:`fit`."""
        _require_three_dimensions(configurations[0])

    def describe(self, configuration: Configuration) -> NDArray[np.bool_]:
        """Describe one configuration; see :meth:`transform`."""
        kinds = np.arange(1, len(STRUCTURES))
        return adaptive_common_neighbors(configuration)[:, np.newaxis] == kinds

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return list(STRUCTURES[1:])
