"""The way to the local registries under their real names: an HTTP proxy (CONNECT) for
`<account>.dkr.ecr.<region>.amazonaws.com:443`.

An image's address is a host name, so `AWS_ENDPOINT_URL` cannot send a push or pull elsewhere. The proxy can, and no
name has to be changed: it hands such a connection over to the local AWS, whose certificate is for these names as well.
Nothing is copied from one connection to another: layers are large. Every other host is refused, so that nothing which
is meant to stay on this machine leaves it by mistake.
"""

import asyncio
import re
import socket
import ssl

from local_aws.connection import Connection
from local_aws.registry_names import is_registry

_CONNECT = re.compile(rb"CONNECT (?P<host>[A-Za-z0-9.-]+):(?P<port>\d+) HTTP/1\.[01]")
_LONGEST_HEAD = 64 * 1024
_SECONDS = 30


def start_registry_proxy(serve, tls: ssl.SSLContext) -> int:
    """Listens on a free port of the loopback address, and returns it.

    ``serve(reader, writer)`` is a coroutine that answers what comes over a connection, of which TLS has been taken off.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    listener.setblocking(False)
    asyncio.get_running_loop().create_task(_accept(listener, serve, tls))
    return listener.getsockname()[1]


async def _accept(listener: socket.socket, serve, tls: ssl.SSLContext) -> None:
    loop = asyncio.get_running_loop()
    connections = set()
    while True:
        connection, _ = await loop.sock_accept(listener)
        task = loop.create_task(_hand_over(connection, serve, tls))
        connections.add(task)
        task.add_done_callback(connections.discard)


async def _hand_over(connection: socket.socket, serve, tls: ssl.SSLContext) -> None:
    loop = asyncio.get_running_loop()
    try:
        head = await asyncio.wait_for(_head(connection), _SECONDS)
        request = _CONNECT.match(head)
        if not request or not (request["port"] == b"443" and is_registry(request["host"].decode())):
            await _refuse(connection)
            return
        await loop.sock_sendall(connection, b"HTTP/1.1 200 Connection established\r\n\r\n")
        # From here on it is like any other connection to the local AWS.
        await loop.connect_accepted_socket(
            lambda: Connection(serve), connection, ssl=tls, ssl_handshake_timeout=_SECONDS
        )
    except (OSError, asyncio.TimeoutError):
        # The side that broke the connection off knows.
        connection.close()


async def _head(connection: socket.socket) -> bytes:
    """What the client says first. It says no more before it has the answer."""
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = await asyncio.get_running_loop().sock_recv(connection, 4096)
        if not chunk or len(head) > _LONGEST_HEAD:
            raise ConnectionError("no request")
        head += chunk
    return head


async def _refuse(connection: socket.socket) -> None:
    text = b"This proxy leads to the registries of the local AWS only: <account>.dkr.ecr.<region>.amazonaws.com:443.\n"
    head = (
        b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        % len(text)
    )
    await asyncio.get_running_loop().sock_sendall(connection, head + text)
    connection.close()
