"""Bundles: the courses that together close the most gap within a budget of credits, with the proof.

What a bundle closes of a skill is ``1 - prod(1 - coverage)`` over its courses, times the weight of the skill's gap.
In ``z = sum(-log(1 - coverage))`` over the chosen courses this is ``1 - exp(-z)``, a concave function of a linear sum,
so the choice is an integer programme whose objective is bounded from above by tangents. It is solved exactly by outer
approximation (Duran and Grossmann, 1986, Mathematical Programming 36:307): solve with some tangents (HiGHS), add the
tangents at the solution, until the bound meets the value.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from skillmatch.errors import EmptyError, InputError

#: ``adds``: share of all gap weight that the course adds to those above it; ``closed_so_far``: their sum.
BUNDLE_COLUMNS = ("order", "course_id", "title", "ects", "adds", "closed_so_far")
_NEARLY_ONE = 1 - 1e-6
_TOLERANCE = 1e-6
_FIRST_TANGENTS = (0.0, 0.25, 0.6, 1.2, 2.5)
_MOST_ROUNDS = 30


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
        return max(0.0, 1 - self.closed / self.bound) if self.bound > 0 else 0.0


@dataclass(frozen=True)
class _Problem:
    """The choice in numbers: ``logs`` (courses x skills) of -log(1 - coverage), ``weight`` of skills (sum 1)."""

    logs: sparse.csr_array
    weight: np.ndarray
    cost: np.ndarray
    budget: float
    must: np.ndarray
    needs: list[tuple[int, list[int]]]

    def value(self, chosen: np.ndarray) -> float:
        """Share of the gap weight that the chosen courses close."""
        z = np.asarray(self.logs[np.flatnonzero(chosen)].sum(axis=0)).ravel()
        return float(self.weight @ -np.expm1(-z))


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
        raise EmptyError("no course names its credits", remedy="name their column with --column ects=NAME")
    total = float(target.sum())
    problem, kept = _problem(ids, coverage, target, cost, usable, credits, must, prerequisites or {})
    if float(problem.cost[problem.must].sum()) > credits + 1e-9:
        raise InputError(f"the courses that must be in need more than {credits:g} credits", remedy="raise the budget")
    chosen = _greedy(problem)
    bound = 1.0
    if total > 0:
        chosen, bound = _solve(problem, chosen, began + time_limit)
    table = _table(courses.iloc[kept[np.flatnonzero(chosen)]], problem, np.flatnonzero(chosen))
    closed = problem.value(chosen) if total > 0 else 0.0
    return Bundle(table, float(problem.cost[chosen].sum()), closed, max(closed, min(bound, 1.0)))


def frontier(
    courses: pd.DataFrame,
    coverage: sparse.csr_array,
    target: np.ndarray,
    *,
    budgets: Sequence[float],
    time_limit: float = 5.0,
) -> pd.DataFrame:
    """The best bundle for each budget: table of ``credits, closed, bound, courses``, ``time_limit`` seconds each."""
    rows = []
    for budget in budgets:
        bundle = choose_bundle(courses, coverage, target, credits=budget, time_limit=time_limit)
        rows.append((budget, bundle.closed, bundle.bound, len(bundle.table)))
    return pd.DataFrame(rows, columns=["credits", "closed", "bound", "courses"])


def _problem(
    ids: np.ndarray,
    coverage: sparse.csr_array,
    target: np.ndarray,
    cost: np.ndarray,
    usable: np.ndarray,
    credits: float,
    must: Sequence[str],
    prerequisites: Mapping[str, Sequence[Sequence[str]]],
) -> tuple[_Problem, np.ndarray]:
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
    return _Problem(logs, weight[skills], cost[kept], credits, np.isin(ids[kept], list(must)), needs), kept


def _greedy(problem: _Problem) -> np.ndarray:
    """A good bundle at once: repeatedly the course that adds most, by itself or for its credits; the better of both."""
    best = problem.must.copy()
    for per_credit in (False, True):
        chosen = problem.must.copy()
        z = np.asarray(problem.logs[np.flatnonzero(chosen)].sum(axis=0)).ravel()
        while True:
            left = problem.budget - problem.cost[chosen].sum()
            fits = ~chosen & (problem.cost <= left + 1e-9)
            for course, options in problem.needs:
                fits[course] &= bool(options) and bool(chosen[options].any())
            if not fits.any():
                break
            gains = _gains(problem, z)
            scores = np.where(fits, gains / problem.cost if per_credit else gains, -1.0)
            at = int(np.argmax(scores))
            if gains[at] <= 0:
                break
            chosen[at] = True
            z += problem.logs[[at]].toarray().ravel()
        if problem.value(chosen) > problem.value(best):
            best = chosen
    return best


def _gains(problem: _Problem, z: np.ndarray) -> np.ndarray:
    """What each course would add where ``z`` is reached already."""
    closes = problem.logs.copy()
    closes.data = -np.expm1(-closes.data)
    return np.asarray(closes @ (problem.weight * np.exp(-z))).ravel()


def _solve(problem: _Problem, chosen: np.ndarray, until: float) -> tuple[np.ndarray, float]:
    """Outer approximation from a first bundle: the best bundle found, and the proven bound."""
    courses, skills = problem.logs.shape
    best, value = chosen, problem.value(chosen)
    bound = 1.0
    # Variables: x (courses, binary), z (skills), y (skills). Maximise weight @ y.
    columns = courses + 2 * skills
    link = sparse.hstack([problem.logs.T, -sparse.eye_array(skills), sparse.csr_array((skills, skills))], format="csr")
    limits = Bounds(
        np.concatenate([problem.must.astype(float), np.zeros(2 * skills)]),
        np.concatenate([np.ones(courses), np.full(skills, np.inf), np.ones(skills)]),
    )
    fixed = [
        LinearConstraint(link, 0.0, 0.0),
        LinearConstraint(
            sparse.csr_array(np.concatenate([problem.cost, np.zeros(2 * skills)])[None, :]), -np.inf, problem.budget
        ),
        *_prerequisite_rows(problem.needs, columns),
    ]
    tangents = [_tangents(np.full(skills, t), courses, np.arange(skills)) for t in _FIRST_TANGENTS]
    objective = np.concatenate([np.zeros(courses + skills), -problem.weight])
    for _ in range(_MOST_ROUNDS):
        left = until - time.perf_counter()
        if left <= 0:
            break
        result = milp(
            objective,
            integrality=np.concatenate([np.ones(courses), np.zeros(2 * skills)]),
            bounds=limits,
            constraints=[*fixed, *tangents],
            options={"time_limit": left, "mip_rel_gap": _TOLERANCE / 2},
        )
        if result.mip_dual_bound is not None and np.isfinite(result.mip_dual_bound):
            bound = min(bound, -result.mip_dual_bound)
        if result.x is None:
            break
        found = result.x[:courses] > 0.5
        if problem.value(found) > value:
            best, value = found, problem.value(found)
        if bound - value <= _TOLERANCE * max(bound, 1e-12):
            break
        z = np.asarray(problem.logs[np.flatnonzero(found)].sum(axis=0)).ravel()
        loose = np.flatnonzero(result.x[courses + skills :] + np.expm1(-z) > _TOLERANCE / 10)
        if not len(loose):
            break
        tangents.append(_tangents(z, courses, loose))
    return best, max(bound, value)


def _tangents(at: np.ndarray, courses: int, skills: np.ndarray) -> LinearConstraint:
    """``y <= f(t) + f'(t) (z - t)`` with ``f(z) = 1 - exp(-z)``, for some of the skills."""
    t = at[skills]
    slope = np.exp(-t)
    rows = np.arange(len(skills))
    width = courses + 2 * len(at)
    data = np.concatenate([np.ones(len(skills)), -slope])
    where = np.concatenate([courses + len(at) + skills, courses + skills])
    matrix = sparse.coo_array((data, (np.concatenate([rows, rows]), where)), shape=(len(skills), width)).tocsr()
    return LinearConstraint(matrix, -np.inf, -np.expm1(-t) - slope * t)


