r"""
States and times
================

How much of the dynamics is written in the structure depends on when you look, and at which
positions: those of the liquid as it is, *thermal*, or the *inherent structure* below them, where
vibrations are gone. This page leaves out the third state, the average position in the cage.

That one takes short simulations: :doc:`/states`.
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.datasets import load_ka2d

sample = load_ka2d().at(0.36)
times = sample.times[0]
print(f"times of the labels: {', '.join(f'{time:.3g}' for time in times)}")

# %%
# One model learns all times at once: labels of shape (N, 3). ``cross_predict`` leaves each
# configuration out in turn, so that all eight of them can be tested on.
from sklearn.pipeline import make_union

from vitreous.descriptors import (
    BondOrderDescriptor,
    CoarseGrain,
    RadialDescriptor,
)
from vitreous.models import GroupedRidge, PropensityRegressor, cross_predict

radial = RadialDescriptor(shells=np.arange(0.8, 2.5, 0.1), widths=0.1)
bond_order = BondOrderDescriptor(orders=[4, 5, 6, 8], shells=[1.0, 1.5, 2.0])
model = PropensityRegressor(
    CoarseGrain(make_union(radial, bond_order)), GroupedRidge()
)
labels = [found.matrix("displacement") for found in sample.labels]
predicted = {
    "thermal": cross_predict(model, sample.configurations, labels),
    "inherent": cross_predict(model, sample.inherent, labels),
}

# %%
# The average over configurations of the correlation for species A, with its standard error, and the
# noise ceiling that ten replicas allow.
from vitreous.dynamics import Estimate, pearson
from vitreous.models import noise_ceiling

of_a = [
    configuration.of_species("A") for configuration in sample.configurations
]
scores = {
    state: Estimate.mean(
        [
            pearson(y[a], p[a])
            for y, p, a in zip(labels, values, of_a, strict=True)
        ]
    )
    for state, values in predicted.items()
}
halves = [found.halves("displacement") for found in sample.labels]
ceiling = np.mean(
    [noise_ceiling(*half[:, a]) for half, a in zip(halves, of_a, strict=True)],
    axis=0,
)
for state, found in scores.items():
    entries = zip(found.value, found.standard_error, strict=True)
    print(
        f"{state:9}",
        "  ".join(f"{value:.2f} ± {error:.2f}" for value, error in entries),
    )
print(f"{'ceiling':9}", "  ".join(f"{value:.2f}       " for value in ceiling))

# %%
from vitreous.plots import style

with style():
    page, ax = plt.subplots(figsize=(3.4, 2.6), layout="constrained")
    for state, found in scores.items():
        ax.errorbar(
            times,
            found.value,
            found.standard_error,
            fmt="o-",
            capsize=2,
            label=state,
        )
    ax.plot(times, ceiling, "--", color="0.4", label="noise ceiling")
    ax.set(
        xscale="log",
        xlabel="time $t$",
        ylabel="correlation, displacement",
        ylim=(0, 1),
    )
    ax.legend()

# %%
# Both states are tested on the same configurations. So the difference has an error of its own,
# smaller than those of the two suggest: configurations that are hard for one state are hard for the
# other.
differences = [
    pearson(y[a], q[a]) - pearson(y[a], p[a])
    for y, p, q, a in zip(
        labels, predicted["thermal"], predicted["inherent"], of_a, strict=True
    )
]
gain = Estimate.mean(differences)
for time, value, error in zip(
    times, gain.value, gain.standard_error, strict=True
):
    print(f"t = {time:.3g}: inherent less thermal {value:+.3f} ± {error:.3f}")

# %%
# Times before the first rearrangements belong to vibrations, for which other descriptors are made:
# :doc:`/vibrations`, and one model for all of them, :doc:`/neural_models`.
#
# **Next:** :doc:`04_transfer`, from one temperature to another.
