"""Files of all GlassBench folders: published ones, and made-up ones in the published layout."""

import shutil

import numpy as np
import pytest

from vitreous.datasets import (
    LabelledConfiguration,
    load_ka2d,
    read,
    read_ends,
    read_glassbench,
    read_structures,
    write_glassbench,
)
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import Box, KobAndersen, KobAndersen2D
from vitreous.models import noise_ceiling

KA_TIMES = [0.13, 1.3, 13, 130, 412, 1300, 4120, 13000, 41200, 130000]
TIMES_030 = [0.11, 1.25, 14.14, 158.74, 1781.79, 20000]
TIMES_023 = [0.1, 1.1, 11.64, 122.47, 1288.41, 13554, 142587, 1.5e6]

FIRST_030 = "glassbench_ka2d_T0_30_N1290T0.30_3_tc01_positions.npz"
FIRST_023 = "glassbench_ka2d_T0_23_first_npz_positions.npz"


def model_arrays(system, n_particles, n_times):
    """Arrays of a file in one of the models folders."""
    configuration = system.random_configuration(n_particles, 1)
    rng = np.random.default_rng(2)
    shift = rng.normal(0, 0.05, configuration.positions.shape)
    return {
        "types": configuration.types.astype(np.int64) + 1,
        "initial_positions": configuration.positions,
        "initial_positions_inherent": configuration.box.wrap(configuration.positions + shift),
        "md_prop": rng.random((n_times, n_particles)),
        "bb_prop": rng.random((n_times, n_particles)),
        # Test files hold published predictions besides.
        "SE3": rng.random((n_times, 80)),
    }


@pytest.mark.parametrize(
    ("system", "n_particles", "name", "temperature", "times", "n_replicas"),
    [
        (KobAndersen(), 120, "N4096T0.44_401.npz", 0.44, KA_TIMES, 32),
        (KobAndersen2D(), 129, "N1290T0.30_3.npz", 0.30, TIMES_030, 20),
        (KobAndersen2D(), 129, "N1290T0.23_202.npz", 0.231, TIMES_023, 20),
    ],
)
def test_models_folders(tmp_path, system, n_particles, name, temperature, times, n_replicas):
    arrays = model_arrays(system, n_particles, len(times))
    np.savez(tmp_path / name, **arrays)
    (data,) = read(tmp_path / name, "glassbench")
    assert (data.system, data.temperature) == (system.name, temperature)
    assert data.source == str(tmp_path / name)
    assert data.in_equilibrium is None
    assert data.configuration.box == system.box(n_particles)
    np.testing.assert_array_equal(data.configuration.positions, arrays["initial_positions"])
    np.testing.assert_array_equal(data.configuration.types + 1, arrays["types"])
    np.testing.assert_array_equal(data.labels.times, times)
    np.testing.assert_array_equal(data.labels.matrix("displacement"), arrays["md_prop"].T)
    np.testing.assert_array_equal(data.labels.matrix("bond_breaking"), arrays["bb_prop"].T)
    assert data.labels.n_replicas == n_replicas
    inherent = read_glassbench(tmp_path / name, state="inherent")
    np.testing.assert_allclose(
        inherent.configuration.positions, arrays["initial_positions_inherent"], atol=1e-12
    )
    np.testing.assert_array_equal(inherent.labels.matrix("displacement"), arrays["md_prop"].T)
    with pytest.raises(ValueError, match=f"{name}: there are no initial_positions_cage"):
        read_glassbench(tmp_path / name, state="cage")
    assert read_ends(tmp_path / name, "glassbench", 3) == []
    (structure,) = read_structures(tmp_path / name, "glassbench")
    assert structure.temperature == temperature


def test_averages_have_no_noise_ceiling(tmp_path):
    np.savez(tmp_path / "N1290T0.30_3.npz", **model_arrays(KobAndersen2D(), 129, 6))
    labels = read_glassbench(tmp_path / "N1290T0.30_3.npz").labels
    assert not labels.has_halves("displacement")
    assert np.isnan(noise_ceiling(*labels.halves("displacement"))).all()


def trajectory_arrays(system, configuration, seed=0):
    """Replicas whose particles moved little, hopped, or left the box, in the published keys."""
    rng = np.random.default_rng(seed)
    length = configuration.box.lengths[0]
    shape = (5, *configuration.positions.shape)
    moves = rng.normal(0, 0.05, shape) + np.where(rng.random(shape) < 0.1, 0.9, 0.0)
    images = length * rng.integers(-1, 2, configuration.positions.shape)
    return moves, {
        "box": np.array(round(length, 4)),
        "types": configuration.types.astype(np.int64) + 1,
        "initial_positions": configuration.positions + images,
        "initial_positions_inherent": np.empty(0),
        "positions": configuration.positions + images + moves,
    }


