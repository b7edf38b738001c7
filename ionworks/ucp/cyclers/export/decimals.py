"""Numbers and texts in the form files need: no exponents, ASCII."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from ionworks.ucp.problems import UCPError

# Nine digits hide the binary rounding error of a computed value: 4.1 + 0.1 is written as 4.2.
_SIGNIFICANT = Context(prec=9, rounding=ROUND_HALF_EVEN)
_TOLERATED = Decimal("0.001")


def decimal_text(value: float, least: int = 0, most: int | None = None) -> str:
    """Return a number in decimal notation, with at most nine significant digits.

    Parameters
    ----------
    value : float
        The number.
    least, most : int
        Smallest and largest number of decimals; zeros are appended up to the smallest.

    Raises
    ------
    UCPError
        If rounding would change the number by more than a thousandth: a file with a different
        number is worse than no file.

    Examples
    --------
    >>> decimal_text(0.0001), decimal_text(1.0, least=1), decimal_text(2 / 3, most=3)
    ('0.0001', '1.0', '0.667')
    """
    number = _SIGNIFICANT.create_decimal(repr(float(value)))
    if most is not None:
        exact, number = number, number.quantize(Decimal(1).scaleb(-most))
        if abs(number - exact) > abs(exact) * _TOLERATED:
            raise UCPError(
                f"the value {exact:g} would be written as {number}, because the format has {most} "
                "decimals here; use a value that fits"
            )
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, fraction = text.partition(".")
    fraction = fraction.ljust(least, "0")
    whole = "0" if whole == "-0" and not fraction.strip("0") else whole
    return f"{whole}.{fraction}" if fraction else whole


def fixed(value: float, places: int) -> str:
    """Return a number with exactly this many decimals."""
    return decimal_text(value, least=places, most=places)


def ascii_text(text: str | None) -> str | None:
    """Return a text on one line if all of it is printable ASCII, else None."""
    if text is None or not text.isascii():
        return None
    line = " ".join(text.split())
    return line if line.isprintable() else None
