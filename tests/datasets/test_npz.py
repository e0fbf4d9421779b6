"""Reading npz archives that nobody vouches for."""

import io
import struct
import zipfile

import numpy as np
import pytest

from vitreous.datasets._npz import read_npz


def header(shape, descr="<f8", version=1):
    """Bytes that begin an npy file of any shape one likes to claim."""
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_reads_what_numpy_writes(tmp_path, save):
    rng = np.random.default_rng(0)
    arrays = {
        "a": rng.random((3, 4)), "b": rng.random((4, 3)).T, "c": np.arange(5, dtype=">i2"),
        "d": np.array(1.5), "e": np.empty((0, 3)), "f": np.array("text"), "g": np.array([True]),
    }  # fmt: skip
    save(tmp_path / "a.npz", **arrays)
    read = read_npz(tmp_path / "a.npz", "abcd", "efgh")
    assert set(read) == set("abcdefg")
    for name, array in read.items():
        np.testing.assert_array_equal(array, arrays[name])
        assert array.dtype == arrays[name].dtype


def test_only_what_is_asked_for_is_read(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.ones(3), b=np.array([object()]))
    assert set(read_npz(tmp_path / "a.npz", ["a"])) == {"a"}
    with pytest.raises(ValueError, match=r"a.npz.*b.npy holds object, not numbers or text"):
        read_npz(tmp_path / "a.npz", ["a", "b"])
    with pytest.raises(ValueError, match=r"a.npz.*c missing; it holds a, b"):
        read_npz(tmp_path / "a.npz", ["a", "c"])
    with pytest.raises(FileNotFoundError):
        read_npz(tmp_path / "missing.npz", ["a"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header((10**15,)) + bytes(64), "claims float64 of shape"),
        (header((10**15, 10**15)) + bytes(64), "claims float64"),
        (header((8,)) + bytes(63), "64 bytes, and holds fewer"),
        (header((8,)) + bytes(65), "64 bytes, and holds more"),
        (header((-8,)) + bytes(64), "claims float64 of shape"),
        (header((-2, -4)) + bytes(64), "negative dimensions"),
        (header((8,), "|O") + bytes(64), "holds object"),
        (header((1,), [("x", "<f8")]) + bytes(8), "not numbers or text"),
        (header((1,), "<M8[s]") + bytes(8), "not numbers or text"),
        (header((1,), "nonsense"), "nonsense"),
        (b"\x93NUMPY\x09\x00" + bytes(64), "version"),
        (b"hello", "magic"),
        (b"", "EOF|magic"),
        (header("(" * 300 + ")" * 300) + bytes(64), "header|parenthes|Cannot parse"),
        (b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b"{}", "EOF|header"),
    ],
)
def test_false_headers(tmp_path, content, message):
    archive(tmp_path / "bad.npz", a=content)
    with pytest.raises(ValueError, match=f"bad.npz: not a readable npz archive.*({message})"):
        read_npz(tmp_path / "bad.npz", ["a"])


def test_archives_that_unpack_to_more_than_data_does(tmp_path):
    zeros = header((2**25,), "|u1") + bytes(2**25)
    archive(tmp_path / "bomb.npz", a=zeros)
    assert (tmp_path / "bomb.npz").stat().st_size < 2**16
    with pytest.raises(ValueError, match=r"bomb.npz.*it unpacks from"):
        read_npz(tmp_path / "bomb.npz", ["a"])


def test_every_byte_counts(tmp_path):
    """Whatever single byte is wrong, the arrays are right or an error names the file."""
    rng = np.random.default_rng(0)
    known = rng.random(6)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=known)
    whole = buffer.getvalue()
    path, messages = tmp_path / "bad.npz", []
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        try:
            read = read_npz(path, ["a"])["a"]
        except ValueError as error:
            messages.append(str(error))
        else:
            np.testing.assert_array_equal(read, known)
    assert len(messages) > len(whole) / 2
    assert all("bad.npz: not a readable npz archive" in message for message in messages)
