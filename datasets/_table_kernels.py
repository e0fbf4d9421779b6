"""Reading tables of numbers and words from bytes, at the speed of memory.

Written by hand because nothing at hand reads text at more than a few ten megabytes a second without
making an object of every word.
"""

import numpy as np

from ..compiled.decorators import strict_kernel

SKIP, NUMBER, WORD = 0, 1, 2
"""What becomes of a column."""

DONE, MORE, ROW, WORDS = 0, 1, 2, 3
"""Whether all rows were read, bytes are missing, a row is wrong, or there are too many words."""

LONGEST_WORD = 64
MOST_WORDS = 4096

_POWERS = np.array([float(f"1e{k}") for k in range(23)])

_SPLITTER = 134217729.0  # 2^27 + 1
_EXACT = np.uint64(2**53)
_TEN = np.uint64(10)
_ONE = np.uint64(1)
_ZERO = np.uint8(ord("0"))
_NINE = np.uint8(9)


@strict_kernel
def _quotient(mantissa, power):
    """Divide an integer below 2^64 by an exact power of ten, correctly rounded.

    The remainder of the division of its leading part is found exactly (Dekker's product), and what
    is missing is divided once more.
    """
    high = np.float64(mantissa)
    # Rounding up may pass the largest integer.
    if high >= 18446744073709551615.0:
        low = 0.0
    elif np.uint64(high) > mantissa:
        low = -np.float64(np.uint64(high) - mantissa)
    else:
        low = np.float64(mantissa - np.uint64(high))
    first = high / power
    product = first * power
    t = _SPLITTER * first
    first_high = t - (t - first)
    first_low = first - first_high
    t = _SPLITTER * power
    power_high = t - (t - power)
    power_low = power - power_high
    error = first_low * power_low - (
        ((product - first_high * power_high) - first_low * power_high) - first_high * power_low
    )
    return first + (((high - product) - error) + low) / power


@strict_kernel
def _digits(data, position, stop, mantissa, n_digits):
    """Read digits into an integer of 19 at the most, and count how many were zeros beyond these.

    Returns
    -------
    position of what is no digit, integer, digits in it, digits left out, whether these are zeros
    """
    n_left, zeros = 0, True
    # Unsigned, a place needs no test of whether it counts from the end.
    place, end = np.uint64(position), np.uint64(stop)
    last = min(end, place + np.uint64(19 - n_digits))
    while place < last:
        digit = data[place] - _ZERO
        if digit > _NINE:
            break
        mantissa = mantissa * _TEN + np.uint64(digit)
        place += _ONE
    n_digits += np.int64(place) - position
    while place < end and place >= last:
        digit = data[place] - _ZERO
        if digit > _NINE:
            break
        n_left += 1
        zeros &= digit == 0
        place += _ONE
    return np.int64(place), mantissa, n_digits, n_left, zeros


@strict_kernel
def _number(data, start, stop):
    """Read a number up to the end of its word; false if that is left to Python.

    Returns
    -------
    value, whether it is of the plain kind, position of what follows the word
    """
    position = start
    negative = data[position] == 45
    if negative or data[position] == 43:
        position += 1
    first = position
    while position < stop and data[position] == 48:
        position += 1
    plain = True
    position, mantissa, n_digits, exponent, plain = _digits(data, position, stop, np.uint64(0), 0)
    n_characters = position - first
    if position < stop and data[position] == 46:
        position += 1
        fraction = position
        if n_digits == 0:
            while position < stop and data[position] == 48:
                position += 1
        position, mantissa, n_digits, n_left, zeros = _digits(
            data, position, stop, mantissa, n_digits
        )
        plain &= zeros
        exponent -= position - fraction - n_left
        n_characters += position - fraction
    plain &= n_characters > 0
    if position < stop and data[position] > 32:
        letter = data[position] | 32
        # e, and d as Fortran writes it.
        plain &= letter == 101 or letter == 100
        position += 1
        minus = position < stop and data[position] == 45
        if position < stop and (minus or data[position] == 43):
            position += 1
        power, before = np.int64(0), position
        while position < stop and data[position] > 32:
            digit = np.int64(data[position]) - 48
            plain &= 0 <= digit <= 9
            power = 10 * power + digit
            position += 1
        plain &= 0 < position - before < 5
        exponent += -power if minus else power
    value = 0.0
    if mantissa == 0:
        pass
    elif mantissa <= _EXACT and 0 <= exponent <= 22:
        value = np.float64(mantissa) * _POWERS[exponent]
    elif mantissa <= _EXACT and -22 <= exponent < 0:
        value = np.float64(mantissa) / _POWERS[-exponent]
    elif -22 <= exponent < 0:
        value = _quotient(mantissa, _POWERS[-exponent])
    else:
        plain = False
    return -value if negative else value, plain, position


