r"""
A published curve, and ours beside it
=====================================

How much is lost by training at another temperature? Published numbers, and the same question asked
of the packaged sample. The published files, 6 GB, are left out; one block takes them if they are
there.

GlassBench (Jung et al., arXiv:2311.14752) measured four predictors and the three-dimensional
mixture KA: trained with 400 configurations at each of four temperatures, tested at the lowest,
T = 0.44, at its relaxation time, on the displacement propensity of species A. Its numbers:
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.liquid import get_system

trained_at = [0.44, 0.50, 0.56, 0.64]
published = {
    "SE(3)": [0.815, 0.798, 0.766, 0.715],
    "CAGE": [0.779, 0.754, 0.702, 0.641],
    "GlassMLP": [0.768, 0.733, 0.678, 0.548],
    "BOTAN": [0.755, 0.710, 0.691, 0.644],
}

# %%
# What can be measured here, in a minute, is the same question asked of the packaged sample:
# **another liquid** (KA2D, two dimensions), **another label** (bond breaking), seven or fewer
# configurations to learn from where 30 to 400 were, and ten replicas instead of 32. So compare how
# the curves fall, not how high they are.
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.models import GroupedRidge, PropensityRegressor, transfer_matrix

sample = load_ka2d()
matrix = transfer_matrix(
    PropensityRegressor(
        PhysicsInspiredDescriptor(get_system(sample.system)), GroupedRidge()
    ),
    sample.inherent,
    [labels.matrix("broken_bonds")[:, -1] for labels in sample.labels],
    sample.temperatures,
    halves=[labels.halves("broken_bonds")[..., -1] for labels in sample.labels],
    n_splits=4,
)
coldest = int(np.argmin(matrix.conditions))
pooled = matrix.agreement["pearson_pooled"]
for row, temperature in enumerate(matrix.conditions):
    value, error = (
        pooled.value[row, coldest],
        pooled.standard_error[row, coldest],
    )
    print(
        f"trained at {temperature:g}, tested at 0.36: {value:.3f} ± {error:.3f}"
    )

# %%
# With published BOTAN files at hand (Shiba et al., J. Chem. Phys. 158, 084503, 2023) there is a
# point on the published axes as well. Name their folder in the environment variable
# ``VITREOUS_BOTAN``, and this block leaves them out one by one; the model is a ridge regression on
# physics-inspired descriptors of inherent structures.
import os

own_point = None
if folder := os.environ.get("VITREOUS_BOTAN"):
    from vitreous.datasets import read
    from vitreous.models import cross_predict, propensity_scores
    from vitreous.simulate import InherentStructure

    data = read([f"{folder}/isoconfig_*T0.44_*_tc07.npz"], "botan")
    mixture = get_system(data[0].system)
    inherent = InherentStructure(mixture).fit_transform(
        [item.configuration for item in data]
    )
    labels = [item.labels.matrix("displacement")[:, 0] for item in data]
    model = PropensityRegressor(
        PhysicsInspiredDescriptor(mixture), GroupedRidge()
    )
    predictions = cross_predict(model, inherent, labels, n_splits=len(data))
    own_point = propensity_scores(inherent, labels, predictions)["A"][
        "pearson_pooled"
    ]
    print(f"{len(data)} published files: {own_point}")
else:
    print("VITREOUS_BOTAN is not set: the left panel shows published numbers")

# %%
# Both, side by side. Dashed: the noise ceiling, averaged over configurations.
from vitreous.plots import style

with style():
    page, axes = plt.subplots(
        1, 2, figsize=(7, 3), layout="constrained", sharey=True
    )
    shades = plt.get_cmap("cividis")(np.linspace(0, 0.85, len(published)))
    for (name, scores), shade, marker in zip(
        published.items(), shades, "osD^", strict=True
    ):
        axes[0].plot(trained_at, scores, marker=marker, color=shade, label=name)
    if own_point is not None:
        axes[0].errorbar(
            0.44,
            own_point.value,
            own_point.standard_error,
            fmt="k*",
            ms=7,
            label="vitreous, ridge",
        )
    axes[0].set(
        xlabel="trained at $T$",
        ylabel="pooled Pearson correlation, A",
        title="KA, published",
    )
    axes[0].legend(title="tested at $T=0.44$")
    axes[1].errorbar(
        matrix.conditions,
        pooled.value[:, coldest],
        pooled.standard_error[:, coldest],
        fmt="o-",
        color="black",
        capsize=2,
        label="ridge, physics-inspired",
    )
    axes[1].axhline(
        matrix.noise_ceiling[coldest], ls="--", lw=0.8, color="grey"
    )
    axes[1].set(
        xlabel="trained at $T$", title="KA2D, measured here", ylim=(0, 1)
    )
    axes[1].legend(title="tested at $T=0.36$")

# %%
# The ceiling belongs into every such picture: on the right, ten replicas keep any prediction below
# it. :doc:`/comparison` and :doc:`/accuracy` have the numbers for published configurations.
#
# **Next:** score models on published files yourself: :doc:`/file_formats`.
