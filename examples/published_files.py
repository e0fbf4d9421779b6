"""Train on published BOTAN files and score on others, from Python.

Run with ``python examples/published_files.py FOLDER``, where FOLDER holds files named like
``isoconfig_N4096T0.44_1_tc07.npz`` (Shiba et al., J. Chem. Phys. 158, 084503, 2023). The last third
of them, in the order of their names, is left out of the training. The shell does the same with
``vitreous fit`` and ``vitreous score``.
"""

import sys
from pathlib import Path

from vitreous.models import load_model, save_model
from vitreous.workflows import fit, score


def main() -> None:
    """Fit, store, load and score."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = sorted(Path(sys.argv[1]).glob("isoconfig_*_tc07.npz"))
    if len(files) < 3:
        sys.exit(f"{sys.argv[1]} holds {len(files)} files isoconfig_*_tc07.npz; 3 are needed")
    n_train = len(files) - len(files) // 3

    stored = fit(files[:n_train], "botan", model="ridge", label="displacement", n_jobs=2)
    save_model(stored, "published_files.skops")
    print(f"{stored.system}, {stored.label} at t = {stored.time:g}, from {n_train} configurations")

    scores = score(load_model("published_files.skops"), files[n_train:], "botan", n_jobs=2)
    for species, values in scores.items():
        print(
            f"{species}: Pearson correlation {values['pearson_pooled']:.3f} pooled, "
            f"{values['pearson_mean']:.3f} mean over {values['n_configurations']} configurations; "
            f"noise ceiling {values['noise_ceiling']:.3f}"
        )


if __name__ == "__main__":
    main()
