"""Files read ahead and written behind: bounded, in order, and whatever was added is written."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cyclekit.files.overlapping import MOST, WrittenBehind, read_ahead

PATIENCE = 60
"""Seconds after which somebody waits for what never comes."""


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_what_is_read_ahead_comes_in_order_though_the_first_is_read_last(pool):
    others = threading.Semaphore(0)

    def read(number):
        if number == 0:
            for _ in range(3):
                assert others.acquire(timeout=PATIENCE)
        else:
            others.release()
        return number * number

    assert [(item, soon.result()) for item, soon in read_ahead(pool, range(20), read)] == [
        (number, number * number) for number in range(20)
    ]


def test_no_more_is_taken_than_is_read_ahead(pool):
    taken = []

    def endless():
        while True:
            taken.append(threading.get_ident())
            yield len(taken)

    reading = read_ahead(pool, endless(), lambda number: number)
    assert taken == []
    for number in range(1, 5):
        assert next(reading)[1].result() == number
        assert len(taken) == MOST + number
    reading.close()
    assert set(taken) == {threading.get_ident()}, "items are taken where they are asked for"


def test_what_was_not_begun_when_it_is_closed_is_not_read(pool):
    go, read = threading.Event(), []

    def slow(number):
        assert go.wait(PATIENCE)
        read.append(number)

    reading = read_ahead(pool, range(100), slow)
    next(reading)
    reading.close()
    go.set()
    pool.shutdown()
    assert len(read) <= 4, "as many as there are threads had begun"


def test_an_error_in_reading_is_that_items_own(pool):
    def read(number):
        return 1 // number

    found = [soon.exception() or soon.result() for _, soon in read_ahead(pool, [1, 0, 1], read)]
    assert (found[0], found[2]) == (1, 1)
    assert isinstance(found[1], ZeroDivisionError)


def test_writing_is_told_of_in_order_and_here_and_is_bounded(pool):
    told, writing, most = [], threading.Semaphore(0), 0
    with WrittenBehind(pool, lambda item, given: told.append((item, given, threading.get_ident()))) as behind:
        for number in range(30):
            behind.add(number, lambda number=number: writing.release() or number + 100)
            most = max(most, len(behind.waiting))
            assert len(told) >= number - MOST
    assert told == [(number, number + 100, threading.get_ident()) for number in range(30)]
    assert most == MOST


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_was_added_before_an_error_is_written_and_told_of(pool, error):
    told, go = [], threading.Event()

    def write(number):
        assert go.wait(PATIENCE)
        return number

    def interrupted():
        with WrittenBehind(pool, lambda item, _: told.append(item)) as behind:
            for number in range(5):
                behind.add(number, lambda number=number: write(number))
            go.set()
            raise error

    with pytest.raises(error):
        interrupted()
    assert told == list(range(5))


def test_an_error_in_writing_is_raised_and_the_others_are_told_of(pool):
    told = []

    def write(number):
        if number == 1:
            raise OSError("full")
        return number

    def all_four():
        with WrittenBehind(pool, lambda item, _: told.append(item)) as behind:
            for number in range(4):
                behind.add(number, lambda number=number: write(number))

    with pytest.raises(OSError, match="full"):
        all_four()
    assert told == [0]
