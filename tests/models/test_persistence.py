import json
import pickle
import zipfile

import numpy as np
import pytest
import skops.io

from vitreous import __version__
from vitreous.descriptors import RadialDescriptor
from vitreous.models import (
    ConformalIntervals,
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    StoredModel,
    load_model,
    save_model,
)
from vitreous.models.persistence import _RECIPE


def stored(problem, regressor):
    model = PropensityRegressor(RadialDescriptor(), regressor)
    model.fit(problem.configurations[:4], problem.labels[:4])
    return StoredModel(
        model,
        "KA2D",
        "displacement",
        10.0,
        (0.3,),
        ("a.npz",),
        descriptors="shells",
        intervals=ConformalIntervals(0.8, {"A": 1.0}, 9),
    )


@pytest.mark.parametrize("regressor", [GroupedRidge(), GroupedBoosting(max_trees=5)])
def test_a_loaded_model_predicts_the_same(problem, tmp_path, regressor):
    before = stored(problem, regressor)
    save_model(before, tmp_path / "model.skops")
    after = load_model(tmp_path / "model.skops")
    for a, b in zip(
        before.model.predict(problem.configurations),
        after.model.predict(problem.configurations),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    assert (after.system, after.label, after.time) == ("KA2D", "displacement", 10.0)
    assert tuple(after.temperatures) == (0.3,)
    assert after.versions["numpy"] == np.__version__
    assert set(after.versions) == {"python", "numpy", "scipy", "numba", "scikit-learn", "skops"}
    assert (after.descriptors, after.intervals) == (
        "shells",
        ConformalIntervals(0.8, {"A": 1.0}, 9),
    )
    with pytest.raises(ValueError, match=r"b.gsd is of system KA, .* allow_other_system=True"):
        after.require_system("KA", "b.gsd")
    after.require_system("KA", "b.gsd", allow_other_system=True)
    assert [file.name for file in tmp_path.iterdir()] == ["model.skops"]


class Trap:
    def __reduce__(self):
        return (print, ("something ran",))


def test_files_that_could_run_code_are_refused(tmp_path, capsys):
    skops.io.dump({"model": Trap}, tmp_path / "trap.skops")
    (tmp_path / "trap.pickle").write_bytes(pickle.dumps(Trap()))
    for name in ("trap.skops", "trap.pickle"):
        with pytest.raises(ValueError, match="not a model stored by vitreous"):
            load_model(tmp_path / name)
    assert capsys.readouterr().out == ""


def test_other_archives_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("schema.json", "{}")
    with pytest.raises(ValueError, match=r"other.zip: not a model stored by vitreous"):
        load_model(tmp_path / "other.zip")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "missing.skops")


def rewritten(path, origin=None, schema=None):
    """Copy a model with another origin, or without one, and its schema changed."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    del entries["vitreous.json"]
    if origin is not None:
        entries["vitreous.json"] = json.dumps(origin)
    if schema is not None:
        entries["schema.json"] = entries["schema.json"].replace(*schema)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("origin", "schema", "version"),
    [
        ({"vitreous": "9.1", "recipe": 999}, None, "9.1"),
        # A class that lives elsewhere now, or is gone; a field that is not known.
        ({"vitreous": "0.0.7", "recipe": _RECIPE}, (b"GroupedRidge", b"BundledRidge"), "0.0.7"),
        ({"vitreous": "0.0.7", "recipe": _RECIPE}, (b"fingerprints", b"thumb_prints"), "0.0.7"),
        (None, None, "before 0.1.0"),
    ],
)
def test_a_model_of_another_version_is_called_so(problem, tmp_path, origin, schema, version):
    path = tmp_path / "model.skops"
    save_model(stored(problem, GroupedRidge()), path)
    rewritten(path, origin, schema)
    with pytest.raises(ValueError, match="fit the model again") as caught:
        load_model(path)
    assert str(caught.value).startswith(f"{path}: stored by vitreous {version},")
    assert __version__ in str(caught.value)
    assert "not a model" not in str(caught.value)


def test_a_model_of_another_version_that_can_be_read_is(problem, tmp_path):
    path = tmp_path / "model.skops"
    save_model(stored(problem, GroupedRidge()), path)
    rewritten(path, {"vitreous": "0.0.7", "recipe": _RECIPE})
    assert load_model(path).system == "KA2D"


def test_a_failed_save_leaves_the_old_file(problem, tmp_path, monkeypatch):
    path = tmp_path / "model.skops"
    path.write_bytes(b"old")

    def disk_full(self, data):
        open(self, "wb").close()
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.write_bytes", disk_full)
    with pytest.raises(OSError, match="disk full"):
        save_model(stored(problem, GroupedRidge()), path)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
