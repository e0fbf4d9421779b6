r"""
A first prediction
==================

Learn which particles of a two-dimensional glass former lose their neighbours, and predict it for a
structure that the model has not seen.

The packaged sample holds equilibrated configurations of KA2D, their inherent structures, and what
their particles did in ten runs from the same positions with fresh velocities, an
*isoconfigurational ensemble*. :doc:`/simulation` tells how such data are made.
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.liquid import get_system

sample = load_ka2d().at(0.42)
structures = sample.inherent
print(
    f"{len(structures)} configurations of {structures[0].n_particles} "
    "particles at T = 0.42"
)

# %%
# The label of a particle is its share of broken bonds, :math:`1 - C_B`: the fraction of its
# neighbours that it has lost after a time :math:`t`, averaged over the replicas. Here :math:`t`
# is the last of the three times of the sample, the bond-breaking time :math:`\tau_B`.
# It is 0 for a particle that kept them all. :doc:`/labels` has the definitions.
labels = [found.at("broken_bonds", found.times[-1]) for found in sample.labels]
print(f"Broken bonds range from {labels[0].min():.2f} to {labels[0].max():.2f}")

# %%
# A descriptor turns a configuration into a table with one row for each particle. This one counts
# neighbours on shells, adds bond-orientational order, and averages both over growing
# neighbourhoods. It sees the structure at :math:`t = 0` and nothing else.
from sklearn.pipeline import make_union

from vitreous.descriptors import (
    BondOrderDescriptor,
    CoarseGrain,
    RadialDescriptor,
)

radial = RadialDescriptor(shells=np.arange(0.8, 3.0, 0.1), widths=0.1)
bond_order = BondOrderDescriptor(orders=[4, 5, 6, 8], shells=[1.0, 1.5, 2.0])
descriptor = CoarseGrain(make_union(radial, bond_order))
print(descriptor.fit_transform(structures[:1]).shape)

# %%
# Learn from all configurations but the last. ``GroupedRidge`` is a ridge regression that chooses
# its penalty on left-out *configurations*, because particles of one configuration are not
# independent. There is one model for each species.
from vitreous.models import GroupedRidge, PropensityRegressor

model = PropensityRegressor(descriptor, GroupedRidge())
model.fit(structures[:-1], labels[:-1])
(predicted,) = model.predict(structures[-1:])

# %%
# How good is it? Ten replicas do not know the label exactly, so not even a perfect prediction
# reaches a correlation of 1. Where it would end, the noise ceiling, follows from two halves of the
# replicas.
from vitreous.dynamics import pearson
from vitreous.models import noise_ceiling

unseen, true = structures[-1], labels[-1]
even, odd = sample.labels[-1].halves("broken_bonds")[..., -1]
for species in unseen.species:
    of_type = unseen.of_species(species)
    correlation = pearson(true[of_type], predicted[of_type])
    ceiling = noise_ceiling(even[of_type], odd[of_type])
    print(
        f"{species}: Pearson correlation {correlation:.2f}, "
        f"noise ceiling {ceiling:.2f}"
    )

# %%
# One configuration is little to test on: :doc:`04_transfer` does it with errors. The maps show
# where the prediction is right: bright particles lose their neighbours first.
from vitreous.plots import particle_map, style

system = get_system(sample.system)
with style():
    page, axes = plt.subplots(1, 2, figsize=(7, 4), layout="constrained")
    for ax, title, values in zip(
        axes, ["simulated", "predicted"], [true, predicted], strict=True
    ):
        disks = particle_map(system, unseen, values, ax)
        page.colorbar(
            disks,
            ax=ax,
            location="bottom",
            shrink=0.9,
            label="broken bonds, $1 - C_B$",
        )
        ax.set_title(title)

# %%
# Each map has a scale of its own, since a regression predicts averages and varies less than what it
# was taught; :doc:`/models_and_transfer` tells by how much.
#
# **Next:** predict for :doc:`a file of your own <02_own_data>`.
