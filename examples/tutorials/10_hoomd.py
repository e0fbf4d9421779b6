r"""
Simulate on HOOMD-blue
======================

Molecular dynamics runs on the embedded engine, which needs nothing but this package, or on
`HOOMD-blue <https://hoomd-blue.readthedocs.io>`_, for GPUs and large systems. The same script
serves both. HOOMD-blue need not be there: this page says which engine ran when it was built.
"""

import importlib.util

import matplotlib.pyplot as plt
import numpy as np

from vitreous.liquid import KobAndersen2D
from vitreous.simulate import equilibrate, get_engine

system, temperature = KobAndersen2D(), 0.42
configuration = equilibrate(
    system, 1290, temperature, n_sweeps=1000
).configuration

# %%
# ``engine="auto"``, the default everywhere, is the embedded engine. Only where HOOMD-blue finds a
# GPU and the system has 20 000 particles or more is it HOOMD-blue: so results on a machine without
# a GPU never depend on what else is installed.
print(get_engine(system, "auto", n_particles=1290))

# %%
# Ask for HOOMD-blue by name, and an engine that is absent says how to install it.
has_hoomd = importlib.util.find_spec("hoomd") is not None
chosen = "hoomd" if has_hoomd else "embedded"
try:
    get_engine(system, "hoomd")
except ImportError as error:
    print(error)
print(f"The dynamics below ran on the engine {chosen!r}.")

# %%
# Every function that runs dynamics takes ``engine=``. A seed gives the velocities of the replicas,
# the same for both engines; the noise of the thermostat is the engine's own.
from vitreous.simulate import isoconfigurational_ensemble, logarithmic_times

times = logarithmic_times(0.1, 10.0, per_decade=6, time_step=system.time_step)
labels = isoconfigurational_ensemble(
    system, configuration, temperature, times, n_replicas=4, engine=chosen
)

# %%
from vitreous.plots import style

with style():
    page, axes = plt.subplots(1, 2, figsize=(7, 2.6), layout="constrained")
    for number, (species, line) in enumerate(
        zip(system.species, ["k-", "k--", "k:"], strict=True)
    ):
        kind = configuration.types == number
        for ax, label in zip(
            axes, ["displacement", "bond_breaking"], strict=True
        ):
            means = labels.matrix(label)[kind].mean(axis=0)
            ax.semilogx(labels.times, means, line, label=species)
    axes[0].set(xlabel="time $t$", ylabel=r"displacement ($\sigma_{AA}$)")
    axes[1].set(xlabel="time $t$", ylabel="bond-breaking correlation $C_B$")
    axes[0].legend(title="species")

# %%
# An engine can be given settings of its own and be driven directly. Without a temperature it keeps
# the energy, which is how to check a time step: the energy fluctuates with its square, and must not
# drift.
from vitreous.simulate import EmbeddedEngine, HoomdEngine, maxwell_velocities

velocities = maxwell_velocities(1290, 2, temperature, random_state=1)
for time_step in (0.01, 0.005):
    kind = HoomdEngine if has_hoomd else EmbeddedEngine
    engine = kind(system, time_step=time_step)
    snapshots = engine.run(
        configuration, times=np.arange(1, 21) * 0.5, velocities=velocities
    )
    total = [s.potential_energy + s.kinetic_energy for s in snapshots]
    spread = np.std(total) / configuration.n_particles
    print(
        f"time step {time_step:g}: total energy per particle "
        f"fluctuates by {spread:.1e}"
    )

# %%
# On a GPU, for a large system, with HOOMD-blue from conda-forge:
#
# .. code-block:: python
#
#     large = equilibrate(system, 82_560, temperature, n_sweeps=1000)
#     engine = HoomdEngine(system, device="gpu")
#     start = large.configuration
#     isoconfigurational_ensemble(
#         system, start, temperature, times, engine=engine
#     )
#
# :doc:`/engines` compares the two: precision, ensemble, speed.
#
# **Next:** :doc:`many such runs <07_dask_cluster>` at the same time.
