"""What is learnt from fields of view, through files: the border is left out everywhere."""

from dataclasses import replace

import gsd.hoomd
import numpy as np
import pytest

from vitreous.datasets import (
    LabelledConfiguration,
    load_ka2d,
    read_gsd,
    read_structures,
    write_gsd,
)
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import Box, Configuration
from vitreous.workflows import fit, predict, score, transfer

HALF = 13.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The middle of four simulated liquids, as a camera would see it."""
    folder = tmp_path_factory.mktemp("fields")
    for number, item in enumerate(load_ka2d().data[:4]):
        whole = item.configuration
        inside = np.flatnonzero((np.abs(whole.positions) < HALF).all(axis=1))
        box = Box((2 * HALF, 2 * HALF), periodic=(False, False))
        seen = Configuration(whole.positions[inside], whole.types[inside], box, whole.species)
        halves = item.labels.halves("displacement")[:, inside]
        halves[:, ::50] = np.nan
        labels = IsoconfigurationalLabels(
            item.labels.times, {"displacement": halves}, item.labels.n_replicas
        )
        found = LabelledConfiguration(seen, labels, item.system, item.temperature, "")
        write_gsd(found, folder / f"{number}.gsd")
    return folder


SETTINGS = {"descriptors": "cubuk2015", "state": "thermal"}


def test_models_are_learnt_and_scored(folder):
    time = load_ka2d().data[0].labels.times[-1]
    stored = fit([folder / "[012].gsd"], "gsd", time=time, **SETTINGS)
    found = score(stored, [folder / "3.gsd"], "gsd")["A"]
    assert 0.1 < found["pearson_pooled"] < found["noise_ceiling"] < 1
    (prediction,) = predict(stored, [folder / "3.gsd"], "gsd")
    known = ~np.isnan(prediction.values)
    positions = prediction.configuration.positions
    assert known[(np.abs(positions) < HALF - 6).all(axis=1)].all()
    assert not known[(np.abs(positions) > HALF - 5).any(axis=1)].any()


def test_transfer_has_numbers_everywhere(folder):
    matrix = transfer([folder / "*.gsd"], "gsd", over="time", **SETTINGS)
    for values in (matrix.pearson, matrix.noise_ceiling, matrix.loss.value):
        assert np.isfinite(values).all()


@pytest.mark.parametrize("model", ["ridge", "time-scales"])
def test_inherent_structures_of_a_field_of_view_are_refused(folder, model):
    with pytest.raises(ValueError, match=r"0\.gsd is a field of view, .*--state thermal"):
        fit([folder / "*.gsd"], "gsd", model, time=None if model == "time-scales" else 44.0)


@pytest.mark.parametrize("periodic", [(False, False), (True, False)])
def test_structures_in_gsd_files_keep_their_open_sides_and_ids(tmp_path, periodic):
    whole = load_ka2d().data[0].configuration
    inside = np.flatnonzero(np.abs(whole.positions[:, 1]) < HALF)
    if not any(periodic):
        inside = inside[np.abs(whole.positions[inside, 0]) < HALF]
    lengths = [whole.box.lengths[0] if periodic[0] else 2 * HALF, 2 * HALF]
    seen = Configuration(
        whole.positions[inside], whole.types[inside], Box(lengths, (), periodic), whole.species
    )
    labels = IsoconfigurationalLabels([1.0], {"displacement": np.ones((2, len(inside), 1))}, 4)
    item = LabelledConfiguration(seen, labels, "KA2D", 0.5, "", ids=7 + 3 * inside)
    write_gsd(item, tmp_path / "labelled.gsd")
    with gsd.hoomd.open(tmp_path / "bare.gsd", "w") as file:
        file.append(seen.to_gsd())
    for name in ("labelled.gsd", "bare.gsd"):
        (structure,) = read_structures(tmp_path / name)
        assert structure.configuration.box == seen.box
        np.testing.assert_array_equal(structure.configuration.positions, seen.positions)
    (structure,) = read_structures(tmp_path / "labelled.gsd")
    np.testing.assert_array_equal(structure.ids, item.ids)


def test_one_model_of_all_times_is_learnt_and_scored(folder):
    stored = fit([folder / "[012].gsd"], "gsd", "transferable", **SETTINGS)
    time = load_ka2d().data[0].labels.times[-1]
    levels = [
        np.nanmean(np.concatenate([read_gsd(path).labels.at("displacement", t)
                                   for path in sorted(folder.glob("[012].gsd"))]))
        for t in load_ka2d().data[0].labels.times
    ]  # fmt: skip
    np.testing.assert_allclose(stored.model.levels, levels, rtol=0.01)
    found = score(stored, [folder / "3.gsd"], "gsd", time=time)["A"]
    assert 0.1 < found["pearson_pooled"] < found["noise_ceiling"] < 1
    (prediction,) = predict(stored, [folder / "3.gsd"], "gsd")
    known = ~np.isnan(prediction.values)
    assert known.any(axis=1).sum() == known.all(axis=1).sum() > 100


@pytest.mark.parametrize("model", ["ridge", "transferable"])
def test_labels_that_are_not_known_name_their_file(folder, tmp_path, model):
    item = read_gsd(folder / "0.gsd")
    halves = item.labels.halves("displacement").copy()
    halves[..., 0] = np.nan
    labels = IsoconfigurationalLabels(item.labels.times, {"displacement": halves}, 10)
    write_gsd(replace(item, labels=labels), tmp_path / "lost.gsd")
    options = {} if model == "transferable" else {"time": item.labels.times[0]}
    with pytest.raises(ValueError, match=r"lost\.gsd: .* of any particle is not known at time"):
        fit([tmp_path / "lost.gsd"], "gsd", model, **options, **SETTINGS)
