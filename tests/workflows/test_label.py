"""Labels from trajectories in files agree with those of streaming, and nothing is guessed."""

import json

import gsd.hoomd
import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import read_gsd, to_mdanalysis
from vitreous.dynamics import ParticleLabels, hop_indicator, residence_times
from vitreous.liquid import Box, Configuration, KobAndersen2D
from vitreous.models import noise_ceiling
from vitreous.simulate import (
    isoconfigurational_ensemble,
    isoconfigurational_trajectories,
    minimize,
)
from vitreous.workflows import fit, label, score

SYSTEM = KobAndersen2D()
TIMES = np.array([0.1, 1.0, 4.0])
N, N_REPLICAS, TEMPERATURE = 172, 3, 1.0
LABELS = {"displacement", "cage_relative_displacement", "bond_breaking", "overlap", "scattering"}


def write_dump(path, configuration, frames, times, images=True, step=0.01):
    """LAMMPS frames: wrapped positions with image flags, or without."""
    box = configuration.box
    length = float(box.lengths[0])
    lines = []
    for positions, time in zip(frames, times, strict=True):
        wrapped = box.wrap(positions)
        flags = np.rint((positions - wrapped) / length).astype(int)
        lines += ["ITEM: TIMESTEP", str(round(time / step)), "ITEM: NUMBER OF ATOMS", str(N)]
        lines += ["ITEM: BOX BOUNDS pp pp pp", *2 * [f"{-length / 2!r} {length / 2!r}"]]
        lines += ["-0.5 0.5", "ITEM: ATOMS id type x y z" + (" ix iy iz" if images else "")]
        for number, (kind, x, n) in enumerate(
            zip(configuration.types, wrapped.tolist(), flags, strict=True)
        ):
            place = f"{number + 1} {kind + 1} {x[0]!r} {x[1]!r} 0"
            lines.append(place + (f" {n[0]} {n[1]} 0" if images else ""))
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def runs():
    """Two liquids with replicas, and the labels that streaming gives."""
    found = []
    for seed in range(2):
        start = SYSTEM.random_configuration(N, seed)
        start = minimize(SYSTEM, start, force_tolerance=0.1).configuration
        settings = {"n_replicas": N_REPLICAS, "random_state": seed}
        replicas = list(
            isoconfigurational_trajectories(SYSTEM, start, TEMPERATURE, TIMES, **settings)
        )
        streamed = isoconfigurational_ensemble(SYSTEM, start, TEMPERATURE, TIMES, **settings)
        found.append((start, replicas, streamed))
    return found


@pytest.fixture
def files(runs, tmp_path):
    for number, (start, replicas, _) in enumerate(runs):
        folder = tmp_path / f"c{number}"
        folder.mkdir()
        write_dump(folder / "start.dump", start, [start.positions], [0.0])
        for replica, frames in enumerate(replicas):
            write_dump(folder / f"r{replica}.dump", start, frames, TIMES)
    return tmp_path


def of_files(folder, **settings):
    return label(
        folder / "labels", SYSTEM,
        **{"start": folder / "c{i}/start.dump", "replicas": folder / "c{i}/r*.dump",
           "temperature": TEMPERATURE, "time_step": 0.01} | settings,
    )  # fmt: skip


def test_replicas_in_files_give_the_labels_of_streaming(runs, files):
    made = of_files(files)
    assert [path.name for path in made.files] == ["0.gsd", "1.gsd"]
    for path, (start, _, streamed) in zip(made.files, runs, strict=True):
        item = read_gsd(path)
        assert (item.system, item.temperature, item.group) == ("KA2D", TEMPERATURE, "")
        assert item.labels.n_replicas == N_REPLICAS
        np.testing.assert_allclose(item.labels.times, TIMES)
        np.testing.assert_allclose(item.configuration.positions, start.positions, atol=1e-12)
        assert set(item.labels.averages) == LABELS
        for name in LABELS:
            np.testing.assert_allclose(item.labels.halves(name), streamed.halves(name), atol=1e-9)
    assert (made.n_groups, made.functions.n_trajectories) == (2, 2 * N_REPLICAS)


