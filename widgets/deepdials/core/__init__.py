"""The mathematics of the lessons, in the course's notation, with NumPy alone."""
