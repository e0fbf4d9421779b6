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
for temperature in (0.5, 0.42, 0.36):
    found = sample.at(temperature)
    mean = np.mean([one.matrix("bond_breaking")[:, -1] for one in found.labels])
    print(
        f"T = {temperature:g}: label at t = {found.times[0, -1]:.4g}, "
        f"C_B = {mean:.2f}"
    )

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
    page.colorbar(
        transfer_heatmap(matrix, ax),
        ax=ax,
        label="Pearson correlation, species A",
    )

# %%
# Read it by columns. The entries of one column are tested on the same configurations, some of which
# are hard for every model. So compare them configuration by configuration: the error of such a
# paired difference is smaller than those of the entries. Entries whose errors overlap may well
# differ.
loss = matrix.loss
for row, trained in enumerate(matrix.conditions):
    entries = [
        f"{value:+.3f} ± {error:.3f}" if row != column else "-"
        for column, (value, error) in enumerate(
            zip(loss.value[row], loss.standard_error[row], strict=True)
        )
    ]
    print(f"lost by training at {trained:g}: {'   '.join(entries)}")

# %%
# A correlation knows nothing of amplitude. The variance of the prediction over that of the label
# does: a linear model that correlates with :math:`r` has a ratio near :math:`r^2` where it was
# trained, and another where it was not.
ratio = matrix.agreement["variance_ratio"]
for row, trained in enumerate(matrix.conditions):
    entries = [
        f"{value:.2f} ± {error:.2f}"
        for value, error in zip(
            ratio.value[row], ratio.standard_error[row], strict=True
        )
    ]
    print(f"trained at {trained:g}: {'   '.join(entries)}")

# %%
# **Next:** one model for all temperatures and times, :doc:`05_first_collision`.
# Published numbers for another liquid: :doc:`11_published_curve`.
