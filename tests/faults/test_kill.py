"""The service or the storage dies (SIGKILL) in the middle of a stream of writes: promises are kept, all is whole."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from local.azurite import Azurite
from tests.faults.stage import Stage, Tenant
from tests.faults.test_matrix import WHOLE
from tests.faults.writers import Crowd, Writer, broken_promises
from tests.http.client import Answer, Client

WRITERS = 4
# Azurite writes its data down every 5 seconds; what came later is lost with it, whatever it answered.
_WRITTEN_DOWN_SECONDS = 12.0


@contextmanager
def _crowd(tenant: Tenant) -> Iterator[tuple[Crowd, str]]:
    group = tenant.client.post("/Groups", {"displayName": "All"})["id"]
    with ExitStack() as opened:
        made = [Client(tenant.client.tenant_url, tenant.client.secret_token) for _ in range(WRITERS)]
        for client in made:
            opened.enter_context(client)
        yield Crowd([Writer(client, group, number) for number, client in enumerate(made)]), group


def _says_missing(answer: Answer) -> bool:
    """Tell whether an answer says that a resource is not there: it itself, or a user who shall become a member."""
    return answer.status == 404 or (answer.status == 400 and "there is no user" in str(answer.body["detail"]))


@pytest.mark.parametrize("users", [3, 20, 60] if WHOLE else [12])
def test_what_a_killed_service_has_promised_is_there(users: int) -> None:
    with Stage() as stage, stage.tenant() as tenant, _crowd(tenant) as (crowd, group):
        crowd.start()
        crowd.wait_for(users)

        stage.app.kill()
        crowd.end()
        stage.app.start().wait()

        tenant.client.close()
        assert broken_promises(tenant.client, group, crowd.promised()) == []
        assert stage.check(tenant) == []
        assert not [answer for writer in crowd.writers for answer in writer.refused]


def test_the_service_outlives_a_killed_storage(tmp_path: Path) -> None:
    with Stage(Azurite(folder=tmp_path)) as stage, stage.tenant() as tenant, _crowd(tenant) as (first, group):
        crowd = first
        crowd.start()
        crowd.wait_for(12)
        kept = time.monotonic()
        if WHOLE:
            time.sleep(_WRITTEN_DOWN_SECONDS)
        else:
            crowd.end()
            stage.azurite.stop()  # written down
            stage.azurite.start()
            crowd = Crowd([Writer(w.client, group, w.number + 10, w.promised, w.when) for w in crowd.writers])
            crowd.start()
            crowd.wait_for(20)

        stage.azurite.kill()
        time.sleep(1.0)
        stage.azurite.start()
        crowd.wait_for(sum(len(each.promised) for each in crowd.writers) + 4)
        crowd.end()

        refused = [answer for writer in crowd.writers for answer in writer.refused]
        others = [(answer.status, answer.body) for answer in refused if not _says_missing(answer)]
        assert others == [], "only what died with the storage is missing"
        assert sum(writer.unavailable for writer in crowd.writers) > 0
        assert broken_promises(tenant.client, group, crowd.promised(before=kept)) == []
        assert stage.check(tenant) == []
