"""Serves MiniStack on the bound socket until it is told to stop, and leaves no process behind."""

import asyncio
import datetime
import json
import os
import pathlib
import signal
import socket

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.config import Config

from local_aws import gaps, orphans
from local_aws.certificate import Certificate
from local_aws.request_log import with_request_log


def serve(listener: socket.socket, directory: pathlib.Path, certificate: Certificate) -> None:
    # Only now: MiniStack reads its port and its certificate from the environment when it is imported.
    from ministack import app as ministack

    management_account = os.environ["LOCAL_AWS_MANAGEMENT_ACCOUNT"]
    gaps.close_all(management_account)
    with_request_log(ministack, os.environ.get("LOCAL_AWS_REQUEST_LOG"))

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.certfile, config.keyfile = str(certificate.chain), str(certificate.key)
    config.keep_alive_timeout = 75
    # Long-polling clients are cut off rather than waited for: a stop is prompt.
    config.graceful_timeout = 0.5
    config.loglevel = "INFO"

    try:
        asyncio.run(_run(ministack, config, listener, directory, management_account))
    finally:
        (directory / "instance.json").unlink(missing_ok=True)
        orphans.end_process_group()


async def _run(ministack, config: Config, listener: socket.socket, directory: pathlib.Path, management_account: str) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    watch = asyncio.create_task(orphans.stop_with_owner(os.environ.get("LOCAL_AWS_OWNER_PID"), stopping))
    state = {
        "pid": os.getpid(),
        "port": listener.getsockname()[1],
        "managementAccount": management_account,
        "version": ministack._version(),
        "since": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
    staging = directory / "instance.json.new"
    staging.write_text(json.dumps(state))
    os.replace(staging, directory / "instance.json")
    try:
        await hypercorn_serve(ministack.app, config, shutdown_trigger=stopping.wait)
    finally:
        watch.cancel()
