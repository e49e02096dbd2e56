"""Names that share a word with their neighbours: coordinations are read word by word."""

import pytest

import skillmatch


@pytest.fixture(scope="module")
def nlp():
    return {language: skillmatch.load("manufacturing", lang=language) for language in ("en", "it")}


def found(nlp, text):
    doc = nlp(text)
    return {(span.text, span.kb_id_) for span in doc.spans["skills"]}


@pytest.mark.parametrize(
    ("language", "text", "mention"),
    [
        ("en", "preventive, predictive and corrective maintenance", ("preventive", "preventive-maintenance")),
        ("en", "preventive, predictive and corrective maintenance", ("predictive", "predictive-maintenance")),
        ("en", "ordinary and partial differential equations", ("ordinary", "differential-equations")),
        ("en", "lighting/stage design", ("lighting", "lighting-design")),
        ("en", "wind and ocean energy", ("wind", "wind-energy")),
        ("en", "brand architecture and management", ("management", "brand-management")),
        ("it", "doti comunicative e organizzative", ("organizzative", "organisational-skills")),
        ("it", "diritto penale, commerciale e del lavoro", ("commerciale", "law")),
        ("it", "produzione, prova e confezionamento di farmaci", ("produzione", "pharmaceutical-manufacturing")),
        ("it", "gestione del tempo e delle priorità", ("priorità", "prioritisation")),
    ],
)
def test_each_word_is_read_with_what_it_shares(nlp, language, text, mention):
    assert mention in found(nlp[language], text)


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "ordinary, partial differential equations", "ordinary"),  # a list whose end nothing tells
        ("en", "what is ordinary. And partial differential equations", "ordinary"),
        ("en", "ordinary\nand partial differential equations", "ordinary"),
        ("en", "ordinary (and partial differential equations)", "ordinary"),
        ("en", "brand new tools and the ability for management", "management"),
        ("en", "fluid dynamics and physical constraints", "physical"),  # fluid physics: the same stem, another form
        ("it", "addetto/a alle spedizioni", "a"),
        ("it", "un addetto/a alle vendite", "addetto"),
        ("it", "e commerciale e", "commerciale"),
    ],
)
def test_what_is_not_joined_shares_nothing(nlp, language, text, word):
    assert word not in {word for word, _ in found(nlp[language], text)}


@pytest.mark.parametrize("text", ["", "and", "/ / and , or", "and and and", ", and", "a/b/c/d/e/f/g/h/i/j and k"])
def test_odd_coordinations_are_no_trouble(nlp, text):
    assert found(nlp["en"], text) == set()


def test_a_skill_named_right_beside_is_not_said_again(nlp):
    assert found(nlp["it"], "ricezione e stoccaggio delle merci") == {
        ("stoccaggio delle merci", "warehouse-operations")
    }


def test_a_word_with_a_name_of_its_own_keeps_it(nlp):
    alone = found(nlp["en"], "wind energy, robotics and welding")
    assert ("robotics", "robotics") in alone and len(alone) == 3
