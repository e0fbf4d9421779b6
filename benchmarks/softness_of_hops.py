"""Softness of hops against ridge regression on the largest p_hop.

    python benchmarks/softness_of_hops.py [--temperature 0.42] [--time 30] [--replicas 8]

Eight configurations of the packaged sample at one temperature, particles of type A, structure
functions of inherent structures. Replicas are simulated here, and the largest p_hop of each
particle until the time is taken, over windows of 10 with a frame every 1. Each configuration is
left out in turn; models learn from one replica of each of the others, or from all. Predictions are
compared with the probability that a particle hops, and with who hops in single replicas. Ten
minutes on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import roc_auc_score

from vitreous.datasets import load_ka2d
from vitreous.descriptors.presets import cubuk2015
from vitreous.dynamics import HOP_ABOVE, QUIET_BELOW, Estimate, hop_indicator, pearson
from vitreous.liquid import get_system
from vitreous.models import (
    GroupedRidge,
    SoftnessRegressor,
    describe_all,
    noise_ceiling,
)
from vitreous.simulate import isoconfigurational_trajectories

HALF_WINDOW = 5
"""Of p_hop, in frames, one in each unit of time."""


def softness(**cut) -> SoftnessRegressor:
    return SoftnessRegressor(**cut)


MODELS: dict[str, Callable[[], object]] = {
    "ridge": GroupedRidge,
    "ridge, logarithm": lambda: TransformedTargetRegressor(
        GroupedRidge(), func=np.log, inverse_func=np.exp
    ),
    "softness, 0.05 and 0.2": lambda: softness(thresholds=(QUIET_BELOW, HOP_ABOVE)),
    "softness, 0.2": lambda: softness(thresholds=(HOP_ABOVE, HOP_ABOVE)),
    "softness, quantile 0.9": lambda: softness(quantile=0.9),
}

sample = load_ka2d()
system = get_system(sample.system)
temperatures = np.array(sample.temperatures)


def largest_hops(k: int, time: int, n_replicas: int) -> NDArray[np.float64]:
    """Largest p_hop of the particles of type A in each replica, shape (n_replicas, N)."""
    start = sample.configurations[k]
    frames = isoconfigurational_trajectories(
        system,
        start,
        temperatures[k],
        np.arange(1.0, time + 1),
        n_replicas=n_replicas,
        random_state=int(k),
        n_jobs=1,
    )
    found = []
    for positions in frames:
        followed = np.concatenate([start.positions[None], positions])
        indicator = hop_indicator(followed, HALF_WINDOW)
        found.append(indicator[HALF_WINDOW:-HALF_WINDOW].max(axis=0))
    return np.array(found)[:, start.of_species("A")]


def compare(X: list[NDArray], hops: list[NDArray], n_train: int, single: bool) -> None:
    """Print correlations with the probability to hop, and areas under the curve."""
    # Averages over replicas are seldom beyond the thresholds.
    models = [name for name in MODELS if single or n_train > 2 or "0.2" not in name]
    scores: dict[str, list[tuple[float, ...]]] = {name: [] for name in models}
    for test in range(len(X)):
        train = [(test + 1 + i) % len(X) for i in range(n_train)]
        labels = [hops[k][0] if single else hops[k].mean(axis=0) for k in train]
        groups = np.repeat(np.arange(n_train), [len(y) for y in labels])
        rows, y = np.concatenate([X[k] for k in train]), np.concatenate(labels)
        probability = (hops[test] > HOP_ABOVE).mean(axis=0)
        for name in models:
            predicted = MODELS[name]().fit(rows, y, groups=groups).predict(X[test])
            areas, clear = [], []
            for replica in hops[test]:
                areas.append(roc_auc_score(replica > HOP_ABOVE, predicted))
                known = (replica > HOP_ABOVE) | (replica < QUIET_BELOW)
                clear.append(roc_auc_score(replica[known] > HOP_ABOVE, predicted[known]))
            scores[name].append(
                (pearson(probability, predicted), float(np.mean(areas)), float(np.mean(clear)))
            )
    print(f"{'one replica' if single else 'all replicas'}, {n_train} configurations")
    for name, values in scores.items():
        better = np.array(values) - np.array(scores["ridge"])
        cells = (
            f"{Estimate.mean(column)} ({Estimate.mean(change)})"
            for column, change in zip(np.transpose(values), better.T, strict=True)
        )
        print(f"  {name:24s} " + "  ".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--temperature", type=float, default=0.42)
    parser.add_argument("--time", type=int, default=30)
    parser.add_argument("--replicas", type=int, default=8)
    arguments = parser.parse_args()
    chosen = np.flatnonzero(np.isclose(temperatures, arguments.temperature))
    inherent = [sample.inherent[k] for k in chosen]
    features = describe_all(cubuk2015().fit(inherent[:1]), inherent)
    X = [block[c.of_species("A")] for block, c in zip(features, inherent, strict=True)]
    hops = [largest_hops(int(k), arguments.time, arguments.replicas) for k in chosen]
    share = np.concatenate(hops, axis=1)
    print(
        f"T = {arguments.temperature:g}, time {arguments.time}: {(share > HOP_ABOVE).mean():.3f} "
        f"hop, {(share < QUIET_BELOW).mean():.3f} stay quiet, median {np.median(share):.3f}"
    )
    halves = [[(h[start::2] > HOP_ABOVE).mean(axis=0) for start in (0, 1)] for h in hops]
    print(f"noise ceiling {np.mean([noise_ceiling(*half) for half in halves]):.3f}")
    for single in (True, False):
        for n_train in (7, 2):
            compare(X, hops, n_train, single)


if __name__ == "__main__":
    main()
