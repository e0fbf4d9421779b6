"""Interrupts end whatever is compiled, soon and without a crash, and slices change no result."""

import os
import signal
import subprocess
import sys
import time
from itertools import cycle
from unittest.mock import patch

import numpy as np
import pytest

from vitreous.descriptors import (
    AngularDescriptor,
    BondAngleDescriptor,
    BondOrderDescriptor,
    CoarseGrain,
    CompactnessDescriptor,
    DebyeWallerFactor,
    PhysicsInspiredDescriptor,
    RadialDescriptor,
    TetrahedralityDescriptor,
    VoronoiDescriptor,
)
from vitreous.liquid import KobAndersen, KobAndersen2D, get_system
from vitreous.simulate import (
    EmbeddedEngine,
    HybridSwap,
    SwapMonteCarlo,
    cage_average,
    maxwell_velocities,
    minimize,
)

SYSTEMS = {"2D": KobAndersen2D, "3D": KobAndersen, "polydisperse": lambda: get_system("PSS2D")}

# Shells without job control start background jobs, such as these tests may be, deaf to interrupts.
PREPARATION = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np
from vitreous.descriptors import *
from vitreous.liquid import KobAndersen, KobAndersen2D
from vitreous.simulate import *

def liquid(system, n_particles, tolerance=0.1):
    start = system.random_configuration(n_particles, 1)
    return minimize(system, start, force_tolerance=tolerance).configuration

def dynamics(duration):
    velocities = maxwell_velocities(160, 2, 0.5, 1)
    list(EmbeddedEngine(flat).run(small, times=[duration], velocities=velocities,
                                  temperature=0.5, random_state=1))

def described(descriptor, n_particles):
    descriptor.fit_transform([solid.random_configuration(n_particles, 1)])

flat, solid = KobAndersen2D(), KobAndersen()
small = liquid(flat, 160)
"""

LONG = {
    "molecular dynamics": ("dynamics(1.0)", "dynamics(1e7)"),
    "swap Monte Carlo": (
        "SwapMonteCarlo(flat).run(small, 0.5, 10, random_state=1)",
        "SwapMonteCarlo(flat).run(small, 0.5, 10**8, random_state=1)",
    ),
    "exchanges by cost": (
        "SwapMonteCarlo(flat, draw='by cost', swap_fraction=1.0).run(small, 0.5, 2)",
        "SwapMonteCarlo(flat, draw='by cost', swap_fraction=1.0).run(small, 0.5, 10**7)",
    ),
    "hybrid": (
        "HybridSwap(flat).run(small, 0.5, 300, random_state=1)",
        "HybridSwap(flat).run(small, 0.5, 10**7, random_state=1)",
    ),
    "minimiser": ("liquid(solid, 1000)", "liquid(solid, 100_000, 1e-9)"),
    "cage": (
        "cage_average(flat, small, 0.1, duration=1.0, random_state=1)",
        "cage_average(flat, small, 0.1, duration=1e7, random_state=1)",
    ),
    "bond order": ("described(BondOrderDescriptor(), {})", 1500, 200_000),
    "Voronoi cells": ("described(VoronoiDescriptor([0.5, 0.44]), {})", 1500, 200_000),
    "bond angles": ("described(TetrahedralityDescriptor(3.0), {})", 1500, 200_000),
}


# One whose steps are cut in slices, one whose particles are; the others take as long.
QUICK = {"molecular dynamics", "bond order"}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[] if kind in QUICK else pytest.mark.slow) for kind in LONG]
)
def test_interrupt_ends_a_kernel_within_a_second(kind):
    short, long = LONG[kind][:2]
    if isinstance(long, int):
        short, long = (LONG[kind][0].format(number) for number in LONG[kind][1:])
    script = f"""{PREPARATION}
import time
{short}
print("ready", flush=True)
try:
    {long}
