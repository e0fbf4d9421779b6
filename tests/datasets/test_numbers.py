"""Numbers in text: the same bits as Python reads, whatever they look like."""

import bz2
import gzip
import lzma

import numpy as np
import pytest

from vitreous.datasets._text import TextFile, Words


def table(path, text, n_columns=1, words=()):
    n_rows = text.count("\n")
    path.write_text(text)
    numbers = [k for k in range(n_columns) if k not in words]
    with TextFile(path) as file:
        return file.table(n_rows, numbers, words, n_columns)


def written(rng):
    """Numbers as programs write them: 17 digits, few digits, exponents, trailing zeros."""
    for value in rng.normal(scale=20.0, size=4000).tolist():
        yield from (repr(value), f"{value:g}", f"{value:.15f}", f"{value:.6e}", f"{value:.18f}")
    for value in (rng.normal(size=2000) * 10.0 ** rng.integers(-30, 30, 2000)).tolist():
        yield from (repr(value), f"{value:.16e}", f"{value:.20e}", f"{value:+.3E}")
    yield from [
        "0",
        "-0.0",
        "007",
        ".5",
        "5.",
        "-.5",
        "1e5",
        "1E+05",
        "9007199254740993",
        "18446744073709551615",
    ]
    yield from ["18446744073709551616", "0.000000000000000000001", "12345678901234567890123"]
    yield from ["1e-400", "4.9e-324", "1.7976931348623157e308"]


def test_same_bits_as_python(tmp_path):
    words = list(written(np.random.default_rng(0)))
    values, _ = table(tmp_path / "a.txt", "".join(f"{word}\n" for word in words))
    expected = np.array([float(word) for word in words])
    np.testing.assert_array_equal(values[:, 0].view(np.int64), expected.view(np.int64))


def test_exponents_as_fortran_writes_them(tmp_path):
    text = "1.5D+01\n-2.5d-3\n1.0-101\n3D2\n0.25D0\n"
    values, _ = table(tmp_path / "a.txt", text)
    np.testing.assert_array_equal(values[:, 0], [15.0, -0.0025, 1e-101, 300.0, 0.25])


@pytest.mark.parametrize("word", ["two", "1_000", "1.2.3", "0x10", "1e", "--1", "١", "1,5", "e5"])
def test_what_is_no_number(tmp_path, word):
    with pytest.raises(ValueError, match=r"in row 2 of a table is no number"):
        table(tmp_path / "a.txt", f"1.0\n{word}\n")


def test_words_of_any_kind_and_columns_in_any_order(tmp_path):
    rng = np.random.default_rng(0)
    names = rng.choice(["A", "Ni", "größer", "x" * 64], 30_000)
    numbers = rng.normal(size=(30_000, 2))
    rows = "".join(f"{x!r}\t{n}  {y!r} skipped \r\n" for n, (x, y) in
                   zip(names, numbers.tolist(), strict=True))  # fmt: skip
    (tmp_path / "a.txt").write_text(rows, newline="", encoding="utf-8")
    with TextFile(tmp_path / "a.txt") as file:
        values, (words,) = file.table(30_000, [2, 0], [1], 4)
    np.testing.assert_array_equal(values, numbers[:, ::-1])
    np.testing.assert_array_equal(np.array(words.names)[words.codes], names)


def test_blocks_end_anywhere(tmp_path, monkeypatch):
    """Lines, tables and skipped rows are the same whatever the size of the blocks."""
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=(50, 3))
    rows = "".join(" ".join(map(repr, row)) + "\n" for row in numbers.tolist())
    text = f"first line\n{rows}second\n{rows}third"
    (tmp_path / "a.txt").write_text(text)
    for block in (64, 97, 1024, 10**6):
        monkeypatch.setattr("vitreous.datasets._text._BLOCK", block)
        with TextFile(tmp_path / "a.txt") as file:
            assert file.line() == "first line\n"
            np.testing.assert_array_equal(file.table(50, range(3), (), 3)[0], numbers)
            assert file.words() == ["second"]
            assert file.line() == "second\n"
            file.skip(50)
            assert not file.is_at_end()
            assert not file.ends_in_a_line
            assert file.line() == "third"
            assert file.ends_in_a_line
            assert file.is_at_end()
            with pytest.raises(EOFError):
                file.line()


@pytest.mark.parametrize("opener", [gzip.open, bz2.open, lzma.open])
def test_compressed_text(tmp_path, opener):
    rows = "".join(f"{k}.5 A\n" for k in range(20_000))
    with opener(tmp_path / "any.name", "wt") as file:
        file.write(rows)
    with TextFile(tmp_path / "any.name") as file:
        values, _ = file.table(20_000, [0], [1], 2)
    np.testing.assert_array_equal(values[:, 0], np.arange(20_000) + 0.5)
    whole = (tmp_path / "any.name").read_bytes()
    (tmp_path / "any.name").write_bytes(whole[: len(whole) // 2])
    with TextFile(tmp_path / "any.name") as file, pytest.raises(EOFError):
        file.table(20_000, [0], [1], 2)


def test_words_of_a_sequence():
    words = Words.of(["b", "a", "b"])
    assert words.names == ("a", "b")
    np.testing.assert_array_equal(words.codes, [1, 0, 1])
