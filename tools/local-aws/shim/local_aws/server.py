"""Serves MiniStack on the bound socket until it is told to stop, and leaves no process behind."""

import asyncio
import datetime
import json
import os
import pathlib
import signal
import socket

from hypercorn.asyncio import serve as hypercorn_serve
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.utils import wrap_app

from local_aws import gaps, orphans, service_spec
from local_aws.certificate import Certificate
from local_aws.connection import hand_on_bodies_uncopied
from local_aws.control_calls import asking_for
from local_aws.placeholder_list import allow_placeholder_list
from local_aws.registry_proxy import start_registry_proxy
from local_aws.service_sessions import allow_service_sessions


def serve(listener: socket.socket, directory: pathlib.Path, certificate: Certificate, secret: str) -> None:
    # Only now: MiniStack reads its port and its certificate from the environment when it is imported.
    from ministack import app as ministack

    # Taken out of the environment, which Lambda functions inherit.
    management_account = os.environ.pop("LOCAL_AWS_MANAGEMENT_ACCOUNT")
    arn, _, algorithm = os.environ.pop("LOCAL_AWS_SIGNING_KEY", "").partition(" ")
    strict = os.environ.pop("LOCAL_AWS_STRICT", "") == "true"
    service_spec.locate(os.environ.pop("LOCAL_AWS_SERVICE_SPEC", ""))
    gaps.close_all(management_account, secret, (arn, algorithm) if arn else None, strict)
    hand_on_bodies_uncopied()
    allow_service_sessions(ministack)
    allow_placeholder_list(ministack)

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.certfile, config.keyfile = str(certificate.chain), str(certificate.key)
    config.keep_alive_timeout = 75
    config.loglevel = "INFO"

    app = asking_for(secret, ministack.app)
    about = {"managementAccount": management_account, "version": ministack._version(), "strict": strict}
    asyncio.run(_run(app, config, listener, directory, about))


async def _run(app, config: Config, listener: socket.socket, directory: pathlib.Path, about: dict) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    state_file = directory / "instance.json"
    tasks = [
        asyncio.create_task(orphans.stop_with_owner(os.environ.pop("LOCAL_AWS_OWNER_PID", None), stopping)),
        asyncio.create_task(_end(stopping, state_file)),
    ]
    registry_proxy_port = start_registry_proxy(_answer(app, config), config.create_ssl_context())
    state = {
        "pid": os.getpid(),
        "port": listener.getsockname()[1],
        "registryProxyPort": registry_proxy_port,
        **about,
        "since": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
    staging = state_file.with_suffix(".new")
    staging.write_text(json.dumps(state))
    os.replace(staging, state_file)
    await hypercorn_serve(app, config, shutdown_trigger=stopping.wait)
    await asyncio.gather(*tasks)


def _answer(application, config: Config):
    """What the server does with each connection that it accepts itself."""
    app = wrap_app(application, config.wsgi_max_body_size, "asgi")
    context = WorkerContext(None)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await TCPServer(app, asyncio.get_running_loop(), config, context, {}, reader, writer)

    return answer


async def _end(stopping: asyncio.Event, state_file: pathlib.Path) -> None:
    """Ends everything soon after a stop was asked for. The server's own shutdown would wait for each open connection
    and each busy Lambda worker, and there is nothing to save: state is in memory.
    """
    await stopping.wait()
    state_file.unlink(missing_ok=True)
    await asyncio.sleep(0.2)
    orphans.end_process_group()
