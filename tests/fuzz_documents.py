"""Readers under atheris, which changes documents so that they reach more and more of the code.

``python tests/fuzz_documents.py -runs=100000``; stops with the input at the first error that is none of ours. Needs
the extra ``fuzz``.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["skillmatch"]):
    from skillmatch.errors import UnreadableDocument
    from skillmatch.files import read_complex, read_file
    from skillmatch.text import clean
from tests.test_files import SEEDS, pack_docx

_NAMES = sorted(SEEDS)
_FOLDER = Path(tempfile.mkdtemp())


def read_any(data: bytes) -> None:
    """The first byte chooses the kind of file, the rest is its content."""
    name = _NAMES[data[0] % len(_NAMES)] if data else _NAMES[0]
    content = data[1:]
    if name == "body.docx":
        name = "a.docx"
        content = pack_docx(content.decode("utf-8", errors="replace"))
    path = _FOLDER / name
    path.write_bytes(content or b" ")
    try:
        # PDF, DOCX and HTML without the process that bounds them, so that their code is seen.
        reader = read_file if path.suffix in (".txt", ".md") else read_complex
        clean(reader(path).text)
    except UnreadableDocument:
        pass


def main() -> None:
    """Starts from good documents."""
    corpus = _FOLDER / "corpus"
    corpus.mkdir()
    for number, name in enumerate(_NAMES):
        (corpus / name).write_bytes(bytes([number]) + SEEDS[name])
    atheris.Setup([*sys.argv, "-max_len=40000", "-timeout=10", "-rss_limit_mb=3000", str(corpus)], read_any)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