def test_relaxation_functions_and_ceilings_by_hand(runs, files):
    made = of_files(files)
    for name in ("bond_breaking", "overlap", "scattering"):
        means = [streamed.matrix(name).mean(axis=0) for _, _, streamed in runs]
        estimate = getattr(made.functions, name)
        np.testing.assert_allclose(estimate.value, np.mean(means, axis=0), atol=1e-9)
        np.testing.assert_allclose(estimate.standard_error, abs(means[0] - means[1]) / 2, atol=1e-9)
    moved = np.array([np.array(replicas) - start.positions for start, replicas, _ in runs])
    squares = (moved**2).sum(axis=-1)
    np.testing.assert_allclose(
        made.functions.mean_square_displacement.value, squares.mean(axis=(0, 1, 3))
    )
    kept = (squares < 0.3**2).mean(axis=-1).reshape(-1, len(TIMES))
    np.testing.assert_allclose(made.functions.susceptibility, N * kept.var(axis=0, ddof=1))
    expected = [
        noise_ceiling(*streamed.halves("displacement")[:, start.types == 0])
        for start, _, streamed in runs
    ]
    np.testing.assert_allclose(
        made.noise_ceilings["displacement"], np.mean(expected, axis=0), rtol=1e-6
    )


def test_image_flags_of_start_and_replicas_may_count_differently(runs, files):
    start, _, streamed = runs[0]
    shifted = start.positions + np.outer(np.arange(N) % 3, start.box.lengths)
    write_dump(files / "c0" / "start.dump", start, [shifted], [0.0])
    made = of_files(files)
    found = read_gsd(made.files[0]).labels.matrix("displacement")
    np.testing.assert_allclose(found, streamed.matrix("displacement"), atol=1e-9)


def test_wrapped_frames_are_followed_or_refused(runs, files):
    start, replicas, streamed = runs[0]
    for number, frames in enumerate(replicas):
        write_dump(files / "c0" / f"r{number}.dump", start, frames, TIMES, images=False)
    found = read_gsd(of_files(files).files[0]).labels.matrix("displacement")
    np.testing.assert_allclose(found, streamed.matrix("displacement"), atol=1e-9)
    far = [start.positions + 0.3 * np.array(start.box.lengths)]
    write_dump(files / "c0" / "r1.dump", start, [*far, *replicas[1][1:]], TIMES, images=False)
    with pytest.raises(ValueError, match=r"r1.dump.*more than a quarter of the box"):
        of_files(files, overwrite=True)


@pytest.mark.parametrize("zero", [0.0, 50.0])
def test_a_first_frame_that_shows_the_start_is_time_zero(runs, files, zero):
    start, replicas, streamed = runs[0]
    write_dump(files / "c0" / "start.dump", start, [start.positions], [50.0])
    for number, frames in enumerate(replicas):
        write_dump(files / "c0" / f"r{number}.dump", start,
                   [start.positions, *frames], [zero, *(TIMES + zero)])  # fmt: skip
    item = read_gsd(of_files(files).files[0])
    np.testing.assert_allclose(item.labels.times, TIMES)
    np.testing.assert_allclose(
        item.labels.halves("displacement"), streamed.halves("displacement"), atol=1e-9
    )


def test_a_clock_that_can_be_read_in_two_ways_is_asked_about(runs, files):
    start, _, _ = runs[0]
    write_dump(files / "c0" / "start.dump", start, [start.positions], [0.05])
    with pytest.raises(ValueError, match=r"r0.dump begins at time 0.1, .* say when the replicas"):
        of_files(files)
    times = read_gsd(of_files(files, time_zero=0.0).files[0]).labels.times
    np.testing.assert_allclose(times, TIMES)


