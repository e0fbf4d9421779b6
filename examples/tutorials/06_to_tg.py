r"""
Down to the glass transition
============================

Train where molecular dynamics relaxes the liquid, predict where it does not. For that one model
must serve all temperatures, and be tested on one that is colder than all it has seen. This page
leaves out what lies below: equilibrium by annealing, and the growth of the mobile regions.

:class:`~vitreous.models.TransferableRegressor` learns from several temperatures and times at once
and takes labels where the average :math:`C_B` has reached given levels. Here it learns from the two
higher temperatures of the sample and predicts the lowest.
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.dynamics import Estimate, labels_at_levels, pearson
from vitreous.liquid import get_system
from vitreous.models import GroupedRidge, TransferableRegressor

sample = load_ka2d()
system = get_system(sample.system)
levels = [0.95, 0.90]


def labels_of(found):
    """Labels of one temperature at the levels, shape (N, 2) each."""
    at_levels = labels_at_levels(found.labels, "bond_breaking", levels)
    return [labels.matrix("bond_breaking") for labels in at_levels]


hotter = [sample.at(0.5), sample.at(0.42)]
model = TransferableRegressor(
    PhysicsInspiredDescriptor(system), GroupedRidge(), levels
)
model.fit(
    [structure for found in hotter for structure in found.inherent],
    [label for found in hotter for label in labels_of(found)],
    np.concatenate([found.temperatures for found in hotter]),
)

# %%
# Predicting outside of the training temperatures draws a warning, which here is the purpose.
import warnings

from vitreous.models import ExtrapolationWarning

cold = sample.at(0.36)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ExtrapolationWarning)
    predicted = model.predict(cold.inherent, temperatures=cold.temperatures)
for number, level in enumerate(levels):
    scores = []
    for structure, label, prediction in zip(
        cold.inherent, labels_of(cold), predicted, strict=True
    ):
        kind = structure.of_species("A")
        scores.append(pearson(label[kind, number], prediction[kind, number]))
    print(f"C_B = {level:g} at T = 0.36, never seen: {Estimate.mean(scores)}")

# %%
# The field itself, beside what was simulated.
from vitreous.plots import particle_map, style

true = labels_of(cold)[-1][:, -1]
with style():
    page, axes = plt.subplots(1, 2, figsize=(7, 4), layout="constrained")
    for ax, title, values in zip(
        axes,
        ["simulated", "predicted"],
        [1 - true, 1 - predicted[-1][:, -1]],
        strict=True,
    ):
        disks = particle_map(system, cold.inherent[-1], values, ax)
        page.colorbar(
            disks,
            ax=ax,
            location="bottom",
            shrink=0.9,
            label="broken bonds, $1 - C_B$",
        )
        ax.set_title(title)

# %%
# So far down a simulation can check the prediction. The packaged study goes on with the same model
# to temperatures at which only swap Monte Carlo equilibrates the liquid, and measures how the
# mobile regions grow:
#
# .. code-block:: sh
#
#     vitreous run ka2d_to_tg --folder to_tg
#
# It takes hours. :doc:`/to_the_glass_transition` shows what came out, and :doc:`/neural_models`
# measures the model for four temperatures, each left out in turn.
#
# **Next:** larger studies, on :doc:`a cluster <07_dask_cluster>`.
