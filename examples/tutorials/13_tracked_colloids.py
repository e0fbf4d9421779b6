r"""
Tracked colloids to a mobility map
==================================

Learn from what a microscope shows: particles that were tracked in a field of view, with drift,
with particles that get lost, and with noise of the localisation. How much does each of these cost?

To know the answer, the experiment is synthetic: films of a simulated liquid, to which the faults
are added one by one. For each particle the displacement in ten runs from the same positions is
known, which no experiment can measure, and with which predictions are compared.
"""

import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.liquid import get_system
from vitreous.simulate import isoconfigurational_trajectories

sample = load_ka2d()
system = get_system(sample.system)
chosen = np.flatnonzero(sample.temperatures == 0.5)
starts = [sample.configurations[i] for i in chosen]
lag = sample.times[chosen[0], -1]
truth = [sample.labels[i].at("displacement", lag) for i in chosen]

# %%
# Each film lasts until the time t at which particles have lost a tenth of their neighbours. Ten
# frames in quick succession come first. There is one film of each liquid, as there is one of each
# sample in the laboratory.
times = np.concatenate([0.5 * np.arange(10), lag * np.arange(2, 13) / 12])
films = [
    np.concatenate(
        [
            [start.positions],
            *isoconfigurational_trajectories(
                system, start, 0.5, times[1:], n_replicas=1, random_state=number
            ),
        ]
    )
    for number, start in enumerate(starts)
]

# %%
# What a tracking program makes of a film is a table with a row for each particle and frame: columns
# ``frame``, ``particle``, ``x`` and ``y`` in pixels, as trackpy writes them, and ``time``. Here a
# diameter is 20 pixels wide. The species are told by the size or the colour of the colloids.
PIXELS = 20.0
SIDE = 30.0  # of the field of view, in diameters
NAMES = np.array(system.species)


def tracked(film, start, rng, drift=0.0, lost=0.0, noise=0.0):
    """Write what is seen; drift and noise in diameters, share lost a frame."""
    moved = drift * (times / lag)[:, None, None] * np.array([0.8, 0.6])
    seen_at = start.box.wrap(film + moved) + noise * rng.normal(size=film.shape)
    visible = (np.abs(seen_at) < SIDE / 2).all(axis=2) & (
        rng.random(film.shape[:2]) >= lost
    )
    frame, particle = np.nonzero(visible)
    x, y = PIXELS * (seen_at[frame, particle].T + SIDE / 2)
    return {
        "frame": frame,
        "time": times[frame],
        "particle": particle,
        "x": x,
        "y": y,
        "species": NAMES[start.types[particle]],
    }


table = tracked(
    films[0],
    starts[0],
    np.random.default_rng(0),
    drift=1.0,
    lost=0.02,
    noise=0.03,
)
print(", ".join(table), f"in {len(table['x'])} rows")

# %%
# :func:`~vitreous.workflows.label` takes such a table, or the CSV file that holds it
# (``vitreous label --trajectory tracks.csv``). It turns pixels into diameters, removes the drift
# that all particles share, and gives NaN to particles that got lost. The box is *open*: it ends
# where the field of view ends.
from pathlib import Path
from tempfile import TemporaryDirectory

from vitreous.datasets import read
from vitreous.workflows import label

LENGTHS = {
    "length_unit": 1 / PIXELS,
    "field_of_view": f"0:{SIDE * PIXELS:g},0:{SIDE * PIXELS:g}",
}


def labelled(tables, remove_drift=True):
    """Label first frames by how far their particles are in the last."""
    with TemporaryDirectory() as folder:
        for number, table in enumerate(tables):
            label(
                Path(folder, f"{number:02d}"),
                system,
                trajectory=table,
                lags=[lag],
                remove_drift=remove_drift,
                temperature=0.5,
                allow_other_system=True,
                **LENGTHS,
            )
        return read(f"{folder}/*/*.gsd")


first = labelled([table])[0]
moved = first.labels.at("displacement")
print(first.configuration.box)
print(f"{np.isnan(moved).mean():.0%} of the particles were lost on the way")

# %%
# A single frame shows particles somewhere in their cages. The mean of the first frames shows the
# cages, in which more of the structure is seen, and averages the noise of the localisation out.
from dataclasses import replace

from vitreous.datasets import structures_of_table, without_drift


def averaged(item, table, remove_drift=True):
    """Put particles at their mean positions in the first ten frames."""
    sums, counts = (
        np.zeros(item.configuration.positions.shape),
        np.zeros((len(item.ids), 1)),
    )
    frames = structures_of_table(table, system=system, frames=":10", **LENGTHS)
    for frame in without_drift(frames) if remove_drift else frames:
        _, rows, others = np.intersect1d(
            item.ids, frame.ids, return_indices=True
        )
        sums[rows] += frame.unwrapped[others]
        counts[rows] += 1
    mean = np.clip(sums / counts, -SIDE / 2, SIDE / 2)
    return replace(item, configuration=item.configuration.with_positions(mean))