except KeyboardInterrupt:
    print(time.time())
    raise
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
            time.sleep(1.5)
            assert process.poll() is None
            sent = time.time()
            process.send_signal(signal.SIGINT)
            printed, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode in (-signal.SIGINT, 130), said
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert float(printed) - sent < 1.5  # on a busy machine; a quarter of a second otherwise


def test_interrupts_at_any_moment_are_exceptions():
    script = f"""{PREPARATION}
import signal

class Interrupt(KeyboardInterrupt):
    pass

def interrupt(*arguments):
    signal.setitimer(signal.ITIMER_REAL, 1.0)  # if the exception is lost in a finaliser
    raise Interrupt

signal.signal(signal.SIGALRM, interrupt)
rng = np.random.default_rng(1)
tiny = liquid(flat, 43)
HybridSwap(flat, md_steps=1, swap_sweeps=1).run(tiny, 0.5, 2, random_state=1)
n_interrupts = 0
while n_interrupts < 300:
    try:
        signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-3, 2e-2))
        HybridSwap(flat, md_steps=1, swap_sweeps=1).run(tiny, 0.5, 10**6, random_state=1)
    except Interrupt:
        n_interrupts += 1
signal.setitimer(signal.ITIMER_REAL, 0.0)
print(n_interrupts)
"""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "300\n"