def test_what_does_not_belong_together_is_named(runs, files):
    with pytest.raises(ValueError, match=r"write \{i\} in both names"):
        of_files(files, start=files / "c*" / "start.dump", replicas=files / "c*" / "r*.dump")
    with pytest.raises(FileNotFoundError, match="no file matches"):
        of_files(files, replicas=files / "c{i}" / "x*.dump")
    with pytest.raises(ValueError, match="give start and replicas, or a trajectory"):
        of_files(files, trajectory=files / "c0" / "r0.dump")
    start, replicas, _ = runs[1]
    write_dump(files / "c1" / "r1.dump", start, replicas[1][:2], TIMES[:2])
    with pytest.raises(ValueError, match=r"r1.dump has frames at times 0.1, 1 after the start"):
        of_files(files)
    swapped = start.with_types(2 - start.types)
    write_dump(files / "c1" / "start.dump", swapped, [start.positions], [0.0])
    with pytest.raises(ValueError, match=r"start.dump: 48 A, 44 B, 80 C, and KA2D has 80 A"):
        of_files(files, overwrite=True)
    with pytest.raises(ValueError, match="is of species"):
        of_files(files, allow_other_system=True, overwrite=True)


def test_what_cannot_be_written_is_said_at_once(files, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(NotADirectoryError, match="taken is a file; name a folder"):
        label(tmp_path / "taken", SYSTEM, trajectory=files / "none.dump", lags=[1.0])
    result = run("label", "--system", "KA2D", "--trajectory", files / "none.dump", "--lags", "1",
                 "--out", tmp_path / "labels", "--figure", tmp_path / "a.abc")  # fmt: skip
    assert result.exit_code == 2
    assert "a.abc" in " ".join(result.stderr.split())


def test_another_temperature_than_that_of_the_files_is_refused(runs, files):
    start, replicas, _ = runs[0]
    with gsd.hoomd.open(files / "run.gsd", "w") as file:
        for positions, time in zip(replicas[0], TIMES, strict=True):
            frame = start.with_temperature(0.7).with_positions(positions).to_gsd()
            frame.log["time"] = np.array([time])
            file.append(frame)
    settings = {"trajectory": files / "run.gsd", "lags": [0.9]}
    with pytest.raises(ValueError, match=r"run.gsd.* is at T = 0.7, not 0.5; leave the temp"):
        label(files / "labels", SYSTEM, temperature=0.5, **settings)
    (path,) = label(files / "labels", SYSTEM, temperature=0.7, **settings).files
    assert read_gsd(path).temperature == 0.7


def test_older_files_are_kept(files):
    of_files(files)
    with pytest.raises(FileExistsError, match=r"0.gsd exists"):
        of_files(files)
    of_files(files, overwrite=True)


@pytest.fixture
def trajectory(tmp_path):
    """Particles that walk at random for 40 time units, a frame each, beyond the box."""
    rng = np.random.default_rng(3)
    start = SYSTEM.random_configuration(N, 5)
    steps = 0.2 * rng.normal(size=(40, N, 2))
    frames = start.positions + np.concatenate([np.zeros((1, N, 2)), np.cumsum(steps, axis=0)])
    write_dump(tmp_path / "run.dump", start, frames, np.arange(41.0))
    return tmp_path / "run.dump", start, frames


def of_trajectory(path, **settings):
    return label(
        path.parent / "labels", SYSTEM, trajectory=path,
        **{"lags": [1.0, 5.0], "temperature": 0.5, "time_step": 0.01} | settings,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "origins", "groups"),
    [
        ({}, range(0, 36, 5), range(8)),
        ({"every": 2.0}, range(0, 36, 2), [0] * 18),
        ({"every": 2.0, "stretch": 4.0}, [0, 2, 4, 9, 11, 13, 18, 20, 22, 27, 29, 31],
         [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
        ({"every": 7.0}, range(0, 36, 7), range(6)),
    ],
)  # fmt: skip
def test_origins_of_a_trajectory(trajectory, settings, origins, groups):
    path, start, frames = trajectory
    made = of_trajectory(path, **settings)
    assert [file.name for file in made.files] == [f"run_{k:06d}.gsd" for k in origins]
    items = [read_gsd(file) for file in made.files]
    names = [item.group for item in items]
    assert [sorted(set(names), key=names.index).index(name) for name in names] == list(groups)
    assert made.n_groups == len(set(groups))
    for item, k in zip(items, origins, strict=True):
        begin = start.with_positions(frames[k])
        np.testing.assert_allclose(item.configuration.positions, begin.positions, atol=1e-9)
        assert item.labels.n_replicas == 1
        for lag in (1, 5):
            by_hand = ParticleLabels(SYSTEM, begin)(begin.positions + frames[k + lag] - frames[k])
            for name, values in by_hand.items():
                np.testing.assert_allclose(item.labels.at(name, float(lag)), values, atol=1e-8)
    assert np.isnan(made.noise_ceilings["displacement"]).all()


def test_overlapping_windows_share_a_group(trajectory):
    """Whatever the spacing: two origins of different groups have no time in common."""
    path, *_ = trajectory
    for every, stretch in ((1.0, 3.0), (3.0, 6.0), (2.0, None), (6.0, 12.0)):
        made = of_trajectory(path, every=every, stretch=stretch, overwrite=True)
        windows = [(int(file.stem[-6:]), read_gsd(file).group) for file in made.files]
        for first, group in windows:
            for second, other in windows:
                assert group == other or abs(first - second) >= 5


def test_lags_that_no_frame_has_are_named(trajectory):
    with pytest.raises(ValueError, match=r"there are none after 1.5"):
        of_trajectory(trajectory[0], lags=[1.5, 5.0])
    with pytest.raises(ValueError, match=r"none of 1 time origins .* all frames lie within 40"):
        of_trajectory(trajectory[0], lags=[1.0, 50.0])
    with pytest.raises(ValueError, match="has no time: give the time of a step"):
        of_trajectory(trajectory[0], time_step=None)
    with pytest.raises(ValueError, match="lags must be positive and rise"):
        of_trajectory(trajectory[0], lags=[5.0, 1.0])


@pytest.mark.filterwarnings("ignore::vitreous.models.ExtrapolationWarning")
def test_models_learn_from_stretches_and_know_them_again(trajectory):
    path, *_ = trajectory
    made = of_trajectory(path, every=1.0, stretch=2.0)
    assert made.n_groups >= 4
    groups = [read_gsd(file).group for file in made.files]
    train = [file for file, group in zip(made.files, groups, strict=True) if group != groups[-1]]
    settings = {"time": 5.0, "descriptors": "cubuk2015", "allow_other_system": True}
    stored = fit(train, "gsd", **settings)
    assert set(stored.groups) == set(groups[:-1]) - {groups[-1]}
    with pytest.raises(ValueError, match="some of these overlap in time"):
        fit(train, "gsd", coverage=0.5, **settings)
    part = fit(train[1:], "gsd", **settings)
    with pytest.warns(UserWarning, match="overlap in time with some that the model was trained"):
        score(part, [train[0]], "gsd", time=5.0, allow_other_system=True)


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(a) for a in arguments])


