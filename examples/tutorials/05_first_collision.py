r"""
From the first collision to relaxation
======================================

A particle flies, meets its neighbours, rattles in their cage and, much later, leaves it. What
decides how far it has come by the time :math:`t` is something else in each of these regimes. This
page looks at one descriptor after the other and finds the decade that it carries; then one model
uses all of them, at a temperature that it has not seen.

Labels of the packaged sample begin where the cages break. Those of earlier times take seconds:
eight replicas, followed for twelve units of time. Four configurations at each of T = 0.50 and 0.42
to learn from, three at T = 0.36 to test on, keep the page short; more of each, and more replicas,
make its numbers better.
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.liquid import get_system
from vitreous.simulate import isoconfigurational_ensemble

sample = load_ka2d()
system = get_system(sample.system)
early = np.array([0.05, 0.1, 0.3, 1.1, 4.0, 11.6])
liquids, labels, times = {}, {}, {}
for temperature, n_liquids in ((0.5, 4), (0.42, 4), (0.36, 3)):
    found = sample.at(temperature)
    liquids[temperature] = found.configurations[:n_liquids]
    all_times = np.append(early, found.times[0])
    order = np.argsort(all_times)
    times[temperature] = all_times[order]
    labels[temperature] = []  # averages over both halves of the replicas
    for number, liquid in enumerate(liquids[temperature]):
        made = isoconfigurational_ensemble(
            system, liquid, temperature, early, n_replicas=8
        )
        halves = [
            one.halves("displacement") for one in (made, found.labels[number])
        ]
        labels[temperature].append(np.concatenate(halves, axis=-1)[..., order])

# %%
# How far do particles go? Divided by :math:`\sqrt T`, vibrations are alike at all temperatures.
# Then comes the plateau, the longer the colder the liquid.
for temperature, found in labels.items():
    mean = np.mean(found, axis=(0, 1, 2)) / np.sqrt(temperature)
    entries = zip(times[temperature], mean, strict=True)
    print(
        f"T = {temperature:g}:",
        "  ".join(f"{time:.3g}: {value:.3f}" for time, value in entries),
    )

# %%
# Four descriptors, from what a particle feels at the start to what its surroundings allow:
#
# - the *ballistic* one: a particle in the frozen field of its neighbours, in closed form;
# - the *path from rest*: all particles released without velocity, the mean over all velocities to
#   lowest order;
# - the *cage*: where a particle stands in it, and how it moves there, from short confined runs;
# - *relaxation*: density, energy and cell of the inherent structure, averaged over growing lengths.
from sklearn.pipeline import make_pipeline

from vitreous.descriptors import (
    BallisticDescriptor,
    CageDescriptor,
    MeanPathDescriptor,
    presets,
)
from vitreous.simulate import CageFromRest, InherentStructure, PathFromRest

descriptors = {
    "ballistic": BallisticDescriptor(system),
    "path from rest": MeanPathDescriptor(PathFromRest(system)),
    "cage": CageDescriptor(CageFromRest(system)),
    "relaxation": make_pipeline(
        InherentStructure(system), presets.jung2023(system)
    ),
}

# %%
# Each alone: a ridge for each time, trained at the two hotter temperatures, tested at the coldest.
# Early labels are taken at the same time everywhere, the last ones where the liquids have relaxed
# about as far. That the tested liquids are unlike those of training is the point, and no surprise.
import warnings

from vitreous.dynamics import pearson
from vitreous.models import (
    ExtrapolationWarning,
    GroupedRidge,
    PropensityRegressor,
    noise_ceiling,
)

warnings.simplefilter("ignore", ExtrapolationWarning)


def score(predictions):
    """Correlation within species A, average over the tested configurations."""
    return np.mean(
        [
            pearson(half.mean(axis=0)[a], values[a])
            for half, values, a in zip(
                labels[0.36], predictions, of_a, strict=True
            )
        ],
        axis=0,
    )


of_a = [liquid.of_species("A") for liquid in liquids[0.36]]
hot = liquids[0.5] + liquids[0.42]
targets = [
    half.mean(axis=0) / np.sqrt(temperature)
    for temperature in (0.5, 0.42)
    for half in labels[temperature]
]
scores = {}
for name, descriptor in descriptors.items():
    model = PropensityRegressor(descriptor, GroupedRidge())
    scores[name] = score(model.fit(hot, targets).predict(liquids[0.36]))
ceiling = np.mean(
    [
        noise_ceiling(*half[:, a])
        for half, a in zip(labels[0.36], of_a, strict=True)
    ],
    axis=0,
)

# %%
# One model for all times. It compares temperatures at equal *time* while particles vibrate, and at
# equal *progress* later: its clock is the mean displacement beyond that of the plateau, which
# confined runs tell beforehand. So it must be told how far the colder liquid has come: the mean
# label of the liquid, one number for each time, which a relaxation law or a short run gives.
from vitreous.workflows import make_model

model = make_model(system, hot[0], "time-scales")
model.fit(
    hot,
    [
        half.mean(axis=0)
        for temperature in (0.5, 0.42)
        for half in labels[temperature]
    ],
    [times[0.5]] * 4 + [times[0.42]] * 4,
)
levels = np.mean(labels[0.36], axis=(0, 1, 2))
predicted = model.predict(liquids[0.36], times[0.36], levels)
scores["one model"] = score(predicted)

print(" " * 15, "  ".join(f"{time:6.3g}" for time in times[0.36]))
for name, values in [*scores.items(), ("noise ceiling", ceiling)]:
    print(f"{name:15}", "  ".join(f"{value:6.2f}" for value in values))

# %%
# Above, the plateau opens between vibrations and relaxation, at the height that confined runs tell
# (dotted). Below, one descriptor after the other takes the lead. The ballistic one is spent when
# neighbours begin to move, t = 0.2 or so; the path from rest lasts until particles have been thrown
# about in their cages; the cage until it breaks. What surrounds the cage decides on the rest. It is
# the one curve that rises with time, if unevenly here: liquids relaxed about as far, not quite.
from vitreous.plots import style

colors = dict(zip(scores, ("C1", "C4", "C2", "C0", "k"), strict=True))
with style():
    page, (above, below) = plt.subplots(
        2,
        1,
        figsize=(3.4, 5.2),
        sharex=True,
        height_ratios=[2, 3],
        layout="constrained",
    )
    for temperature, shade in ((0.5, "0.75"), (0.42, "0.5"), (0.36, "k")):
        mean = np.mean(labels[temperature], axis=(0, 1, 2))
        above.plot(
            times[temperature],
            mean / np.sqrt(temperature),
            ".-",
            color=shade,
            label=f"$T = {temperature:g}$",
        )
        if temperature in model.plateaus_:
            above.axhline(
                model.plateaus_[temperature],
                color=shade,
                linestyle=":",
                linewidth=1,
            )
    above.text(0.05, 0.4, "plateaus, confined", fontsize="small")
    above.set(
        xscale="log",
        yscale="log",
        ylabel=r"mean displacement $/ \sqrt{T}$",
    )
    above.set_yticks(
        [0.05, 0.1, 0.2, 0.5, 1], ["0.05", "0.1", "0.2", "0.5", "1"]
    )
    above.minorticks_off()
    above.legend()
    below.plot(times[0.36], ceiling, "--", color="0.6", label="noise ceiling")
    for name, values in scores.items():
        width = 2 if name == "one model" else 1
        below.plot(
            times[0.36],
            values,
            ".-",
            color=colors[name],
            linewidth=width,
            label=name,
        )
    below.set(
        xlabel="time $t$",
        ylabel="correlation, $T = 0.36$",
        ylim=(-0.05, 1),
    )
    page.legend(
        *below.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=2,
        fontsize="small",
    )

# %%
# The same from the shell, for files that tell their temperature and hold labels at several times:
#
# .. code-block:: sh
#
#     vitreous fit 'hot/*.gsd' --out model.skops
#     vitreous predict model.skops 'cold/*.gsd' --time 11.6 --level 0.21 \
#         --out predicted.gsd
#
# What the columns and the clock are exactly: :doc:`/descriptors` and :doc:`/neural_models`.
#
# **Next:** where no simulation reaches: :doc:`06_to_tg`.
