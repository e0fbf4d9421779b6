"""What limits a model of hot liquids on cold ones: outliers, clock, transfer or columns.

For the liquids that ``cold_liquids.py`` made in a folder, displacements of species A at late times,
the time-scales model being trained on the packaged sample (T = 0.36 to 0.50): its correlation; the
same of ranks, and without the most mobile fiftieth; with the weights that it has at other values of
its clock; that of a ridge on the same columns that learnt from the other five slabs of the very
liquid that is predicted; and how what the model leaves is correlated in space::

    python benchmarks/cold_limits.py FOLDER [--from 100]

Half a minute on one free core.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
from cold_liquids import joined
from numpy.typing import NDArray
from scipy.stats import rankdata

from vitreous.datasets import load_ka2d, read_gsd
from vitreous.dynamics import pearson
from vitreous.liquid import Configuration, KobAndersen2D, neighbor_list
from vitreous.models import GroupedRidge, TimeScaleRegressor, noise_ceiling
from vitreous.workflows import make_model

SLABS = 6
CLOCKS = (0.25, 0.5, 1.0, 2.0, 4.0)
SHELLS = (0.8, 1.5, 2.5, 3.5, 5.0, 7.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--from", type=float, default=100.0, dest="first")
    parser.add_argument("--memory", help="Folder for features; in FOLDER by default.")
    arguments = parser.parse_args()
    memory = arguments.memory or str(arguments.folder / "features")
    sample = load_ka2d()
    model = make_model(KobAndersen2D(), sample.configurations[0], "time-scales")
    model.set_params(memory=memory, plateau__memory=memory)
    labels = [single.matrix("displacement") for single in sample.labels]
    model.fit(sample.configurations, labels, sample.times)
    for name in sorted({p.name.rsplit("_t", 1)[0] for p in arguments.folder.glob("KA2D_*_t*.gsd")}):
        parts = [read_gsd(path) for path in sorted(arguments.folder.glob(f"{name}_t*.gsd"))]
        times, halves = joined([part.labels for part in parts], "displacement")
        for place in np.flatnonzero(times >= arguments.first):
            print(f"{name}, t = {times[place]:g}")
            report(model, parts[0].configuration, float(times[place]), halves[..., place])


def report(
    model: TimeScaleRegressor, liquid: Configuration, time: float, halves: NDArray[np.float64]
) -> None:
    """Print what is found at one time; labels (2, N) of two halves of the replicas."""
    a = liquid.of_species("A")
    true, own = halves[:, a], halves[:, a].mean(axis=0)
    level = halves.mean()
    (predicted,) = model.predict([liquid], [time], [level])
    guess = predicted[a, 0]
    print(f"  correlation {pearson(own, guess):.3f}, ceiling {noise_ceiling(*true):.3f}")
    ranks = np.array([rankdata(half) for half in true])
    ranked = pearson(rankdata(own), rankdata(guess))
    print(f"  of ranks {ranked:.3f}, ceiling {noise_ceiling(*ranks):.3f}")
    rest = np.argsort(-np.abs(own - np.median(own)))[len(own) // 50 :]
    share = 1 - own[rest].var() * len(rest) / (own.var() * len(own))
    print(
        f"  without the fiftieth that has {share:.2f} of the variance "
        f"{pearson(own[rest], guess[rest]):.3f}, ceiling {noise_ceiling(*true[:, rest]):.3f}"
    )
    print(f"  at other values of the clock {at_other_clocks(model, liquid, time, level, own)}")
    columns = np.hstack(
        [model.descriptors_[name].transform([liquid])[a] for name in ("cage", "relaxation")]
    )
    print(f"  learnt from the liquid itself {pearson(own, from_slabs(liquid, columns, own)):.3f}")
    left = own - np.polyval(np.polyfit(guess, own, 1), guess)
    print(f"  correlation of what is left, by distance: {by_distance(liquid, a, left)}")


def at_other_clocks(
    model: TimeScaleRegressor,
    liquid: Configuration,
    time: float,
    level: float,
    own: NDArray[np.float64],
) -> str:
    """Correlations with the clock at multiples of its value."""
    a = liquid.of_species("A")
    (plateau,) = model.plateau_.labels([liquid])
    rest = plateau["displacement"].mean()
    levels = [rest + factor * (level - rest) for factor in CLOCKS]
    (predicted,) = model.predict([liquid], [time] * len(CLOCKS), levels)
    return ", ".join(
        f"x{factor:g}: {pearson(own, predicted[a, k]):.3f}" for k, factor in enumerate(CLOCKS)
    )


def from_slabs(
    liquid: Configuration, columns: NDArray[np.floating], own: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Predict each slab of the box by a ridge that learnt from the others."""
    x = liquid.positions[liquid.of_species("A"), 0] / liquid.box.lengths[0]
    slab = np.floor((x - np.floor(x)) * SLABS).astype(int) % SLABS
    predicted = np.empty(len(own))
    for number in range(SLABS):
        others = slab != number
        ridge = GroupedRidge().fit(columns[others], own[others], groups=slab[others])
        predicted[~others] = ridge.predict(columns[~others])
    return predicted


def by_distance(liquid: Configuration, a: NDArray[np.bool_], left: NDArray[np.float64]) -> str:
    """Correlation of a field of species A between pairs, in shells of their distance."""
    field = np.zeros(liquid.n_particles)
    field[a] = (left - left.mean()) / left.std()
    pairs = neighbor_list(liquid, SHELLS[-1])
    both = a[pairs.rows] & a[pairs.indices]
    products = (field[pairs.rows] * field[pairs.indices])[both]
    shell = np.digitize(pairs.distances[both], SHELLS)
    return ", ".join(
        f"{inner:g} to {outer:g}: {products[shell == k + 1].mean():.2f}"
        for k, (inner, outer) in enumerate(pairwise(SHELLS))
    )


if __name__ == "__main__":
    main()