def test_command_prints_and_draws_how_the_liquid_relaxes(trajectory, tmp_path):
    arguments = ["label", "--system", "KA2D", "--trajectory", trajectory[0], "--lags", "1,5",
                 "--time-step", 0.01, "--temperature", 0.5]  # fmt: skip
    plain = run(*arguments, "--out", tmp_path / "a", "--figure", tmp_path / "a.png")
    assert plain.exit_code == 0, plain.output
    assert [line.split()[0] for line in plain.stdout.splitlines()] == ["time", "1", "5"]
    assert "unknown" in plain.stdout
    assert "8 labelled configurations in 8 independent groups" in plain.stderr
    assert (tmp_path / "a.png").stat().st_size > 10_000
    document = json.loads(run(*arguments, "--out", tmp_path / "b", "--json").stdout)
    assert document["times"] == [1.0, 5.0]
    assert document["noise_ceilings"]["displacement"] == [None, None]
    one_group = run(*arguments, "--out", tmp_path / "c", "--every", 1)
    assert "leave gaps (--stretch)" in " ".join(one_group.stderr.split())
    wrong = run(*arguments, "--out", tmp_path / "a")
    assert wrong.exit_code == 2
    assert "exists" in wrong.stderr


def test_groups_are_kept_in_files_that_others_open(trajectory):
    made = of_trajectory(trajectory[0], every=1.0)
    with gsd.hoomd.open(made.files[0], "r") as file:
        assert bytes(file[0].log["group"]).decode().startswith("run.dump from 0, ")


