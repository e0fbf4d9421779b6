"""Settings of a study: what is read, and what is refused in one line that names it."""

import re

import pytest

from vitreous.campaigns import open_settings
from vitreous.studies import TransferSettings, open_study
from vitreous.studies.kinds import KINDS, packaged_studies

PACKAGED = packaged_studies()
VALID = re.sub(
    r"^n_sweeps = \[.*?\]",
    "n_sweeps = 4000",
    PACKAGED["ka2d_transfer"].read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)


def changed(old: str, new: str) -> str:
    """The packaged study, its sweeps one number, with the only match of a pattern replaced."""
    text, count = re.subn(old, new, VALID, flags=re.MULTILINE)
    assert count == 1
    return text


def test_every_kind_has_a_packaged_study(tmp_path):
    made = {type(open_study(name, tmp_path / name)) for name in PACKAGED}
    assert made == set(KINDS)


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged_studies_open(name, tmp_path):
    settings = open_study(name, tmp_path).settings
    assert settings.title
    assert all(isinstance(t, float) for t in settings.liquid.temperatures)
    assert settings.ensemble.relative_times[-1] >= 1.0


def test_values_are_those_of_the_file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(changed(r"^longest_time = \S+", "longest_time = 700"))
    settings, _ = open_settings(TransferSettings, path)
    assert settings.relaxation.longest_time == 700.0
    assert isinstance(settings.relaxation.longest_time, float)
    assert settings.liquid.system == "KA2D"
    assert settings != TransferSettings.load(PACKAGED["ka2d_transfer"])


REFUSED = [
    (r"^n_sweeps = .*", "", "the setting equilibration.n_sweeps is missing"),
    (r"^seed = .*", "", "the setting seed is missing"),
    (r"^seed = ", "speed = 3\nseed = ", "unknown setting speed; known are title, seed, liquid"),
    (r"^n_splits = ", "n_split = 2\nn_splits = ", "unknown setting models.n_split; known are"),
    (r"^descriptors = .*", "", "the setting models.descriptors is missing"),
    (r"^n_sweeps = \d+", 'n_sweeps = "many"', "equilibration.n_sweeps must be of type int, not 'm"),
    (r"^n_sweeps = \d+", "n_sweeps = 300.5", "n_sweeps must be of type int, not 300.5"),
    (r"^n_sweeps = \d+", "n_sweeps = true", "n_sweeps must be of type int, not True"),
    (r"^title = .*", "title = 7", "title must be of type str, not 7"),
    (r"^temperatures = .*", "temperatures = 0.5", "liquid.temperatures must be a list of numbers"),
    (r"^temperatures = .*", "temperatures = []", "liquid.temperatures must be a list of numbers"),
    (r"^temperatures = .*", 'temperatures = [1.0, "b"]', "liquid.temperatures must be of type fl"),
    (
        r"^title = ([\s\S]*)^\[models\][\s\S]*",
        r"models = 3\ntitle = \1",
        "models must be a table, not 3",
    ),
    (r"^longest_time = \S+", "longest_time = nan", "relaxation.longest_time must be finite"),
    (r"^longest_time = \S+", "longest_time = 0.1", "relaxation.longest_time must be above 0.1, "),
    (r"^system = .*", 'system = "water"', "unknown system 'water'; known are"),
    (r"^n_particles = \d+", "n_particles = 99", "liquid.n_particles must be at least 100"),
    (r"^temperatures = .*", "temperatures = [0.5, 0.5]", "must be different and positive"),
    (r"^temperatures = .*", "temperatures = [0.5, -1]", "must be different and positive"),
    (r"^temperatures = .*", "temperatures = [0.5]", "liquid.temperatures must name at least two"),
    (r"^n_configurations = \d+", "n_configurations = 3", "n_configurations must be at least 4"),
    (r"^n_sweeps = \d+", "n_sweeps = 99", "equilibration.n_sweeps must be at least 100"),
    (r"^bond_breaking = \S+", "bond_breaking = 1.0", "bond_breaking must lie between 0 and 1"),
    (r"^n_replicas = ", "coldest = 0.45\nn_replicas = ", "coldest must not exclude a temperature"),
    (r"^n_replicas = \d+", "n_replicas = 1", "ensemble.n_replicas must be at least 2"),
    (r"^relative_times = .*", "relative_times = [0.1, 2.0]", "relative_times must contain 1.0"),
    (r"^relative_times = .*", "relative_times = [1.0, 0.1]", "relative_times must rise from abo"),
    (r"^relative_times = .*", "relative_times = [0.0, 1.0]", "relative_times must rise from abo"),
    (r"^n_replicas = ", 'engine = "lammps"\nn_replicas = ', "must be one of auto, embedded, hoomd"),
    (r"^swap_fraction = .*", "swap_fraction = 1.5", "swap_fraction must lie between 0 and 1"),
    (r"^n_sweeps = ", "target_acceptance = 1\nn_sweeps = ", "target_acceptance must lie between"),
    (r"^n_sweeps = ", "label_unequilibrated = 1\nn_sweeps = ", "must be of type bool, not 1"),
    (r"^label = .*", 'label = "overlap"', "models.label must be one of displacement, broken_b"),
    (r"^shown_times = .*", "shown_times = [0.3]", "models.shown_times must rise to 1.0"),
    (r"^shown_times = .*", "shown_times = [0.5, 1.0]", "models.shown_times must rise to 1.0"),
    (r"^n_splits = \d+", "n_splits = 1", "models.n_splits must be at least 2"),
    (r"^heated = .*", "heated = 0.5", "heated, a temperature of short runs, must be above all"),
    (
        r"^descriptors = .*",
        'descriptors = "soap"',
        "models.descriptors must be one of combined, sh",
    ),
    (r"^seed = \d+", "seed = -1", "seed must not be negative"),
    (r"^\[liquid\]", "[liquid", "line"),
]


@pytest.mark.parametrize(("old", "new", "message"), REFUSED)
def test_wrong_settings_are_named_in_one_line(tmp_path, old, new, message):
    path = tmp_path / "wrong.toml"
    path.write_text(changed(old, new))
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        open_settings(TransferSettings, path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"liquid = 3\n"])
def test_files_that_hold_no_settings_are_refused(tmp_path, content):
    path = tmp_path / "other.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.toml: "):
        open_settings(TransferSettings, path)


def test_a_missing_file_is_reported_as_such():
    with pytest.raises(FileNotFoundError, match="nowhere"):
        TransferSettings.load("nowhere.toml")
