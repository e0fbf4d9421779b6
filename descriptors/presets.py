"""Sets of descriptors named after the papers that introduced them.

Formulas are those of the papers. Where a paper's numbers could not be checked against it, the
docstring says so; every number can be changed on what is returned, with ``set_params``. All sets
are meant for inherent structures: put ``InherentStructure(system)`` before them in a pipeline.
"""

from __future__ import annotations

import numpy as np
from sklearn.pipeline import FeatureUnion

from ..liquid import System
from .angular import AngularDescriptor
from .bond_order import BondOrderDescriptor
from .coarse_grain import CoarseGrain
from .compactness import CompactnessDescriptor
from .physics_inspired import PhysicsInspiredDescriptor
from .radial import RadialDescriptor

__all__ = ["boattini2021", "cubuk2015", "jung2023", "tong2018"]


# Rows (xi, lambda, zeta).
_SOFTNESS_TERMS = [
    *[(14.633, sign, 1) for sign in (-1, 1)],
    *[(14.638, sign, 2) for sign in (-1, 1)],
    *[(2.554, sign, zeta) for zeta in (1, 2) for sign in (-1, 1)],
    *[(1.648, 1, zeta) for zeta in (1, 2)],
    *[(xi, 1, zeta) for xi in (1.204, 0.933, 0.695) for zeta in (1, 2, 4, 16)],
]


def boattini2021(generations: int = 2, n_jobs: int | None = None) -> CoarseGrain:
    """Radial shells and bond order, averaged over growing neighbourhoods.

    Formulas, and averages with L = 2, two generations: the paper's. Shells and widths: assumed.
    Radial shells from 0.85 to 2 in steps of 0.025 with delta 0.025, then to 5 in steps of 0.05 with
    delta 0.05; orders 1 to 12 on shells from 1 to 2.5 in steps of 0.1 with delta 0.1. Averages are
    cut off at 5, which is our choice.

    Parameters
    ----------
    generations : int
        Number of times that features are averaged.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.

    Returns
    -------
    CoarseGrain

    References
    ----------
    E. Boattini, F. Smallenburg, L. Filion, Phys. Rev. Lett. 127, 088007 (2021).

    Examples
    --------
    >>> from vitreous.descriptors.presets import boattini2021
    >>> from vitreous.liquid import KobAndersen2D
    >>> configuration = KobAndersen2D().random_configuration(200, random_state=1)
    >>> boattini2021().fit([configuration]).get_feature_names_out()[-1]
    'bond-order l=12 r=2.5 L=2 generation=2'
    """
    near = 0.85 + 0.025 * np.arange(46)
    far = 2.0 + 0.05 * np.arange(61)
    radial = RadialDescriptor(
        np.concatenate([near, far]).round(3), np.repeat([0.025, 0.05], [len(near), len(far)])
    )
    bond_order = BondOrderDescriptor(np.arange(1, 13), 1.0 + 0.1 * np.arange(16), 0.1)
    return CoarseGrain(
        _union(radial=radial, bond_order=bond_order),
        length=2.0,
        generations=generations,
        n_jobs=n_jobs,
    )


def jung2023(system: System, n_jobs: int | None = None) -> PhysicsInspiredDescriptor:
    """Density, energy, Voronoi cells and energy variance: the input of GlassMLP.

    Formulas: the authors'. Lengths from 0 to 4 in steps of 0.5 and sums cut off at 7, which keeps
    every box of 14 or more usable and gives the same prediction whatever its size: our choice; the
    authors go to 7.5 and cut near 15 to 20 (``set_params(lengths=..., cutoff=...)``). Columns that
    are the same for all particles of a species (density and variance at L = 0) and the averages at
    L = 0 over other species, which are not defined, are left out.

    Parameters
    ----------
    system : System
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.

    Returns
    -------
    PhysicsInspiredDescriptor

    References
    ----------
    G. Jung, G. Biroli, L. Berthier, Phys. Rev. Lett. 130, 238202 (2023).

    Examples
    --------
    >>> from vitreous.descriptors.presets import jung2023
    >>> from vitreous.liquid import KobAndersen2D
    >>> system = KobAndersen2D()
    >>> configuration = system.random_configuration(260, random_state=1)
    >>> jung2023(system).fit_transform([configuration]).shape
    (260, 130)
    """
    return PhysicsInspiredDescriptor(
        system, lengths=np.arange(0.0, 4.5, 0.5), cutoff=7.0, n_jobs=n_jobs
    )


def cubuk2015(n_jobs: int | None = None) -> FeatureUnion:
    """Radial and angular structure functions, from which softness is learnt.

    Formulas: those of the paper. The 22 angular terms are those of a public code that learns
    softness, not checked against the papers: two that hardly decay within the cutoff for each zeta
    of 1 and 2 (xi = 14.633, 14.638), the same at xi = 2.554, and lambda = 1 alone from 1.648 down
    to 0.695. Radial shells from 0.5 to 5 in steps of 0.1 with delta 0.1, and the cutoff of angles
    at 2.5, are our choice.

    Parameters
    ----------
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.

    Returns
    -------
    FeatureUnion

    References
    ----------
    E. D. Cubuk et al., Phys. Rev. Lett. 114, 108001 (2015).

    Examples
    --------
    >>> from vitreous.descriptors.presets import cubuk2015
    >>> from vitreous.liquid import KobAndersen2D
    >>> configuration = KobAndersen2D().random_configuration(200, random_state=1)
    >>> cubuk2015().fit([configuration]).get_feature_names_out()[0]
    'radial[A] r=0.5'
    """
    shells = (0.5 + 0.1 * np.arange(46)).round(1)
    return _union(
        radial=RadialDescriptor(shells, 0.1, n_jobs=n_jobs),
        angular=AngularDescriptor(_SOFTNESS_TERMS, n_jobs=n_jobs),
    )


def tong2018(system: System, n_jobs: int | None = None) -> CoarseGrain:
    """Deviation from tight packing, and its average over the neighbourhood.

    Formula of the order parameter: the paper's, with radii of half the diameters of the system.
    Assumed: neighbours closer than 1.4 sigma_ab, in place of those of the radical Voronoi
    tessellation; an average with exp(-r / L), L = 2, cut off at 5.

    Parameters
    ----------
    system : System
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.

    Returns
    -------
    CoarseGrain

    Raises
    ------
    ValueError
        If particles have diameters of their own.

    References
    ----------
    H. Tong, H. Tanaka, Phys. Rev. X 8, 011041 (2018).

    Examples
    --------
    >>> from vitreous.descriptors.presets import tong2018
    >>> from vitreous.liquid import KobAndersen2D
    >>> system = KobAndersen2D()
    >>> configuration = system.random_configuration(200, random_state=1)
    >>> tong2018(system).fit([configuration]).get_feature_names_out().tolist()
    ['steric-order', 'steric-order L=2 generation=1']
    """
    sigma = getattr(system.potential, "sigma", None)
    if sigma is None:
        raise ValueError(
            f"the particles of {system.name} have diameters of their own, and the neighbours of "
            "tong2018 are those of species; take a CompactnessDescriptor with cutoffs and radii"
        )
    packing = CompactnessDescriptor(1.4 * sigma, np.diag(sigma) / 2)
    return CoarseGrain(packing, length=2.0, generations=1, n_jobs=n_jobs)


def _union(**descriptors) -> FeatureUnion:
    return FeatureUnion(list(descriptors.items()), verbose_feature_names_out=False)