def bond_breaking_by_hand(system, configuration, replicas):
    """The definition, for all pairs: n_t / n_0 with 1.4 and 1.8 sigma_ij."""
    length = configuration.box.lengths[0]
    sigma = system.potential.sigma[configuration.types[:, None], configuration.types]

    def distances(positions, i, j):
        difference = positions[i] - positions[j]
        return np.linalg.norm(difference - length * np.rint(difference / length), axis=-1)

    everyone = np.arange(len(sigma))
    first = distances(configuration.positions, everyone[:, None], everyone)
    bonded = (first < 1.4 * sigma) & ~np.eye(len(sigma), dtype=bool)
    i, j = np.nonzero(bonded)
    before = bonded.sum(axis=1)
    for positions in replicas:
        kept = np.zeros(len(sigma))
        np.add.at(kept, i, distances(positions, i, j) < 1.8 * sigma[i, j])
        yield np.where(before > 0, kept / np.maximum(before, 1), 1.0)


@pytest.mark.parametrize("wrap", [False, True])
def test_trajectories_agree_with_the_definitions(tmp_path, wrap):
    system, configuration = KobAndersen2D(), load_ka2d().configurations[0]
    moves, arrays = trajectory_arrays(system, configuration)
    if wrap:
        arrays["positions"] = configuration.box.wrap(arrays["positions"])
    np.savez(tmp_path / "N1290T0.23_202_tc15.npz", **arrays)
    (data,) = read(tmp_path / "N1290T0.23_202_tc15.npz", "glassbench")
    assert data.temperature == 0.231
    np.testing.assert_array_equal(data.labels.times, [11.64])
    assert data.labels.n_replicas == 5
    np.testing.assert_allclose(data.configuration.positions, configuration.positions, atol=1e-9)
    distances = np.linalg.norm(moves, axis=2)
    np.testing.assert_allclose(
        data.labels.matrix("displacement")[:, 0], distances.mean(axis=0), atol=1e-9
    )
    np.testing.assert_allclose(
        data.labels.halves("displacement")[..., 0],
        [distances[::2].mean(axis=0), distances[1::2].mean(axis=0)],
        atol=1e-9,
    )
    by_hand = list(bond_breaking_by_hand(system, configuration, configuration.positions + moves))
    assert 0.2 < np.mean(by_hand) < 0.95
    np.testing.assert_allclose(data.labels.matrix("bond_breaking")[:, 0], np.mean(by_hand, axis=0))
    ends = read_ends(tmp_path / "N1290T0.23_202_tc15.npz", "glassbench", 2)
    np.testing.assert_allclose(
        ends[1].positions, configuration.box.wrap(configuration.positions + moves[1]), atol=1e-9
    )


def test_times_follow_from_names(tmp_path):
    _, arrays = trajectory_arrays(KobAndersen2D(), KobAndersen2D().random_configuration(129, 0))
    known = {
        "N1290T0.30_3_tc06.npz": 20000.0,
        "N1290T0.23_3_tc40.npz": 1.5e6,
        "N1290T0.23_3_tc06.npz": np.nan,
        "N1290T0.27_3_tc01.npz": np.nan,
        "mine.npz": np.nan,
    }
    for name, time in known.items():
        np.savez(tmp_path / name, **arrays)
        np.testing.assert_array_equal(read_glassbench(tmp_path / name).labels.times, [time])
    assert np.isnan(read_glassbench(tmp_path / "mine.npz").temperature)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("file", "name", "temperature", "time", "energy"),
    [
        (FIRST_030, "N1290T0.30_3_tc01.npz", 0.30, 0.11, -2.601),
        (FIRST_023, "N1290T0.23_202_tc05.npz", 0.231, 0.1, -2.68),
    ],
)
def test_published_trajectories(shared_data, tmp_path, file, name, temperature, time, energy):
    shutil.copy(shared_data / "glassbench" / file, tmp_path / name)
    (data,) = read(tmp_path / name, "glassbench")
    system, configuration = KobAndersen2D(), data.configuration
    assert (data.system, data.temperature) == ("KA2D", temperature)
    np.testing.assert_array_equal(data.labels.times, [time])
    assert data.labels.n_replicas == 20
    np.testing.assert_array_equal(np.bincount(configuration.types), [600, 330, 360])
    assert configuration.box.lengths[0] == pytest.approx(32.8962, abs=1e-12)
    # Published averages; single configurations scatter by sqrt(c T^2 / N), about 0.01.
    assert system.potential_energy(configuration) / 1290 == pytest.approx(energy, abs=0.02)
    with np.load(tmp_path / name) as stored:
        replicas = stored["positions"]
        moved = replicas - stored["initial_positions"]
    moved -= 32.8962 * np.rint(moved / 32.8962)
    np.testing.assert_allclose(
        data.labels.matrix("displacement")[:, 0],
        np.linalg.norm(moved, axis=2).mean(axis=0),
        atol=1e-9,
    )
    by_hand = list(bond_breaking_by_hand(system, configuration, replicas))
    np.testing.assert_allclose(data.labels.matrix("bond_breaking")[:, 0], np.mean(by_hand, axis=0))
    # At a tenth of a time unit particles still fly freely: <|v| t> = t sqrt(pi T / 2) in 2D.
    free = time * np.sqrt(np.pi * temperature / 2)
    assert data.labels.matrix("displacement").mean() == pytest.approx(free, rel=0.2)


