r"""
Your own data
=============

Structures come from files of your own: LAMMPS dumps, extended XYZ, GSD, and all that MDAnalysis
reads. A model needs to know which particle is which, and its positions in the state that it learnt
from. This page reads and predicts. It leaves out published data sets; of labels from trajectories
of your own it shows the commands, at its end.

Published data sets and their layouts: :doc:`/file_formats`.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

from vitreous.datasets import load_ka2d, read_structures
from vitreous.liquid import get_system

sample = load_ka2d().at(0.42)
system = get_system(sample.system)

# %%
# As a stand-in for a file of yours, the last configuration of the sample goes into one. Its species
# have numbers, in an order of their own, as programs like to give them.
numbers = {"A": "2", "B": "3", "C": "1"}
unseen = sample.configurations[-1]
length = unseen.box.lengths[0]
lines = [
    f"{unseen.n_particles}",
    f'Lattice="{length} 0 0 0 {length} 0 0 0 1" Properties=species:S:1:pos:R:3',
    *(
        f"{numbers[unseen.species[kind]]} {x} {y} 0.0"
        for kind, (x, y) in zip(unseen.types, unseen.positions, strict=True)
    ),
]
folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "mine.xyz")
path.write_text("\n".join(lines) + "\n")
print("\n".join(lines[:4]))

# %%
# Say what the numbers mean. The species come in the order of the system; lengths must be in units
# of :math:`\sigma_{AA}`, and ``length_unit`` converts others.
(mine,) = read_structures(
    path, species={"1": "C", "2": "A", "3": "B"}, system=system
)
print(mine)

# %%
# The positions of a file are thermal as a rule, those of a liquid at its temperature. Most models
# learn from inherent structures, the minima of energy below them. With the quench in the pipeline,
# a model takes thermal positions, and nobody has to remember.
from sklearn.pipeline import make_pipeline

from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.models import GroupedRidge, PropensityRegressor
from vitreous.simulate import InherentStructure

labels = [found.at("broken_bonds", found.times[-1]) for found in sample.labels]
descriptor = make_pipeline(
    InherentStructure(system), PhysicsInspiredDescriptor(system)
)
model = PropensityRegressor(descriptor, GroupedRidge())
model.fit(sample.configurations[:-1], labels[:-1])
(predicted,) = model.predict([mine.configuration])

# %%
# Without it, a model of inherent structures is asked about positions unlike all that it has seen,
# and says so.
import warnings

forgetful = PropensityRegressor(
    PhysicsInspiredDescriptor(system), GroupedRidge()
)
forgetful.fit(sample.inherent[:-1], labels[:-1])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    (wrong,) = forgetful.predict([mine.configuration])
for warning in caught:
    print(f"{warning.category.__name__}: {warning.message}")

# %%
# Here the truth is known, since the configuration is one of the sample.
from vitreous.dynamics import pearson
from vitreous.plots import particle_map, style

of_type = mine.configuration.of_species("A")
for name, values in (("quenched", predicted), ("as read", wrong)):
    found = pearson(labels[-1][of_type], values[of_type])
    print(f"{name}: correlation {found:.2f}")

with style():
    page, ax = plt.subplots(figsize=(3.5, 4), layout="constrained")
    disks = particle_map(system, mine.configuration, predicted, ax)
    page.colorbar(
        disks,
        ax=ax,
        location="bottom",
        label="predicted broken bonds, $1 - C_B$",
    )
folder.cleanup()

# %%
# The shell does the same with a stored model, and draws the map:
#
# .. code-block:: sh
#
#     vitreous predict model.skops mine.xyz --species 1=C,2=A,3=B \
#         --out predicted.npz --plot map.png
#
# Where you have trajectories, label them, and learn from your own liquid:
#
# .. code-block:: sh
#
#     vitreous label --system KA2D --trajectory run.dump --species C,A,B \
#         --time-step 0.01 --lags 1,10,100 --out labels
#     vitreous fit 'labels/*.gsd' --time 100 --out model.skops
#
# :doc:`/own_trajectories` has the details.
#
# **Next:** :doc:`which positions and which times <03_states_and_times>` tell most. Or bring your
# own mixture: :doc:`09_own_system`.
