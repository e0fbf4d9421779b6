"""The Kob-Andersen mixtures, in three and in two dimensions."""

from __future__ import annotations

from .potentials import PairPotential, Tail
from .system import System


class KobAndersen(System):
    """Kob-Andersen 80:20 mixture in 3D at density 1.2, cut at 2.5 sigma_ab.

    eps AA 1, AB 1.5, BB 0.5; sigma AA 1, AB 0.8, BB 0.88 (Kob and Andersen, Phys. Rev. E 51, 4626,
    1995).

    Parameters
    ----------
    tail : {"force-shifted", "shifted"}
        How the potential ends; the published GlassBench and BOTAN data use ``force-shifted``.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen
    >>> liquid = KobAndersen().random_configuration(1000, random_state=0)
    >>> np.bincount(liquid.types), round(float(liquid.density), 6)
    (array([800, 200]), 1.2)
    """

    def __init__(self, tail: Tail = "force-shifted") -> None:
        epsilon = [[1.0, 1.5], [1.5, 0.5]]
        sigma = [[1.0, 0.8], [0.8, 0.88]]
        super().__init__(
            name="KA" if tail == "force-shifted" else f"KA-{tail}",
            species=("A", "B"),
            fractions=(0.8, 0.2),
            density=1.2,
            dimensions=3,
            potential=PairPotential.lennard_jones(epsilon, sigma, cutoff=2.5, tail=tail),
            time_step=0.005,
            swap_pairs=[(0, 1)],
        )


class KobAndersen2D(System):
    """Ternary Kob-Andersen-like mixture in 2D, 600:330:360, with a smooth cutoff at 2.5 sigma_ab.

    The third species frustrates crystallisation and makes swap Monte Carlo efficient (Jung,
    Biroli and Berthier, Phys. Rev. Lett. 130, 238202, 2023).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquid = KobAndersen2D().random_configuration(1290, random_state=0)
    >>> np.bincount(liquid.types), liquid.box.lengths
    (array([600, 330, 360]), (32.8962, 32.8962))
    """

    def __init__(self) -> None:
        epsilon = [[1.0, 1.5, 0.75], [1.5, 0.5, 1.5], [0.75, 1.5, 0.75]]
        sigma = [[1.0, 0.8, 0.9], [0.8, 0.88, 0.8], [0.9, 0.8, 0.94]]
        super().__init__(
            name="KA2D",
            species=("A", "B", "C"),
            fractions=(600, 330, 360),
            density=1290 / 32.8962**2,
            dimensions=2,
            potential=PairPotential.lennard_jones(epsilon, sigma, cutoff=2.5, tail="smooth"),
            time_step=0.01,
            swap_pairs=[(0, 2), (1, 2)],
        )
