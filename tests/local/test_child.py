import os
import select
import sys

import pytest

from local.child import Child, StartError


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_process_that_ends_too_early_is_told_with_its_last_words() -> None:
    child = Child("The app", _python("import sys; print('first'); sys.exit('the last words')"))

    with pytest.raises(StartError, match=r"The app has ended \(exit status 1\)\.\nfirst\nthe last words"):
        child.wait_until(lambda: False, 30)

    child.stop()


def test_a_process_that_never_becomes_ready_is_given_up() -> None:
    child = Child("The app", _python("import time; print('waiting', flush=True); time.sleep(60)"))
    child.wait_until(lambda: "waiting" in child.output(), 30)

    with pytest.raises(StartError, match=r"The app was not ready within 0 s\.\nwaiting"):
        child.wait_until(lambda: False, 0)

    child.kill()
    assert child.ended


def test_what_a_process_has_started_ends_with_it() -> None:
    reading, writing = os.pipe()
    started = f"subprocess.Popen(['sleep', '60'], pass_fds=[{writing}])"
    child = Child(
        "The app",
        _python(f"import subprocess, time; {started}; print('started', flush=True); time.sleep(60)"),
        sockets=[writing],
    )
    child.wait_until(lambda: "started" in child.output(), 30)
    os.close(writing)
    os.set_blocking(reading, False)
    with pytest.raises(BlockingIOError):
        os.read(reading, 1)

    child.stop()

    # The pipe ends when the last process that holds it has ended.
    assert select.select([reading], [], [], 10)[0] == [reading]
    assert os.read(reading, 1) == b""
    os.close(reading)
