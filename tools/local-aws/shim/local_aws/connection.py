"""A connection of which what comes is handed on as it came, chunk by chunk, without a copy.

Layers are large, and their way through this process is what a rehearsal of many pushes waits for: a stream of asyncio
copies each byte twice, and h11 four times.
"""

import asyncio
import collections

from h11._receivebuffer import ReceiveBuffer

# No more of a connection is read while so much of it is waiting, in bytes.
_HELD = 1024 * 1024


class Connection(asyncio.Protocol):
    """Reader and writer in one, with those methods of asyncio's streams that hypercorn's server calls."""

    def __init__(self, serve) -> None:
        self._serve = serve
        self._chunks: collections.deque[bytes] = collections.deque()
        self._held = 0
        self._ended = False
        self._arrived, self._writable, self._lost = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._task = asyncio.get_running_loop().create_task(self._serve(self, self))

    def data_received(self, data: bytes) -> None:
        self._chunks.append(data)
        self._held += len(data)
        if self._held > _HELD:
            self._transport.pause_reading()
        self._arrived.set()

    def eof_received(self) -> None:
        self._ended = True
        self._arrived.set()

    def connection_lost(self, error: "Exception | None") -> None:
        self.eof_received()
        self._writable.set()
        self._lost.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def at_eof(self) -> bool:
        return self._ended and not self._chunks

    async def read(self, _most: int) -> bytes:
        """The next chunk, of whatever size; nothing at the end."""
        while not self._chunks:
            if self._ended:
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        chunk = self._chunks.popleft()
        if self._held > _HELD >= self._held - len(chunk):
            self._transport.resume_reading()
        self._held -= len(chunk)
        return chunk

    def get_extra_info(self, name: str):
        return self._transport.get_extra_info(name)

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    async def drain(self) -> None:
        await self._writable.wait()

    def write_eof(self) -> None:
        raise NotImplementedError("TLS ends both ways at once")

    def close(self) -> None:
        self._transport.close()

    async def wait_closed(self) -> None:
        await self._lost.wait()


def hand_on_bodies_uncopied() -> None:
    """Lets h11 give a chunk of a body back as it got it, if nothing else waits to be read. h11 is pinned, so its
    inside is known.
    """
    extract, extract_at_most = ReceiveBuffer._extract, ReceiveBuffer.maybe_extract_at_most

    def __iadd__(self, data: bytes):
        self._data = self._data + data if self._data else data
        return self

    def _extract(self, count: int) -> bytearray:
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        return extract(self, count)

    def maybe_extract_at_most(self, count: int):
        whole = self._data
        if not whole or count < len(whole):
            return extract_at_most(self, count)
        self._data = bytearray()
        self._next_line_search = self._multiple_lines_search = 0
        return whole

    ReceiveBuffer.__iadd__, ReceiveBuffer._extract = __iadd__, _extract
    ReceiveBuffer.maybe_extract_at_most = maybe_extract_at_most
