"""Time and memory of training a ridge on many configurations.

    python benchmarks/ridge.py                   # 400 configurations, 4096 particles, 1200 columns
    python benchmarks/ridge.py --configurations 40

The features are random numbers, drawn anew for each configuration, so that the time is that of
learning alone; drawing them is timed apart. The peer, scikit-learn's `Ridge` at each of the
penalties and folds, needs all rows in memory, so it is timed for one penalty on a few
configurations.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import Ridge

from vitreous.liquid import KobAndersen
from vitreous.models import GroupedRidge, PropensityRegressor

N_PEER = 10


class RandomFeatures(TransformerMixin, BaseEstimator):
    """Columns that neighbours in the matrix share a part of, as neighbouring shells do."""

    def __init__(self, n_features=1200):
        self.n_features = n_features

    def fit(self, configurations, y=None):
        """Learn nothing."""
        self.fitted_ = True
        return self

    def transform(self, configurations):
        """Draw the features of all particles."""
        return np.concatenate([self._block(configuration) for configuration in configurations])

    def _block(self, configuration):
        rng = np.random.default_rng(abs(int(configuration.positions[0, 0] * 1e12)))
        block = rng.standard_normal((configuration.n_particles, self.n_features), np.float32)
        block[:, 1:] += block[:, :-1]
        return block


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def seconds(function):
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--configurations", type=int, default=400)
    parser.add_argument("--particles", type=int, default=4096)
    parser.add_argument("--features", type=int, default=1200)
    parser.add_argument("--jobs", type=int, default=None)
    chosen = parser.parse_args()

    system, rng = KobAndersen(), np.random.default_rng(0)
    descriptor = RandomFeatures(chosen.features).fit([])
    configurations = [
        system.random_configuration(chosen.particles, rng) for _ in range(chosen.configurations)
    ]
    weights = rng.normal(size=chosen.features)
    drawing = 0.0
    labels = []
    for configuration in configurations:
        taken, block = seconds(lambda c=configuration: descriptor.transform([c]))
        drawing += taken
        labels.append(block @ weights + rng.normal(0, 50, len(block)))
    before = peak_memory()
    model = PropensityRegressor(descriptor, GroupedRidge(), n_jobs=chosen.jobs)
    processor = time.process_time()
    taken, _ = seconds(lambda: model.fit(configurations, labels))
    processor = time.process_time() - processor
    rows = chosen.configurations * chosen.particles
    print(
        f"GroupedRidge in PropensityRegressor: {chosen.configurations} configurations of "
        f"{chosen.particles} particles, {chosen.features} columns (a matrix of "
        f"{rows * chosen.features * 4 / 2**30:.2f} GiB):\n"
        f"  {taken:.1f} s ({processor:.1f} s of processor time in this process), of which about "
        f"{drawing:.1f} s draw the features; peak memory "
        f"{peak_memory():.2f} GiB, {before:.2f} GiB of it before training\n"
        f"  penalties chosen: "
        + ", ".join(f"{name} {r.alpha_:.3g}" for name, r in model.regressors_.items())
    )

    few, few_labels = configurations[:N_PEER], labels[:N_PEER]
    ours, _ = seconds(lambda: model.fit(few, few_labels))
    X = np.concatenate([descriptor.transform([c]) for c in few])
    types = np.concatenate([c.types for c in few])
    y = np.concatenate(few_labels)
    single = sum(
        seconds(lambda s=s: Ridge(1.0, solver="cholesky").fit(X[types == s], y[types == s]))[0]
        for s in range(len(system.species))
    )
    n_fits = len(few) * 29 + 1
    print(
        f"scikit-learn Ridge(solver='cholesky'), {len(few)} configurations: {single:.2f} s for one "
        f"penalty and no folds; {n_fits} such fits choose the penalty as GroupedRidge does in "
        f"{ours:.1f} s: ratio {n_fits * single / ours:.0f}"
    )


if __name__ == "__main__":
    main()