def test_hops_of_a_trajectory_by_hand(trajectory):
    path, _, frames = trajectory
    made = of_trajectory(path, lags=[2.0, 8.0], every=3.0, hop_window=4.0, hop_above=0.15)
    indicator = hop_indicator(frames, 2)
    for file in made.files:
        item, k = read_gsd(file), int(file.stem[-6:])
        assert np.isnan(item.labels.at("hop", 2.0)).all()
        largest = indicator[k + 2 : k + 7].max(axis=0)
        np.testing.assert_allclose(item.labels.at("hop", 8.0), largest, atol=1e-9)
        np.testing.assert_array_equal(item.labels.at("hopped", 8.0), largest > 0.15)
        np.testing.assert_array_equal(item.labels.at("quiet", 8.0), largest < 0.05)
    assert 0 < item.labels.at("hopped", 8.0).mean() < 1
    expected = residence_times(np.arange(41.0), indicator, 0.15)
    np.testing.assert_allclose(np.sort(made.residence_times), np.sort(expected))
    with pytest.raises(ValueError, match="no lag is as long as the window of hops, 10"):
        of_trajectory(path, hop_window=10.0, overwrite=True)
    with pytest.raises(ValueError, match=r"run.dump, .*: the window of hops is 3"):
        of_trajectory(path, hop_window=3.0, overwrite=True)


def test_hops_of_replicas_are_averaged(trajectory, tmp_path):
    _, start, _ = trajectory
    folder = tmp_path / "c0"
    folder.mkdir()
    write_dump(folder / "start.dump", start, [start.positions], [0.0])
    rng = np.random.default_rng(0)
    times, expected = np.arange(1.0, 9.0), []
    for replica in range(3):
        steps = 0.2 * rng.normal(size=(8, N, 2))
        frames = start.positions + np.cumsum(steps, axis=0)
        write_dump(folder / f"r{replica}.dump", start, frames, times)
        indicator = hop_indicator(np.concatenate([[start.positions], frames]), 2)
        expected.append(indicator[2:6].max(axis=0))
    item = read_gsd(of_files(tmp_path, hop_window=4.0).files[0])
    np.testing.assert_allclose(item.labels.at("hop", 7.0), np.mean(expected, axis=0), atol=1e-9)
    hopped = (np.array(expected) > 0.2).mean(axis=0)
    np.testing.assert_allclose(item.labels.at("hopped", 7.0), hopped, atol=1e-12)
    assert np.isnan(item.labels.at("hop", 3.0)).all()


def test_command_tells_how_long_particles_stay(trajectory, tmp_path):
    arguments = ["label", "--system", "KA2D", "--trajectory", trajectory[0], "--lags", "8",
                 "--time-step", 0.01, "--hop-window", 4, "--hop-above", 0.15]  # fmt: skip
    told = run(*arguments, "--out", tmp_path / "hops")
    assert told.exit_code == 0, told.output
    assert "stays between two hops of a particle" in told.stderr


