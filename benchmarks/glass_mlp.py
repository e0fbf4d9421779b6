"""Cross-validate GlassMLP beside ridge regression on published Kob-Andersen configurations.

FOLDER holds files of the BOTAN layout (Shiba et al., J. Chem. Phys. 158, 084503, 2023). Five folds
of configurations, displacement propensity of species A, physics-inspired descriptors of inherent
structures::

    python benchmarks/glass_mlp.py FOLDER
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from sklearn.model_selection import KFold

from vitreous.datasets import read
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.dynamics import pearson, standard_error
from vitreous.liquid import KobAndersen
from vitreous.models import GlassMLP, GroupedRidge
from vitreous.simulate import InherentStructure

QUICK = {"learning_rates": (5e-3, 1e-3), "second_learning_rates": (1e-3,), "patience": 15}
REGRESSORS = {
    "ridge": GroupedRidge(),
    "mlp, first loss": GlassMLP(**QUICK, variance_weight=0, correlation_weight=0),
    "mlp, both losses": GlassMLP(**QUICK),
    "4 mlps, both losses": GlassMLP(**QUICK, n_networks=4),
}


def main() -> None:
    data = read(str(Path(sys.argv[1], "*.npz")), "botan")
    system = KobAndersen()
    inherent = InherentStructure(system).transform([item.configuration for item in data])
    descriptor = PhysicsInspiredDescriptor(system).fit(inherent[:1])
    rows = [configuration.of_species("A") for configuration in inherent]
    X = [descriptor.transform([c])[chosen] for c, chosen in zip(inherent, rows, strict=True)]
    y = [
        item.labels.matrix("displacement")[:, 0][chosen]
        for item, chosen in zip(data, rows, strict=True)
    ]
    particles = [c.selected(chosen) for c, chosen in zip(inherent, rows, strict=True)]
    print("| regressor | pooled | mean ± standard error | variance ratio | seconds |")
    print("|---|---|---|---|---|")
    for name, regressor in REGRESSORS.items():
        predicted = [np.empty(0)] * len(X)
        start = time.perf_counter()
        for train, test in KFold(5, shuffle=True, random_state=0).split(X):
            known = {"groups": np.repeat(train, [len(y[i]) for i in train])}
            if isinstance(regressor, GlassMLP):
                known["configurations"] = [particles[i] for i in train]
            regressor.fit(
                np.concatenate([X[i] for i in train]),
                np.concatenate([y[i] for i in train]),
                **known,
            )
            for i in test:
                predicted[i] = regressor.predict(X[i])
        seconds = time.perf_counter() - start
        single = [pearson(p, t) for p, t in zip(predicted, y, strict=True)]
        ratio = np.mean([p.var() / t.var() for p, t in zip(predicted, y, strict=True)])
        pooled = pearson(np.concatenate(predicted), np.concatenate(y))
        print(
            f"| {name} | {pooled:.3f} | {np.mean(single):.3f} ± {standard_error(single):.3f} | "
            f"{ratio:.2f} | {seconds:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
