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

from ..dynamics import standard_error
from ..liquid import Configuration, System
from ..storage.atomic import atomic_path
from .autocorrelation import integrated_autocorrelation_time
from .minimize import minimize
from .sampler import Sampler, TunableSampler
from .swap import SwapMonteCarlo, best_draw

Start = Literal["above", "below"]
"""Whether a run starts hotter or colder than its temperature."""

# A run "from below" is first prepared at this fraction of its temperature: cold enough to start it
# with a lower energy, warm enough for swaps to get there.
BELOW = 0.85

# The test of equilibrium asks for p values above this level, ...
_LEVEL = 0.01
# ... and for runs of so many autocorrelation times: the first half, which the averages leave out,
# then spans five, over which an exponential memory of the start falls below 1 %.
_SHORTEST = 10
# ... and for no more crystalline particles than this share; supercooled liquids have below 1 %.
_MOST_CRYSTALLINE = 0.1

_LOG = ("sweeps", "energies", "displacement_acceptance", "swap_acceptance", "displacement")


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
    displacement : float
        Standard deviation of each component of a displacement.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import Equilibration, equilibrate
    >>> run = equilibrate(KobAndersen2D(), 129, temperature=0.5, n_sweeps=100)
    >>> with TemporaryDirectory() as folder:
    ...     run.save(Path(folder, "run.gsd"))
    ...     kept = Equilibration.load(Path(folder, "run.gsd"))
    >>> kept.start, bool((kept.energies == run.energies).all())
    ('above', True)
    """

    configuration: Configuration
    start: Start
    sweeps: NDArray[np.int64]
    energies: NDArray[np.float64]
    displacement_acceptance: float
    swap_acceptance: float
    displacement: float

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
        sweeps, energies, *numbers = (frame.log[f"equilibration/{name}"] for name in _LOG)
        return cls(
            Configuration.from_gsd(frame),
            "above" if frame.log["equilibration/from_above"][0] else "below",
            sweeps,
            energies,
            *(float(number[0]) for number in numbers),
        )


def equilibrate(
    system: System,
    n_particles: int,
    temperature: float,
    *,
    n_sweeps: int = 5000,
    start: Start = "above",
    sampler: Sampler | None = None,
    target_acceptance: float | None = None,
    random_state: int = 0,
) -> Equilibration:
    """Prepare an independent configuration at a temperature by swap Monte Carlo.

    The run starts from random positions. From ``above``, their energy is minimised, which leaves
    the inherent structure of an infinitely hot liquid. From ``below``, as many sweeps at 0.85 of
    the temperature follow before the run proper. Configurations in equilibrium remember neither
    start; `equilibrium_test` compares the two.

    Parameters
    ----------
    system : System
    n_particles : int
    temperature : float
        In units of eps_AA / k_B.
    n_sweeps : int
        Length of the run, in sweeps of N attempted moves.
    start : {"above", "below"}
    sampler : Sampler, optional
        `SwapMonteCarlo`, `HybridSwap` or one of your own. By default `SwapMonteCarlo` that draws
        exchanges by cost, or evenly where diameters are continuous.
    target_acceptance : float, optional
        If given, a burn-in of a tenth of the sweeps, at least 100, comes first, in which
        `SwapMonteCarlo.tune` finds the displacement of which this fraction is accepted; it then
        stays as it is. Not for a `HybridSwap`, which has no displacements.
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
    swap: Sampler = SwapMonteCarlo(system, draw=best_draw(system)) if sampler is None else sampler
    if target_acceptance is not None:
        if not isinstance(swap, TunableSampler):
            raise ValueError(f"{swap!r} has no displacements to tune to an acceptance")
        swap, configuration = swap.tune(
            configuration,
            temperature,
            target_acceptance=target_acceptance,
            n_sweeps=max(n_sweeps // 10, 100),
            random_state=rng,
        )
    if start == "below":
        configuration = swap.run(
            configuration, BELOW * temperature, n_sweeps, random_state=rng
        ).configuration
    return equilibrate_from(
        configuration, temperature, swap, n_sweeps=n_sweeps, start=start, random_state=rng
    )


def equilibrate_from(
    configuration: Configuration,
    temperature: float,
    sampler: Sampler,
    *,
    n_sweeps: int = 5000,
    start: Start = "above",
    random_state: int | np.random.Generator = 0,
) -> Equilibration:
    """Equilibrate a configuration of another temperature.

    A liquid that is cooled step by step starts near equilibrium at each temperature, and heating it
    back tests it: in equilibrium the energy is the same on the way down and on the way up.

    Parameters
    ----------
    configuration : Configuration
        Start of the run.
    temperature : float
        In units of eps_AA / k_B.
    sampler : Sampler
    n_sweeps : int
        Length of the run.
    start : {"above", "below"}
        Whether the configuration comes from a higher or a lower temperature.
    random_state : int or numpy Generator

    Returns
    -------
    Equilibration

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import SwapMonteCarlo, equilibrate, equilibrate_from
    >>> system = KobAndersen2D()
    >>> runs = [equilibrate(system, 129, temperature=0.6, n_sweeps=100)]
    >>> for temperature in (0.55, 0.5):
    ...     start = runs[-1].configuration
    ...     runs.append(equilibrate_from(start, temperature, SwapMonteCarlo(system), n_sweeps=100))
    >>> [run.start for run in runs]
    ['above', 'above', 'above']
    """
    run = sampler.run(configuration, temperature, n_sweeps, random_state=random_state)
    exchanges = list(run.swap_acceptance.values())
    return Equilibration(
        run.configuration,
        start,
        run.sweeps,
        run.energies,
        run.displacement_acceptance,
        float(np.mean(exchanges)) if exchanges else np.nan,
        sampler.displacement,
    )


@dataclass(frozen=True)
class EquilibriumTest:
    """Whether runs from above and from below agree, have stopped drifting and are long enough.

    Printed, it shows the numbers and the verdict.

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
    n_sweeps : int
        Length of each run.
    autocorrelation_time : float
        Integrated autocorrelation time of the energy over the second halves, in sweeps.
    crystalline_fraction : float or None
        Largest share of crystalline particles in any of the configurations,
        `vitreous.descriptors.crystalline_fraction`; None if nobody has looked. Campaigns look in
        three dimensions, at inherent structures.

    Examples
    --------
    >>> from vitreous.simulate import EquilibriumTest
    >>> test = EquilibriumTest(-3.9, 0.01, 0.002, 0.7, -0.001, 0.6, 500, autocorrelation_time=100.0)
    >>> test.passed
    False
    >>> test.reasons
    ('runs of 500 sweeps are 5.0 autocorrelation times long, 10 or 1000 sweeps are needed',)
    """

    energy: float
    energy_standard_error: float
    difference: float
    difference_p_value: float
    drift: float
    drift_p_value: float
    n_sweeps: int
    autocorrelation_time: float
    crystalline_fraction: float | None = None

    @property
    def n_autocorrelation_times(self) -> float:
        """Length of each run in units of its autocorrelation time."""
        return self.n_sweeps / self.autocorrelation_time

    @property
    def reasons(self) -> tuple[str, ...]:
        """The evidence against equilibrium; empty if the test is passed."""
        shortest = _SHORTEST * self.autocorrelation_time
        findings = {
            f"runs from above and below differ by {self.difference:.4f} "
            f"(p = {self.difference_p_value:.2g})": not self.difference_p_value > _LEVEL,
            f"the energy drifts by {self.drift:.4f} "
            f"(p = {self.drift_p_value:.2g})": not self.drift_p_value > _LEVEL,
            f"runs of {self.n_sweeps} sweeps are {self.n_autocorrelation_times:.1f} "
            f"autocorrelation times long, {_SHORTEST} or {shortest:.0f} sweeps "
            "are needed": not self.n_sweeps >= shortest,
        }
        crystalline = self.crystalline_fraction
        if crystalline is not None:
            findings[
                f"{crystalline:.0%} of a configuration are crystalline, which no longer run mends"
            ] = not crystalline <= _MOST_CRYSTALLINE
        return tuple(reason for reason, holds in findings.items() if holds)

    @property
    def passed(self) -> bool:
        """Whether p > 0.01, runs last 10 autocorrelation times, and at most 10 % crystallised."""
        return not self.reasons

    def __str__(self) -> str:
        return (
            f"energy {self.energy:.4f} ± {self.energy_standard_error:.4f}, "
            f"above - below {self.difference:+.4f} (p = {self.difference_p_value:.2g}), "
            f"drift {self.drift:+.4f} (p = {self.drift_p_value:.2g}), "
            f"autocorrelation time {self.autocorrelation_time:.0f} of {self.n_sweeps} sweeps: "
            + (
                "in equilibrium"
                if self.passed
                else f"not in equilibrium: {'; '.join(self.reasons)}"
            )
        )


def equilibrium_test(runs: Sequence[Equilibration]) -> EquilibriumTest:
    """Test whether independent runs at one temperature have reached equilibrium.

    Every run counts as one sample of the mean energy, so that errors need no assumption on
    correlations in time. The first quarter of each run is left out. The autocorrelation time then
    shows whether runs were long enough to forget their start. Difference, drift and length are
    three tests that look at different failures. A pass means that no evidence against equilibrium
    was found, at the precision that `energy_standard_error` gives.

    Parameters
    ----------
    runs : sequence of Equilibration
        At least two from above and two from below, recorded at the same sweeps.

    Returns
    -------
    EquilibriumTest

    Raises
    ------
    ValueError
        If there are too few runs of either kind, or runs are too short or of different lengths.

    See Also
    --------
    integrated_autocorrelation_time : with the mean taken over all runs, as here.

    Examples
    --------
    Made-up energies pass if all scatter around one mean, and fail if they depend on the start:

    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import Equilibration, equilibrium_test
    >>> liquid = KobAndersen2D().random_configuration(43, random_state=0)
    >>> def runs(above, below):
    ...     noise, sweeps = np.random.default_rng(0).normal(0, 0.01, (6, 400)), np.arange(400)
    ...     energies = noise + np.array([[above], [below]] * 3)
    ...     starts = zip(["above", "below"] * 3, energies, strict=True)
    ...     return [Equilibration(liquid, s, sweeps, e, 0.4, 0.1, 0.1) for s, e in starts]
    >>> equilibrium_test(runs(-4.0, -4.0)).passed, equilibrium_test(runs(-4.0, -4.1)).passed
    (True, False)
    """
    starts = [run.start for run in runs]
    n_above, n_below = starts.count("above"), starts.count("below")
    if min(n_above, n_below) < 2:
        raise ValueError(
            "the test needs at least two runs from above and two from below, not "
            f"{n_above} and {n_below}"
        )
    sweeps = runs[0].sweeps
    for run in runs:
        if not np.array_equal(run.sweeps, sweeps):
            raise ValueError(
                f"runs of {run.sweeps[-1]} and {sweeps[-1]} sweeps in {len(run.sweeps)} and "
                f"{len(sweeps)} records; all must be recorded at the same sweeps"
            )
    quarter = len(sweeps) // 4
    if quarter < 1:
        raise ValueError(
            f"a run with {len(sweeps)} recorded energies has no quarters; raise n_sweeps"
        )
    energies = np.array([run.energies for run in runs])
    late = energies[:, -2 * quarter :]
    means = late.mean(axis=1)
    drifts = means - energies[:, -3 * quarter : -2 * quarter].mean(axis=1)
    from_above = np.array([start == "above" for start in starts])
    above, below = means[from_above], means[~from_above]
    return EquilibriumTest(
        energy=float(means.mean()),
        energy_standard_error=float(standard_error(means)),
        difference=float(above.mean() - below.mean()),
        difference_p_value=float(stats.ttest_ind(above, below, equal_var=False).pvalue),
        drift=float(drifts.mean()),
        drift_p_value=float(stats.ttest_1samp(drifts, 0.0).pvalue),
        n_sweeps=int(sweeps[-1]),
        autocorrelation_time=integrated_autocorrelation_time(late) * int(sweeps[1] - sweeps[0]),
    )
