"""What is said while kernels are compiled, and what is not."""

import logging
from types import SimpleNamespace

from vitreous.compiled import notice as _compilation_notice
from vitreous.compiled.notice import _Notice


def compilation(module):
    function = SimpleNamespace(__module__=module)
    return SimpleNamespace(data={"dispatcher": SimpleNamespace(py_func=function)})


def compile_twice(monkeypatch, module, seconds):
    clock = iter([0.0, seconds, seconds, 2 * seconds])
    monkeypatch.setattr(_compilation_notice.time, "perf_counter", lambda: next(clock))
    notice = _Notice()
    for _ in range(2):
        notice.on_start(compilation(module))
        notice.on_end(compilation(module))


def test_long_compilation_is_announced_once(monkeypatch, caplog):
    with caplog.at_level(logging.WARNING, "vitreous"):
        compile_twice(monkeypatch, "vitreous.descriptors._radial_kernels", 2.0)
    assert [record.name for record in caplog.records] == ["vitreous"]
    assert "Compiling numerical kernels" in caplog.text


def test_short_compilation_and_that_of_others_is_not(monkeypatch, caplog):
    with caplog.at_level(logging.WARNING, "vitreous"):
        compile_twice(monkeypatch, "vitreous.descriptors._radial_kernels", 0.5)
        compile_twice(monkeypatch, "elsewhere.kernels", 60.0)
    assert not caplog.records
