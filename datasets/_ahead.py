"""Reading ahead: the next frame is read while the last one is used."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Item = TypeVar("Item")


def read_ahead(items: Generator[Item, None, None]) -> Iterator[Item]:
    """Go through what a generator makes, one thing ahead, in a thread of its own.

    Errors come where they would without, and the generator is closed when nobody goes on.
    """
    wanted: SimpleQueue[bool] = SimpleQueue()
    made: SimpleQueue[Item | BaseException] = SimpleQueue()

    def make() -> None:
        while wanted.get():
            try:
                made.put(next(items))
            except BaseException as error:
                made.put(error)
        items.close()

    # A generator that is left behind must not keep the interpreter from ending.
    worker = Thread(target=make, daemon=True)
    worker.start()
    try:
        wanted.put(True)
        while True:
            item = made.get()
            if isinstance(item, StopIteration):
                return
            if isinstance(item, BaseException):
                raise item
            wanted.put(True)
            yield item
    finally:
        wanted.put(False)
        worker.join()
