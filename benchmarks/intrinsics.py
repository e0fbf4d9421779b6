"""Time every loop that is written for LLVM's vector types beside its twin in plain numba.

Each twin has the same arguments and the same result, which is checked first. It is compiled with
the flags of the kernels around it, fast-math where they have it. Inputs are those of the
descriptors and engines at work: KA and KA2D, the inherent structures of random configurations.
Processor times are the smallest of several calls, and in the last column how many times as long
the twin takes::

    python benchmarks/intrinsics.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numba import njit, types
from numba.extending import overload

from vitreous.compiled.bits import bits_of, number_of
from vitreous.compiled.decorators import exact_kernel, kernel
from vitreous.compiled.exponentials import exponential
from vitreous.compiled.vectors import LANES, VECTOR_BYTES
from vitreous.descriptors._harmonics import harmonics
from vitreous.descriptors._vector_kernels import (
    CHUNK,
    PANEL_VECTORS,
    TILE,
    add_panel_rows,
    fill_decays,
    fill_gaussians,
    fill_harmonics,
    multiply_chunk,
)
from vitreous.liquid import KobAndersen, KobAndersen2D, PolydisperseSoftSpheres, System
from vitreous.simulate import minimize
from vitreous.simulate._block_kernels import append_within
from vitreous.simulate._md_kernels import compute_forces
from vitreous.simulate._packing import pack, pack_liquid, pack_one_type, pack_potential, refreshed
from vitreous.simulate._scalar_kernels import energy_of_kinds, scale_of
from vitreous.simulate._swap_kernels import Mixture, place_of, total_energy
from vitreous.simulate.swap import start_of_run, surveyed

SKIN = 0.35
REPEATS = 15
FEW = 200  # calls of a loop that takes microseconds

simulated = njit(error_model="numpy")


def seconds(function: Callable[[], object]) -> float:
    function()
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def report(name: str, own: Callable[[], object], twin: Callable[[], object]) -> None:
    fast, slow = seconds(own), seconds(twin)
    print(f"| {name} | {1e6 * fast:.0f} | {1e6 * slow:.0f} | {slow / fast:.2f} |", flush=True)


# Molecular dynamics and Monte Carlo


def slope_over_distance(square, table, a, b, scale):
    """V'(r) / r from r^2, of a force table of the Lennard-Jones family or of a `Table`."""


@overload(slope_over_distance)
def _slope_over_distance(square, table, a, b, scale):
    if isinstance(table, types.Array):

        def of_family(square, table, a, b, scale):
            limit, k1, p12, p6, k2, k4 = table[a, b]
            if square >= limit:
                return 0.0
            inverse = 1.0 / square
            inverse_6 = inverse * inverse * inverse
            slope = k2 + k4 * square - (p12 * inverse_6 + p6) * (inverse_6 * inverse)
            return slope + k1 * (np.sqrt(square) * inverse) if k1 != 0.0 else slope

        return of_family

    def of_table(square, table, a, b, scale):
        y = square * scale
        if y >= 1.0:
            return 0.0
        index = max((bits_of(y) >> table.shift) - table.first, 0)
        _, c1, c2, c3 = table.intervals[a, b, index]
        t = max(y - number_of((index + table.first) << table.shift), 0.0)
        return 2.0 * scale * (c1 + t * (2.0 * c2 + 3.0 * c3 * t))

    return of_table


@simulated
def plain_forces(slots, liquid, lists):
    positions, forces = slots.positions, slots.forces
    neighbors, rows, table = lists.neighbors, lists.rows, liquid.force_table
    n_types, is_3d = liquid.counts.size, liquid.lengths.size == 3
    for slot in range(liquid.slot_types.size):
        block, kind = slot // LANES, liquid.slot_types[slot - slot % LANES]
        x, y, z = positions[slot, 0], positions[slot, 1], positions[slot, -2]
        force_x = force_y = force_z = 0.0
        for other in range(n_types):
            line = block * n_types + other
            for row in range(rows[line], rows[line + 1]):
                place = LANES * row + slot % LANES
                neighbor = neighbors[place]
                dx = positions[neighbor, 0] - x
                dy = positions[neighbor, 1] - y
                dz = positions[neighbor, 2] - z if is_3d else 0.0
                scale = scale_of(lists.scales, place)
                square = dx * dx + dy * dy + dz * dz
                slope = slope_over_distance(square, table, kind, other, scale)
                force_x += slope * dx
                force_y += slope * dy
                force_z += slope * dz
        forces[slot, 0] = force_x
        forces[slot, 1] = force_y
        if is_3d:
            forces[slot, 2] = force_z


