"""Random sequences of requests, each answer compared with what the reference says."""

from tests.model.bulk import Bulk
from tests.model.changing import Changing
from tests.model.creating import Creating
from tests.model.reading import Reading


class Machine(Creating, Changing, Reading, Bulk):
    """Every request that the model knows."""
