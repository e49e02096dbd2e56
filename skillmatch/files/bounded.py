"""Reading in a process of its own, with a bound on time and memory.

The libraries that parse PDF, DOCX and HTML are well kept, but a file made for it can keep them busy for hours, eat all
memory, or bring the process down, and a call into C cannot be interrupted. One process reads file after file for as
long as all goes well; one that overstays is ended, its file told as unreadable, and the next file gets a new one.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue

from skillmatch.errors import UnreadableDocument
from skillmatch.files.content import Content

#: Seconds for one file, and more for each million bytes of it. A syllabus takes a tenth of one, a page of a PDF some 25
#: thousandths, so that a course book of 1,000 pages has enough of them.
SECONDS = 30.0
SECONDS_PER_MB = 5.0
#: Address space of the process (where the system can bound it): several times what a course book of 1,000 pages takes.
MEMORY = 2_000_000_000
#: -P keeps the folder where the program was started off the path: a json.py lying there is none of ours.
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from skillmatch.files.bounded import serve; serve()"


class _Reader:
    """One process that reads files; answers come through a queue, so that waiting for one can end."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, str(Path(__file__).parents[2])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put(b"")

    def ask(self, path: Path, seconds: float) -> bytes | None:
        """The answer, ``b""`` where the process ended, None where time ran out."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(str(path.absolute())).encode() + b"\n")
            self.process.stdin.flush()
            return self._answers.get(timeout=seconds)
        except OSError:
            return b""
        except Empty:
            return None

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


_lock = threading.Lock()
_readers: list[_Reader] = []


def read_bounded(path: Path, *, seconds: float | None = None) -> Content:
    """Title and text of a PDF, DOCX or HTML file.

    Parameters
    ----------
    seconds : the bound of time; by default `SECONDS` and `SECONDS_PER_MB` for the size of the file.

    Raises
    ------
    UnreadableDocument : as `skillmatch.files.read_complex`, and where time or memory run out.
    """
    if seconds is None:
        seconds = SECONDS + SECONDS_PER_MB * path.stat().st_size / 1e6
    with _lock:
        if not _readers or _readers[0].process.poll() is not None:
            _end_all()
            _readers.append(_Reader())
        answer = _readers[0].ask(path, seconds)
        if not answer:
            _end_all()
    if answer is None:
        raise UnreadableDocument(f"reading it took longer than {seconds:.0f} s", remedy="save it again, or split it")
    if not answer:
        raise UnreadableDocument("reading it broke off (out of memory, or damaged)", remedy="save it again")
    result = json.loads(answer)
    if "error" in result:
        raise UnreadableDocument(result["error"])
    return Content(result["title"], result["text"], tuple(result["records"]))


@atexit.register
def _end_all() -> None:
    while _readers:
        _readers.pop().end()


def serve() -> None:
    """Answers one line of JSON for each path on stdin, until it is closed."""
    from skillmatch.files import read_complex

    _bound_memory()
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # no library may talk into the answers
    for line in sys.stdin.buffer:
        try:
            result = read_complex(Path(json.loads(line)))._asdict()
        except UnreadableDocument as error:
            result = {"error": str(error)}
        except OSError as error:
            result = {"error": f"cannot be read ({error.strerror or type(error).__name__})"}
        except (MemoryError, RecursionError) as error:
            result = {"error": f"too large or too deep to be read ({type(error).__name__}); split it"}
        answers.write(json.dumps(result).encode() + b"\n")
        answers.flush()


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
