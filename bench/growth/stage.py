"""The service as deployed, on an Azurite with a directory of a given size, and an entrance to its storage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.growth.company import Company
from bench.growth.upkeep import Tally
from bench.load import Client, cpu_seconds
from local.azurite import Azurite
from local.azurite_file import fill
from local.service import TENANT, Service
from storage.directory import TABLE

_START_SECONDS = 300.0  # of Azurite: it reads hundreds of megabytes


@dataclass(frozen=True, slots=True)
class Stage:
    """What is measured: the service, the directory that it serves, and the rows of it."""

    service: Service
    company: Company
    tally: Tally

    @property
    def pid(self) -> int:
        """The process of the app."""
        if self.service.app.child is None:
            raise RuntimeError("the app has no process of its own")
        return self.service.app.child.pid

    def cpu(self) -> float:
        """Return the CPU seconds that the app has had so far."""
        return cpu_seconds(self.pid)

    def client(self) -> Client:
        """Return a client of the tenant."""
        return Client(self.service.tenant_url, self.service.secret_token)


@contextmanager
def stage(size: int) -> Iterator[Stage]:
    """Run the service with a directory of `size` users. Raises StartError."""
    company, tally = Company(size), Tally()
    service = Service(log="warnings")
    with TemporaryDirectory(prefix="bench-") as folder:
        service.azurite = Azurite(folder=Path(folder))
        service.azurite.start_seconds = _START_SECONDS
        with service:
            fill(service.azurite, TABLE, TENANT, tally.passing(TENANT, company.rows()))
            yield Stage(service, company, tally)
