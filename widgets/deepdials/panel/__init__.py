"""From lesson to browser: the picture, the controls, the caption, the shell."""
