"""Numbers as files write them: never an exponent, never a comma unless asked for."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from ionworks.ucp.problems import UCPError

_SIGNIFICANT = Context(prec=9, rounding=ROUND_HALF_EVEN)
_TOLERATED = Decimal("0.001")


def plain(value: float, least: int = 0, most: int | None = None) -> str:
    """Return a number in plain decimals, with nine significant digits at most.

    Parameters
    ----------
    value : float
        The number.
    least, most : int
        Digits behind the point; zeros are written up to the least.

    Raises
    ------
    UCPError
        If rounding would change the number by more than a thousandth: a file with another
        number is worse than none.

    Examples
    --------
    >>> plain(0.0001), plain(1.0, least=1), plain(22.5), plain(2 / 3, most=3)
    ('0.0001', '1.0', '22.5', '0.667')
    """
    number = _SIGNIFICANT.create_decimal(repr(float(value)))
    if most is not None:
        exact, number = number, number.quantize(Decimal(1).scaleb(-most))
        if abs(number - exact) > abs(exact) * _TOLERATED:
            raise UCPError(
                f"the format writes {most} decimals here, which cannot tell {exact:g} from {number}"
            )
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, fraction = text.partition(".")
    fraction = fraction.ljust(least, "0")
    whole = "0" if whole == "-0" and not fraction.strip("0") else whole
    return f"{whole}.{fraction}" if fraction else whole


def fixed(value: float, places: int) -> str:
    """Return a number with exactly so many digits behind the point."""
    return plain(value, least=places, most=places)


def ascii_text(text: str | None) -> str | None:
    """Return a text if it may stand in any file: printable ASCII on one line; else None."""
    if text is None or not text.isascii():
        return None
    line = " ".join(text.split())
    return line if line.isprintable() else None
