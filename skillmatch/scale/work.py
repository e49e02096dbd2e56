"""One chunk from records to a part on disk: the same function in this process, in a worker, on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from skillmatch.documents.duplicates import Trace
from skillmatch.documents.preparation import prepare, trace_of
from skillmatch.fingerprints import code_fingerprint, digest
from skillmatch.mentions import MENTION_COLUMNS, find_mentions
from skillmatch.pipeline import Pipelines
from skillmatch.privacy import mask_record
from skillmatch.scale.chunks import Chunk
from skillmatch.scale.parts import write_part
from skillmatch.scale.store import Store
from skillmatch.scale.values import Known, pack_mentions, unpack_mentions
from skillmatch.taxonomy import Taxonomy

#: Documents that are worked on together, and kept in the store together.
_GROUP = 64
_GROUP_CHARACTERS = 200_000
#: What the reading of a document depends on, besides the options.
_READ = ("title", "text", "employer", "programme")
#: Told the numbers of the documents now worked on (none: something else), and how many of the chunk are done.
Tell = Callable[[Sequence[int], int], None]
Record = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """What every chunk of a run has in common; plain values, so that it can be sent to another process.

    ``taxonomy`` is the JSON text of the taxonomy, ``state`` the folder of the unfinished run, ``cache`` that of the
    store; ``texts`` says whether parts hold the texts of their documents too; ``linking`` is the file of the
    linker's index, ``""`` where sentences are not linked, ``semantic`` the folder of its semantic vectors, if any.
    """

    kind: str
    language: str | None
    mask_names: bool
    taxonomy: str
    state: str
    cache: str
    texts: bool = False
    linking: str = ""
    semantic: str = ""

    @property
    def reading(self) -> str:
        """Digest of all that decides how a document is read."""
        return digest([code_fingerprint(), self.kind, self.language or "", str(self.mask_names)])

    def made_by(self, pipelines: Pipelines) -> str:
        """Digest of all that decides what becomes of a chunk, besides the chunk."""
        return digest([self.reading, pipelines.fingerprint, str(self.texts), _writing()])


@cache
def _writing() -> str:
    """Digest of the code that makes parts and outputs, and of the library that writes them."""
    sources = (path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return digest([pa.__version__, *sources])


def _pipelines(settings: Settings) -> Pipelines:
    taxonomy = Taxonomy.from_json(settings.taxonomy)
    if not settings.linking:
        return Pipelines(taxonomy)
    from skillmatch.linking.index import LinkIndex
    from skillmatch.linking.linker import Linker
    from skillmatch.linking.semantic import SemanticVectors

    semantic = SemanticVectors(settings.semantic) if settings.semantic else None
    return Pipelines(taxonomy, linker=Linker(taxonomy, index=LinkIndex.load(settings.linking), semantic=semantic))


def made_from(chunk: Chunk, made_by: str) -> str:
    """Digest that a part carries: of its chunk, and of what decides what becomes of it (`Settings.made_by`)."""
    return digest([chunk.digest, made_by])


class Work:
    """Works on chunks, with one set of pipelines, made when the first document needs it, and one store."""

    def __init__(self, settings: Settings, pipelines: Pipelines | None = None) -> None:
        self.settings = settings
        self.pipelines = pipelines or _pipelines(settings)
        self._store = Store(Path(settings.cache))
        self._reading, self._made_by = settings.reading, settings.made_by(self.pipelines)

    def close(self) -> None:
        self._store.close()

    def do(
        self, chunk: Chunk, *, tell: Tell, careful: Collection[int] = (), poison: Mapping[int, str] | None = None
    ) -> None:
        """Work on a chunk and write its part.

        Documents whose numbers are in ``careful`` are worked on one by one; those in ``poison`` are skipped with the
        reason given.
        """
        records, poison = chunk.records, poison or {}
        keys = [None if problem or i in poison else self._key(record) for i, (record, problem) in enumerate(records)]
        wanted = [key for key in keys if key is not None]
        known = self._store.readings(wanted)
        mentions = self._store.mentions(wanted, found_by=self.pipelines.fingerprint)
        missing = {
            key: number
            for number, key in reversed(list(enumerate(keys)))
            if key is not None and key not in mentions and (key not in known or not Known.from_bytes(known[key]).reason)
        }
        done = len(records) - len(missing)
        tell((), done)
        for group in _groups(sorted(missing.values()), [record for record, _ in records], careful):
            tell(group, done)
            read, found = self._work_on([(keys[i], records[i][0]) for i in group], known)
            self._store.put(read, found, found_by=self.pipelines.fingerprint)
            known |= read
            mentions |= found
            done += len(group)
        tell((), done)
        self._write(chunk, records, keys, known, mentions, poison)

    def _key(self, record: Record) -> bytes:
        return bytes.fromhex(digest([self._reading, *(record.get(field, "") for field in _READ)]))

    def _work_on(
        self, group: list[tuple[Any, Record]], known: Mapping[bytes, bytes]
    ) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
        """Readings and mentions of some documents, by key."""
        settings = self.settings
        readings, texts = {}, {}
        for key, raw in group:
            if key in known:
                reading = Known.from_bytes(known[key])
            else:
                record = dict(raw)
                reason = prepare(record, language=settings.language, mask_names=settings.mask_names)
                reading = Known(reason) if reason else Known.of(record, trace_of(record, kind=settings.kind))
                readings[key] = reading.to_bytes()
            if not reading.reason:
                employer = {"employer": raw.get("employer", "")}
                mask_record(employer)
                texts[key] = settings.kind, reading.title, reading.text, employer["employer"], reading.language
        found = find_mentions(texts.values(), pipelines=self.pipelines)
        return readings, {key: pack_mentions(rows) for key, rows in zip(texts, found, strict=True)}

    def _write(
        self, chunk: Chunk, records: list[tuple[Record, str]], keys: list[bytes | None],
        known: Mapping[bytes, bytes], mentions: Mapping[bytes, bytes], poison: Mapping[int, str],
    ) -> None:  # fmt: skip
        documents: list[Record] = []
        numbers: list[int] = []
        traces: list[Trace] = []
        texts: list[bytes] = []
        skipped: list[tuple[int, str]] = []
        columns: list[list[Any]] = [[] for _ in MENTION_COLUMNS]
        for number, ((record, problem), key) in enumerate(zip(records, keys, strict=True)):
            reading = Known(problem or poison[number]) if key is None else Known.from_bytes(known[key])
            if reading.trace is None:
                skipped.append((number, reading.reason))
                continue
            record.pop("text")
            mask_record(record, names=self.settings.mask_names)
            record |= {"kind": self.settings.kind, "title": reading.title, "language": reading.language}
            found = unpack_mentions(mentions[key]) if key is not None else []
            if found:
                columns[0] += [len(documents)] * len(found[0])
                for column, values in zip(columns[1:], found, strict=True):
                    column.extend(values)
            documents.append(record)
            numbers.append(number)
            traces.append(reading.trace)
            texts.append(reading.packed if self.settings.texts else b"")
        write_part(
            Path(self.settings.state), chunk.number, made_from(chunk, self._made_by),
            documents=documents, numbers=numbers, traces=traces, texts=texts, mentions=columns, skipped=skipped,
            poison=len(poison),
        )  # fmt: skip


def _groups(numbers: list[int], records: list[Record], careful: Collection[int]) -> Iterator[list[int]]:
    group: list[int] = []
    characters = 0
    for number in numbers:
        if number in careful:
            yield [number]
            continue
        group.append(number)
        characters += len(records[number]["text"])
        if len(group) >= _GROUP or characters >= _GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group
