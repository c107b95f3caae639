"""Amounts are read exactly as they were written, or refused with a reason."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.entities.money import MAX_AMOUNT_MINOR_UNITS, Currency, InvalidAmountError

USD = Currency("USD", 2)
JPY = Currency("JPY", 0)
KWD = Currency("KWD", 3)
CURRENCIES = st.sampled_from([USD, JPY, KWD, Currency("CLF", 4)])


@pytest.mark.parametrize(
    ("currency", "text", "minor_units"),
    [
        (USD, "100.50", 10_050),
        (USD, "100.5", 10_050),
        (USD, "100.500", 10_050),
        (USD, "100.50000000000000000000", 10_050),
        (USD, "1e2", 10_000),
        (USD, "1.005E+2", 10_050),
        (USD, "0.01", 1),
        (USD, "10050e-2", 10_050),
        (USD, "100000000000000.00", MAX_AMOUNT_MINOR_UNITS),
        (JPY, "500", 500),
        (JPY, "500.0", 500),
        (KWD, "1.234", 1_234),
        (USD, "9007199254740.93", 900_719_925_474_093),
    ],
)
def test_an_amount_is_what_it_looks_like(currency: Currency, text: str, minor_units: int) -> None:
    assert currency.parse(text) == minor_units


@pytest.mark.parametrize(
    "text",
    [
        "0", "0.00", "-0", "-1", "-0.01", "NaN", "Infinity", "-Infinity", "1e400", "1e-400",
        "1e999999999", "1e-999999999", "0.001", "100.505", "100000000000000.01", " 1.5 ", "1_000",
        "1,5", "+1", ".5", "1.", "01", "0x10", "", "true", "1.5\n", "\uff11", "\u0661",
        "9" * 100_000, "1" + "0" * 40, "0." + "0" * 60 + "1", "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidAmountError, match=r"must be|has more than"):
        USD.parse(text)


def test_a_currency_without_decimals_takes_none() -> None:
    with pytest.raises(InvalidAmountError, match="more than the 0 decimals that JPY has"):
        JPY.parse("1.5")


@given(CURRENCIES, st.integers(1, MAX_AMOUNT_MINOR_UNITS))
def test_what_is_formatted_reads_back_as_itself(currency: Currency, minor_units: int) -> None:
    assert currency.parse(currency.format(minor_units)) == minor_units


@given(CURRENCIES, st.integers(-(10**30), 10**30))
def test_formatting_loses_nothing(currency: Currency, minor_units: int) -> None:
    text = currency.format(minor_units)
    assert int(text.replace(".", "")) == minor_units
    assert len(text.rpartition(".")[2]) == currency.exponent or currency.exponent == 0


@given(CURRENCIES, st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_reading_agrees_with_exact_arithmetic(currency: Currency, amount: Decimal) -> None:
    exact = amount.scaleb(currency.exponent)
    if exact == exact.to_integral_value() and 0 < exact <= MAX_AMOUNT_MINOR_UNITS:
        assert currency.parse(str(amount)) == exact
    else:
        with pytest.raises(InvalidAmountError):
            currency.parse(str(amount))
