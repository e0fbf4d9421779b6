"""Models that see short runs at a higher temperature as well."""

import numpy as np
import pytest

from vitreous.datasets import LabelledConfiguration, load_ka2d, read_gsd, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen2D, NoPotential, System
from vitreous.models import load_model, save_model
from vitreous.simulate import minimize
from vitreous.workflows import fit, make_model, predict

SYSTEM = KobAndersen2D()
EXAMPLE = load_ka2d().configurations[0]


def names_of(descriptor):
    return descriptor.fit([EXAMPLE]).get_feature_names_out().tolist()


@pytest.fixture
def files(tmp_path):
    """Two small liquids whose labels are made up."""
    for seed in range(2):
        start = SYSTEM.random_configuration(240, seed)
        liquid = minimize(SYSTEM, start, force_tolerance=0.1).configuration.with_temperature(0.36)
        labels = IsoconfigurationalLabels(
            [5.0], {"displacement": np.abs(liquid.positions.T)[..., None]}, 2
        )
        item = LabelledConfiguration(liquid, labels, SYSTEM.name, 0.36, "")
        write_gsd(item, tmp_path / f"{seed}.gsd")
    return tmp_path


def test_columns_of_runs_stand_behind_those_of_structure_and_are_favored():
    model = make_model(SYSTEM, EXAMPLE, heated=0.7)
    names = names_of(model.descriptor)
    plain = make_model(SYSTEM, EXAMPLE)
    assert names[: -3 * 12] == [f"structure__{name}" for name in names_of(plain.descriptor)]
    assert all(name.startswith("heated__heated ") for name in names[-3 * 12 :])
    assert model.regressor.mean_columns == plain.regressor.mean_columns
    favored = plain.regressor.favored_columns
    runs = list(range(len(names) - 36, len(names)))
    assert model.regressor.favored_columns == [*favored, *runs]


def test_the_model_of_all_times_sees_runs_beside_relaxation():
    model = make_model(SYSTEM, EXAMPLE, "time-scales", heated=0.7)
    plain = make_model(SYSTEM, EXAMPLE, "time-scales")
    names, without = names_of(model.relaxation), names_of(plain.relaxation)
    assert names[: len(without)] == [f"structure__{name}" for name in without]
    assert len(names) == len(without) + 36
    assert model.mean_columns == plain.mean_columns


def test_a_model_with_runs_is_stored_and_predicts(files, tmp_path):
    stored = fit([files / "*.gsd"], "gsd", "ridge", heated=0.7, descriptors="cubuk2015")
    save_model(stored, tmp_path / "model.skops")
    (expected,) = stored.model.predict([read_gsd(files / "0.gsd").configuration])
    (found,) = predict(load_model(tmp_path / "model.skops"), [files / "0.gsd"], "gsd")
    assert found.values.std() > 0
    np.testing.assert_allclose(found.values, expected, rtol=1e-6)


def test_files_hotter_than_the_runs_are_refused(files):
    with pytest.raises(ValueError, match=r"T = 0\.3 do not heat a .* of T = 0\.36"):
        fit([files / "*.gsd"], "gsd", "ridge", heated=0.3)


def test_runs_need_a_potential_and_positions_at_the_start():
    silica = System("silica", ["Si", "O"], None, None, 3, NoPotential([1.0, 0.8]))
    with pytest.raises(ValueError, match="heated runs need a potential, and silica has none"):
        make_model(silica, EXAMPLE, heated=0.7)
    with pytest.raises(ValueError, match="not from average ones"):
        make_model(SYSTEM, EXAMPLE, state="average", heated=0.7)
