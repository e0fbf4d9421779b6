"""What users write to choose files, frames and species."""

from pathlib import Path

import numpy as np
import pytest

from vitreous.datasets import parse_species
from vitreous.datasets._frame_choice import choose_frames
from vitreous.datasets._paths import matching_files
from vitreous.datasets._species import types_of
from vitreous.datasets._text import Words
from vitreous.liquid import KobAndersen, KobAndersen2D, PolydisperseSoftSpheres


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("100:2000:50", slice(100, 2000, 50)),
        (":", slice(None)),
        ("5:", slice(5, None)),
        (":-3", slice(None, -3)),
        ("-4:-1", slice(-4, -1)),
        ("::7", slice(None, None, 7)),
        ("3", slice(3, 4)),
        ("-1", slice(-1, None)),
        ("-2", slice(-2, -1)),
    ],
)
def test_frames_are_slices(text, part):
    known = list(range(300))
    choice = choose_frames(text).of_length(300)
    assert [n for n in known if choice.takes(n)] == known[part]
    again = choose_frames(part).of_length(300)
    assert [n for n in known if again.takes(n)] == known[part]


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "1:2:0", "5:2", "1.5", "5:5", "::-1"])
def test_frames_that_are_none(text):
    with pytest.raises(ValueError, match="frame"):
        choose_frames(text)


def test_times():
    choice = choose_frames(times="10:500:20")
    times = np.arange(0, 1000, 5) * 1.0
    assert [t for t in times if choice.takes_time(t)] == list(np.arange(10, 500, 20))
    choice = choose_frames("2:", times=(0.1, 0.3))
    assert [k for k in range(6) if choice.takes(k) and choice.takes_time(0.1 * k)] == [2, 3]
    for wrong in ("10", "3:1", "a:b", "1:2:0", "1:2:3:4", "0:inf"):
        with pytest.raises(ValueError, match="times"):
            choose_frames(times=wrong)


def test_paths(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    deep = tmp_path / "[x] 1" / "b" / "c"
    deep.mkdir(parents=True)
    for path in (deep / "1.gsd", deep / "2.gsd", tmp_path / "3.gsd", tmp_path / "[ab].gsd"):
        path.write_text("")
    (tmp_path / "a.gsd").write_text("")

    def found(pattern):
        return [str(Path(file).relative_to(tmp_path)) for file in matching_files(pattern)]

    every = ["3.gsd", "[ab].gsd", "[x] 1/b/c/1.gsd", "[x] 1/b/c/2.gsd", "a.gsd"]
    assert found("~/**/*.gsd") == every
    assert found(tmp_path / "**" / "*.gsd") == every
    assert found("~/[ab].gsd") == ["[ab].gsd"]
    assert found("~/[a].gsd") == ["a.gsd"]
    assert found(str(tmp_path / "[x] 1" / "b" / "*" / "?.gsd")) == every[2:4]
    assert found(["~/a.gsd", "~/3.gsd"]) == ["a.gsd", "3.gsd"]
    assert found("~/**") == sorted(every)
    monkeypatch.chdir(tmp_path / "[x] 1")
    assert matching_files("b/c/*.gsd") == ["b/c/1.gsd", "b/c/2.gsd"]
    with pytest.raises(FileNotFoundError, match="no file matches 'x\\*'"):
        matching_files("x*")


def names(columns, *arguments, n=4):
    types, species = types_of({k: Words.of(v.split()) for k, v in columns.items()}, n, *arguments)
    return np.array(species)[types].tolist()


KA = KobAndersen()
KA2D = KobAndersen2D()


@pytest.mark.parametrize(
    ("columns", "species", "system", "expected"),
    [
        ({"element": "B A B B", "type": "1 2 1 1"}, None, None, "B A B B"),
        ({"type": "2 1 2 2"}, None, None, "B A B B"),
        ({"type": "2 1 2 2"}, ("large", "small"), None, "small large small small"),
        ({"type": "2 1 2 2"}, {"2": "A", "1": "B"}, KA, "A B A A"),
        ({"type": "2.0 1 2 2"}, {2: "A", "1": "B"}, KA, "A B A A"),
        ({"type": "2 1 2 2"}, ("B", "A"), KA, "A B A A"),
        ({"Z": "28 15 28 28"}, {"Ni": "A", "P": "B"}, KA, "A B A A"),
        ({"Z": "28 15 28 28"}, {"28": "A", "15": "B"}, KA, "A B A A"),
        ({"element": "Ni P Ni Ni"}, {"28": "A", "15": "B"}, KA, "A B A A"),
        ({"element": "C C C C", "type": "1 2 3 1"}, dict(zip("123", "ABC", strict=True)), KA2D,
         "A B C A"),
        ({"element": "A B C A", "type": "1 2 3 1"}, dict(zip("123", "BCA", strict=True)), KA2D,
         "B C A B"),
        ({"element": "H He Li H", "type": "1 2 3 1"}, dict(zip("123", "BCA", strict=True)), KA2D,
         "B C A B"),
        ({"name": "A Ni A A"}, {"Ni": "B"}, KA, "A B A A"),
        ({"type": "10 11 12 10"}, None, PolydisperseSoftSpheres(), "A A A A"),
        ({}, ("A",), None, "A A A A"),
    ],
)  # fmt: skip
def test_species(columns, species, system, expected):
    assert names(columns, species, system) == expected.split()


@pytest.mark.parametrize(
    ("columns", "species", "system", "message"),
    [
        ({"element": "B A B D"}, None, KA, "unknown species 'D'; known are A, B; .*'D=A'"),
        ({"element": "C C C C", "type": "1 2 3 1"}, None, KA2D, "all particles have the element"),
        ({"type": "0 1 1 0"}, None, KA, "types count from 1, .*'0=A,...'"),
        ({"type": "1 2 3 1"}, None, KA, "a type 3, and 2 species A, B"),
        ({"type": "1 2 3 1"}, {"1": "A", "2": "B"}, KA, "does not tell .* type: 1, 2, 3"),
        ({"type": "1 2 2 1"}, {"1": "A", "2": "X"}, KA, "no species 'X'; known are A, B"),
        ({"type": "1 2 2 1"}, ("A", "X"), KA, "no species 'X'; known are A, B"),
        ({"type": "1 2 99 1"}, None, None, "type 99; name the species"),
        ({}, None, KA, "no type and no element"),
    ],
)
def test_species_that_cannot_be_told(columns, species, system, message):
    with pytest.raises(ValueError, match=message):
        names(columns, species, system)


def test_what_users_write_for_species():
    assert parse_species("1=C, 2=A,3=B") == {"1": "C", "2": "A", "3": "B"}
    assert parse_species("C,A,B") == ("C", "A", "B")
    for wrong in ("", "1=A,B", "1=A=B", "1=", "=A", "1=A,1=B"):
        with pytest.raises(ValueError, match=r"species"):
            parse_species(wrong)