@pytest.mark.shared_data
def test_published_inherent_structure(shared_data):
    data = read_glassbench(shared_data / "glassbench" / FIRST_023, state="inherent")
    energy = KobAndersen2D().potential_energy(data.configuration) / 1290
    assert energy == pytest.approx(-2.9016, abs=1e-3)
    assert data.temperature == 0.231
    with pytest.raises(ValueError, match="no initial_positions_inherent"):
        read_glassbench(shared_data / "glassbench" / FIRST_030, state="inherent")


@pytest.mark.parametrize("system", [KobAndersen(), KobAndersen2D()], ids=["KA", "KA2D"])
def test_what_is_written_is_read(tmp_path, system):
    configuration = system.random_configuration(200, 0)
    rng = np.random.default_rng(0)
    halves = {name: rng.random((2, 200, 3)) for name in ("displacement", "bond_breaking")}
    labels = IsoconfigurationalLabels([0.5, 5.0, 50.0], halves, 7)
    data = LabelledConfiguration(configuration, labels, system.name, 0.37, "here", True)
    inherent = configuration.with_positions(configuration.positions + 0.01)
    write_glassbench(data, tmp_path / "mine.npz", inherent)
    for state, known in (("thermal", configuration), ("inherent", inherent)):
        back = read_glassbench(tmp_path / "mine.npz", state=state)
        np.testing.assert_allclose(back.configuration.positions, known.positions, atol=1e-12)
        np.testing.assert_array_equal(back.configuration.types, configuration.types)
        np.testing.assert_array_equal(back.labels.times, labels.times)
        assert (back.system, back.temperature) == (system.name, 0.37)
        for name in halves:
            np.testing.assert_array_equal(back.labels.matrix(name), labels.matrix(name))
            assert not back.labels.has_halves(name)
    with np.load(tmp_path / "mine.npz") as stored:
        assert stored["types"].min() == 1
        np.testing.assert_array_equal(stored["md_prop"], labels.matrix("displacement").T)
        np.testing.assert_array_equal(stored["bb_prop"], labels.matrix("bond_breaking").T)


def test_what_the_layout_cannot_hold_is_not_written(tmp_path):
    configuration = KobAndersen2D().random_configuration(50, 0)
    labels = IsoconfigurationalLabels([1.0], {"displacement": np.ones((2, 50, 1))}, 4)
    good = LabelledConfiguration(configuration, labels, "KA2D", 0.4, "")
    for data, message in (
        (LabelledConfiguration(configuration, labels, "soft", 0.4, ""), "not of soft"),
        (
            LabelledConfiguration(
                type(configuration)(
                    configuration.positions, configuration.types, Box.cube(20.0, 2), "ABC"
                ),
                labels, "KA2D", 0.4, "",
            ),
            "the box is",
        ),
        (
            LabelledConfiguration(
                configuration,
                IsoconfigurationalLabels([1.0], {"scattering": np.ones((2, 50, 1))}, 4),
                "KA2D", 0.4, "",
            ),
            "neither displacement nor bond_breaking among the labels scattering",
        ),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            write_glassbench(data, tmp_path / "mine.npz")
    assert list(tmp_path.iterdir()) == []
    write_glassbench(good, tmp_path / "mine.npz")
    with pytest.raises(ValueError, match="no initial_positions_inherent"):
        read_glassbench(tmp_path / "mine.npz", state="inherent")


def changed(arrays, **changes):
    return {key: value for key, value in (arrays | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: changed(a, types=None), "types missing"),
        (lambda a: changed(a, types=a["types"] - 1), "unknown type -1"),
        (lambda a: changed(a, types=a["types"] + 1), "unknown type 3"),
        (lambda a: changed(a, types=a["types"].astype(float)), "types are float64"),
        (lambda a: changed(a, types=a["types"][:-1]), r"types must have shape|\(128,\)|positions"),
        (lambda a: changed(a, initial_positions=a["initial_positions"] * np.nan), "not finite"),
        (lambda a: changed(a, initial_positions=a["initial_positions"][:, :1]), "are needed"),
        (lambda a: changed(a, md_prop=None, bb_prop=None), "none of positions, md_prop and"),
        (lambda a: changed(a, md_prop=a["md_prop"][:3]), "labels have shapes"),
        (lambda a: changed(a, md_prop=a["md_prop"][:3], bb_prop=None), "at 3 times, and 6 times"),
        (lambda a: changed(a, md_prop=a["md_prop"] * np.inf), "displacement hold values"),
        (lambda a: changed(a, box=np.array(30.0)), "the box is"),
        (lambda a: changed(a, positions=a["initial_positions"][None]), "at least 2 replicas"),
    ],
)
def test_wrong_contents_are_named(tmp_path, change, message):
    name = "N1290T0.30_3.npz"
    np.savez(tmp_path / name, **change(model_arrays(KobAndersen2D(), 129, 6)))
    with pytest.raises(ValueError, match=f"{name}.*({message})"):
        read_glassbench(tmp_path / name)


def test_unknown_states_are_refused(tmp_path):
    with pytest.raises(ValueError, match="state must be one of thermal, inherent, cage, not 'hot'"):
        read_glassbench(tmp_path / "any.npz", state="hot")
