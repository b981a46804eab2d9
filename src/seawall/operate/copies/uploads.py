"""Uploads in blocks: whole blocks go out on a thread of their own while the next ones are made."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Callable, Iterable

from seawall.operate.copies.store import Target

BLOCK = 5 * 2**20
"""Bytes of a block at least: the least that S3 takes as a part."""
_GROWS = 1000
"""Blocks after which the next ones are larger by the least: S3 takes 10 000 parts of an object, which is 288 GB so."""


class Blocks:
    """Cuts a stream into blocks and sends them in order: one is on its way while the next is put together.

    ``send`` gets the number of a block from 0 and its bytes. What it raises is raised by the next ``write`` or ``end``.
    """

    def __init__(self, send: Callable[[int, bytes], None], *, block: int = BLOCK) -> None:
        self._send, self._least = send, block
        self._pending = io.BytesIO()
        self._number = 0
        self._failure: BaseException | None = None
        self._queue: queue.Queue[tuple[int, bytes] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self.size = 0

    @property
    def count(self) -> int:
        """How many blocks have been cut."""
        return self._number

    def write(self, piece: bytes) -> None:
        """Take bytes; waits while the block before them is on its way and the next is full."""
        self._raise()
        self.size += len(piece)
        if self._pending.write(piece) and self._pending.tell() >= self._least * (1 + self._number // _GROWS):
            self._cut()

    def end(self) -> None:
        """Send the rest and wait until all of it has gone."""
        self._raise()
        if self._pending.tell() or self._number == 0:
            self._cut()
        self._stop()
        self._raise()

    def abort(self) -> None:
        """Send nothing more, and wait for the block that is on its way."""
        self._failure = self._failure or InterruptedError("the upload was given up")
        self._pending = io.BytesIO()
        self._stop()

    def _cut(self) -> None:
        # No more than two are held: what a backup weighs does not hang on how quick a store is.
        self._queue.join()
        self._raise()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True, name="upload")
            self._thread.start()
        # Handed over as it is: its buffer is not copied.
        block, self._pending = self._pending.getvalue(), io.BytesIO()
        self._queue.put((self._number, block))
        self._number += 1

    def _stop(self) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            # After a failure the queue is only emptied, so that whoever writes never waits for nobody.
            if self._failure is None:
                try:
                    self._send(*item)
                except BaseException as error:
                    self._failure = error
            del item
            self._queue.task_done()


def put(store: Target, name: str, content: Iterable[bytes]) -> int:
    """Write an object from a stream through the store's own upload: all or nothing, over what was there."""
    upload = store.begin(name, over=True)
    try:
        for piece in content:
            upload.write(piece)
        size = upload.end()
        upload.commit()
    except BaseException:
        upload.abort()
        raise
    return size