def _prerequisite_rows(needs: list[tuple[int, list[int]]], columns: int) -> list[LinearConstraint]:
    """``x[course] <= sum(x[options])`` for each need; a course whose options all are out stays out."""
    if not needs:
        return []
    matrix = sparse.lil_array((len(needs), columns))
    for row, (course, options) in enumerate(needs):
        matrix[row, course] = 1.0
        for option in options:
            matrix[row, option] = -1.0
    return [LinearConstraint(matrix.tocsr(), -np.inf, 0.0)]


def _table(courses: pd.DataFrame, problem: _Problem, rows: np.ndarray) -> pd.DataFrame:
    """The courses in the order in which each adds most to those before it."""
    z = np.zeros(problem.logs.shape[1])
    left = list(range(len(rows)))
    lines: list[tuple] = []
    closed = 0.0
    while left:
        gains = _gains(problem, z)[rows]
        at = max(left, key=lambda i: (gains[i], -i))
        left.remove(at)
        z += problem.logs[[rows[at]]].toarray().ravel()
        closed += gains[at]
        course = courses.iloc[at]
        lines.append(
            (len(lines) + 1, course["document_id"], course["title"], problem.cost[rows[at]], gains[at], closed)
        )
    return pd.DataFrame(lines, columns=list(BUNDLE_COLUMNS))
