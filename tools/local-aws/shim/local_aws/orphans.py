"""Nothing outlives its owner: Lambda workers end with the server, and a test suite's server ends with the suite."""

import asyncio
import os
import signal


async def stop_with_owner(owner: "str | None", stopping: asyncio.Event) -> None:
    """Sets ``stopping`` once the owning process is gone. Without an owner it never does: the server is meant to outlive
    its starter.
    """
    while owner and not stopping.is_set():
        try:
            os.kill(int(owner), 0)
        except ProcessLookupError:
            stopping.set()
        except PermissionError:
            pass
        await asyncio.sleep(1)


def end_process_group() -> None:
    """Ends this process and the Lambda workers that it started, busy ones included.

    The starter makes the server the leader of a process group, so whatever the group holds was started by it. A server
    that somebody runs by hand in a terminal may share a group with others, and ends alone.
    """
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)
