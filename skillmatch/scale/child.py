"""The worker process: chunks come in on stdin, what became of them goes out on stdout, as frames of JSON.

It is a process of its own, started anew and not forked, so that whatever a document does to it (a crash of a parser,
no memory left, an endless loop) happens to it alone.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_LENGTH = struct.Struct("<QQ")


def send(stream: IO[bytes], message: dict[str, Any], payload: bytes = b"") -> None:
    """Write one frame: a JSON object, and bytes that go with it."""
    head = json.dumps(message).encode()
    stream.write(_LENGTH.pack(len(head), len(payload)) + head)
    stream.write(payload)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next frame, None where the other side has gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    length, rest = _LENGTH.unpack(head)
    message, payload = stream.read(length), stream.read(rest)
    return (json.loads(message), payload) if len(message) == length and len(payload) == rest else None


def main() -> None:
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the frames
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and decides
    with suppress(OSError):
        # Where memory runs out, Linux shall end a worker rather than the run.
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    frames: queue.Queue[tuple[dict[str, Any], bytes]] = queue.Queue()
    threading.Thread(target=_listen, args=(frames,), daemon=True).start()
    from skillmatch.errors import SkillmatchError
    from skillmatch.scale.chunks import Chunk
    from skillmatch.scale.work import Settings, Work

    work: Work | None = None
    while True:
        message, payload = frames.get()
        try:
            if work is None:
                work = Work(Settings(**message))
                send(out, {"ready": True})
                continue
            work.do(
                Chunk(message["number"], message["size"], payload),
                tell=lambda at, done: send(out, {"at": list(at), "done": done}),
                careful=set(message["careful"]),
                poison={int(number): reason for number, reason in message["poison"].items()},
            )
            send(out, {"finished": True})
        except SkillmatchError as error:
            send(out, {"error": str(error)})
        except Exception as error:  # of whatever kind: the parent finds out which document it was
            send(out, {"fault": f"{type(error).__name__}: {error}"})


def _listen(frames: queue.Queue[tuple[dict[str, Any], bytes]]) -> None:
    """Frames to the queue; when the parent is gone, so is this process, whatever it is doing."""
    while (frame := receive(sys.stdin.buffer)) is not None:
        frames.put(frame)
    os._exit(1)


if __name__ == "__main__":
    main()
