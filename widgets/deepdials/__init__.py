"""Interactive lessons on the practical aspects of deep learning."""
