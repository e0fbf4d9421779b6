"""Downloads, from a server on this machine that behaves badly in every way that matters."""

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from vitreous.datasets import (
    LabelledConfiguration,
    fetch_glassbench,
    read_glassbench,
    unpack_glassbench,
    write_glassbench,
)
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen2D
from vitreous.storage import silent

CONTENT = np.random.default_rng(0).bytes(3_000_000)


class Server:
    """What the server holds, how it behaves, and what it was asked for."""

    def __init__(self):
        self.content = CONTENT
        self.checksum = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
        self.size = len(CONTENT)
        self.tag = '"one"'
        self.stop_after = None
        self.knows_ranges = True
        self.shifts_ranges = 0
        self.status = 200
        self.requests = []

    def record(self):
        entry = {
            "key": "GlassBench.zip",
            "checksum": self.checksum,
            "size": self.size,
            "links": {"self": f"{self.address}/files/GlassBench.zip/content"},
        }
        return {"files": [{"key": "README.md"}, entry]}


def handler_for(server):
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def log_message(self, *arguments):
            pass

        def do_GET(self):
            server.requests.append((self.path, self.headers.get("Range")))
            if self.path in ("/record", "/api/record"):
                return self.send(200, json.dumps(server.record()).encode())
            if server.status != 200:
                return self.send(server.status, b"")
            wanted, first = self.headers.get("Range"), 0
            same = self.headers.get("If-Range", server.tag) == server.tag
            if wanted and server.knows_ranges and same:
                first = int(wanted.removeprefix("bytes=").rstrip("-")) + server.shifts_ranges
            part = server.content[first:]
            length = len(server.content)
            more = {"Content-Range": f"bytes {first}-{length - 1}/{length}"} if first else {}
            tag = {"ETag": server.tag} if server.tag else {}
            self.send(206 if first else 200, part, tag | more)

        def send(self, status, body, headers=None):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            if not self.path.endswith("/record") and server.stop_after is not None:
                body = body[: server.stop_after]
                self.close_connection = True
            self.wfile.write(body)

    return Handler


@pytest.fixture
def server():
    state = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_for(state)) as http:
        state.address = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield state
        http.shutdown()
        thread.join(10)


@pytest.fixture
def fetch(server, tmp_path):
    def call(**settings):
        return fetch_glassbench(
            tmp_path / "cache", record=f"{server.address}/record", progress=silent, **settings
        )

    return call


def downloads(server):
    return [wanted for path, wanted in server.requests if not path.endswith("/record")]


def test_fetched_once_and_then_known_without_the_network(server, fetch):
    path = fetch()
    assert path.name == "GlassBench.zip"
    assert path.read_bytes() == CONTENT
    asked = len(server.requests)
    assert fetch() == path
    assert len(server.requests) == asked
    # What was damaged since is found and fetched again.
    path.write_bytes(CONTENT[:-1] + b"x")
    assert fetch().read_bytes() == CONTENT
    assert len(downloads(server)) == 2
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "GlassBench.zip",
        "GlassBench.zip.sha256",
    ]


@pytest.mark.parametrize("tag", ['"one"', 'W/"weak"', None])
def test_goes_on_where_it_stopped(server, fetch, tag):
    server.stop_after, server.tag = 1_000_000, tag
    for _ in range(2):
        with pytest.raises(OSError, match=r"stopped at \d+ of 3000000 bytes .*same call goes on"):
            fetch()
    server.stop_after = None
    assert fetch().read_bytes() == CONTENT
    first, second, third = downloads(server)
    assert first is None
    # No more than a chunk of 64 KiB is lost each time.
    positions = [int(wanted.removeprefix("bytes=").rstrip("-")) for wanted in (second, third)]
    assert 1_000_000 - 2**16 < positions[0] <= 1_000_000
    assert 1_000_000 - 2**16 < positions[1] - positions[0] <= 1_000_000


def test_starts_anew_where_the_server_has_another_version(server, fetch):
    server.stop_after = 1_000_000
    with pytest.raises(OSError, match="stopped at"):
        fetch()
    server.stop_after, server.tag = None, '"two"'
    server.content = CONTENT[::-1]
    server.checksum = f"md5:{hashlib.md5(server.content).hexdigest()}"
    assert fetch().read_bytes() == CONTENT[::-1]


def test_starts_anew_where_the_server_knows_no_ranges(server, fetch):
    server.stop_after = 1_000_000
    with pytest.raises(OSError, match="stopped at"):
        fetch()
    server.stop_after, server.knows_ranges = None, False
    assert fetch().read_bytes() == CONTENT


def test_wrong_contents_are_removed(server, fetch, tmp_path):
    server.checksum = f"md5:{'0' * 32}"
    with pytest.raises(ValueError, match="hash"):
        fetch()
    assert list((tmp_path / "cache").iterdir()) == []
    server.checksum = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    assert fetch().read_bytes() == CONTENT