@simulated
def plain_total_energy(positions, vicinity, mixture):
    twice, is_3d = 0.0, positions.shape[1] == 4
    for slot in range(vicinity.starts.size - 1):
        point, kind = place_of(positions, slot), vicinity.kinds[slot]
        for place in range(vicinity.starts[slot], vicinity.starts[slot + 1]):
            neighbor = vicinity.neighbors[place]
            dx = positions[neighbor, 0] - point[0]
            dy = positions[neighbor, 1] - point[1]
            dz = positions[neighbor, 2] - point[2] if is_3d else 0.0
            square = dx * dx + dy * dy + dz * dz
            twice += energy_of_kinds(
                square, mixture.table, mixture.mixing, kind, vicinity.kinds[neighbor]
            )
    return 0.5 * twice


@simulated
def plain_append(candidates, numbers, n, point, reach_square, own, list_, place):
    for k in range(n):
        square = 0.0
        for axis in range(3):
            square += (candidates[axis, k] - point[axis]) ** 2
        list_[place] = numbers[k]
        place += LANES * ((square < reach_square) & (numbers[k] != own))
    return place


@simulated
def append_often(candidates, numbers, n, point, reach_square, list_):
    end = 0
    for own in range(FEW):
        end += append_within(candidates, numbers, n, point, reach_square, own, list_, 0)
    return end


@simulated
def plain_append_often(candidates, numbers, n, point, reach_square, list_):
    end = 0
    for own in range(FEW):
        end += plain_append(candidates, numbers, n, point, reach_square, own, list_, 0)
    return end


def time_simulation(system: System, n_particles: int) -> None:
    start = system.random_configuration(n_particles, random_state=1)
    configuration = minimize(system, start, force_tolerance=0.1).configuration
    liquid = pack_liquid(system, configuration, SKIN)
    slots, lists = pack(liquid, configuration)
    slots, lists = refreshed(slots, liquid, lists, SKIN)
    forces = slots.forces.copy()
    plain_forces(slots, liquid, lists)
    np.testing.assert_allclose(slots.forces, forces, atol=1e-8)
    report(
        f"`block_forces`, {system.name}",
        lambda: compute_forces(slots, liquid, lists),
        lambda: plain_forces(slots, liquid, lists),
    )

    table, mixing = pack_potential(system.potential)
    has_root = int(isinstance(table, np.ndarray) and table[..., 4].any())
    kinds = np.array(system.kinds(configuration))
    pairs = np.array(system.swap_pairs, dtype=np.int64).reshape(-1, 2)
    n_types = len(system.species)
    mixture = Mixture(table, mixing, has_root, pairs, system.swap_range, kinds)
    liquid = pack_one_type(system, configuration, SKIN)
    slots, lists = pack(liquid, configuration)
    course = start_of_run(configuration.n_particles, n_types)
    slots, lists, vicinity = surveyed(slots, liquid, lists, mixture, course)
    energy = total_energy(slots.positions, vicinity, mixture)
    twin = plain_total_energy(slots.positions, vicinity, mixture)
    np.testing.assert_allclose(energy, twin, rtol=1e-10)
    report(
        f"`energy_at`, {system.name}",
        lambda: total_energy(slots.positions, vicinity, mixture),
        lambda: plain_total_energy(slots.positions, vicinity, mixture),
    )


