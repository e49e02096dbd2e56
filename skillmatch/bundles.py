"""Bundles: the courses that together close the most gap within a budget of credits, with the proof.

`skillmatch.bundle_solver` has the mathematics; here are the question and the answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.bundle_solver import Problem, gains, greedy, prune, solve
from skillmatch.errors import EmptyError, InputError

if TYPE_CHECKING:
    from skillmatch.analysis import Analysis

#: ``adds``: share of all gap weight that the course adds to those above it; ``closed_so_far``: their sum.
BUNDLE_COLUMNS = ("order", "course_id", "title", "ects", "adds", "closed_so_far")
#: ``closed``: share of all gap weight that the best bundle of ``credits`` closes; ``bound``: none closes more.
FRONTIER_COLUMNS = ("programme", "credits", "closed", "bound", "courses")
#: What the files of an audit show: the bundle of so many credits, and the frontier over these budgets.
CREDITS = 12.0
BUDGETS = (3.0, 6.0, 12.0, 18.0, 24.0, 30.0)
MOST_COURSES = 500
_PROVEN = 1e-6
_NEARLY_ONE = 1 - 1e-6


@dataclass(frozen=True)
class Bundle:
    """A set of courses.

    Attributes
    ----------
    table : the courses (`BUNDLE_COLUMNS`), in the order in which they add most.
    credits : of all courses together.
    closed : share of all gap weight that the bundle closes, 0..1.
    bound : no bundle within the budget closes more than this (proven).
    """

    table: pd.DataFrame
    credits: float
    closed: float
    bound: float

    @property
    def distance(self) -> float:
        """How far at most the bundle is from the best possible one, as a share of the bound; 0 is optimal."""
        distance = 1 - self.closed / self.bound if self.bound > 0 else 0.0
        return distance if distance > _PROVEN else 0.0  # the solver's own tolerance


def choose_bundle(
    courses: pd.DataFrame,
    coverage: sparse.csr_array,
    target: np.ndarray,
    *,
    credits: float,
    must: Sequence[str] = (),
    exclude: Sequence[str] = (),
    prerequisites: Mapping[str, Sequence[Sequence[str]]] | None = None,
    time_limit: float = 20.0,
) -> Bundle:
    """The courses that close the most gap within ``credits``.

    Parameters
    ----------
    courses : the columns document_id, title and ects, one row for each row of ``coverage``; courses whose ects is no
        positive number are left out.
    coverage : how far each course teaches each skill, 0..1, shape (courses, skills).
    target : weight of each skill's gap, shape (skills,).
    credits : the budget.
    must, exclude : ids of courses that have to be, or must not be, in the bundle.
    prerequisites : for a course, what it needs: a list of alternatives for each need, e.g.
        ``{"B": [["A1", "A2"]]}``: B needs A1 or A2. Alternatives that are no candidates are taken as known already.
    time_limit : seconds for the proof; when they run out the best bundle found is given with the bound proven so far.

    Raises
    ------
    InputError : an unknown course, or courses that must be in but do not fit the budget.
    EmptyError : no course has credits.

    >>> courses = pd.DataFrame({"document_id": ["a", "b", "c"], "title": ["A", "B", "C"], "ects": [6, 6, 12]})
    >>> coverage = sparse.csr_array(np.array([[0.9, 0.0], [0.0, 0.9], [0.8, 0.8]]))
    >>> bundle = choose_bundle(courses, coverage, np.array([1.0, 1.0]), credits=12)
    >>> bundle.table["course_id"].tolist(), round(bundle.closed, 2), bundle.distance
    (['a', 'b'], 0.9, 0.0)
    """
    began = time.perf_counter()
    ids = courses["document_id"].astype(str).to_numpy()
    cost = pd.to_numeric(courses["ects"], errors="coerce").to_numpy(dtype=float)
    for name in (*must, *exclude):
        if name not in ids:
            raise InputError(f"course {name!r} is not among the courses", remedy="name it by its id")
    usable = np.isfinite(cost) & (cost > 0) & ~np.isin(ids, list(exclude))
    if not usable.any():
        raise EmptyError("no course names its credits", remedy="read the courses with --column ects=NAME")
    total = float(target.sum())
    problem, kept = _problem(ids, coverage, target, cost, usable, credits, must, prerequisites or {})
    if float(problem.cost[problem.must].sum()) > credits + 1e-9:
        raise InputError(f"the courses that must be in need more than {credits:g} credits", remedy="raise the budget")
    chosen = greedy(problem)
    bound = 0.0
    if total > 0 and len(kept):
        useful = prune(problem, problem.value(chosen))
        problem, kept, chosen = problem.only(useful), kept[useful], chosen[useful]
        chosen, bound = solve(problem, chosen, began + time_limit)
    table = _table(courses.iloc[kept[np.flatnonzero(chosen)]], problem, np.flatnonzero(chosen))
    closed = problem.value(chosen) if total > 0 else 0.0
    return Bundle(table, float(problem.cost[chosen].sum()), closed, max(closed, min(bound, 1.0)))


def best_bundle(
    analysis: Analysis,
    programme: str,
    *,
    credits: float,
    must: Sequence[str] = (),
    exclude: Sequence[str] = (),
    prerequisites: bool = False,
    time_limit: float = 20.0,
) -> Bundle:
    """The best bundle for the gaps of a programme, among the courses that may close them (`Analysis.choice`)."""
    chosen, _ = analysis.choice(programme)
    courses = analysis.courses.iloc[chosen]
    if "ects" not in courses:
        raise EmptyError("no course names its credits", remedy="read the courses with --column ects=NAME")
    return choose_bundle(
        courses,
        analysis.coverage[chosen],
        analysis.target(programme),
        credits=credits,
        must=must,
        exclude=exclude,
        prerequisites=parse_prerequisites(courses) if prerequisites else None,
        time_limit=time_limit,
    )


def frontier(analysis: Analysis, programme: str, *, budgets: Sequence[float], time_limit: float = 5.0) -> pd.DataFrame:
    """The best bundle for each budget: table of `FRONTIER_COLUMNS`, ``time_limit`` seconds each."""
    rows = []
    for budget in budgets:
        bundle = best_bundle(analysis, programme, credits=budget, time_limit=time_limit)
        rows.append((programme, budget, bundle.closed, bundle.bound, len(bundle.table)))
    return pd.DataFrame(rows, columns=list(FRONTIER_COLUMNS))


def bundles_of(analysis: Analysis) -> tuple[pd.DataFrame, pd.DataFrame]:
    """For each programme the best bundle of `CREDITS` and the frontier over `BUDGETS`, for the files of an audit.

    Empty where no course names its credits, or where there are more than `MOST_COURSES` to choose from: then the proof
    may take long, and is left to the command ``bundle``.
    """
    tables, frontiers = [], []
    for name in analysis.programmes:
        courses = analysis.courses.iloc[analysis.choice(name)[0]]
        ects = pd.to_numeric(courses.get("ects", pd.Series(dtype=float)), errors="coerce")
        if not (ects > 0).any() or len(courses) > MOST_COURSES:
            continue
        bundle = best_bundle(analysis, name, credits=CREDITS)
        tables.append(bundle.table.assign(programme=name, distance=bundle.distance))
        frontiers.append(frontier(analysis, name, budgets=BUDGETS))
    columns = ["programme", *BUNDLE_COLUMNS, "distance"]
    return (
        pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns),
        pd.concat(frontiers, ignore_index=True) if frontiers else pd.DataFrame(columns=list(FRONTIER_COLUMNS)),
    )


def parse_prerequisites(courses: pd.DataFrame) -> dict[str, list[list[str]]]:
    """What each course needs, from the ids or codes of other courses in its column prerequisites.

    Alternatives are joined by "or", "o" or "/", needs by anything else.

    >>> courses = pd.DataFrame({"document_id": ["A", "B", "C"], "prerequisites": ["", "", "A or B; basic maths"]})
    >>> parse_prerequisites(courses)
    {'C': [['A', 'B']]}
    """
    if "prerequisites" not in courses:
        return {}
    known = {str(code): course for code, course in zip(courses.get("code", []), courses["document_id"], strict=False)}
    known.pop("", None)
    known |= {course: course for course in courses["document_id"]}
    needs: dict[str, list[list[str]]] = {}
    for course, text in zip(courses["document_id"], courses["prerequisites"].astype(str), strict=True):
        for part in re.split(r"[,;\n]|\b(?:and|e|ed)\b", text):
            words = re.split(r"\s+(?:or|o|oppure)\s+|/|\s", part.strip())
            options = [known[word] for word in words if word in known]
            if options and course not in options:
                needs.setdefault(course, []).append(options)
    return needs


def _problem(
    ids: np.ndarray,
    coverage: sparse.csr_array,
    target: np.ndarray,
    cost: np.ndarray,
    usable: np.ndarray,
    credits: float,
    must: Sequence[str],
    prerequisites: Mapping[str, Sequence[Sequence[str]]],
) -> tuple[Problem, np.ndarray]:
    """Only what can matter: courses within the budget that close something or are needed, skills with a gap."""
    weight = target / target.sum() if target.sum() > 0 else target
    useful = np.asarray(coverage @ weight).ravel() > 0
    needed = {name for needs in prerequisites.values() for options in needs for name in options}
    wanted = useful | np.isin(ids, [*must, *needed])
    kept = np.flatnonzero(usable & wanted & (cost <= credits))
    missing = set(must) - set(ids[kept])
    if missing:
        raise InputError(f"course {sorted(missing)[0]!r} must be in but does not fit", remedy="raise the budget")
    place = {name: at for at, name in enumerate(ids[kept])}
    known = set(ids)
    needs = []
    for name, groups in prerequisites.items():
        if name in place:
            for options in groups:
                if known.issuperset(options):
                    needs += [(place[name], [place[option] for option in options if option in place])]
    skills = np.flatnonzero(weight > 0)
    logs = sparse.csr_array(coverage)[kept][:, skills].tocsr()
    logs.data = -np.log1p(-np.minimum(logs.data, _NEARLY_ONE))
    logs.eliminate_zeros()
    return Problem(logs, weight[skills], cost[kept], credits, np.isin(ids[kept], list(must)), needs), kept


def _table(courses: pd.DataFrame, problem: Problem, rows: np.ndarray) -> pd.DataFrame:
    """The courses in the order in which each adds most to those before it."""
    z = np.zeros(problem.logs.shape[1])
    left = list(range(len(rows)))
    lines: list[tuple] = []
    closed = 0.0
    while left:
        added = gains(problem, z)[rows]
        at = max(left, key=lambda i: (added[i], -i))
        left.remove(at)
        z += problem.logs[[rows[at]]].toarray().ravel()
        closed += added[at]
        course = courses.iloc[at]
        lines.append(
            (len(lines) + 1, course["document_id"], course["title"], problem.cost[rows[at]], added[at], closed)
        )
    return pd.DataFrame(lines, columns=list(BUNDLE_COLUMNS))
