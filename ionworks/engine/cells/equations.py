"""PyBaMM's equations, written so that rounding errors cannot make them fail."""

from typing import Any

from ionworks.engine.pybamm_setup import pybamm


def clip_half_waves(model: Any) -> None:
    r"""Replace every product :math:`x \cdot (x \ge 0)` in a model's equations by max(x, 0).

    PyBaMM raises the tensile stress in a particle, in this form, to a power that is not whole. In a
    relaxed particle the stress is a rounding error. CasADi may round the two occurrences of
    :math:`x` differently, and the power of the negative product is not a number: the solver then
    cannot continue, whatever its step.
    """
    rewritten: dict[Any, Any] = {}
    rates = [name for name in model.variables if "cracking rate" in name]
    for symbols, names in (
        (model.rhs, list(model.rhs)),
        (model.algebraic, list(model.algebraic)),
        (model.variables, rates),
    ):
        for name in names:
            symbols[name] = pybamm.tree_map(_clipped, symbols[name], rewritten)


def _clipped(node: Any, leaves: Any) -> Any:
    node = pybamm.rebuild(node, leaves)
    if isinstance(node, pybamm.Multiplication):
        for factor, other in (node.children, node.children[::-1]):
            if _is_step(factor):
                clipped = _with_clipped_factor(other, factor.right)
                if clipped is not None:
                    return clipped
    return node


def _is_step(symbol: Any) -> bool:
    """Return whether a symbol is 1 where another is (or may be) positive, and 0 elsewhere."""
    return (
        isinstance(symbol, pybamm.EqualHeaviside | pybamm.NotEqualHeaviside)
        and isinstance(symbol.left, pybamm.Scalar)
        and symbol.left.value == 0
    )


def _with_clipped_factor(product: Any, factor: Any) -> Any:
    """Return a product with a factor replaced by its positive part; None if it is not a factor."""
    if product == factor:
        return pybamm.maximum(factor, 0)
    if isinstance(product, pybamm.Multiplication):
        left = _with_clipped_factor(product.left, factor)
        if left is not None:
            return left * product.right
        right = _with_clipped_factor(product.right, factor)
        if right is not None:
            return product.left * right
    return None
