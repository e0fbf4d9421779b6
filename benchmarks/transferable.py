"""Leave one temperature out: transferable models beside models of a single temperature.

The liquid is KA2D at four temperatures, six configurations each, equilibrated by swap Monte Carlo,
with the bond-breaking correlation of ten replicas as label, taken where its average over the liquid
has fallen to fixed levels. Scores are those of species A, within configurations. Simulations are
kept in a folder and made only once; they take a quarter of an hour on one core, the models as
long again::

    python benchmarks/transferable.py FOLDER
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from joblib import Memory
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import make_union

from vitreous.datasets import LabelledConfiguration, read_gsd, write_gsd
from vitreous.descriptors import (
    BondOrderDescriptor,
    CoarseGrain,
    PhysicsInspiredDescriptor,
    RadialDescriptor,
)
from vitreous.dynamics import labels_at_levels, pearson, standard_error
from vitreous.liquid import Configuration, KobAndersen2D
from vitreous.models import (
    ExtrapolationWarning,
    GlassMLP,
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    TransferableRegressor,
    noise_ceiling,
)
from vitreous.simulate import InherentStructure, equilibrate, isoconfigurational_ensemble

LONGEST = {0.50: 80.0, 0.45: 120.0, 0.40: 260.0, 0.36: 600.0}
N_CONFIGURATIONS, N_FOLDS = 6, 3
LEVELS = np.array([0.98, 0.95, 0.92, 0.89, 0.86])
SYSTEM = KobAndersen2D()
MLP = GlassMLP(learning_rates=(5e-3, 1e-3), second_learning_rates=(1e-3,), patience=8)

# With all columns, or with the physics-inspired ones alone.
ENGINES = {
    "ridge": (GroupedRidge(), "all"),
    "boosted": (GroupedBoosting(), "all"),
    "mlp": (MLP, "all"),
    "ridge, physics": (GroupedRidge(), "physics"),
    "mlp, physics": (MLP, "physics"),
    "4 mlps, physics": (clone(MLP).set_params(n_networks=4), "physics"),
}


def simulated(folder: Path, temperature: float, number: int) -> LabelledConfiguration:
    path = folder / f"T{temperature:.2f}_{number}.gsd"
    if not path.exists():
        seed = round(1000 * temperature) + 100000 * number
        start = ("above", "below")[number % 2]
        run = equilibrate(SYSTEM, 1290, temperature, n_sweeps=6000, start=start, random_state=seed)
        times = np.rint(LONGEST[temperature] * 0.4 ** np.arange(7.0, -1, -1) / SYSTEM.time_step)
        labels = isoconfigurational_ensemble(
            SYSTEM,
            run.configuration,
            temperature,
            times * SYSTEM.time_step,
            n_replicas=10,
            random_state=seed + 1,
        )
        data = LabelledConfiguration(run.configuration, labels, "KA2D", temperature, path.name)
        write_gsd(data, path)
    return read_gsd(path)


def halves_at_levels(data: list[LabelledConfiguration]) -> list[NDArray[np.float64]]:
    """Labels of the two halves of the replicas, shape (2, N, K), for one temperature."""
    found = labels_at_levels([item.labels for item in data], "bond_breaking", LEVELS)
    return [labels.halves("bond_breaking") for labels in found]


class Known(TransformerMixin, BaseEstimator):
    """Hands out features of the particles of species A that were computed before."""

    def __init__(self, features: dict[bytes, NDArray[np.float32]]) -> None:
        self.features = features

    def fit(self, configurations, y=None):
        """Learn nothing."""
        return self

    def transform(self, configurations):
        """Look them up."""
        return np.concatenate([self.features[c.positions.tobytes()] for c in configurations])

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_clone__(self):
        return self


def descriptors():
    """Columns of the shells, and the physics-inspired ones."""
    shells = make_union(
        RadialDescriptor(np.arange(0.85, 2.001, 0.06), 0.05),
        BondOrderDescriptor(range(2, 9), np.arange(1.0, 2.001, 0.25), 0.1),
    )
    return CoarseGrain(shells, generations=4), PhysicsInspiredDescriptor(SYSTEM)


def described(configuration: Configuration) -> list[NDArray[np.float32]]:
    inherent = InherentStructure(SYSTEM).transform([configuration])
    return [descriptor.fit_transform(inherent) for descriptor in descriptors()]


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", ExtrapolationWarning)
    configurations, halves, temperatures = [], [], []
    for temperature in LONGEST:
        data = [simulated(folder, temperature, number) for number in range(N_CONFIGURATIONS)]
        configurations += [item.configuration for item in data]
        halves += halves_at_levels(data)
        temperatures += [temperature] * N_CONFIGURATIONS
    temperature_of = np.array(temperatures)
    features = Memory(folder / "cache", verbose=0).cache(described)
    tables: dict[str, dict[bytes, NDArray[np.float32]]] = {"all": {}, "physics": {}}
    for number, configuration in enumerate(configurations):
        chosen = configuration.of_species("A")
        configurations[number] = Configuration(
            configuration.positions[chosen],
            np.zeros(chosen.sum(), dtype=int),
            configuration.box,
            "A",
        )
        halves[number] = halves[number][:, chosen]
        shells, physics = (columns[chosen] for columns in features(configuration))
        key = configurations[number].positions.tobytes()
        tables["all"][key] = np.hstack([shells, physics])
        tables["physics"][key] = physics
    known = {name: Known(table) for name, table in tables.items()}
    labels = [half.mean(axis=0) for half in halves]

    def report(name: str, predict: Callable[[float], dict[int, NDArray[np.float64]]]) -> None:
        for temperature in LONGEST:
            predicted = predict(temperature)
            scores = np.array([pearson(p, labels[i]) for i, p in predicted.items()])
            ratios = np.array([p.var(axis=0) / labels[i].var(axis=0) for i, p in predicted.items()])
            cells = [
                f"{score:.3f} ± {error:.3f} ({ratio:.2f})"
                for score, error, ratio in zip(
                    scores.mean(axis=0), standard_error(scores), ratios.mean(axis=0), strict=True
                )
            ]
            print(f"| {name} | {temperature:.2f} | " + " | ".join(cells) + " |", flush=True)

    def members(temperature: float) -> NDArray[np.intp]:
        return np.flatnonzero(temperature_of == temperature)

    def fit_and_predict(model, train, test) -> dict[int, NDArray[np.float64]]:
        model.fit([configurations[i] for i in train], [labels[i] for i in train])
        return dict(zip(test, model.predict([configurations[i] for i in test]), strict=True))

    def separate(temperature: float) -> dict[int, NDArray[np.float64]]:
        """Cross-validate within the temperature."""
        here = members(temperature)
        predicted = {}
        for fold in range(N_FOLDS):
            test = here[np.arange(len(here)) % N_FOLDS == fold]
            model = PropensityRegressor(known["all"], GroupedRidge())
            predicted |= fit_and_predict(model, np.setdiff1d(here, test), test)
        return dict(sorted(predicted.items()))

    def nearest(temperature: float) -> dict[int, NDArray[np.float64]]:
        """Train at the nearest other temperature."""
        other = min(LONGEST, key=lambda t: (t == temperature, abs(t - temperature)))
        model = PropensityRegressor(known["all"], GroupedRidge())
        return fit_and_predict(model, members(other), members(temperature))

    def transferable(engine, columns) -> Callable[[float], dict[int, NDArray[np.float64]]]:
        def predict(temperature: float) -> dict[int, NDArray[np.float64]]:
            train, test = np.flatnonzero(temperature_of != temperature), members(temperature)
            model = TransferableRegressor(known[columns], engine, LEVELS)
            model.fit(
                [configurations[i] for i in train],
                [labels[i] for i in train],
                temperature_of[train],
            )
            predicted = model.predict(
                [configurations[i] for i in test], temperatures=temperature_of[test]
            )
            return dict(zip(test, predicted, strict=True))

        return predict

    print("Pearson correlation ± standard error (variance of the prediction / of the label)")
    print("| model | T | " + " | ".join(f"C_B = {level:.2f}" for level in LEVELS) + " |")
    print("|---|---|" + "---|" * len(LEVELS))
    for temperature in LONGEST:
        ceilings = [noise_ceiling(*halves[i]) for i in members(temperature)]
        cells = [f"{value:.3f}" for value in np.mean(ceilings, axis=0)]
        print(f"| noise ceiling | {temperature:.2f} | " + " | ".join(cells) + " |")
    report("ridge, trained here", separate)
    report("ridge, nearest temperature", nearest)
    for name, settings in ENGINES.items():
        report(f"transferable, {name}", transferable(*settings))


if __name__ == "__main__":
    main()