def write_gsd_run(path, configuration, frames, times):
    """As HOOMD-blue does: wrapped positions in single precision, and images."""
    with gsd.hoomd.open(path, "w") as file:
        for positions, time in zip(frames, times, strict=True):
            frame = configuration.with_positions(positions).to_gsd()
            frame.log.clear()
            frame.configuration.step = round(time / 0.01)
            images = np.rint((positions - configuration.box.wrap(positions))
                             / configuration.box.lengths).astype(np.int32)  # fmt: skip
            frame.particles.image = np.pad(images, ((0, 0), (0, 1)))
            file.append(frame)


def write_xtc_run(path, configuration, frames, times):
    """In units of 0.01, of which the format keeps two decimals."""
    MDAnalysis = pytest.importorskip("MDAnalysis")
    universe = to_mdanalysis(configuration)
    lengths = np.pad(configuration.box.lengths, (0, 1), constant_values=1.0)
    with MDAnalysis.Writer(str(path), n_atoms=N) as writer:
        for positions, time in zip(frames, times, strict=True):
            universe.atoms.positions = 100 * np.pad(positions, ((0, 0), (0, 1)))
            universe.dimensions = [*(100 * lengths), 90, 90, 90]
            universe.trajectory.ts.data["time"] = time
            writer.write(universe.atoms)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize(("suffix", "precision"), [("gsd", 1e-6), ("xtc", 1e-4)])
def test_other_formats_give_the_labels_of_streaming(runs, files, suffix, precision):
    """To the precision of the format; where a threshold lies within it a label may change sides."""
    writer = {"gsd": write_gsd_run, "xtc": write_xtc_run}[suffix]
    settings = {"replicas": files / f"c{{i}}/r*.{suffix}"}
    for number, (start, replicas, _) in enumerate(runs):
        for replica, frames in enumerate(replicas):
            writer(files / f"c{number}" / f"r{replica}.{suffix}", start, frames, TIMES)
        if suffix == "xtc":
            hundredfold = Configuration(100 * start.positions, start.types,
                                        Box(tuple(100 * np.array(start.box.lengths))),
                                        start.species)  # fmt: skip
            write_dump(files / f"c{number}" / "start.dump", hundredfold,
                       [hundredfold.positions], [0.0])  # fmt: skip
    if suffix == "xtc":
        settings |= {"length_unit": 0.01, "topology": files / "c0" / "start.dump"}
    made = of_files(files, **settings)
    for path, (_, _, streamed) in zip(made.files, runs, strict=True):
        labels = read_gsd(path).labels
        np.testing.assert_allclose(labels.times, TIMES, rtol=1e-6)
        errors = {name: abs(labels.halves(name) - streamed.halves(name)) for name in LABELS}
        for name in ("displacement", "cage_relative_displacement"):
            assert errors[name].max() < 4 * precision
        assert errors["scattering"].max() < 7 * 4 * precision
        for name in ("bond_breaking", "overlap"):
            assert (errors[name] > 1e-9).mean() < 100 * precision


def test_one_run_under_two_names_is_no_further_replica(runs, files):
    (files / "c1/r9.dump").write_bytes((files / "c1/r1.dump").read_bytes())
    with pytest.warns(UserWarning, match=r"r9.dump moves as .*r1.dump does, .* of their own"):
        of_files(files)


def test_a_run_that_stood_still_is_refused(runs, files):
    start, _, _ = runs[1]
    write_dump(files / "c1/r1.dump", start, 4 * [start.positions], [0.0, *TIMES])
    with pytest.raises(ValueError, match=r"r1.dump, .* shows each particle where .*; leave it out"):
        of_files(files)
    with pytest.raises(ValueError, match=r"r1.dump, time step 10 shows each particle where"):
        label(files / "labels", SYSTEM, trajectory=files / "c1/r1.dump", lags=[0.1], time_step=0.01)


