from types import MappingProxyType

import mpmath
import numpy as np
import pytest


class Exact:
    """The smooth functions and their derivatives in arithmetic of many digits."""

    def __init__(self, digits=60):
        self.mp = mp = mpmath.mp.clone()
        mp.dps = digits
        # mp.diff is a difference quotient too, right to about this.
        self.resolution = 10.0 ** -(digits // 2)
        self.functions = MappingProxyType(
            {
                "theta**3": lambda theta: theta**3,
                "sin": mp.sin,
                "exp": mp.exp,
                "sigmoid": lambda theta: 1 / (1 + mp.exp(-theta)),
                "tanh": mp.tanh,
            }
        )

    def numbers(self, floats):
        return np.vectorize(self.mp.mpf, otypes=[object])(np.asarray(floats, np.float64))

    def derivative(self, name, order, theta):
        J = self.functions[name]
        differentiate = np.vectorize(lambda at: self.mp.diff(J, at, order), otypes=[object])
        return differentiate(self.numbers(theta))

    def quotient(self, name, method, theta, epsilon):
        """The difference quotient at these very floats, without rounding."""
        J = np.vectorize(self.functions[name], otypes=[object])
        theta, epsilon = self.numbers(theta), self.numbers(epsilon)
        if method == "one-sided":
            return (J(theta + epsilon) - J(theta)) / epsilon
        return (J(theta + epsilon) - J(theta - epsilon)) / (2 * epsilon)

    def distance(self, floats, numbers):
        return np.abs(self.numbers(floats) - numbers).astype(np.float64)


@pytest.fixture(scope="session")
def exact():
    return Exact()


@pytest.fixture(scope="session")
def exact_far_out():
    """Enough digits to tell 1 - tanh(1000) from 0."""
    return Exact(digits=2000)
