r"""
Transfer across temperatures
============================

Train at one temperature, test at another. If a model carries over, structure means the same thing
at both, and the model may be used where no simulation reaches.

The sample has three temperatures, eight configurations each. At each of them the label is taken at
the bond-breaking time of that temperature, the same stage of relaxation.
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.liquid import get_system

sample = load_ka2d()
system = get_system(sample.system)
for temperature in np.unique(sample.temperatures)[::-1]:
    first = np.flatnonzero(sample.temperatures == temperature)[0]
    mean = sample.labels[first].matrix("broken_bonds")[:, -1].mean()
    print(f"T = {temperature:g}: label at t = {sample.times[first, -1]:.4g}, C_B = {mean:.2f}")

# %%
# Physics-inspired descriptors: density, energy and cell perimeter around each particle, averaged
# over growing lengths. They are few, which suits seven training configurations.
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.models import GroupedRidge, PropensityRegressor, transfer_matrix

model = PropensityRegressor(PhysicsInspiredDescriptor(system), GroupedRidge())

# %%
# ``transfer_matrix`` trains at each temperature and tests at each, never on a configuration that
# the model has seen. Every entry rests on equally many training configurations.
matrix = transfer_matrix(
    model,
    sample.inherent,
    [labels.matrix("broken_bonds")[:, -1] for labels in sample.labels],
    sample.temperatures,
    halves=[labels.halves("broken_bonds")[..., -1] for labels in sample.labels],
    n_splits=4,
)
print(matrix.pearson.round(3))

# %%
# Row: trained at; column: tested at. Below the matrix is the noise ceiling of each column: the best
# that any prediction could reach, given ten replicas. Errors are standard errors over test
# configurations.
from vitreous.plots import style, transfer_heatmap

with style():
    page, ax = plt.subplots(figsize=(4, 3.6), layout="constrained")
    page.colorbar(transfer_heatmap(matrix, ax), ax=ax, label="Pearson correlation, species A")

# %%
# Read it by columns. The entries of one column are tested on the same configurations: if they agree
# within the errors, nothing is lost by training elsewhere.
#
# A correlation knows nothing of amplitude. The variance of the prediction over that of the label
# does: a linear model that correlates with :math:`r` has a ratio near :math:`r^2` where it was
# trained, and another where it was not.
ratio = matrix.agreement["variance_ratio"]
for row, trained in enumerate(matrix.conditions):
    entries = [
        f"{value:.2f} ± {error:.2f}"
        for value, error in zip(ratio.value[row], ratio.standard_error[row], strict=True)
    ]
    print(f"trained at {trained:g}: {'   '.join(entries)}")

# %%
# One model for all temperatures
# ------------------------------
#
# :class:`~vitreous.models.TransferableRegressor` learns from several temperatures and times at once
# and takes labels where the average :math:`C_B` has reached given levels. Here it learns from the
# two higher temperatures and predicts the lowest, which it has never seen.
from vitreous.dynamics import Estimate, labels_at_levels, pearson
from vitreous.models import TransferableRegressor

levels = [0.95, 0.90]
at_levels = {}
for temperature in np.unique(sample.temperatures):
    same = np.flatnonzero(sample.temperatures == temperature)
    found = labels_at_levels([sample.labels[i] for i in same], "bond_breaking", levels)
    at_levels |= {i: labels.matrix("bond_breaking") for i, labels in zip(same, found, strict=True)}

hot = np.flatnonzero(sample.temperatures > 0.36)
cold = np.flatnonzero(sample.temperatures == 0.36)
transferable = TransferableRegressor(PhysicsInspiredDescriptor(system), GroupedRidge(), levels)
transferable.fit(
    [sample.inherent[i] for i in hot],
    [at_levels[i] for i in hot],
    sample.temperatures[hot],
)

# %%
# Predicting outside of the training temperatures draws a warning, which here is the purpose.
import warnings

from vitreous.models import ExtrapolationWarning

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ExtrapolationWarning)
    predicted = transferable.predict(
        [sample.inherent[i] for i in cold], temperatures=sample.temperatures[cold]
    )
for number, level in enumerate(levels):
    scores = []
    for i, prediction in zip(cold, predicted, strict=True):
        kind = sample.inherent[i].of_species("A")
        scores.append(pearson(at_levels[i][kind, number], prediction[kind, number]))
    print(f"C_B = {level:g} at T = 0.36, never seen: {Estimate.mean(scores)}")

# %%
# :doc:`/neural_models` measures this for four temperatures, each left out in turn.
