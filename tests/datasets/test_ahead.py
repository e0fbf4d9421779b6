"""Reading ahead in a thread changes nothing but when things are read."""

import threading

import pytest

from vitreous.datasets._ahead import read_ahead


class Made:
    """A generator that records how far it is, who runs it, and whether it was closed."""

    def __init__(self, n, fails_at=None):
        self.n, self.fails_at = n, fails_at
        self.begun, self.closed, self.threads = 0, False, set()

    def items(self):
        try:
            for number in range(self.n):
                self.begun += 1
                self.threads.add(threading.get_ident())
                if number == self.fails_at:
                    raise ValueError(f"item {number}")
                yield number
        finally:
            self.closed = True


@pytest.mark.parametrize("n", [0, 1, 5])
def test_all_items_come_in_their_order(n):
    made = Made(n)
    assert list(read_ahead(made.items())) == list(range(n))
    assert made.closed
    assert threading.get_ident() not in made.threads


def test_one_item_is_made_ahead_and_no_more():
    made = Made(100)
    items = read_ahead(made.items())
    assert made.begun == 0
    for number in range(5):
        assert next(items) == number
        assert made.begun <= number + 2
    items.close()
    assert made.closed
    assert made.begun <= 6


def test_errors_come_where_they_would_without():
    made = Made(5, fails_at=2)
    items = read_ahead(made.items())
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(ValueError, match="item 2"):
        next(items)
    assert made.closed
    with pytest.raises(StopIteration):
        next(items)


def test_whoever_stops_closes_the_generator():
    made = Made(5)

    def first():
        for number in read_ahead(made.items()):
            return number

    assert first() == 0
    assert made.closed