def frames_of_numba(run):
    """Functions of numba, written in Python, that are called while compiled ones are."""
    run()
    names = set()

    def note(frame, event, argument):
        if event == "call" and f"{os.sep}numba{os.sep}" in frame.f_code.co_filename:
            names.add(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return names


def one_slice(n_steps, seconds_per_step):
    yield 0, n_steps


def many_slices(n_steps, seconds_per_step):
    sizes = cycle([1, 3, 7, 20])
    first = 0
    while first < n_steps:
        stop = min(first + next(sizes), n_steps)
        yield first, stop
        first = stop


def both(run):
    """Results of a function with one slice for each loop and with many."""
    results = []
    for cut in (one_slice, many_slices):
        with (
            patch("vitreous.simulate.embedded.slices", cut),
            patch("vitreous.simulate.swap.slices", cut),
            patch("vitreous.simulate.minimize.slices", cut),
            patch("vitreous.simulate.cage.slices", cut),
            patch("vitreous.descriptors._slices.slices", cut),
            patch("vitreous.descriptors._averages.slices", cut),
            patch("vitreous.liquid.neighbors.slices", cut),
        ):
            results.append(run())
    return results


def assert_same_bits(one, other):
    assert len(one) == len(other)
    for first, second in zip(one, other, strict=True):
        assert np.asarray(first).tobytes() == np.asarray(second).tobytes()


def start_of(system, n_particles):
    start = system.random_configuration(n_particles, 1)
    return minimize(system, start, force_tolerance=0.1).configuration


@pytest.fixture(scope="module", params=SYSTEMS)
def liquid(request):
    system = SYSTEMS[request.param]()
    return system, start_of(system, 300 if system.dimensions == 3 else 160)


def test_simulation_runs_no_python_code_of_numba(liquid):
    """It is there that a pending signal would end in a crash."""
    system, start = liquid
    velocities = maxwell_velocities(start.n_particles, system.dimensions, 0.7, 2)
    engine = EmbeddedEngine(system)

    def run():
        settings = {"times": [0.1], "velocities": velocities}
        list(engine.run(start, **settings, temperature=0.7, random_state=3))
        list(engine.run(start, **settings))
        engine.energies_and_forces(start)
        minimize(system, start)
        SwapMonteCarlo(system).run(start, 0.7, 2, random_state=4)
        if system.swap_pairs and start.diameters is None:
            SwapMonteCarlo(system, draw="by cost").run(start, 0.7, 2, random_state=4)
        cage_average(system, start, 0.1, duration=0.1, random_state=6)

    assert frames_of_numba(run) == set()


@pytest.mark.parametrize("temperature", [None, 0.7])
def test_dynamics_is_the_same_in_slices(liquid, temperature):
    system, start = liquid
    velocities = maxwell_velocities(start.n_particles, system.dimensions, 0.7, 2)

    def run():
        snapshots = EmbeddedEngine(system).run(
            start, times=[0.5, 3.0], velocities=velocities, temperature=temperature, random_state=3
        )
        return [array for s in snapshots for array in (s.positions, s.velocities)]

    assert_same_bits(*both(run))


def test_swap_monte_carlo_is_the_same_in_slices(liquid):
    system, start = liquid

    def run():
        result = SwapMonteCarlo(system).run(start, 0.7, 25, random_state=4, record_every=3)
        end = result.configuration
        acceptance = [result.displacement_acceptance, *result.swap_acceptance.values()]
        diameters = [] if end.diameters is None else [end.diameters]
        return [end.positions, end.types, *diameters, result.energies, acceptance]

    assert_same_bits(*both(run))


def test_hybrid_is_the_same_in_slices(liquid):
    system, start = liquid

    def run():
        result = HybridSwap(system, md_steps=30).run(start, 0.7, 90, random_state=4, record_every=1)
        return [result.configuration.positions, result.energies]

    assert_same_bits(*both(run))


@pytest.mark.filterwarnings("ignore:the minimisation stopped after 100 steps")
@pytest.mark.parametrize("max_steps", [100, 100_000])
def test_minimum_is_the_same_in_slices(liquid, max_steps):
    system, _ = liquid
    start = system.random_configuration(300, 5)

    def run():
        result = minimize(system, start, force_tolerance=1e-3, max_steps=max_steps)
        return [result.configuration.positions, result.energy, result.rms_force, result.steps]

    assert_same_bits(*both(run))


def test_cage_is_the_same_in_slices(liquid):
    system, start = liquid

    def run():
        average = cage_average(system, start, 0.1, duration=3.0, random_state=6)
        return [average.configuration.positions, average.mean_square_displacement]

    assert_same_bits(*both(run))


def descriptors_of(system):
    return {
        "radial": RadialDescriptor([1.0, 1.5], 0.1),
        "bond order": BondOrderDescriptor([4, 6], [1.0, 1.5]),
        "angular": AngularDescriptor([[1.5, 1, 1], [1.0, -1, 4]], cutoff=2.0),
        "coarse-grained": CoarseGrain(RadialDescriptor([1.0], 0.1), cutoff=2.0, length=1.0),
        "Voronoi cells": VoronoiDescriptor([0.5] * len(system.species)),
        "physics-inspired": PhysicsInspiredDescriptor(system, [0.0, 1.0], cutoff=3.0),
        "bond angles": BondAngleDescriptor(1.5),
        "tetrahedrality": TetrahedralityDescriptor(1.5),
        "compactness": CompactnessDescriptor(1.5, [0.5] * len(system.species)),
    }


@pytest.mark.parametrize(
    ("dimensions", "name"),
    [
        (dimensions, name)
        for dimensions in (2, 3)
        for name in descriptors_of(KobAndersen())
        if (dimensions, name) != (2, "tetrahedrality")
    ],
)
def test_descriptors_are_the_same_in_slices(dimensions, name):
    system = KobAndersen2D() if dimensions == 2 else KobAndersen()
    configuration = system.random_configuration(700, 1)
    descriptor = descriptors_of(system)[name]
    assert_same_bits(*both(lambda: [descriptor.fit_transform([configuration])]))
    assert frames_of_numba(lambda: descriptor.fit_transform([configuration])) == set()


def test_debye_waller_factor_is_the_same_in_slices():
    system = KobAndersen2D()
    start = system.random_configuration(160, 1)
    start = minimize(system, start).configuration
    descriptor = DebyeWallerFactor(system, n_samples=20)
    assert_same_bits(*both(lambda: [descriptor.fit_transform([start])]))
    assert frames_of_numba(lambda: descriptor.fit_transform([start])) == set()