# %%
# Descriptors say nothing of particles whose surroundings are cut by the border: their rows are NaN.
# Models leave them out, and predict NaN for them. So the range of a descriptor decides how much of
# the film can be used. This one looks 3 diameters far, and then averages over another 2.
from sklearn.pipeline import make_union

from vitreous.descriptors import (
    BondOrderDescriptor,
    CoarseGrain,
    RadialDescriptor,
)
from vitreous.models import GroupedRidge, PropensityRegressor, cross_predict

shells = RadialDescriptor(np.arange(0.8, 2.45, 0.1), 0.1)
bonds = BondOrderDescriptor([4, 5, 6, 8], [1.0, 1.5, 2.0])
descriptor = CoarseGrain(
    make_union(shells, bonds), length=1.0, cutoff=2.0, generations=1
)
model = PropensityRegressor(descriptor, GroupedRidge())
known = ~np.isnan(descriptor.fit_transform([first.configuration])).any(axis=1)
print(f"{known.mean():.0%} of the particles have whole surroundings")

# %%
# Every film is predicted by a model that learnt from the others. The correlation is with the *true*
# propensity of the same particles, those of species A, in the middle of the field of view.
from vitreous.dynamics import pearson

middle = [
    (np.abs(start.positions) < SIDE / 2 - 5.2).all(axis=1) & (start.types == 0)
    for start in starts
]


def correlation(configurations, labels, particles):
    """Mean over films; `particles` are the rows in the liquid."""
    predictions = cross_predict(model, configurations, labels)
    single = []
    for prediction, ids, field, inside in zip(
        predictions, particles, truth, middle, strict=True
    ):
        rows = np.flatnonzero(inside[ids] & ~np.isnan(prediction))
        single.append(pearson(prediction[rows], field[ids[rows]]))
    return (
        np.mean(single),
        np.std(single, ddof=1) / len(single) ** 0.5,
        predictions,
    )


everybody = [np.arange(starts[0].n_particles)] * len(starts)
ends = [np.linalg.norm(film[-1] - film[0], axis=1) for film in films]
means = [
    start.with_positions(film[:10].mean(axis=0))
    for start, film in zip(starts, films, strict=True)
]
results = {
    "ten runs, all particles": correlation(means, truth, everybody),
    "one film, all particles": correlation(means, ends, everybody),
    "one film, its first frame": correlation(starts, ends, everybody),
}

faults = {
    "field of view": {},
    "... and particles lost": {"lost": 0.05},
    "... and noise of 0.05": {"noise": 0.05},
    "... and noise of 0.15": {"noise": 0.15},
    "... and drift, removed": {"drift": 2.0},
    "... and drift, left in": {"drift": 2.0},
    "all of them, drift removed": {"lost": 0.05, "noise": 0.05, "drift": 2.0},
}
rng = np.random.default_rng(1)
for name, settings in faults.items():
    tables = [
        tracked(film, start, rng, **settings)
        for film, start in zip(films, starts, strict=True)
    ]
    remove_drift = "left in" not in name
    data = [
        averaged(item, table, remove_drift)
        for item, table in zip(
            labelled(tables, remove_drift), tables, strict=True
        )
    ]
    results[name] = correlation(
        [item.configuration for item in data],
        [item.labels.at("displacement") for item in data],
        [item.ids for item in data],
    )
for name, (mean, error, _) in results.items():
    print(f"{name:28s} {mean:.2f} ± {error:.2f}")

# %%
# The descriptor is a small one, so that this page is made quickly, and the correlations are low;
# what matters is by how much they differ.
#
# - **One film** in place of ten runs costs accuracy, for what happens once is partly chance; and
#   the **first frame** alone, in place of the mean of ten, costs more.
# - The **field of view** costs training particles near its border, more of them the farther the
#   descriptor looks. **Lost** particles cost their labels, and leave holes in the surroundings of
#   others. With eight films neither shows within the errors.
# - **Noise** of the localisation blurs the shells, the less the more frames are averaged, and the
#   labels: 0.05 diameters hardly show here, 0.15 cost much.
# - **Drift** adds a vector to every displacement, and what is left of its length says little of
#   the particle's own: nothing is learnt. Removing it costs nothing.
#
# The map shows what is left with all of these: the prediction for one film, beside what the same
# particles do on average in many runs. Particles without a prediction are left out.
import matplotlib.pyplot as plt

from vitreous.plots import particle_map, style

predictions = results["all of them, drift removed"][2]
item, field = data[0], truth[0]
shown = ~np.isnan(predictions[0])
with style():
    page, axes = plt.subplots(1, 2, figsize=(7, 4), layout="constrained")
    for ax, title, values in zip(
        axes,
        ["many runs", "predicted from a film"],
        [field[item.ids], predictions[0]],
        strict=True,
    ):
        disks = particle_map(
            system, item.configuration.selected(shown), values[shown], ax
        )
        page.colorbar(
            disks, ax=ax, location="bottom", shrink=0.9, label="displacement"
        )
        ax.set_title(title)

# %%
# **Next:** :doc:`/own_trajectories` tells of other trajectories, and :doc:`/labels` of other
# labels; those relative to the neighbours need no drift removed.
