"""The estimators keep scikit-learn's conventions."""

import pytest
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skillmatch import CurriculumRanker, SkillVectorizer
from skillmatch.errors import InputError


@parametrize_with_checks([CurriculumRanker(), SkillVectorizer()])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_vectorizer_and_ranker_make_a_pipeline():
    courses = ["Contents: PLC programming, SCADA, industrial robots", "Contents: embroidery and sewing"]
    ranking = make_pipeline(SkillVectorizer(kind="syllabus"), CurriculumRanker()).fit(courses)
    first, second = ranking.transform(["We need PLC programming and SCADA."])[0]
    assert first > 0.3
    assert second == 0


def test_vectorizer_names_its_columns():
    vectorizer = SkillVectorizer().fit(["x"])
    row = vectorizer.transform(["PLC programming, programmazione PLC"])
    (column,) = row.tocsr().indices
    assert vectorizer.get_feature_names_out()[column] == "plc-programming"


def test_vectorizer_refuses_what_is_no_list_of_texts():
    with pytest.raises(InputError, match="one string"):
        SkillVectorizer().fit("text")
    with pytest.raises(InputError, match="a text is int"):
        SkillVectorizer().fit([3])
