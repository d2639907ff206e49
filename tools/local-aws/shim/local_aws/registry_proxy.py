"""The way to the local registries under their real names: an HTTP proxy (CONNECT) for `<account>.dkr.ecr.<region>.amazonaws.com:443`.

An image's address is a host name, so `AWS_ENDPOINT_URL` cannot send a push or pull elsewhere. The proxy can, and no name has to be changed:
it joins such a connection with the local AWS, whose certificate is for these names as well. It looks at no byte of it. Every other
host is refused, so that nothing which is meant to stay on this machine leaves it by mistake.
"""

import asyncio
import re

from local_aws.registry_names import is_registry

_CONNECT = re.compile(rb"CONNECT (?P<host>[A-Za-z0-9.-]+):(?P<port>\d+) HTTP/1\.[01]")
_CHUNK = 256 * 1024


async def start_registry_proxy(port_of_local_aws: int) -> asyncio.Server:
    """Listens on a free port of the loopback address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = None
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            request = _CONNECT.match(head)
            if not request or not (request["port"] == b"443" and is_registry(request["host"].decode())):
                await _refuse(writer)
                return
            back, upstream = await asyncio.open_connection("127.0.0.1", port_of_local_aws, limit=_CHUNK)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_copy(reader, upstream), _copy(back, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError):
            # Whoever broke the connection off knows.
            pass
        finally:
            for each in (writer, upstream):
                if each is not None:
                    each.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0, limit=_CHUNK)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()


async def _refuse(writer: asyncio.StreamWriter) -> None:
    text = b"This proxy leads to the registries of the local AWS only: <account>.dkr.ecr.<region>.amazonaws.com:443.\n"
    writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
    await writer.drain()