def test_drift_is_told_of_and_taken_out(runs, files):
    start, replicas, streamed = runs[1]
    for number, frames in enumerate(replicas):
        drifting = [x + t * np.array([0.7, -0.2]) for x, t in zip(frames, TIMES, strict=True)]
        write_dump(files / f"c1/r{number}.dump", start, drifting, TIMES)
    with pytest.warns(UserWarning, match=r"r\d.dump, as in 3 of 6 replicas: \d\d% of .* share"):
        of_files(files)
    made = of_files(files, remove_drift=True, overwrite=True)
    for name in LABELS:
        found = read_gsd(made.files[1]).labels.halves(name)
        np.testing.assert_allclose(found, streamed.halves(name), atol=1e-9)


def test_drift_of_a_trajectory_is_told_of(runs, tmp_path):
    start, replicas, _ = runs[0]
    drifting = [x + t * np.array([2.0, 0.0]) for x, t in zip(replicas[0], TIMES, strict=True)]
    write_dump(tmp_path / "run.dump", start, [start.positions, *drifting], [0.0, *TIMES])
    settings = {"trajectory": tmp_path / "run.dump", "lags": [1.0], "time_step": 0.01}
    with pytest.warns(UserWarning, match=r"run.dump: \d\d% of the mean square displacement is a"):
        label(tmp_path / "drifting", SYSTEM, **settings)
    label(tmp_path / "still", SYSTEM, remove_drift=True, **settings)


def test_a_first_frame_must_be_that_of_this_start(runs, files):
    (start, replicas, _), (other, _, _) = runs
    later = start.with_positions(replicas[0][0])
    write_dump(files / "c0/start.dump", later, [later.positions], [0.0])
    write_dump(files / "c0/r0.dump", start, [start.positions, *replicas[0]], [0.0, *TIMES])
    message = r"r0.dump, time step 0 is of the time of the start, 0, and shows other .* neither"
    with pytest.raises(ValueError, match=message):
        of_files(files)
    write_dump(files / "c0/start.dump", other, [other.positions], [0.0])
    types = other.with_types(start.types)
    write_dump(files / "c0/start.dump", types, [types.positions], [0.0])
    with pytest.raises(ValueError, match=r"r0.dump.* see that it is the start of this replica"):
        of_files(files)


def test_a_late_frame_without_ids_draws_a_warning(runs, files):
    start, replicas, _ = runs[0]
    write_dump(files / "c0/r0.dump", start, replicas[0], TIMES)
    text = (files / "c0/r0.dump").read_text().replace("ATOMS id", "ATOMS number")
    (files / "c0/r0.dump").write_text(text)
    with pytest.warns(UserWarning, match=r"r0.dump: its particles have no ids"):
        of_files(files, frames="2")


@pytest.mark.parametrize(
    ("times", "origins"),
    [
        # Blocks of frames at rising distances, of which only the first of each can be origins.
        ([b + t for b in (0, 15, 30, 45) for t in (0, 0.1, 1, 10)], [0, 15, 30, 45]),
        ([b + t for b in (0, 100, 200) for t in (0, 0.1, 1, 10)], [0, 100, 200]),
    ],
)
def test_frames_that_cannot_be_origins_stand_in_nobodys_way(tmp_path, times, origins):
    start = SYSTEM.random_configuration(N, 1)
    rng = np.random.default_rng(0)
    steps = 0.01 * rng.normal(size=(len(times), N, 2))
    frames = start.positions + np.cumsum(steps - steps.mean(axis=1, keepdims=True), axis=0)
    write_dump(tmp_path / "run.dump", start, frames, times)
    made = label(
        tmp_path / "labels", SYSTEM, trajectory=tmp_path / "run.dump", lags=[0.1, 1, 10],
        time_step=0.01,
    )  # fmt: skip
    numbers = [times.index(origin) for origin in origins]
    assert [int(path.stem.removeprefix("run_")) for path in made.files] == numbers
    assert made.n_groups == len(origins)
