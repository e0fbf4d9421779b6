"""A tilted box in LAMMPS: its energies, forces and trajectories."""

import numpy as np
import pytest
from support.lammps import lammps_or_skip

from vitreous.liquid import Box, Configuration, KobAndersen
from vitreous.simulate import EmbeddedEngine, maxwell_velocities, minimize

SYSTEM = KobAndersen("shifted")
N, TIME_STEP = 400, 0.004
PAIRS = (("1 1", 1.0, 1.0), ("1 2", 1.5, 0.8), ("2 2", 0.5, 0.88))


@pytest.fixture(scope="module")
def lammps():
    """Class of LAMMPS instances."""
    return lammps_or_skip()


def test_energies_forces_and_trajectory_are_those_of_lammps(lammps):
    side = SYSTEM.box(N).lengths[0]
    box = Box((1.1 * side, 0.95 * side, side / 1.1 / 0.95), (0.3, -0.4, 0.35))
    fractions = np.random.default_rng(1).uniform(-0.5, 0.5, (N, 3))
    types = SYSTEM.random_configuration(N, 1).types
    start = Configuration.wrapped(fractions @ box.matrix.T, types, box, SYSTEM.species)
    start = minimize(SYSTEM, start, force_tolerance=1.0).configuration
    velocities = maxwell_velocities(N, 3, 0.8, 1)
    engine = EmbeddedEngine(SYSTEM, time_step=TIME_STEP)
    (end,) = engine.run(start, times=[50 * TIME_STEP], velocities=velocities)
    energies, forces = engine.energies_and_forces(start)

    corner = -box.matrix.sum(axis=1) / 2
    edges = " ".join(f"{low!r} {low + length!r}" for low, length in
                     zip(corner.tolist(), box.lengths, strict=True))  # fmt: skip
    xy, xz, yz = box.matrix[np.triu_indices(3, 1)].tolist()
    theirs = lammps(cmdargs=["-screen", "none", "-log", "none"])
    theirs.commands_list([
        "units lj", "atom_style atomic", "atom_modify map array",
        f"region box prism {edges} {xy!r} {xz!r} {yz!r}", "create_box 2 box",
    ])  # fmt: skip
    theirs.create_atoms(
        N, None, (start.types + 1).tolist(), start.positions.ravel().tolist(),
        velocities.ravel().tolist(),
    )  # fmt: skip
    theirs.commands_list([
        "mass * 1", "pair_style lj/cut 2.5", "pair_modify shift yes",
        *(f"pair_coeff {pair} {eps} {sigma} {2.5 * sigma!r}" for pair, eps, sigma in PAIRS),
        "neighbor 0.3 bin", "neigh_modify every 1 delay 0 check yes", f"timestep {TIME_STEP}",
        "fix integrator all nve", "compute energies all pe/atom", "run 0",
    ])  # fmt: skip
    assert theirs.get_natoms() == N
    found = np.array(theirs.gather_atoms("f", 1, 3)).reshape(N, 3)
    np.testing.assert_allclose(forces, found, 1e-9, 1e-9 * abs(found).max())
    assert theirs.get_thermo("pe") * N == pytest.approx(energies.sum(), rel=1e-10)
    theirs.command("run 50")
    moved = box.minimum_image(np.array(theirs.gather_atoms("x", 1, 3)).reshape(N, 3)
                              - end.positions)  # fmt: skip
    assert np.abs(end.positions - start.positions).max() > 0.2
    np.testing.assert_allclose(moved, 0, atol=1e-9)
    theirs.close()