def test_a_checksum_of_ones_own_is_trusted_more(server, fetch):
    with pytest.raises(ValueError, match="hash"):
        fetch(known_hash=f"sha256:{'0' * 64}")
    assert fetch(known_hash=f"sha256:{hashlib.sha256(CONTENT).hexdigest()}").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": 404}, "404"),
        ({"size": 2_000_000}, "more than 2000000 bytes"),
        ({"size": 4_000_000}, "ended early"),
        ({"size": 10**18}, "bytes free"),
    ],
)
def test_servers_that_refuse_or_lie(server, fetch, tmp_path, change, message):
    vars(server).update(change)
    with pytest.raises(OSError, match=message):
        fetch()
    assert sum(path.stat().st_size for path in (tmp_path / "cache").iterdir()) < 3_100_000


def test_ranges_that_were_not_asked_for(server, fetch):
    server.stop_after = 1_000_000
    with pytest.raises(OSError, match="stopped at"):
        fetch()
    server.stop_after, server.shifts_ranges = None, 10
    with pytest.raises(OSError, match=r"asked for bytes from \d+, the server sent others"):
        fetch()
    server.shifts_ranges = 0
    assert fetch().read_bytes() == CONTENT


def test_the_other_form_of_records(server, tmp_path):
    checksum = server.checksum.removeprefix("md5:")
    entry = {"filename": "GlassBench.zip", "checksum": checksum, "filesize": server.size}
    server.record = lambda: {"files": [entry]}
    path = fetch_glassbench(tmp_path, record=f"{server.address}/api/record", progress=silent)
    assert path.read_bytes() == CONTENT
    assert server.requests[-1][0] == "/record/files/GlassBench.zip?download=1"


def test_records_without_the_archive(server, fetch):
    server.record = lambda: {"files": []}
    with pytest.raises(ValueError, match="does not tell address, checksum and size"):
        fetch()


def test_no_server(tmp_path):
    with pytest.raises(OSError, match="refused"):
        fetch_glassbench(tmp_path, record="http://127.0.0.1:9/record", progress=silent)


def test_progress_is_shown_on_stderr(server, tmp_path, capfd):
    fetch_glassbench(tmp_path, record=f"{server.address}/record")
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "3.0/3.0 MB" in shown.err


def test_progress_is_told(server, tmp_path, capfd):
    told = []
    fetch_glassbench(
        tmp_path, record=f"{server.address}/record", progress=lambda *step: told.append(step)
    )
    assert told[-1] == ("download", server.size, server.size)
    assert capfd.readouterr().err == ""


def packed(folder, members, mode):
    """A tar archive of files, in the folders of GlassBench."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def archive(tmp_path):
    system = KobAndersen2D()
    configuration = system.random_configuration(129, 0)
    labels = IsoconfigurationalLabels(
        [1.0], {"displacement": np.random.default_rng(0).random((2, 129, 1))}, 20
    )
    data = LabelledConfiguration(configuration, labels, "KA2D", 0.3, "")
    write_glassbench(data, tmp_path / "one.npz")
    content = (tmp_path / "one.npz").read_bytes()
    models = {
        "T0.30/train/N1290T0.30_2.npz": content,
        "T0.30/test/N1290T0.30_3.npz": content,
        "T0.30/.npz": b"",
        "T0.30/README": b"text",
    }
    with zipfile.ZipFile(tmp_path / "GlassBench.zip", "w") as file:
        file.writestr("GlassBench/README.md", "text")
        file.writestr("GlassBench/KA2D_models/T0.30.tar.gz", packed(tmp_path, models, "w:gz"))
        outside = packed(tmp_path, {"../outside.npz": content}, "w:xz")
        file.writestr("GlassBench/KA2D_trajectories/T0.23.tar.xz", outside)
        file.writestr("GlassBench/KA_models/T0.44.tar.gz", b"hello")
    return tmp_path / "GlassBench.zip"


def test_parts_are_unpacked_and_read(archive, tmp_path):
    files = unpack_glassbench(archive, "KA2D_models/T0.30", tmp_path / "out")
    names = [str(path.relative_to(tmp_path / "out")) for path in files]
    assert names == ["T0.30/test/N1290T0.30_3.npz", "T0.30/train/N1290T0.30_2.npz"]
    assert read_glassbench(files[0]).configuration.n_particles == 129
    kept = files[0].stat().st_mtime_ns
    files[1].write_bytes(b"half")
    assert unpack_glassbench(archive, "KA2D_models/T0.30", tmp_path / "out") == files
    assert files[0].stat().st_mtime_ns == kept
    assert read_glassbench(files[1]).configuration.n_particles == 129


def test_damaged_hostile_and_missing_parts(archive, tmp_path):
    known = "it has KA2D_models/T0.30, KA2D_trajectories/T0.23, KA_models/T0.44"
    with pytest.raises(ValueError, match=rf"GlassBench.zip has no part 'KA2D'; {known}"):
        unpack_glassbench(archive, "KA2D", tmp_path / "out")
    for part in ("KA_models/T0.44", "KA2D_trajectories/T0.23"):
        with pytest.raises(ValueError, match=r"GlassBench.zip: not a readable archive"):
            unpack_glassbench(archive, part, tmp_path / "out")
    assert not (tmp_path / "outside.npz").exists()
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"GlassBench.zip: not a readable archive"):
        unpack_glassbench(archive, "KA2D_models/T0.30", tmp_path / "out")
    with pytest.raises(FileNotFoundError):
        unpack_glassbench(tmp_path / "missing.zip", "KA2D_models/T0.30", tmp_path / "out")
