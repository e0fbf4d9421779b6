"""Equilibrated configurations by swap Monte Carlo, and the test that they are equilibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import gsd.hoomd
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .._atomic import atomic_path
from ..liquid import Configuration, System
from .minimize import minimize
from .swap import SwapMonteCarlo

# A run "from below" is first prepared at this fraction of its temperature: cold enough to start it
# with a lower energy, warm enough for swaps to get there.
_BELOW = 0.85

_LOG = ("sweeps", "energies", "displacement_acceptance", "swap_acceptance")


@dataclass(frozen=True, eq=False)
class Equilibration:
    """A run of swap Monte Carlo at one temperature.

    Attributes
    ----------
    configuration : Configuration
        At the end of the run.
    start : {"above", "below"}
        Whether the run started hotter or colder than its temperature.
    sweeps : ndarray, shape (R,)
        Sweeps (N attempted moves each) at which the energy was recorded.
    energies : ndarray, shape (R,)
        Potential energy per particle.
    displacement_acceptance, swap_acceptance : float
        Fractions of displacements and of swaps that were accepted.
    """

    configuration: Configuration
    start: Literal["above", "below"]
    sweeps: NDArray[np.int64]
    energies: NDArray[np.float64]
    displacement_acceptance: float
    swap_acceptance: float

    def save(self, path: str | Path) -> None:
        """Write the run to a GSD file, whole or not at all; an older file is replaced.

        Its only frame is the final configuration, its log the course of the run.
        """
        frame = self.configuration.to_gsd()
        frame.log |= {f"equilibration/{name}": np.atleast_1d(getattr(self, name)) for name in _LOG}
        frame.log["equilibration/from_above"] = np.array([self.start == "above"], dtype=np.uint8)
        with atomic_path(path) as partial, gsd.hoomd.open(partial, "w") as file:
            file.append(frame)

    @classmethod
    def load(cls, path: str | Path) -> Equilibration:
        """Read a run from a file written by `save`."""
        with gsd.hoomd.open(path, "r") as file:
            frame = file[0]
        sweeps, energies, displacement, swap = (frame.log[f"equilibration/{n}"] for n in _LOG)
        return cls(
            Configuration.from_gsd(frame),
            "above" if frame.log["equilibration/from_above"][0] else "below",
            sweeps,
            energies,
            float(displacement[0]),
            float(swap[0]),
        )


def equilibrate(
    system: System,
    n_particles: int,
    temperature: float,
    *,
    n_sweeps: int = 5000,
    start: Literal["above", "below"] = "above",
    random_state: int = 0,
) -> Equilibration:
    """Prepare an independent configuration at a temperature by swap Monte Carlo.

    The run starts from random positions. From ``above``, their energy is minimised, which leaves
    the inherent structure of an infinitely hot liquid. From ``below``, as many sweeps at 0.85 of
    the temperature follow before the run proper. Configurations in equilibrium remember neither;
    `equilibrium_test` compares the two.

    Parameters
    ----------
    system : System
    n_particles : int
    temperature : float
        In units of eps_AA / k_B.
    n_sweeps : int
        Length of the run, in sweeps of N attempted moves.
    start : {"above", "below"}
    random_state : int
        Seeds the positions and all moves.

    Returns
    -------
    Equilibration

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import equilibrate
    >>> run = equilibrate(KobAndersen2D(), 129, temperature=0.5, n_sweeps=200)
    >>> run.configuration.n_particles
    129
    """
    if start not in ("above", "below"):
        raise ValueError(f"start must be 'above' or 'below', not {start!r}")
    rng = np.random.default_rng(random_state)
    configuration = system.random_configuration(n_particles, rng)
    configuration = minimize(system, configuration, force_tolerance=0.1).configuration
    swap = SwapMonteCarlo(system)
    if start == "below":
        configuration = swap.run(
            configuration, _BELOW * temperature, n_sweeps, random_state=rng
        ).configuration
    run = swap.run(configuration, temperature, n_sweeps, random_state=rng)
    return Equilibration(
        run.configuration,
        start,
        run.sweeps,
        run.energies,
        run.displacement_acceptance,
        float(np.mean(list(run.swap_acceptance.values()))),
    )


@dataclass(frozen=True)
class EquilibriumTest:
    """Whether runs from above and from below agree and have stopped drifting.

    Attributes
    ----------
    energy : float
        Potential energy per particle, averaged over the second half of all runs.
    energy_standard_error : float
        Its standard error over runs.
    difference : float
        Mean energy of the runs from above less that of the runs from below.
    difference_p_value : float
        Probability of a difference at least as large between equilibrated runs (Welch's t test
        over runs).
    drift : float
        Mean energy of the second half less that of the second quarter.
    drift_p_value : float
        Probability of a drift at least as large in equilibrated runs (t test over runs).
    """

    energy: float
    energy_standard_error: float
    difference: float
    difference_p_value: float
    drift: float
    drift_p_value: float

    @property
    def passed(self) -> bool:
        """Whether neither the difference nor the drift is significant at the level 0.01."""
        return self.difference_p_value > 0.01 and self.drift_p_value > 0.01


def equilibrium_test(runs: Sequence[Equilibration]) -> EquilibriumTest:
    """Test whether independent runs at one temperature have reached equilibrium.

    Every run counts as one sample, so that no assumption on correlations in time is needed. The
    first quarter of each run is left out. A pass means that nothing is seen that speaks against
    equilibrium, at the precision that `energy_standard_error` tells.

    Parameters
    ----------
    runs : sequence of Equilibration
        At least two from above and two from below, of equal length.

    Returns
    -------
    EquilibriumTest

    Raises
    ------
    ValueError
        If there are too few runs of either kind, or a run is too short.
    """
    means: dict[str, list[float]] = {"above": [], "below": []}
    drifts = []
    for run in runs:
        quarter = len(run.energies) // 4
        if not quarter:
            raise ValueError(
                f"a run with {len(run.energies)} recorded energies has no quarters; raise n_sweeps"
            )
        early, late = run.energies[-3 * quarter : -2 * quarter], run.energies[-2 * quarter :]
        means[run.start].append(float(late.mean()))
        drifts.append(float(late.mean() - early.mean()))
    if min(map(len, means.values())) < 2:
        raise ValueError(
            "the test needs at least two runs from above and two from below, not "
            f"{len(means['above'])} and {len(means['below'])}"
        )
    together = means["above"] + means["below"]
    return EquilibriumTest(
        float(np.mean(together)),
        float(stats.sem(together)),
        float(np.mean(means["above"]) - np.mean(means["below"])),
        float(stats.ttest_ind(means["above"], means["below"], equal_var=False).pvalue),
        float(np.mean(drifts)),
        float(stats.ttest_1samp(drifts, 0.0).pvalue),
    )