def time_append(n: int, reach: float) -> None:
    """Candidates of a cell of KA, of which one in four is within reach."""
    rng = np.random.default_rng(1)
    candidates = rng.uniform(-2.0 * reach, 2.0 * reach, (3, n + LANES))
    numbers = np.arange(1000, 1000 + n + LANES, dtype=np.uint32)
    list_ = np.empty(LANES * (n + 2 * LANES), np.uint32)
    arguments = (candidates, numbers, n, (0.0, 0.0, 0.0), 3.0 * reach**2, list_)
    assert append_often(*arguments) == plain_append_often(*arguments)
    report(
        f"`append_within`, {n} candidates",
        lambda: append_often(*arguments),
        lambda: plain_append_often(*arguments),
    )


# Descriptors


@kernel
def plain_panel_rows(panel, rows, n, weights, size, totals):
    for t in range(size):
        totals[t] = 0.0
    for k in range(n):
        line = panel[rows[k]]
        for t in range(size):
            weight = weights[k, t]
            total = totals[t]
            for v in range(line.size):
                total[v] += weight * line[v]


@kernel
def plain_chunk(blocks, first, n_blocks, weights, totals):
    lanes = totals.size // CHUNK
    totals[:] = 0.0
    for b in range(n_blocks):
        for k in range(LANES):
            start = (LANES * b + k) * lanes
            weight = weights[start : start + lanes]
            for t in range(CHUNK):
                factor = blocks[b, first + t, k]
                total = totals[t * lanes : (t + 1) * lanes]
                for s in range(lanes):
                    total[s] += factor * weight[s]


@exact_kernel
def plain_gaussians(distances, n, shells, offsets, scale, least, weights, totals):
    lanes = weights.size // n
    for s in range(lanes):
        totals[s] = 0.0
    for p in range(n):
        for s in range(lanes):
            away = distances[p] - shells[s]
            value = exponential(offsets[s] - scale * away * away)
            value = value if value > least else 0.0
            totals[s] += value
            weights[p * lanes + s] = value


@kernel
def plain_harmonics(vectors, n_blocks, coefficients, stop, row_of, blocks):
    side = row_of.shape[0]
    cosine, sine, turned = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    current, previous, following = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    for b in range(n_blocks):
        x = vectors[0, LANES * b : LANES * (b + 1)]
        y = vectors[1, LANES * b : LANES * (b + 1)]
        z = vectors[2, LANES * b : LANES * (b + 1)]
        cosine[:], sine[:] = 1.0, 0.0
        for m in range(side):
            current[:], previous[:] = 1.0, 0.0
            for order in range(m, stop[m]):
                row = row_of[m, order]
                factor = coefficients[m, order]
                if row >= 0:
                    real, imaginary = blocks[b, row], blocks[b, row + 1]
                    for k in range(LANES):
                        real[k] = current[k] * cosine[k]
                        imaginary[k] = current[k] * sine[k]
                for k in range(LANES):
                    following[k] = z[k] * current[k] - factor * previous[k]
                    previous[k] = current[k]
                    current[k] = following[k]
            for k in range(LANES):
                turned[k] = cosine[k] * x[k] - sine[k] * y[k]
                sine[k] = sine[k] * x[k] + cosine[k] * y[k]
                cosine[k] = turned[k]


@exact_kernel
def plain_decays(x, y, z, places, n, vertices, limit, slope, rows, weights, totals):
    totals[:] = 0.0
    count = 0
    for k in range(n):
        any_near = False
        line = weights[count]
        for t in range(TILE):
            square = (
                (x[k] - vertices[0, t]) ** 2
                + (y[k] - vertices[1, t]) ** 2
                + (z[k] - vertices[2, t]) ** 2
            )
            value = exponential(np.sqrt(square) * slope) if square < limit else 0.0
            any_near |= square < limit
            totals[t] += value
            line[t] = value
        rows[count] = places[k]
        count += any_near
    return count


def often(loop: Callable[..., object], *arguments: object) -> Callable[[], object]:
    """Call a loop many times, from compiled code."""

    @njit
    def repeated(*given):
        for _ in range(FEW):
            loop(*given)

    return lambda: repeated(*arguments)


