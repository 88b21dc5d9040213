"""What a numerical gradient costs, counted in evaluations of J."""


def evaluations(method: str, parameters: int) -> int:
    """Return how often J is evaluated for the gradient with respect to all parameters.

        one-sided    parameters + 1    J(theta) serves every component
        two-sided    2 parameters

    Parameters
    ----------
    method : {"one-sided", "two-sided"}
        The formula.
    parameters : int
        Components of theta, at least 1.

    Returns
    -------
    int
        The count.

    Raises
    ------
    ValueError
        If method is unknown or there is no parameter.
    """
    if parameters < 1:
        raise ValueError(f"parameters must be at least 1, not {parameters}")
    counts = {"one-sided": parameters + 1, "two-sided": 2 * parameters}
    if method not in counts:
        raise ValueError(f"method must be one of {', '.join(map(repr, counts))}, not {method!r}")
    return counts[method]
