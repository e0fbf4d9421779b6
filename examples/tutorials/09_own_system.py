r"""
A liquid of your own
====================

Everything works for any mixture: define it, bring it to equilibrium, make sure that it is there,
and label and describe it like the packaged ones.
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.liquid import PairPotential, System, register_system

# %%
# A dozen lines define a mixture. This one is made up: discs of two sizes in equal numbers, which
# repel each other as harmonic springs where they overlap, packed densely.
discs = System(
    name="two discs",
    species=("small", "large"),
    fractions=(1, 1),
    density=0.9,
    dimensions=2,
    potential=PairPotential.harmonic(
        epsilon=np.ones((2, 2)), sigma=[[1.0, 1.2], [1.2, 1.4]]
    ),
    time_step=0.02,
    swap_pairs=[(0, 1)],
)
register_system(discs)

# %%
# What do the pairs feel?
from vitreous.plots import style

r = np.linspace(0.5, 1.5, 200)
with style():
    page, ax = plt.subplots(figsize=(4, 2.6), layout="constrained")
    for a, b, name, line in [
        (0, 0, "small, small", "k-"),
        (0, 1, "small, large", "k--"),
        (1, 1, "large, large", "k:"),
    ]:
        ax.plot(r, discs.potential.energy(r, a, b), line, label=name)
    ax.set(xlabel=r"distance $r$", ylabel="energy $V(r)$")
    ax.legend()

# %%
# Swap Monte Carlo exchanges small and large discs, and is far ahead of dynamics in reaching
# equilibrium. Half of the runs start from above (a quench from random positions), half from below
# (colder first). If they agree, and no drift is left, the liquid is in equilibrium as far as its
# energy tells.
from vitreous.simulate import equilibrate, equilibrium_test

temperature = 0.003
runs = [
    equilibrate(
        discs, 400, temperature, n_sweeps=3000, start=start, random_state=seed
    )
    for seed, start in enumerate(["above", "below", "above", "below"])
]
print(equilibrium_test(runs))

# %%
from vitreous.plots import equilibration_curves

with style():
    page, ax = plt.subplots(figsize=(4, 2.6), layout="constrained")
    equilibration_curves({temperature: runs}, ax)

# %%
# Replicas with fresh velocities tell how mobile each disc is.
from vitreous.simulate import isoconfigurational_ensemble, minimize

configuration = runs[0].configuration
labels = isoconfigurational_ensemble(
    discs, configuration, temperature, times=[10.0, 100.0], n_replicas=8
)
mobility = labels.matrix("displacement")[:, -1]
print(
    f"displacement after t = 100: {mobility.mean():.3f}, "
    f"spread {mobility.std():.3f}"
)

# %%
# Descriptors, models and plots take it from here, without knowing which liquid it is.
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.plots import particle_map

quenched = minimize(discs, configuration).configuration
descriptor = PhysicsInspiredDescriptor(discs, [0.0, 1.0, 2.0])
features = descriptor.fit_transform([quenched])
names = list(descriptor.get_feature_names_out())
print(features.shape, names[:3])

with style():
    page, axes = plt.subplots(1, 2, figsize=(7, 4), layout="constrained")
    for ax, title, values in zip(
        axes,
        ["displacement at t = 100", names[0]],
        [mobility, features[:, 0]],
        strict=True,
    ):
        disks = particle_map(discs, configuration, values, ax)
        page.colorbar(disks, ax=ax, location="bottom", shrink=0.9)
        ax.set_title(title)

# %%
# A formula that is not a power of the distance goes into :meth:`TabulatedPotential.from_function
# <vitreous.liquid.TabulatedPotential.from_function>`, and particles with a diameter each are a
# :class:`~vitreous.liquid.PolydisperseSystem`: :doc:`/systems`. To make a whole data set of it,
# put the definition into a file and let a :doc:`campaign </campaigns>` run it.
#
# **Next:** simulate it on a GPU, :doc:`10_hoomd`.
