"""Cage states against plain dynamics, Monte Carlo of the confined ensemble and harmonic theory."""

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from vitreous.compiled.generators import addresses_of
from vitreous.liquid import (
    Configuration,
    KobAndersen,
    KobAndersen2D,
    PairPotential,
    PolydisperseSoftSpheres,
    System,
)
from vitreous.simulate import (
    CageState,
    InherentStructure,
    cage_average,
    maxwell_velocities,
    minimize,
)
from vitreous.simulate._cage_kernels import advance_confined
from vitreous.simulate._packing import (
    by_particle,
    pack,
    pack_liquid,
    refreshed,
    unwrapped_positions,
)


def confined_trajectory(system, start, velocities, radius, n_steps, time_step):
    """Brute-force twin: displacements after each step, and the velocities at the end."""
    n_particles = start.n_particles
    displacements = [np.zeros_like(velocities)]
    forces = system.forces(start)
    n_reflections = 0
    for _ in range(n_steps):
        velocities = velocities + 0.5 * time_step * forces
        displacements.append(displacements[-1] + time_step * velocities)
        forces = system.forces(start.with_positions(start.positions + displacements[-1]))
        velocities = velocities + 0.5 * time_step * forces
        distance = np.linalg.norm(displacements[-1], axis=1)
        directions = displacements[-1] / distance[:, None]
        outward = (velocities * directions).sum(axis=1)
        turned = (distance > radius) & (outward > 0)
        n_reflections += turned.sum()
        change = 2 * n_particles / (n_particles - 1) * (outward * turned)[:, None] * directions
        velocities = velocities - change + change.sum(axis=0) / n_particles
    return np.array(displacements[1:]), velocities, n_reflections


def run_kernel(system, start, velocities, radius, n_steps, time_step):
    """Run the kernel without a thermostat; return particles, energies and mean displacements."""
    skin = 2 * radius + 0.2
    liquid = pack_liquid(system, start, skin)
    slots, lists = pack(liquid, start, velocities)
    slots, lists = refreshed(slots, liquid, lists, skin)
    moments = np.zeros((len(liquid.slot_types), start.dimensions)), np.zeros(len(liquid.slot_types))
    generator = np.random.default_rng(0)
    advance_confined(
        slots,
        liquid,
        lists,
        radius,
        n_steps,
        time_step,
        (1.0, 1.0, 1.0),
        addresses_of(generator),
        moments,
    )
    positions = unwrapped_positions(slots, liquid)
    first, second = (by_particle(slots, moment) / n_steps for moment in moments)
    return positions - start.positions, by_particle(slots, slots.velocities), first, second


