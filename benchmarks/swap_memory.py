"""How long swap Monte Carlo takes to forget a structure, in sweeps and in processor time.

Goes on from the configurations of a campaign of KA2D at one temperature, and prints what is left of
the mobility map that a ridge regression predicts, which learnt from the packaged sample, and of the
pairs of neighbours; for exchanges drawn evenly, by cost, and between trajectories of molecular
dynamics, each for so many seconds of processor time per configuration::

    python benchmarks/swap_memory.py FOLDER TEMPERATURE SECONDS
"""

from __future__ import annotations

import sys
import warnings
from time import process_time

import numpy as np

from vitreous.campaigns import Campaign
from vitreous.datasets import load_ka2d
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.dynamics import BondBreaking, MobilityMap, mobility_map, standard_error
from vitreous.liquid import Configuration, KobAndersen2D
from vitreous.models import ExtrapolationWarning, GroupedRidge, PropensityRegressor
from vitreous.simulate import HybridSwap, InherentStructure, Sampler, SwapMonteCarlo

N_BLOCKS = 20
LAGS = (1, 2, 4, 7, 10, 14)
SYSTEM = KobAndersen2D()
SAMPLERS: dict[str, Sampler] = {
    "even": SwapMonteCarlo(SYSTEM, swap_fraction=0.5),
    "by cost": SwapMonteCarlo(SYSTEM, draw="by cost"),
    "hybrid": HybridSwap(SYSTEM),
}


def predictor() -> PropensityRegressor:
    """Learn broken bonds at the relaxation time from the packaged sample."""
    sample = load_ka2d()
    labels = [item.matrix("broken_bonds")[:, -1] for item in sample.labels]
    model = PropensityRegressor(PhysicsInspiredDescriptor(SYSTEM), GroupedRidge())
    return model.fit(sample.inherent, labels)


def predicted_map(model: PropensityRegressor, configuration: Configuration) -> MobilityMap:
    """Map of the broken bonds that the inherent structure lets expect."""
    inherent = InherentStructure(SYSTEM).transform([configuration])
    with warnings.catch_warnings():
        # Colder than the sample: that it ranks particles is all that is asked of the model.
        warnings.simplefilter("ignore", ExtrapolationWarning)
        return mobility_map(inherent[0], model.predict(inherent)[0], species="A")


def blocks(
    sampler: Sampler, start: Configuration, temperature: float, seconds: float, seed: int
) -> tuple[list[Configuration], int, float]:
    """Run, and return configurations at equal times, the number of sweeps and the mean energy."""
    rng = np.random.default_rng(seed)
    configuration = sampler.run(start, temperature, 200, rng).configuration  # compiles
    found, n_sweeps, energies = [configuration], 0, []
    began = process_time()
    for block in range(1, N_BLOCKS + 1):
        while process_time() - began < seconds * block / N_BLOCKS:
            result = sampler.run(configuration, temperature, 200, rng)
            configuration = result.configuration
            energies.append(result.energies[-1])
            n_sweeps += 200
        found.append(configuration)
    return found, n_sweeps, float(np.mean(energies))


def main() -> None:
    folder, temperature, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    runs = [
        run for run in Campaign(folder, n_jobs=1).equilibrate()[temperature] if run.start == "above"
    ]
    model = predictor()
    print("| exchanges | sweeps | energy | pairs left | map left after seconds |")
    print("|---|---|---|---|---|")
    for name, sampler in SAMPLERS.items():
        kept, pairs, energies, sweeps = [], [], [], []
        for number, run in enumerate(runs):
            found, n_sweeps, energy = blocks(
                sampler, run.configuration, temperature, seconds, number
            )
            maps = [predicted_map(model, configuration) for configuration in found]
            kept.append(
                [
                    np.mean([a.correlation(b) for a, b in zip(maps, maps[lag:], strict=False)])
                    for lag in LAGS
                ]
            )
            pairs.append(BondBreaking(SYSTEM, found[0])(found[-1].positions).mean())
            energies.append(energy)
            sweeps.append(n_sweeps)
        left = ", ".join(
            f"{value:.2f} ± {error:.2f} ({lag * seconds / N_BLOCKS:.0f} s)"
            for lag, value, error in zip(
                LAGS, np.mean(kept, axis=0), np.atleast_1d(standard_error(kept)), strict=True
            )
        )
        print(
            f"| {name} | {np.mean(sweeps):.0f} | {np.mean(energies):.4f} ± "
            f"{standard_error(energies):.4f} | {np.mean(pairs):.3f} | {left} |"
        )


if __name__ == "__main__":
    main()