def compare(
    name: str,
    own: Callable[..., object],
    twin: Callable[..., object],
    arguments: Callable[[], tuple],
    results: slice,
    tolerance: float,
) -> None:
    """Check that two loops fill their last arguments alike, then time them."""
    compiled = njit(lambda *given: own(*given))
    first, second = arguments(), arguments()
    compiled(*first)
    twin(*second)
    for a, b in zip(first[results], second[results], strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
    report(name, often(compiled, *first), often(twin, *second))


def time_descriptors(dtype: type) -> None:
    rng = np.random.default_rng(1)
    lanes = VECTOR_BYTES // np.dtype(dtype).itemsize
    name = np.dtype(dtype).name
    tolerance = 1e-4 if dtype is np.float32 else 1e-11

    n = 300  # neighbours of a tile
    panel = rng.normal(size=(4096, PANEL_VECTORS * lanes)).astype(dtype)
    rows = rng.integers(0, 4096, n).astype(np.int32)
    weights = rng.uniform(size=(n, TILE)).astype(dtype)
    compare(
        f"`add_panel_rows`, {name}",
        add_panel_rows,
        plain_panel_rows,
        lambda: (panel, rows, n, weights, TILE, np.zeros((TILE, PANEL_VECTORS * lanes), dtype)),
        slice(-1, None),
        tolerance,
    )

    n_blocks = 7  # bonds of a particle of KA
    plan = harmonics(np.arange(1, 13), 3, components=False)
    bonds = rng.normal(size=(3, LANES * n_blocks))
    bonds /= np.linalg.norm(bonds, axis=0)
    blocks = np.zeros((n_blocks, len(plan.line), LANES), dtype)
    compare(
        f"`fill_harmonics`, {name}",
        fill_harmonics,
        plain_harmonics,
        lambda: (bonds, n_blocks, plan.coefficients, plan.stop, plan.row_of, blocks.copy()),
        slice(-1, None),
        tolerance,
    )

    filled = rng.normal(size=blocks.shape).astype(dtype)
    of_bonds = rng.uniform(size=LANES * n_blocks * lanes).astype(dtype)
    compare(
        f"`multiply_chunk`, {name}",
        multiply_chunk,
        plain_chunk,
        lambda: (filled, CHUNK, n_blocks, of_bonds, np.zeros(CHUNK * lanes, dtype)),
        slice(-1, None),
        tolerance,
    )

    distances = rng.uniform(0.9, 2.5, LANES * n_blocks)
    shells, offsets = np.linspace(1.0, 2.5, lanes), np.zeros(lanes)
    compare(
        f"`fill_gaussians`, {name}",
        fill_gaussians,
        plain_gaussians,
        lambda: (
            distances,
            LANES * n_blocks,
            shells,
            offsets,
            50.0,
            1e-18,
            np.zeros(LANES * n_blocks * lanes, dtype),
            np.zeros(lanes),
        ),
        slice(-2, None),
        tolerance,
    )

    x, y, z = rng.uniform(-5.0, 5.0, (3, n))
    places = np.arange(n, dtype=np.int32)
    vertices = rng.uniform(-0.5, 0.5, (3, TILE))
    compare(
        f"`fill_decays`, {name}",
        fill_decays,
        plain_decays,
        lambda: (
            x,
            y,
            z,
            places,
            n,
            vertices,
            25.0,
            -0.5,
            np.zeros(n, np.int32),
            np.zeros((n, TILE), dtype),
            np.zeros(TILE),
        ),
        slice(-1, None),
        tolerance,
    )


def main() -> None:
    print("| loop | microseconds | plain numba | times as long |")
    print("|---|---|---|---|")
    time_simulation(KobAndersen(), 4096)
    time_simulation(KobAndersen2D(), 1290)
    time_simulation(PolydisperseSoftSpheres(), 1500)
    time_append(200, 1.5)
    for dtype in (np.float32, np.float64):
        time_descriptors(dtype)


if __name__ == "__main__":
    main()
