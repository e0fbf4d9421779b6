"""What trees and networks add to the ridge on published configurations, left out one by one.

    python benchmarks/beyond_ridge.py 'botan/*.npz' [--jobs 2]

Kob-Andersen mixture, displacement propensity of species A. Labels and predictions are deviations
from the mean of the configuration. What learns from predictions of the ridge learns from those for
configurations that are left out of it together with the tested one. Needs PyTorch; some five
minutes of processor time for ten files.
"""

from __future__ import annotations

import argparse
from functools import reduce
from operator import add

import numpy as np
import torch
from field_network import Surroundings, predict, train
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vitreous.datasets import read
from vitreous.dynamics import pearson, standard_error
from vitreous.liquid import get_system
from vitreous.models import TwoLevelRidge
from vitreous.simulate import InherentStructure
from vitreous.workflows import make_model

SPECIES = "A"
N_COMPONENTS = 48
TREES = {"learning_rate": 0.05, "l2_regularization": 10.0, "random_state": 0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    data = read(arguments.files, "botan")
    configurations = [item.configuration for item in data]
    system = get_system(data[0].system)
    model = make_model(system, configurations[0])
    descriptor = model.descriptor.fit(configurations[:1])
    names = descriptor.get_feature_names_out()
    features = Parallel(n_jobs=arguments.jobs)(
        delayed(descriptor.transform)([configuration]) for configuration in configurations
    )
    inherent = InherentStructure(system).transform(configurations)
    own = [configuration.of_species(SPECIES) for configuration in configurations]
    labels = [
        item.labels.matrix("displacement")[:, 0][rows] for item, rows in zip(data, own, strict=True)
    ]
    y = [label - label.mean() for label in labels]
    # The penalties that cross-validation chooses for the default on these files.
    ridge = TwoLevelRidge(
        model.regressor.mean_columns, model.regressor.favored_columns, [1e3], [1e5]
    )
    by_ridge = ridge_predictions(ridge, [x[rows] for x, rows in zip(features, own, strict=True)], y)
    surroundings = [Surroundings(configuration, SPECIES) for configuration in inherent]
    bare = np.flatnonzero(
        [
            name in ("physics__energy", "physics__voronoi-surface") or name.startswith("shift")
            for name in names
        ]
    )
    scores: dict[str, list[float]] = {}
    for left_out in range(len(data)):
        train_on = [k for k in range(len(data)) if k != left_out]
        found = {"ridge": by_ridge[left_out][left_out]}
        tables = [
            averaged(
                np.column_stack([by_ridge[left_out][k], features[k][own[k]][:, bare]]),
                surroundings[k],
            )
            for k in range(len(data))
        ]
        found |= corrections(tables, y, train_on, left_out)
        network = field_network(
            features, configurations, names, surroundings, y, train_on, left_out
        )
        found["network"] = network
        for weight in (0.25, 0.5):
            found[f"ridge and {weight:g} network"] = (1 - weight) * unit(found["ridge"]) + (
                weight * unit(network)
            )
        for name, prediction in found.items():
            scores.setdefault(name, []).append(pearson(prediction, y[left_out]))
        print(left_out, {name: round(float(s[-1]), 4) for name, s in scores.items()}, flush=True)
    for name, of_lever in scores.items():
        less = np.subtract(of_lever, scores["ridge"])
        print(
            f"{name:24s} {np.mean(of_lever):.4f}, less ridge {less.mean():+.4f} ± "
            f"{standard_error(less):.4f}, better in {(less > 0).sum()} of {len(less)}"
        )


def ridge_predictions(
    ridge: TwoLevelRidge, X: list[NDArray], y: list[NDArray]
) -> list[list[NDArray]]:
    """Deviations of configuration k predicted without it and without l, at [l][k]."""
    summaries = [ridge.summarize(x, label) for x, label in zip(X, y, strict=True)]
    found: list[list] = [[None] * len(X) for _ in X]
    for first in range(len(X)):
        for second in range(first, len(X)):
            others = [s for k, s in enumerate(summaries) if k not in (first, second)]
            fitted = ridge.fit_summaries([reduce(add, others[k::2]) for k in range(2)])
            for one, other in ((first, second), (second, first)):
                found[one][other] = (X[other] - X[other].mean(axis=0)) @ fitted.coef_
    return found


def averaged(table: NDArray, surroundings: Surroundings) -> NDArray:
    """Columns of the particles, and their averages with each of the Gaussians."""
    (number,) = np.flatnonzero([rows.sum() == len(table) for rows in surroundings.members])
    around = surroundings.averages(number, torch.as_tensor(table, dtype=torch.float32))
    return np.column_stack([table, around[:, table.shape[1] :].numpy()])


def corrections(
    tables: list[NDArray], y: list[NDArray], train_on: list[int], left_out: int
) -> dict[str, NDArray]:
    """Second regressions on the predictions of the ridge and a few columns."""
    X, target = (
        np.concatenate([tables[k] for k in train_on]),
        np.concatenate([y[k] for k in train_on]),
    )
    new = tables[left_out]
    trees = HistGradientBoostingRegressor(
        max_iter=120, max_leaf_nodes=10, min_samples_leaf=100, **TREES
    ).fit(X, target)
    small = HistGradientBoostingRegressor(
        max_iter=60, max_leaf_nodes=8, min_samples_leaf=300, **TREES
    ).fit(X, target - X[:, 0])
    second = make_pipeline(StandardScaler(), Ridge(300.0)).fit(X, target)
    by_trees = trees.predict(new)
    return {
        "second ridge": second.predict(new),
        "trees": by_trees,
        "trees on the residual": new[:, 0] + small.predict(new),
        "ridge and trees": unit(new[:, 0]) + unit(by_trees),
    }


def field_network(features, configurations, names, surroundings, y, train_on, left_out) -> NDArray:
    """Network on components of the bare shells and on the physics-inspired columns."""
    bare = [name.startswith("shells") and "generation" not in name for name in names]
    rest = [not name.startswith("shells") for name in names]
    kinds = configurations[0].species
    columns: list[list[NDArray]] = [[] for _ in features]
    for species in kinds:
        rows = [configuration.of_species(species) for configuration in configurations]
        known = np.concatenate([features[k][rows[k]] for k in train_on])
        scaler = StandardScaler().fit(known)
        components = PCA(N_COMPONENTS, svd_solver="covariance_eigh").fit(
            scaler.transform(known)[:, bare]
        )
        spread = components.explained_variance_**0.375
        for k, x in enumerate(features):
            scaled = scaler.transform(x[rows[k]])
            shells = components.transform(scaled[:, bare]) / spread
            columns[k].append(np.column_stack([shells, scaled[:, rest]]))
    network = train(
        [columns[k] for k in train_on],
        [y[k] for k in train_on],
        [surroundings[k] for k in train_on],
        kinds.index(SPECIES),
    )
    return predict(network, columns[left_out], surroundings[left_out])


def unit(values: NDArray) -> NDArray:
    """Zero mean and unit variance."""
    return (values - values.mean()) / values.std()


if __name__ == "__main__":
    main()
