"""The integer programme behind `skillmatch.bundles`: a greedy start, then outer approximation until it is proven.

What a set of courses closes of a skill is ``1 - prod(1 - coverage)``. In ``z = sum(-log(1 - coverage))`` over the
chosen courses this is ``1 - exp(-z)``, a concave function of a linear sum, so the objective is bounded from above by
tangents. It is solved exactly by outer approximation (Duran and Grossmann, 1986, Mathematical Programming 36:307):
solve with some tangents (HiGHS), add the tangents at the solution, until the bound meets the value.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

_TOLERANCE = 1e-6
_FIRST_TANGENTS = (0.0, 0.25, 0.6, 1.2, 2.5)
_MOST_ROUNDS = 30


@dataclass(frozen=True)
class Problem:
    """The choice in numbers: ``logs`` (courses x skills) of -log(1 - coverage), ``weight`` of skills (sum 1)."""

    logs: sparse.csr_array
    weight: np.ndarray
    cost: np.ndarray
    budget: float
    must: np.ndarray
    needs: list[tuple[int, list[int]]]

    def only(self, courses: np.ndarray) -> Problem:
        """The same problem with some of the courses, and the skills that they teach."""
        place = {int(course): at for at, course in enumerate(courses)}
        logs = self.logs[courses]
        skills = np.flatnonzero(np.diff(logs.tocsc().indptr))
        return Problem(
            logs[:, skills].tocsr(),
            self.weight[skills],
            self.cost[courses],
            self.budget,
            self.must[courses],
            [(place[course], [place[option] for option in options]) for course, options in self.needs],
        )

    def value(self, chosen: np.ndarray) -> float:
        """Share of the gap weight that the chosen courses close."""
        z = np.asarray(self.logs[np.flatnonzero(chosen)].sum(axis=0)).ravel()
        return float(self.weight @ -np.expm1(-z))


def greedy(problem: Problem) -> np.ndarray:
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
            added = gains(problem, z)
            scores = np.where(fits, added / problem.cost if per_credit else added, -1.0)
            at = int(np.argmax(scores))
            if added[at] <= 0:
                break
            chosen[at] = True
            z += problem.logs[[at]].toarray().ravel()
        if problem.value(chosen) > problem.value(best):
            best = chosen
    return best


def gains(problem: Problem, z: np.ndarray) -> np.ndarray:
    """What each course would add where ``z`` is reached already."""
    closes = problem.logs.copy()
    closes.data = -np.expm1(-closes.data)
    return np.asarray(closes @ (problem.weight * np.exp(-z))).ravel()


def prune(problem: Problem, value: float) -> np.ndarray:
    """Courses that can be in a bundle worth more than ``value``: all others may be left out without losing it.

    What courses close together is at most the sum of what each closes alone, so filling the budget by what a course
    closes for its credits (the last one in part) bounds every bundle. A course is out if even with it the bound stays
    below the value.
    """
    needed = problem.must.copy()
    for course, options in problem.needs:
        needed[[course, *options]] = True
    alone = gains(problem, np.zeros(problem.logs.shape[1]))
    with_it = alone + _fill(alone, problem.cost, problem.budget - problem.cost)
    return np.flatnonzero(needed | (with_it >= value - _TOLERANCE / 10))


def _fill(worth: np.ndarray, cost: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """Most worth within each budget where courses may be taken in part (the continuous knapsack)."""
    order = np.argsort(-worth / cost, kind="stable")
    return np.interp(
        np.maximum(budgets, 0.0),
        np.concatenate([[0.0], np.cumsum(cost[order])]),
        np.concatenate([[0.0], np.cumsum(worth[order])]),
    )


def upper_bound(problem: Problem, chosen: np.ndarray) -> float:
    """A bound for all bundles at once: from nothing, and from a good bundle, by what each course would add to it."""
    bounds = []
    for start in (np.zeros_like(chosen), chosen):
        z = np.asarray(problem.logs[np.flatnonzero(start)].sum(axis=0)).ravel()
        added = np.where(start, 0.0, gains(problem, z))
        bounds.append(problem.value(start) + float(_fill(added, problem.cost, np.array([problem.budget]))[0]))
    return min(1.0, *bounds)


def solve(problem: Problem, chosen: np.ndarray, until: float) -> tuple[np.ndarray, float]:
    """Outer approximation from a first bundle: the best bundle found, and the proven bound."""
    courses, skills = problem.logs.shape
    best, value = chosen, problem.value(chosen)
    bound = upper_bound(problem, chosen)
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
