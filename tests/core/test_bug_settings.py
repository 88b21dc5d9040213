import numpy as np

from deepdials.core.bug_settings import Setting
from deepdials.core.dropout import Dropout
from deepdials.core.network import Network

M = 9


def test_dropout_that_drops_nothing_is_none():
    at = Setting(Network((4, 4, 1)), dropout=Dropout({1: np.ones((4, M))}, {1: 1.0}))
    assert at.dropped == []
