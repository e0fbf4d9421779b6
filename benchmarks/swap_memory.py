"""How long swap Monte Carlo takes to forget a structure, beside how long the energy takes.

Goes on from the configurations of a campaign of KA2D at one temperature, and prints what is left of
the mobility map that a ridge regression predicts, which learnt from the packaged sample, and of the
pairs of neighbours::

    python benchmarks/swap_memory.py FOLDER TEMPERATURE SWEEPS
"""

from __future__ import annotations

import sys
import warnings

import numpy as np

from vitreous.campaigns import Campaign
from vitreous.datasets import load_ka2d
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.dynamics import BondBreaking, MobilityMap, mobility_map
from vitreous.liquid import Configuration, KobAndersen2D
from vitreous.models import ExtrapolationWarning, GroupedRidge, PropensityRegressor
from vitreous.simulate import InherentStructure, SwapMonteCarlo, integrated_autocorrelation_time

N_BLOCKS = 6
RECORD_EVERY = 10
SYSTEM = KobAndersen2D()


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


def main() -> None:
    folder, temperature, n_sweeps = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    campaign = Campaign(folder, n_jobs=1)
    swap = SwapMonteCarlo(SYSTEM, swap_fraction=campaign.settings.equilibration.swap_fraction)
    model = predictor()
    runs = [run for run in campaign.equilibrate()[temperature] if run.start == "above"]
    kept = np.empty((len(runs), 2, N_BLOCKS))
    energies = []
    for number, run in enumerate(runs):
        start = configuration = run.configuration
        first, bonds = predicted_map(model, start), BondBreaking(SYSTEM, start)
        course, rng = [], np.random.default_rng(number)
        for block in range(N_BLOCKS):
            result = swap.run(configuration, temperature, n_sweeps // N_BLOCKS, rng, RECORD_EVERY)
            configuration = result.configuration
            course.append(result.energies)
            kept[number, :, block] = (
                first.correlation(predicted_map(model, configuration)),
                bonds(configuration.positions).mean(),
            )
        energies.append(np.concatenate(course))
    tau = RECORD_EVERY * integrated_autocorrelation_time(energies)
    print(f"T = {temperature:g}: autocorrelation time of the energy {tau:.0f} sweeps")
    print("| sweeps | correlation of maps | pairs of neighbours left |")
    print("|---|---|---|")
    mean, error = kept.mean(axis=0), kept.std(axis=0, ddof=1) / np.sqrt(len(runs))
    for block in range(N_BLOCKS):
        numbers = " | ".join(f"{mean[k, block]:.2f} ± {error[k, block]:.2f}" for k in (0, 1))
        print(f"| {(block + 1) * (n_sweeps // N_BLOCKS)} | {numbers} |")


if __name__ == "__main__":
    main()
