"""The page of a report: what its text keeps on one line."""

from vitreous.studies.page import _unbroken


def test_numbers_keep_their_errors_and_symbols_their_values():
    assert _unbroken("0.50 ± 0.10 at T = 0.4, τ<sub>B</sub> = 33") == (
        "0.50\xa0±\xa00.10 at T\xa0=\xa00.4, τ<sub>B</sub>\xa0=\xa033"
    )
    assert _unbroken('<a href="x">a</a> = b ± c') == '<a href="x">a</a> = b ± c'


def test_cells_of_tables_may_need_two_lines():
    table = "<table>\n<tr><td>0.50 ± 0.10</td></tr>\n</table>"
    assert _unbroken(f"1 ± 2 {table} 3 ± 4 {table}") == (f"1\xa0±\xa02 {table} 3\xa0±\xa04 {table}")
