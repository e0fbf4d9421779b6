r"""
LAMMPS replicas to a transfer matrix
====================================

You have run a few structures in LAMMPS, each several times from the same positions with fresh
velocities, and have dumps of it. Four steps make a transfer matrix of them: label, fit, score,
transfer. All that is needed are dumps with ids and unwrapped positions. LAMMPS itself is left out:
here the dumps come from the embedded engine.

There are two temperatures of a two-dimensional liquid, four structures at each, five replicas of
each structure.
"""

import tempfile
from pathlib import Path

import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.liquid import get_system
from vitreous.simulate import isoconfigurational_trajectories

sample = load_ka2d()
system = get_system(sample.system)
folder = Path(tempfile.mkdtemp())
times = np.array([10.0, 40.0])


def write_dump(path, liquid, steps, frames):
    """Write what ``dump custom id type xu yu`` writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = liquid.box.lengths[0] / 2
    with open(path, "w") as file:
        for step, positions in zip(steps, frames, strict=True):
            print(f"ITEM: TIMESTEP\n{step}", file=file)
            print(f"ITEM: NUMBER OF ATOMS\n{len(positions)}", file=file)
            print("ITEM: BOX BOUNDS pp pp pp", file=file)
            print(f"{-half} {half}\n{-half} {half}\n-0.5 0.5", file=file)
            print("ITEM: ATOMS id type xu yu", file=file)
            table = np.column_stack(
                [np.arange(1, len(positions) + 1), liquid.types + 1, positions]
            )
            np.savetxt(file, table, fmt="%d %d %.9g %.9g")


for temperature in (0.5, 0.42):
    for i in np.flatnonzero(sample.temperatures == temperature)[:4]:
        liquid = sample.configurations[i]
        place = folder / f"T{temperature}" / f"c{i}"
        write_dump(place / "start.dump", liquid, [0], [liquid.positions])
        replicas = isoconfigurational_trajectories(
            system,
            liquid,
            temperature,
            times,
            n_replicas=5,
            random_state=int(i),
        )
        for number, frames in enumerate(replicas):
            steps = (times / system.time_step).round().astype(int)
            write_dump(place / f"r{number}.dump", liquid, steps, frames)

print(
    sorted(str(path.relative_to(folder)) for path in folder.rglob("*.dump"))[:7]
)

# %%
# In LAMMPS a replica is
#
# .. code-block:: none
#
#    read_data       start.data
#    velocity        all create 0.5 ${seed} dist gaussian
#    fix             1 all nvt temp 0.5 0.5 2.0
#    fix             2 all enforce2d
#    dump            1 all custom 1000 r${seed}.dump id type xu yu
#    dump_modify     1 sort id
#    run             4000
#
# Labels
# ------
#
# ``{i}`` stands for what tells the structures apart. LAMMPS counts steps, so that the time of a
# step is told; types 1, 2, 3 are the species of the system in their order.
from vitreous.workflows import label

for temperature in (0.5, 0.42):
    made = label(
        folder / "labels" / f"T{temperature}",
        system,
        start=f"{folder}/T{temperature}/c{{i}}/start.dump",
        replicas=f"{folder}/T{temperature}/c{{i}}/r*.dump",
        temperature=temperature,
        time_step=system.time_step,
    )
    functions = made.functions
    for k, time in enumerate(functions.times):
        broken = 1 - functions.bond_breaking.value[k]
        ceiling = made.noise_ceilings["bond_breaking"][k]
        print(
            f"T = {temperature:g}, t = {time:g}: "
            f"{broken:.3f} of the bonds broken, noise ceiling {ceiling:.2f}"
        )

# %%
# In the shell the same is
#
# .. code-block:: sh
#
#    vitreous label --system KA2D --start 'T0.5/c{i}/start.dump' \
#        --replicas 'T0.5/c{i}/r*.dump' \
#        --temperature 0.5 --time-step 0.01 --out labels/T0.5
#
# The noise ceiling is the largest correlation that any prediction could reach with so few replicas;
# more of them raise it.
#
# A model
# -------
#
# Labelled files go to :func:`~vitreous.workflows.fit` and :func:`~vitreous.workflows.score`. One
# structure of each temperature is kept for the test. With six for training, few columns serve best.
from vitreous.workflows import fit, score

files = sorted((folder / "labels").glob("*/*.gsd"))
settings = {"label": "broken_bonds", "time": 40.0, "descriptors": "jung2023"}
stored = fit(files[:3] + files[4:7], "gsd", **settings)
tested = score(stored, [files[3], files[7]], "gsd")
for species, values in tested.items():
    print(
        f"{species}: {values['pearson_mean']:.2f}, "
        f"noise ceiling {values['noise_ceiling']:.2f}"
    )

# %%
# Transfer
# --------
from vitreous.workflows import transfer

matrix = transfer(
    [f"{folder}/labels/*/*.gsd"], "gsd", over="temperature", **settings
)
for trained, values, errors in zip(
    matrix.conditions, matrix.pearson, matrix.standard_error, strict=True
):
    entries = [
        f"{value:.2f} ± {error:.2f}"
        for value, error in zip(values, errors, strict=True)
    ]
    print(f"trained at {trained:g}: {'   '.join(entries)}")
ceilings = "          ".join(f"{c:.2f}" for c in matrix.noise_ceiling)
print(f"noise ceiling   {ceilings}")

# %%
import matplotlib.pyplot as plt

from vitreous.plots import style, transfer_heatmap

with style():
    page, ax = plt.subplots(figsize=(4, 3.6), layout="constrained")
    page.colorbar(
        transfer_heatmap(matrix, ax),
        ax=ax,
        label="Pearson correlation, species A",
    )

# %%
# In the shell:
#
# .. code-block:: sh
#
#    vitreous transfer 'labels/*/*.gsd' --label broken_bonds --time 40 \
#        --descriptors jung2023
#
# A liquid whose potential is not known is told by a file, ``--system silica.toml``, and learnt from
# thermal positions; everything else stays.
#
# **Next:** :doc:`tracked particles of an experiment <13_tracked_colloids>`.