@strict_kernel
def read_rows(
    data, start, stop, at_end, n_rows, kinds, places, numbers, codes, words, n_words, hard
):
    """Read rows of a table, as many as are whole.

    Parameters
    ----------
    data : uint8 array
        Bytes, of which those from `start` to `stop` are text.
    at_end : bool
        Whether the text ends there, so that the last row needs no end of line.
    n_rows : int
        Rows to read, as many as `numbers` and `codes` have room for.
    kinds : int8 array, shape (n_columns,)
        ``SKIP``, ``NUMBER`` or ``WORD``.
    places : int64 array, shape (n_columns,)
        Column of `numbers` or `codes` to which each goes.
    numbers : float64 array, shape (n_rows, columns of numbers)
    codes : int32 array, shape (n_rows, columns of words)
        Place of each word in `words`.
    words : uint8 array, shape (MOST_WORDS, LONGEST_WORD + 1)
        Words met so far, each with its length in front; `n_words` of them.
    hard : int64 array, shape (k, 4)
        Row, column, start and stop of numbers that were not read.

    Returns
    -------
    status, position of the first row not read, rows, words, hard numbers, columns of a wrong row
    """
    n_columns = len(kinds)
    position, row, n_hard = start, 0, 0
    while row < n_rows:
        row_start, row_hard = position, n_hard
        column = 0
        ended = False
        while True:
            while position < stop and (
                data[position] == 32 or data[position] == 9 or data[position] == 13
            ):
                position += 1
            if position == stop:
                break
            if data[position] == 10:
                position += 1
                ended = True
                break
            first = position
            kind = kinds[column] if column < n_columns else SKIP
            place = places[column] if column < n_columns else 0
            value, plain = 0.0, True
            if kind == NUMBER:
                value, plain, position = _number(data, first, stop)
            else:
                while position < stop and data[position] > 32:
                    position += 1
            if position == stop:
                if not at_end:
                    break
            elif (
                data[position] != 32
                and data[position] != 10
                and data[position] != 9
                and data[position] != 13
            ):
                return ROW, row_start, row, n_words, n_hard, -1
            if kind == NUMBER:
                if not plain:
                    if n_hard == len(hard):
                        return MORE, row_start, row, n_words, row_hard, 0
                    hard[n_hard] = row, place, first, position
                    n_hard += 1
                numbers[row, place] = value
            elif kind == WORD:
                length = position - first
                if length > LONGEST_WORD:
                    return WORDS, row_start, row, n_words, n_hard, column
                code = codes[row - 1, place] if row > 0 else 0
                if not (code < n_words and _same(words, code, data, first, length)):
                    code = 0
                    while code < n_words and not _same(words, code, data, first, length):
                        code += 1
                    if code == n_words:
                        if n_words == MOST_WORDS:
                            return WORDS, row_start, row, n_words, n_hard, column
                        words[code, 0] = length
                        for k in range(length):
                            words[code, k + 1] = data[first + k]
                        n_words += 1
                codes[row, place] = code
            column += 1
        if not ended and not at_end:
            return MORE, row_start, row, n_words, row_hard, 0
        if not ended and column == 0:
            return MORE, row_start, row, n_words, row_hard, 0
        if column != n_columns:
            return ROW, row_start, row, n_words, n_hard, column
        row += 1
    return DONE, position, row, n_words, n_hard, 0


@strict_kernel
def _same(words, code, data, start, length):
    if words[code, 0] != length:
        return False
    for k in range(length):  # noqa: SIM110
        if words[code, k + 1] != data[start + k]:
            return False
    return True
