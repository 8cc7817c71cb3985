"""How figures are written everywhere: signs, grouping, and sums of money."""

THIN = "\u202f"
"""Narrow no-break space: groups thousands and holds a unit to its number at a line's end."""

MINUS = "\u2212"

WHOLE_FROM = 1000
"""From here on a sum is told without its cents."""

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"

MINOR_DIGITS = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}
"""Decimal digits of currencies that have not two (ISO 4217)."""


def share(value: float) -> str:
    """Return a share in percent, without its sign: "13 %", "0.6 %"."""
    percent = abs(value) * 100
    digits = 1 if percent < 9.95 and round(percent, 1) != round(percent) else 0
    return f"{percent:.{digits}f}{THIN}%"


def minor_digits(currency: str) -> int:
    """Return how many decimals a currency has."""
    return MINOR_DIGITS.get(currency, 2)


def format_minor(minor: int, currency: str) -> str:
    """Return a sum in minor units as people read it: 44950 of EUR is "EUR 449.50"."""
    return format_money(minor / 10 ** minor_digits(currency), currency)


def format_money(major: float, currency: str) -> str:
    """Return a sum as people read it: "EUR 449.50", "EUR 12", "EUR 1 890"."""
    is_whole = abs(major) >= WHOLE_FROM or major == int(major)
    return f"{currency}{THIN}{signed(f'{major:,.{0 if is_whole else minor_digits(currency)}f}')}"


def signed(text: str) -> str:
    """Write Python's thousands and minus as people read them."""
    text = "0" if text == "-0" else text
    return text.replace(",", THIN).replace("-", MINUS)
