"""Faces of Voronoi cells by their number of edges, and the signatures made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._radii import particle_radii
from .base import Descriptor
from .voronoi import counted_cells

_MOST_EDGES = 20


def voronoi_faces(
    configuration: Configuration,
    radii: ArrayLike | None = None,
    *,
    shortest_edge: float = 1e-5,
    smallest_face: float = 0.0,
) -> NDArray[np.int32]:
    """Count the faces of every cell of a radical tessellation in 3D by their number of edges.

    Where more than three faces of a cell meet in one point, as in crystals, rounding and vibrations
    open short edges and small faces between them. These are left out: a face counts if it has at
    least three edges that are long enough, and is large enough.

    Parameters
    ----------
    configuration : Configuration
        Three-dimensional, in a box of any shape.
    radii : array_like of float, shape (n_species,), optional
        Of the species, in units of sigma_AA; by default half the particles' own diameters.
    shortest_edge : float
        Length, in units of sigma_AA, up to which an edge does not count. The default is beyond the
        rounding of positions in single precision.
    smallest_face : float
        Share of the surface of its cell up to which a face does not count, such as 0.01.

    Returns
    -------
    ndarray of int32, shape (N, 21)
        Column k holds the number of faces with k edges, the last one of those with 20 or more; the
        first three are 0. The signature of a cell is ``faces[i, 3:7]``: 0, 0, 12, 0 for an
        icosahedron. In a box with open directions all are -1 for particles whose cells others
        beyond the border might cut.

    Raises
    ------
    ValueError
        If the configuration is two-dimensional, a threshold is negative, not finite or no share,
        or for the reasons of `radical_voronoi`.

    See Also
    --------
    voronoi_sides : the same in two dimensions.
    signature_shares : how frequent each signature is.

    References
    ----------
    J. L. Finney, Proc. R. Soc. London A 319, 479 (1970).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import voronoi_faces
    >>> from vitreous.liquid import Box, Configuration
    >>> corners = np.array(np.meshgrid(*[[-1, 0]] * 3)).reshape(3, -1).T
    >>> places = 2.0 * np.concatenate([corners, corners + 0.5])
    >>> bcc = Configuration(places, np.zeros(16, int), Box.cube(4.0, dimensions=3), "A")
    >>> voronoi_faces(bcc, [0.5])[0, 3:7]
    array([0, 6, 0, 8], dtype=int32)
    """
    if configuration.dimensions != 3:
        raise ValueError("cells have faces in 3D; voronoi_sides counts the sides of those in 2D")
    thresholds = _thresholds(shortest_edge, smallest_face)
    each = particle_radii(configuration, radii)
    _, _, counts = counted_cells(configuration, each, thresholds, _MOST_EDGES + 1)
    return counts


def voronoi_sides(
    configuration: Configuration, radii: ArrayLike | None = None, *, shortest_edge: float = 1e-5
) -> NDArray[np.int32]:
    """Count the sides of every cell of a radical tessellation in 2D.

    Parameters
    ----------
    configuration : Configuration
        Two-dimensional, in a box of any shape.
    radii : array_like of float, shape (n_species,), optional
        Of the species, in units of sigma_AA; by default half the particles' own diameters.
    shortest_edge : float
        Length, in units of sigma_AA, up to which a side does not count.

    Returns
    -------
    ndarray of int32, shape (N,)
        -1 where others beyond an open border might cut the cell.

    Raises
    ------
    ValueError
        If the configuration is three-dimensional, the threshold is negative or not finite, or for
        the reasons of `radical_voronoi`.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import voronoi_sides
    >>> from vitreous.liquid import Box, Configuration
    >>> rows = np.array([[-1, -1], [0, -1], [-0.5, 0], [0.5, 0]])
    >>> triangular = Configuration(rows, np.zeros(4, int), Box([2.0, 2.0]), "A")
    >>> voronoi_sides(triangular, [0.5])
    array([6, 6, 6, 6], dtype=int32)
    """
    if configuration.dimensions != 2:
        raise ValueError("cells have sides in 2D; voronoi_faces counts the faces of those in 3D")
    thresholds = _thresholds(shortest_edge, 0.0)
    each = particle_radii(configuration, radii)
    return counted_cells(configuration, each, thresholds, 1)[2][:, 0]


def signature_shares(signatures: ArrayLike) -> dict[tuple[int, ...], float]:
    """Share of the cells with each signature, the most frequent ones first.

    Parameters
    ----------
    signatures : array_like of int, shape (n_cells, n_counts)
        Of any number of cells, such as ``voronoi_faces(configuration)[:, 3:7]`` of one species.

    Returns
    -------
    dict of tuple of int to float
        Signatures that are equally frequent come in rising order.

    Raises
    ------
    ValueError
        If there are no cells, or these are no rows of counts, or some were cut by a border.

    Examples
    --------
    >>> from vitreous.descriptors import signature_shares
    >>> shares = signature_shares([[0, 0, 12, 0], [0, 2, 8, 2], [0, 0, 12, 0], [0, 1, 10, 2]])
    >>> shares[0, 0, 12, 0], shares.get((0, 6, 0, 8), 0.0)
    (0.5, 0.0)
    """
    rows = np.asarray(signatures)
    if rows.ndim != 2 or not rows.size or not np.issubdtype(rows.dtype, np.integer):
        raise ValueError(
            f"signatures must be whole numbers of shape (n_cells, n_counts), not {rows.dtype} of "
            f"shape {rows.shape}"
        )
    if (rows < 0).any():
        raise ValueError(
            f"cell {int(np.argmin(rows.min(axis=1)))} has counts below 0: it may be cut by the "
            "border of the field of view; leave such cells out"
        )
    kinds, counts = np.unique(rows, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {
        tuple(int(count) for count in kinds[kind]): float(counts[kind] / len(rows))
        for kind in order
    }


def _thresholds(shortest_edge: float, smallest_face: float) -> NDArray[np.float64]:
    if not 0 <= shortest_edge < np.inf:
        raise ValueError(f"shortest_edge must be a length of 0 or more, not {shortest_edge}")
    if not 0 <= smallest_face < 1:
        raise ValueError(f"smallest_face must be a share from 0 to below 1, not {smallest_face}")
    return np.array([shortest_edge, smallest_face])


class VoronoiSignatureDescriptor(Descriptor):
    r"""Faces of each particle's Voronoi cell by edges, five-fold symmetry and asphericity.

    Columns in 3D: the number :math:`n_k` of faces with k edges, for some k; their number
    :math:`\sum_k n_k`; the local five-fold symmetry :math:`n_5 / \sum_k n_k`; the asphericity
    :math:`S^3 / 36 \pi V^2` of a cell of volume V and surface S, 1 for a sphere; and for each
    signature that is named whether the cell has it, 1 or 0. In 2D: the number of sides, and the
    asphericity :math:`P^2 / 4 \pi A`. A particle without a cell has 0 everywhere, one whose cell
    others beyond an open border might cut has NaN. See :func:`voronoi_faces` for what counts as a
    face.

    Parameters
    ----------
    radii : array_like of float, shape (n_species,), optional
        Of the species, in units of sigma_AA; by default half the particles' own diameters.
    edges : sequence of int
        The k, from 3 to 19.
    signatures : sequence of sequence of int
        Each is :math:`n_3, n_4, \ldots`, of any length; faces with more edges than it tells are not
        asked for. None in 2D.
    shortest_edge : float
        Length, in units of sigma_AA, up to which an edge does not count.
    smallest_face : float
        Share of the surface of its cell up to which a face does not count.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a parameter is out of range; in ``transform``, for the reasons of
        `radical_voronoi`.

    References
    ----------
    J. L. Finney, Proc. R. Soc. London A 319, 479 (1970); H. L. Peng, M. Z. Li, W. H. Wang, Phys.
    Rev. Lett. 106, 135503 (2011).

    Examples
    --------
    >>> from vitreous.descriptors import VoronoiSignatureDescriptor
    >>> from vitreous.liquid import KobAndersen
    >>> liquid = KobAndersen().random_configuration(200, random_state=1)
    >>> voronoi = VoronoiSignatureDescriptor([0.5, 0.44], edges=(4, 5), signatures=[(0, 0, 12)])
    >>> for name in voronoi.fit([liquid]).get_feature_names_out():
    ...     print(name)
    voronoi-faces k=4
    voronoi-faces k=5
    voronoi-faces
    five-fold-symmetry
    voronoi-asphericity
    voronoi-signature <0,0,12>
    """

    open_boxes = True

    def __init__(
        self,
        radii: ArrayLike | None = None,
        edges: Sequence[int] = (3, 4, 5, 6),
        signatures: Sequence[Sequence[int]] = (),
        shortest_edge: float = 1e-5,
        smallest_face: float = 0.0,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.radii = radii
        self.edges = edges
        self.signatures = signatures
        self.shortest_edge = shortest_edge
        self.smallest_face = smallest_face
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self._limits = _thresholds(self.shortest_edge, self.smallest_face)
        self._edges = [int(k) for k in self.edges]
        if any(not 3 <= k < _MOST_EDGES for k in self._edges) or len(set(self._edges)) < len(
            self._edges
        ):
            raise ValueError(f"edges must be different numbers from 3 to 19, not {self.edges!r}")
        self._signatures = [tuple(int(n) for n in signature) for signature in self.signatures]
        if self._signatures and self.dimensions_ == 2:
            raise ValueError("cells in 2D have sides, and no signatures; leave them out")
        if any(not 1 <= len(signature) <= _MOST_EDGES - 3 for signature in self._signatures):
            raise ValueError(f"signatures must hold n_3, n_4, ..., not {self.signatures!r}")

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        radii = particle_radii(configuration, self.radii)
        flat = configuration.dimensions == 2
        volumes, surfaces, counts = counted_cells(
            configuration, radii, self._limits, 1 if flat else _MOST_EDGES + 1
        )
        some = volumes > 0
        asphericity = np.zeros(len(volumes))
        v, s = volumes[some], surfaces[some]
        asphericity[some] = s**2 / (4 * np.pi * v) if flat else s**3 / (36 * np.pi * v**2)
        unknown = np.isnan(volumes)
        asphericity[unknown] = np.nan
        if flat:
            return np.column_stack([np.where(unknown, np.nan, counts[:, 0]), asphericity])
        total = counts.sum(axis=1)
        fivefold = counts[:, 5] / np.maximum(total, 1)
        has = [(counts[:, 3 : 3 + len(s)] == s).all(axis=1) & some for s in self._signatures]
        columns = np.column_stack([counts[:, self._edges], total, fivefold, asphericity, *has])
        columns[unknown] = np.nan
        return columns

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        if self.dimensions_ == 2:
            return ["voronoi-sides", "voronoi-asphericity"]
        return [
            *(f"voronoi-faces k={k}" for k in self._edges),
            "voronoi-faces",
            "five-fold-symmetry",
            "voronoi-asphericity",
            *(f"voronoi-signature <{','.join(map(str, s))}>" for s in self._signatures),
        ]
