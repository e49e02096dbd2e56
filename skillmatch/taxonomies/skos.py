"""SKOS vocabularies in RDF (Turtle, N-Triples, RDF/XML), by rdflib (``pip install skillmatch[rdf]``).

Concepts are skills; labels may be SKOS's own or SKOS-XL's. The group of a skill is the collection that it is a member
of, else the topmost concept above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skillmatch.errors import InputError
from skillmatch.files.formats import brief
from skillmatch.taxonomies.draft import Concept, Draft, Node, clean
from skillmatch.taxonomies.package import Package

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node as Term

#: rdflib's names for what the suffixes stand for; JSON-LD is left out, since it may name contexts on the network.
FORMATS = {".ttl": "turtle", ".nt": "nt", ".rdf": "xml"}
_MOST_BYTES = 300_000_000
_LABELS = {"preferred": "prefLabel", "alternative": "altLabel", "hidden": "hiddenLabel"}


def read_skos(package: Package, *, language: str = "en") -> Draft:
    """What the graphs of a package say together; ``language`` is that of labels without a language tag.

    Raises
    ------
    InputError : rdflib is not installed, a file is too large or no RDF, or no concept is in it.
    """
    try:
        from rdflib import RDF, SKOS, Graph
    except ImportError as error:
        raise InputError("rdflib is not installed", remedy="pip install 'skillmatch[rdf]'") from error
    graph = Graph()
    for file in package.files:
        if file.path.stat().st_size > _MOST_BYTES:
            raise InputError(
                f"{file.shown}: too large for a graph in memory", remedy="take the CSV package, if there is one"
            )
        try:
            graph.parse(data=file.path.read_bytes(), format=FORMATS[file.path.suffix.lower()])
        except Exception as error:
            # rdflib and the XML parser below it raise whatever they like; for the user it is one thing.
            raise InputError(f"{file.shown}: no readable RDF ({brief(error)})", remedy="check the file") from error
    draft = Draft(package.stem)
    for subject in sorted(set(graph.subjects(RDF.type, SKOS.Concept)), key=str):
        concept = draft.concepts[str(subject)] = Concept(str(subject), uri=str(subject))
        _read_names(graph, subject, concept, language)
        for predicate in (SKOS.definition, SKOS.scopeNote):
            for text in sorted(graph.objects(subject, predicate), key=str):
                concept.definitions.setdefault(_language(text, language), clean(str(text)))
        above = {*graph.objects(subject, SKOS.broader), *graph.subjects(SKOS.narrower, subject)}
        concept.broader = sorted(map(str, above))
    if not draft.concepts:
        raise InputError(f"{next(iter(package.digests))}: no skos:Concept in it", remedy="give a SKOS vocabulary")
    for collection in sorted(set(graph.subjects(RDF.type, SKOS.Collection)), key=str):
        node = Node(str(collection), labels=_labels(graph, collection, language))
        for member in sorted(map(str, graph.objects(collection, SKOS.member))):
            if member in draft.concepts:
                draft.groups[node.id] = node
                draft.concepts[member].groups.append(node.id)
    _group_by_top(draft)
    return draft


def _read_names(graph: Graph, subject: Term, concept: Concept, default: str) -> None:
    from rdflib import SKOS, Namespace

    xl = Namespace("http://www.w3.org/2008/05/skos-xl#")
    for kind, name in _LABELS.items():
        found: list[Any] = list(graph.objects(subject, SKOS[name]))
        found += [form for label in graph.objects(subject, xl[name]) for form in graph.objects(label, xl.literalForm)]
        for text in sorted(found, key=lambda text: (_language(text, default), str(text))):
            concept.add(_language(text, default), [str(text)], kind, source="skos")


def _labels(graph: Graph, subject: Term, default: str) -> dict[str, str]:
    from rdflib import RDFS, SKOS

    found = [text for label in (SKOS.prefLabel, RDFS.label) for text in sorted(graph.objects(subject, label), key=str)]
    labels: dict[str, str] = {}
    for text in found:
        labels.setdefault(_language(text, default), clean(str(text)))
    return labels


def _language(text: Any, default: str) -> str:
    return (getattr(text, "language", None) or default).lower()


def _group_by_top(draft: Draft) -> None:
    """Skills without a collection go to the topmost concept above them, where it has others below it."""
    below = {above for concept in draft.concepts.values() for above in concept.broader}
    for concept in draft.concepts.values():
        at, seen = concept, {concept.id}
        while at.broader and at.broader[0] in draft.concepts and at.broader[0] not in seen:
            at = draft.concepts[at.broader[0]]
            seen.add(at.id)
        if not concept.groups and at.id in below:
            draft.groups.setdefault(at.id, Node(at.id, labels=at.labels))
            concept.groups = [at.id]
