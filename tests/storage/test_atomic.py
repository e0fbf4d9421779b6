import pytest

from vitreous.storage.atomic import atomic_path, require_place


def test_file_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "table.csv"
    with atomic_path(path) as partial:
        partial.write_text("new")
        assert not path.exists()
        assert partial.parent == tmp_path
        assert partial.suffix == ".csv"
        assert partial.name.startswith(".")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def write_half(path, interruption):
    with atomic_path(path) as partial:
        partial.write_text("half")
        raise interruption


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt])
def test_interrupted_block_leaves_the_older_file(tmp_path, interruption):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(interruption):
        write_half(path, interruption)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_interrupted_block_leaves_nothing_where_nothing_was(tmp_path):
    with pytest.raises(ValueError, match="stop"):
        write_half(tmp_path / "table.csv", ValueError("stop"))
    assert list(tmp_path.iterdir()) == []


def test_older_file_is_replaced(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with atomic_path(str(path)) as partial:
        partial.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_a_block_that_writes_nothing_is_an_error(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(FileNotFoundError, match=f"'{path}'$"), atomic_path(path):
        pass
    assert path.read_text() == "old"


def test_errors_of_the_file_name_it_and_not_the_temporary_one(tmp_path):
    path = tmp_path / "missing" / "table.csv"
    with pytest.raises(FileNotFoundError) as caught, atomic_path(path) as partial:
        partial.write_text("new")
    assert caught.value.filename == str(path)
    with pytest.raises(FileNotFoundError) as caught, atomic_path(tmp_path / "a") as partial:
        (tmp_path / "another").read_text()
    assert caught.value.filename == str(tmp_path / "another")


def test_a_place_where_no_file_can_be_is_refused(tmp_path, monkeypatch):
    require_place(tmp_path / "table.csv")
    with pytest.raises(IsADirectoryError, match="is a folder; name the file to write"):
        require_place(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"the folder of .*table\.csv does not exist"):
        require_place(tmp_path / "missing" / "table.csv")
    # The rights of root would allow what any folder forbids.
    monkeypatch.setattr("os.access", lambda folder, mode: folder != tmp_path)
    with pytest.raises(PermissionError, match=r"table\.csv may not be written to; choose another"):
        require_place(tmp_path / "table.csv")