def test_follows_plain_dynamics(liquid):
    system, start = liquid
    velocities = maxwell_velocities(start.n_particles, start.dimensions, 1.0, 3)
    radius, n_steps, time_step = 0.1, 100, 0.003
    path, end, n_reflections = confined_trajectory(
        system, start, velocities, radius, n_steps, time_step
    )
    assert n_reflections > start.n_particles
    moved, speeds, mean, mean_square = run_kernel(
        system, start, velocities, radius, n_steps, time_step
    )
    np.testing.assert_allclose(moved, path[-1], atol=1e-8)
    np.testing.assert_allclose(speeds, end, atol=1e-7)
    np.testing.assert_allclose(mean, path.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(mean_square, (path**2).sum(axis=2).mean(axis=0), atol=1e-9)


@pytest.mark.slow
def test_takes_continuous_diameters():
    system = PolydisperseSoftSpheres()
    start = minimize(system, system.random_configuration(216, random_state=1)).configuration
    velocities = maxwell_velocities(216, 3, 0.1, 5)
    path, *_ = confined_trajectory(system, start, velocities, 0.1, 50, 0.005)
    _, _, mean, _ = run_kernel(system, start, velocities, 0.1, 50, 0.005)
    np.testing.assert_allclose(mean, path.mean(axis=0), atol=1e-9)


def test_reflections_keep_energy_and_momentum(liquid):
    system, start = liquid
    velocities = maxwell_velocities(start.n_particles, start.dimensions, 1.0, 4)
    moved, speeds, *_ = run_kernel(system, start, velocities, 0.1, 10_000, 0.00005)
    assert np.linalg.norm(moved, axis=1).max() < 0.101
    end = start.with_positions(start.positions + moved)
    before = system.potential_energy(start) + 0.5 * (velocities**2).sum()
    after = system.potential_energy(end) + 0.5 * (speeds**2).sum()
    assert after == pytest.approx(before, abs=1e-3 * start.n_particles)
    assert abs(speeds.sum(axis=0)).max() < 1e-9
    assert abs(moved.sum(axis=0)).max() < 1e-9


def confined_monte_carlo(system, start, temperature, radius, n_sweeps, n_replicas, seed):
    """Outside oracle: Metropolis moves of two particles in opposite directions, many replicas."""
    generator = np.random.default_rng(seed)
    n_particles, dimensions = start.positions.shape
    lengths = np.array(start.box.lengths)
    replicas = np.arange(n_replicas)
    displacements = np.zeros((n_replicas, n_particles, dimensions))

    def energy(positions, i):
        vectors = positions - positions[replicas, i][:, None]
        vectors -= lengths * np.rint(vectors / lengths)
        distances = np.sqrt((vectors**2).sum(axis=2))
        distances[replicas, i] = np.inf
        overlap = np.maximum(0.0, 1.0 - distances)
        return 0.5 * (overlap**2).sum(axis=1)

    first, second, n_samples = 0.0, 0.0, 0
    for sweep in range(n_sweeps):
        for _ in range(n_particles // 2):
            i = generator.integers(n_particles, size=n_replicas)
            j = (i + generator.integers(1, n_particles, size=n_replicas)) % n_particles
            step = generator.normal(0, 0.06, (n_replicas, dimensions))
            midway = displacements.copy()
            midway[replicas, i] += step
            trial = midway.copy()
            trial[replicas, j] -= step
            change = (
                energy(start.positions + midway, i)
                - energy(start.positions + displacements, i)
                + energy(start.positions + trial, j)
                - energy(start.positions + midway, j)
            )
            inside = (np.linalg.norm(trial, axis=2) <= radius).all(axis=1)
            accepted = inside & (generator.random(n_replicas) < np.exp(-change / temperature))
            displacements[accepted] = trial[accepted]
        if sweep >= n_sweeps // 4:
            first = first + displacements.mean(axis=0)
            second = second + (displacements**2).sum(axis=2).mean(axis=0)
            n_samples += 1
    mean = first / n_samples
    return mean, second / n_samples - (mean**2).sum(axis=1)


def test_samples_the_confined_canonical_ensemble():
    spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    system = System("spheres", "A", [1], 1.0, 2, spheres, time_step=0.005)
    start = system.random_configuration(12, random_state=3)
    start = minimize(system, start, force_tolerance=1e-3).configuration
    temperature, radius = 0.01, 0.25
    mean, fluctuation = confined_monte_carlo(system, start, temperature, radius, 800, 100, seed=1)
    average = cage_average(
        system, start, temperature, radius=radius, duration=10_000, random_state=1
    )
    moved = start.box.minimum_image(average.configuration.positions - start.positions)
    assert np.linalg.norm(mean, axis=1).max() > 0.02
    np.testing.assert_allclose(moved, mean, atol=0.012)
    np.testing.assert_allclose(average.mean_square_displacement, fluctuation, rtol=0.08)


def test_harmonic_vibrations_at_low_temperature(liquid_2d):
    """Deep in a minimum the mean squared displacements follow from the Hessian."""
    system, configuration = liquid_2d
    minimum = minimize(system, configuration, force_tolerance=1e-8).configuration
    n_particles, dimensions = minimum.positions.shape
    hessian = np.empty((n_particles * dimensions,) * 2)
    for column in range(len(hessian)):
        step = np.zeros(len(hessian))
        step[column] = 1e-5
        moved = [
            minimum.with_positions(minimum.positions + sign * step.reshape(n_particles, -1))
            for sign in (1, -1)
        ]
        hessian[column] = (system.forces(moved[1]) - system.forces(moved[0])).ravel() / 2e-5
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    assert values[dimensions] > 0.1
    temperature = 1e-4
    squares = (vectors[:, dimensions:] ** 2 / values[dimensions:]).sum(axis=1)
    expected = temperature * squares.reshape(n_particles, dimensions).sum(axis=1)
    average = cage_average(system, minimum, temperature, duration=300, random_state=2)
    ratio = average.mean_square_displacement / expected
    assert ratio.mean() == pytest.approx(1, abs=0.05)
    assert ratio.std() < 0.15
    shift = minimum.box.minimum_image(average.configuration.positions - minimum.positions)
    assert abs(shift).max() < 3e-3


def test_error_is_that_between_seeds(liquid_3d):
    system, start = liquid_3d
    one, other = (
        cage_average(system, start, 1.0, radius=0.3, duration=20, random_state=seed)
        for seed in (1, 2)
    )
    difference = start.box.minimum_image(
        one.configuration.positions - other.configuration.positions
    )
    measured = np.sqrt((difference**2).sum(axis=1).mean() / 2)
    assert one.standard_error == pytest.approx(measured, rel=0.3)
    assert other.standard_error == pytest.approx(measured, rel=0.3)


@pytest.fixture(scope="module")
def minima():
    system = KobAndersen2D()
    starts = [system.random_configuration(60, random_state=seed) for seed in range(2)]
    return InherentStructure(system, force_tolerance=1e-3).transform(starts)


def test_transforms_every_configuration(minima):
    system = KobAndersen2D()
    state = CageState(system, 0.2, radius=0.3, duration=2.0, random_state=5)
    cages = state.fit_transform(minima)
    for minimum, cage, average in zip(minima, cages, state.averages(minima), strict=True):
        alone = cage_average(system, minimum, 0.2, radius=0.3, duration=2.0, random_state=5)
        np.testing.assert_array_equal(cage.positions, alone.configuration.positions)
        np.testing.assert_array_equal(
            average.mean_square_displacement, alone.mean_square_displacement
        )
        assert (alone.mean_square_displacement > 0).all()
        assert cage.box == minimum.box
        np.testing.assert_array_equal(cage.types, minimum.types)
    with joblib.parallel_config(backend="threading"):
        parallel = clone(state).set_params(n_jobs=2).transform(minima)
    for cage, other in zip(cages, parallel, strict=True):
        np.testing.assert_array_equal(cage.positions, other.positions)
    reseeded = clone(state).set_params(random_state=6).transform(minima)
    assert not np.array_equal(cages[0].positions, reseeded[0].positions)


def test_is_a_step_of_a_pipeline(minima):
    system = KobAndersen2D()
    pipeline = make_pipeline(InherentStructure(system), CageState(system, 0.2, duration=1.0))
    (cage,) = pipeline.fit_transform(minima[:1])
    assert isinstance(cage, Configuration)
    assert pipeline.set_params(cagestate__radius=0.2)[-1].radius == 0.2


def test_bad_arguments_are_refused(minima, liquid_3d):
    system, configuration = KobAndersen2D(), minima[0]
    for name, value in (("temperature", -0.1), ("radius", 0.0), ("duration", np.inf)):
        arguments = {"temperature": 0.2, name: value}
        with pytest.raises(ValueError, match=f"the {name} must be positive and finite"):
            cage_average(system, configuration, **arguments)
    with pytest.raises(ValueError, match="3D"):
        CageState(system, 0.2).fit([liquid_3d[1]])
    overlapping = KobAndersen().random_configuration(200, random_state=1)
    with pytest.raises(FloatingPointError, match="minimise"):
        cage_average(KobAndersen(), overlapping, 1.0, duration=1.0)
