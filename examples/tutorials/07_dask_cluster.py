r"""
From a laptop to a Dask cluster
===============================

Whatever repeats goes through `joblib <https://joblib.readthedocs.io>`_. So one ``with`` statement
decides where it runs: in this process, on all cores, or on the workers of a `Dask
<https://distributed.dask.org>`_ cluster. The results are the same to the last bit.

On one's own machine ``LocalCluster`` stands in for a cluster (``pip install ".[dask]"``).
"""

import time

import matplotlib.pyplot as plt
import numpy as np
from distributed import Client, LocalCluster
from joblib import parallel_config

from vitreous.liquid import KobAndersen2D
from vitreous.simulate import equilibrate, isoconfigurational_ensemble

system, temperature = KobAndersen2D(), 0.42
configuration = equilibrate(
    system, 1290, temperature, n_sweeps=500
).configuration

# %%
# Here the replicas of one ensemble run one after another, in this process.
start = time.perf_counter()
here = isoconfigurational_ensemble(
    system, configuration, temperature, [10.0], n_replicas=4
)
print(f"in this process: {time.perf_counter() - start:.1f} s")

# %%
# On a cluster nothing changes but the surroundings. ``n_jobs`` stays unset: Dask knows how many
# workers there are.
#
# .. note::
#
#    A program that starts processes must not start them again in each process. In a script of your
#    own put what follows below ``if __name__ == "__main__":``. The workers here are threads of this
#    process, so that the page needs no such line.
cluster = LocalCluster(
    n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
)
with Client(cluster) as client, parallel_config(backend="dask"):
    print(f"{len(client.scheduler_info()['workers'])} workers")
    there = isoconfigurational_ensemble(
        system, configuration, temperature, [10.0], n_replicas=4
    )
cluster.close()

same = np.array_equal(here.matrix("displacement"), there.matrix("displacement"))
print(f"the same labels to the last bit: {same}")

# %%
from vitreous.plots import particle_map, style

with style():
    page, ax = plt.subplots(figsize=(4, 4), layout="constrained")
    disks = particle_map(
        system, configuration, there.matrix("displacement")[:, 0], ax
    )
    page.colorbar(
        disks, ax=ax, label="displacement at $t = 10$, from two workers"
    )

# %%
# On a real cluster
# -----------------
#
# Give ``Client`` the address of a scheduler instead. A whole :doc:`campaign </campaigns>`,
# equilibration, inherent structures and labels at all temperatures, runs the same way. Each task
# reads its input from the folder and writes one file there, so that nothing large travels; if a
# worker dies, another one writes the same file.
#
# .. code-block:: python
#
#     from distributed import Client
#     from joblib import parallel_config
#     from vitreous.campaigns import Campaign
#
#     if __name__ == "__main__":
#         with Client("scheduler:8786"), parallel_config(backend="dask"):
#             Campaign.start("campaign.toml", "ka2d").run()
#
# With `dask-jobqueue <https://jobqueue.dask.org>`_ the workers come from a batch system:
#
# .. code-block:: python
#
#     from dask_jobqueue import SLURMCluster
#
#     cluster = SLURMCluster(
#         cores=16, processes=16, memory="32GB", walltime="04:00:00"
#     )
#     cluster.scale(jobs=10)
#
# Training takes part as well: ``PropensityRegressor.fit`` and ``transfer_matrix`` describe and
# train on the workers, and what travels back are sums that do not grow with the number of
# particles. Inside a single job of a batch system no scheduler is needed: ``vitreous simulate ...
# -j 16``.
#
# **Next:** extend the package, by :doc:`a descriptor <08_own_descriptor>` or :doc:`a liquid
# <09_own_system>` of your own.
