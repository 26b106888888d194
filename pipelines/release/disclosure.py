"""Disclosure control for the public edition: which cells of additive tables are hidden so that no enterprise's figure is found.

Belongs here: the sensitivity rules, complementary suppression, and the attack that a pattern must withstand, as pure functions
of cells and relations. Does not belong here: where cells come from, or how a hidden one is written in a release.

Terms and rules are those of Hundepool et al., Handbook on Statistical Disclosure Control, 2nd edition 2024, chapter 4 ("the
handbook").

What the attacker is taken to know: every published value exactly; every relation; which cells are non-negative; what is marked
`is_known`; and, if the attacker is an enterprise, the cells of which it is the only unit (the handbook's singletons). Not taken
to know: an upper limit of a hidden cell, or which hidden cells are sensitive; so a public edition must neither tell primary from
secondary nor give the parameters below. Not modelled: enterprises that join, and what one of several enterprises in a hidden
cell knows of it beyond what the p% rule allows for. A missing part (value None) is an unknown like a hidden cell: its relation
then says no more than an inequality, and that only if the part cannot be negative. What is missing from the total too, as a
report that was not received, does not belong in the relation at all.

Method. Every component of cells that relations connect to a sensitive one is solved by itself:

- up to `EXACT_CELLS` cells that could be hidden: the least costly pattern, by the cutting planes of Fischetti and Salazar
  (Models and algorithms for optimizing cell suppression in tabular data with linear constraints, JASA 95, 2000). The problem is
  NP-hard; a round solves one 0-1 programme and at most four linear ones for each sensitive cell and attacker.
- beyond: for each cell not yet protected, the cheapest deviation that protects it, by a linear programme around it, whose moved
  cells are hidden (the relaxation of Kelly, Golden and Assad, Cell suppression: disclosure protection for sensitive tabular data,
  Networks 22, 1992, for any linear relations); then what turns out not to be needed is shown again. A few small programmes a
  cell; near the optimum, not at it.

Both end in the same audit by linear programmes, so that the second is as safe as the first. A range is that of real numbers;
that whole numbers narrow it further is possible only where relations are no network, and is not excluded. No kept Python library
does all this: the known programs are tau-ARGUS (Java) and sdcTable and GaussSuppression (R). The solver is HiGHS.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple

import highspy
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from pipelines.refusals import Refusal

MIN_UNITS = 3
"""A cell with fewer contributing units is sensitive: of two, each learns the other's by subtraction (the handbook's choice)."""

P_PERCENT = Decimal(15)
"""The p of the p% rule, and how far, in per cent of its value, the range of a sensitive cell must reach on either side of it.

The p% rule rather than an (n,k) one, as the handbook recommends: (1,k) forgets what the second largest unit knows, (2,k) hides
too much. With 15, a unit that has more than 87% of a cell (1 / 1.15) always dominates it.
"""

EXACT_CELLS = 24
"""Cells that could be hidden, up to which a component is solved exactly, in about 0.1 s; the time doubles every few cells."""

EXACT_ROUNDS = 60
THINNED_CELLS = 100
"""Hidden cells that hang together, up to which it is tried which of them can be shown again."""

# Relative: what the solver takes for satisfied is exact to 1e-7 of quantities scaled to about 1.
_TOLERANCE = 1e-5
_MOVED = 1e-7

State = Literal["published", "primary", "secondary", "missing"]
Reason = Literal["few_units", "dominated"]


class CannotProtect(Refusal):
    """A sensitive cell follows from values that cannot be hidden."""


@dataclass(frozen=True)
class Cell:
    """A number of a table to be published.

    Attributes:
        cell_id: unique, and so that `repr` tells it from the others in every process: text, number, or a tuple of such.
        value: exact, in any unit that it shares with the cells it is added to; None if nobody has it.
        unit_count: enterprises that contribute; None if it is not about enterprises, and then it is never sensitive.
        largest, second_largest: the two largest contributions, as magnitudes, in the unit of the value; None where dominance
            makes no sense (counts of enterprises).
        is_non_negative: everyone knows that it cannot be below nought.
        least_protection: how far at least the range of the cell must reach on either side of the value, in its unit; 1 for
            counts, as less would leave one whole number.
        sole_unit: the enterprise if it is the only one, to which the cell is therefore no secret; None if not known.
        is_known: readers have it anyway, as from an earlier release: it can neither be hidden nor help to hide.
        is_kept: hidden only when there is no other way, as the city's totals.
    """

    cell_id: Hashable
    value: Decimal | None
    unit_count: int | None = None
    largest: Decimal | None = None
    second_largest: Decimal | None = None
    is_non_negative: bool = True
    least_protection: Decimal = Decimal(1)
    sole_unit: Hashable | None = None
    is_known: bool = False
    is_kept: bool = False


@dataclass(frozen=True)
class Relation:
    """That the cells, each once, with factor 1 or -1, add up to a constant that everyone knows."""

    terms: tuple[tuple[Hashable, int], ...]
    constant: Decimal = Decimal(0)

    @classmethod
    def total(cls, total: Hashable, parts: Iterable[Hashable]) -> Relation:
        """That a cell is the sum of others: the city of its counties, a year to date of the one before and the month."""
        return cls(((total, 1), *((part, -1) for part in parts)))


class Verdict(NamedTuple):
    """What becomes of a cell; for the office only (see the module's docstring). `reason` is given for primary ones."""

    state: State
    reason: Reason | None = None

    @property
    def is_hidden(self) -> bool:
        return self.state != "published"


class Range(NamedTuple):
    """What an attacker can infer of a hidden cell, in its unit; infinite if nothing."""

    low: float
    high: float


class Exposure(NamedTuple):
    """A sensitive cell of which too much can be inferred: by everyone, or by the enterprise that is alone in other cells."""

    cell_id: Hashable
    to_unit: Hashable | None


def sensitivity(cell: Cell) -> Reason | None:
    """Whether publishing the cell would tell of one enterprise (handbook 4.2.1, minimum frequency rule and p% rule).

    A cell without contributing units is not sensitive: it speaks of no enterprise. One with units and value 0 is: it says that
    each of them has 0. Where contributions may be negative the value stands for the sum of magnitudes, which is never less: that
    errs on the side of hiding.

    Raises:
        ValueError: the cell has no units, but a value; or a second largest contribution above the largest.
    """
    if cell.value is None or cell.unit_count is None or cell.is_known:
        return None
    if cell.unit_count == 0:
        if cell.value:
            raise ValueError(f"{cell.cell_id!r} has the value {cell.value} and no unit that contributes")
        return None
    if cell.unit_count < MIN_UNITS:
        return "few_units"
    if cell.largest is None:
        return None
    second = cell.second_largest or Decimal(0)
    if second > cell.largest:
        raise ValueError(f"{cell.cell_id!r}: second largest contribution {second} exceeds the largest, {cell.largest}")
    return "dominated" if abs(cell.value) - cell.largest - second < P_PERCENT / 100 * cell.largest else None


def protection_level(cell: Cell) -> Decimal:
    """How far the range of a sensitive cell must reach above its value, and below unless nought is nearer; in its unit.

    Never less than the handbook's upper protection level for the p% rule (p% of the largest contribution, less what the others
    than the two largest contribute), as that is at most p% of the value.
    """
    return max(abs(cell.value or Decimal(0)) * P_PERCENT / 100, cell.least_protection)


def protect(cells: Iterable[Cell], relations: Iterable[Relation]) -> dict[Hashable, Verdict]:
    """What to publish and what to hide, by cell; the same for the same input in any order.

    Hides first what is small (see `_Table.cost`), what is nought only if nothing else serves (that it is nought is often known
    anyway), what `is_kept` only if nothing else that is not nought serves.

    Raises:
        CannotProtect: what is known follows a sensitive cell too closely.
        ValueError: ids are not unique, a relation names an unknown cell, does not hold, or cannot hold.
    """
    whole = _Table.of(cells, relations)
    verdicts = {cell.cell_id: Verdict("missing" if cell.value is None else "published") for cell in whole.cells}
    for table in whole.components():
        hidden = table.suppressed()
        for index in np.flatnonzero(hidden):
            cell = table.cells[index]
            if cell.value is not None:
                reason = sensitivity(cell)
                verdicts[cell.cell_id] = Verdict("primary", reason) if reason else Verdict("secondary")
    return verdicts


def exposures(cells: Iterable[Cell], relations: Iterable[Relation], hidden: Collection[Hashable]) -> list[Exposure]:
    """The gate before publishing: sensitive cells that are not hidden, or whose range is too narrow; none may be.

    Args:
        hidden: ids of the cells that are not published, whoever chose them; what has no value is hidden anyway.
    """
    whole, hidden = _Table.of(cells, relations), set(hidden)
    found = []
    for table in whole.components():
        mask = table.is_missing | np.array([cell.cell_id in hidden for cell in table.cells])
        shown = [i for i in np.flatnonzero(table.protection) if not mask[i]]
        found += [Exposure(table.cells[i].cell_id, None) for i in shown]
        found += [table.exposure(demand) for demand in table.unmet(mask) if demand.target not in shown]
    return sorted(set(found), key=repr)


def ranges(
    cells: Iterable[Cell], relations: Iterable[Relation], hidden: Collection[Hashable], of: Collection[Hashable] | None = None
) -> dict[Hashable, Range]:
    """The attack by everyone: what can be inferred of each hidden cell, or of those named, by two linear programmes each."""
    whole, hidden = _Table.of(cells, relations), set(hidden)
    mask = whole.is_missing | np.array([cell.cell_id in hidden for cell in whole.cells], dtype=bool)
    found = {}
    for group in whole.groups(mask & ~whole.is_known):
        attack = _Attack(whole, group)
        for index, target in enumerate(group):
            if of is None or whole.cells[target].cell_id in of:
                down, up = (attack.furthest(target, sign) for sign in (-1, 1))
                low = -math.inf if down is None else whole.value[target] + down[index]
                high = math.inf if up is None else whole.value[target] + up[index]
                found[whole.cells[target].cell_id] = Range(float(low), float(high))
    return found


def derived_to_hide(derived: Mapping[Hashable, Iterable[Hashable]], hidden: Collection[Hashable]) -> set[Hashable]:
    """Ratios, shares, averages, growth rates, ranks that would give away a hidden cell: all that use one, directly or in steps.

    With the other operand published such a number gives the hidden one; with both hidden it is one more equation between them. So
    none is published. A growth rate on an earlier period uses the earlier cell too, in whatever release it was published.

    Args:
        derived: of each derived number the ids of all that it is computed from: cells or other derived numbers.
        hidden: ids of the cells that are not published.
    """
    users = defaultdict(list)
    for number, operands in derived.items():
        for operand in operands:
            users[operand].append(number)
    found: set[Hashable] = set()
    waiting = list(hidden)
    while waiting:
        for number in users[waiting.pop()]:
            if number not in found:
                found.add(number)
                waiting.append(number)
    return found


@dataclass(frozen=True)
class _Demand:
    """That, for somebody who knows the frozen cells, the target could be as far off as this, in its unit."""

    target: int
    down: float
    up: float
    unit: Hashable | None = None
    frozen: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class _Table:
    """Cells in canonical order, and relations as a matrix: a deviation y from the values is possible if `matrix @ y` is nought.

    Attributes:
        matrix: relations by cells.
        value: of missing cells one with which all relations hold, as which of them does not matter.
    """

    cells: list[Cell]
    matrix: sparse.csr_array
    value: np.ndarray

    @classmethod
    def of(cls, cells: Iterable[Cell], relations: Iterable[Relation]) -> _Table:
        ordered = sorted(cells, key=lambda cell: repr(cell.cell_id))
        place = {cell.cell_id: index for index, cell in enumerate(ordered)}
        if len({repr(cell.cell_id) for cell in ordered}) < len(ordered):
            raise ValueError("cell ids, and what repr makes of them, must be unique")
        for cell in ordered:
            if cell.is_non_negative and cell.value is not None and cell.value < 0:
                raise ValueError(f"{cell.cell_id!r} is said not to be negative and is {cell.value}")
        relations = list(relations)
        if unknown := {name for one in relations for name, _ in one.terms} - place.keys():
            raise ValueError(f"relations name unknown cells: {sorted(map(repr, unknown))}")
        rows = sorted({(tuple(sorted((place[name], factor) for name, factor in one.terms)), one.constant) for one in relations})
        for terms, constant in rows:
            _check(ordered, terms, constant)
        entries = [(row, cell, factor) for row, (terms, _) in enumerate(rows) for cell, factor in terms]
        at, cell_at, factor = (np.array(column) for column in zip(*entries, strict=True)) if entries else ([], [], [])
        matrix = sparse.csr_array((np.array(factor, float), (at, cell_at)), shape=(len(rows), len(ordered)))
        value = np.array([float(cell.value or 0) for cell in ordered])
        missing = np.array([cell.value is None for cell in ordered], dtype=bool)
        if missing.any():
            constants = np.array([float(constant) for _, constant in rows])
            value[missing] = _completion(ordered, matrix, value, missing, constants)
        return cls(ordered, matrix, value)

    def components(self) -> Iterator[_Table]:
        """The parts that hang together by what is not known and have a sensitive cell, each as a table of its own."""
        for group in self.groups(~self.is_known):
            if self.protection[group].any():
                part = self.matrix[:, group]
                yield _Table([self.cells[i] for i in group], part[np.diff(part.indptr) > 0], self.value[group])

    @cached_property
    def is_known(self) -> np.ndarray:
        return np.array([cell.is_known and cell.value is not None for cell in self.cells], dtype=bool)

    @cached_property
    def is_missing(self) -> np.ndarray:
        return np.array([cell.value is None for cell in self.cells], dtype=bool)

    @cached_property
    def protection(self) -> np.ndarray:
        """Protection levels; 0 of what is not sensitive."""
        return np.array([float(protection_level(cell)) if sensitivity(cell) else 0.0 for cell in self.cells])

    @cached_property
    def room_below(self) -> np.ndarray:
        """How far each cell could lie below its value."""
        return np.where([cell.is_non_negative for cell in self.cells], self.value, math.inf)

    @cached_property
    def cost(self) -> np.ndarray:
        """Of hiding a cell: its order of magnitude, so that small ones go first, but not very many of them for one large one."""
        least = np.array([float(cell.least_protection) for cell in self.cells])
        return np.log2(2 + np.abs(self.value) / least)

    @cached_property
    def size(self) -> sparse.csr_array:
        return abs(self.matrix)

    def groups(self, mask: np.ndarray) -> list[np.ndarray]:
        """The masked cells, in groups that relations connect by masked cells alone."""
        chosen = np.flatnonzero(mask)
        links = self.matrix[:, chosen].tocoo()
        nodes = len(chosen) + self.matrix.shape[0]
        graph = sparse.csr_array((np.ones(links.nnz), (links.col, links.row + len(chosen))), shape=(nodes, nodes))
        _, labels = connected_components(graph, directed=False)
        labels = labels[: len(chosen)]
        order = np.argsort(labels, kind="stable")
        return [chosen[one] for one in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1) if len(one)]

    def rows(self, group: np.ndarray) -> sparse.csr_array:
        part = self.matrix[:, group]
        return part[np.diff(part.indptr) > 0]

    # --- what must be protected -------------------------------------------------------------------------------------------------

    def demands(self, group: np.ndarray) -> list[_Demand]:
        """Of the sensitive cells of a group that hangs together by hidden cells, or by those that could be.

        A unit that is alone in some of them must not find out others: for it a range of the protection level above the value is
        enough, as it can know that a unit has no less than nought.
        """
        sensitive = group[self.protection[group] > 0]
        alone = defaultdict(list)
        for index in sensitive:
            if self.cells[index].sole_unit is not None:
                alone[self.cells[index].sole_unit].append(int(index))
        level, room = self.protection, self.room_below
        everyone = [_Demand(int(i), min(level[i], room[i]), level[i]) for i in sensitive]
        insiders = [
            _Demand(int(i), 0.0, level[i], unit, tuple(alone[unit]))
            for unit in sorted(alone, key=repr)
            for i in sensitive
            if self.cells[i].sole_unit != unit
        ]
        return everyone + insiders

    def exposure(self, demand: _Demand) -> Exposure:
        return Exposure(self.cells[demand.target].cell_id, demand.unit)

    def unmet(self, hidden: np.ndarray) -> list[_Demand]:
        """The audit: demands that hiding these cells does not meet."""
        found = []
        for group in self.groups(hidden):
            by_attacker = defaultdict(list)
            for demand in self.demands(group):
                by_attacker[demand.frozen].append(demand)
            for frozen, demands in by_attacker.items():
                found += _Attack(self, np.setdiff1d(group, frozen)).unmet(demands)
        return found

    def scale(self, target: int) -> float:
        """The unit in which a programme about this cell is put, as the solver's tolerance is absolute."""
        return float(self.protection[target] or protection_level(self.cells[target]))

    # --- what is hidden ---------------------------------------------------------------------------------------------------------

    def suppressed(self) -> np.ndarray:
        """A mask of what to hide: sensitive, missing, and what protects the sensitive."""
        hidden = (self.protection > 0) | self.is_missing
        nought = (self.value == 0) & ~hidden
        kept = np.array([cell.is_kept for cell in self.cells], dtype=bool)
        settled = hidden.copy()
        unmet = self.unmet(hidden)
        for allowed in (~nought & ~kept | hidden, ~nought | hidden, np.ones(len(self.cells), dtype=bool)):
            if not unmet:
                break
            for group in self.groups(allowed):
                mine = [demand for demand in unmet if demand.target in group]
                if mine:
                    cheapest = _cheapest(self, group, hidden) if len(group) <= EXACT_CELLS else None
                    if cheapest is None:
                        self.hide_around(mine, allowed, hidden)
                    else:
                        hidden[cheapest] = settled[cheapest] = True
            # What was hidden for one connects groups, and with them new insiders.
            unmet = self.unmet(hidden)
            while unmet and self.hide_around(unmet, allowed, hidden):
                unmet = self.unmet(hidden)
        if unmet:
            names = "、".join(sorted({str(self.cells[demand.target].cell_id) for demand in unmet}))
            raise CannotProtect(
                f"下列数须保密，但由已经公开的数就能推出或接近推出：{names}。请核对哪些数确已公开；确已公开的，这些数已无法保密，请负责人决定。"
            )
        return self.thinned(hidden, settled)

    def thinned(self, hidden: np.ndarray, settled: np.ndarray) -> np.ndarray:
        """Shows again, costliest first, what turns out not to be needed: what one cell hides may serve another hidden later.

        Groups in which all that is hidden is settled, as sensitive or by the exact method, stay as they are.
        """
        by_cell, by_row = self.matrix.tocsc(), self.matrix
        rows_of = [by_cell.indices[by_cell.indptr[i] : by_cell.indptr[i + 1]] for i in range(len(self.cells))]
        members = [by_row.indices[by_row.indptr[i] : by_row.indptr[i + 1]] for i in range(by_row.shape[0])]
        chosen = np.flatnonzero(hidden & (self.protection == 0) & ~self.is_missing)
        left = np.array([hidden[one].sum() for one in members])
        groups = [one for one in self.groups(hidden) if len(one) <= THINNED_CELLS and not settled[one].all()]
        group_of = {int(cell): group for group in groups for cell in group}
        for start in sorted(chosen, key=lambda i: (-self.cost[i], i)):
            if not hidden[start] or int(start) not in group_of:
                continue
            # A cell left alone in a relation follows from it: hiding it has no use, and if it is sensitive this cannot be done.
            shown, waiting, count = {int(start)}, [int(start)], {}
            while waiting:
                for row in rows_of[waiting.pop()]:
                    count[row] = count.get(row, left[row]) - 1
                    if count[row] == 1:
                        lone = next((int(i) for i in members[row] if hidden[i] and i not in shown), None)
                        if lone is not None and not self.is_missing[lone]:
                            shown.add(lone)
                            waiting.append(lone)
            if self.protection[list(shown)].any():
                continue
            rest = np.zeros(len(self.cells), dtype=bool)
            rest[group_of[int(start)]] = True
            rest &= hidden
            rest[list(shown)] = False
            if not self.unmet(rest):
                hidden[list(shown)] = False
                for row, number in count.items():
                    left[row] = number
        return hidden

    def hide_around(self, demands: Sequence[_Demand], allowed: np.ndarray, hidden: np.ndarray) -> bool:
        """Hides what meets one demand after the other, largest first; whether anything was added.

        What cannot be met with the allowed cells is left.
        """
        before = hidden.sum()
        met: set[_Demand] = set()
        for demand in sorted(demands, key=lambda one: (-one.up, one.target, one.frozen)):
            if demand not in met:
                for deviation in self.cheapest_deviations(demand, allowed, hidden):
                    hidden |= np.abs(deviation) > _MOVED * self.scale(demand.target)
                    met.update(
                        other
                        for other in demands
                        if abs(deviation[other.target]) >= other.up * (1 - _TOLERANCE)
                        and (np.abs(deviation) <= self.room_below * (1 + 1e-9) + 1e-9).all()
                        and not deviation[list(other.frozen)].any()
                    )
        return bool(hidden.sum() > before)

    def cheapest_deviations(self, demand: _Demand, allowed: np.ndarray, hidden: np.ndarray) -> list[np.ndarray]:
        """Deviations that show the demand met: one possible with either sign, or one up and one down; fewer if impossible."""
        movable = allowed | hidden
        movable[list(demand.frozen)] = False
        around = np.zeros(len(self.cells), dtype=bool)
        around[demand.target] = True
        reached = 0
        while True:
            for _ in range(3):
                around = (self.size.T @ (self.size @ around) > 0) & movable
            if around.sum() == reached:
                break
            reached = around.sum()
            one = self._cheapest_deviation(around, demand.target, demand.up, hidden, is_symmetric=True)
            if one is not None:
                return [one]
        both = [(demand.up, True), (-demand.down, demand.down > 0)]
        found = [
            self._cheapest_deviation(around, demand.target, by, hidden, is_symmetric=False) for by, is_wanted in both if is_wanted
        ]
        return [one for one in found if one is not None]

    def _cheapest_deviation(
        self, around: np.ndarray, target: int, by: float, hidden: np.ndarray, is_symmetric: bool
    ) -> np.ndarray | None:
        group = np.flatnonzero(around)
        at, scale, rows = np.searchsorted(group, target), self.scale(target), self.rows(group)
        below = self.room_below[group] / scale
        above = below.copy() if is_symmetric else np.full(len(group), math.inf)
        if (by > 0 and above[at] < by / scale) or (by < 0 and below[at] < -by / scale):
            return None
        cost = np.where(hidden[group], 0.0, self.cost[group])
        lower = np.zeros(2 * len(group))
        upper = np.concatenate([above, below])
        up, down = (at, at + len(group)) if by > 0 else (at + len(group), at)
        lower[up] = upper[up] = abs(by) / scale
        upper[down] = 0
        result = _Program(sparse.hstack([rows, -rows], format="csr")).minimum(np.concatenate([cost, cost]), lower, upper)
        if result is None:
            return None
        whole = np.zeros(len(self.cells))
        whole[group] = (result[: len(group)] - result[len(group) :]) * scale
        return whole


class _Attack:
    """One attacker on cells that hang together by being hidden: how far each can be off, given everything the attacker knows."""

    def __init__(self, table: _Table, group: np.ndarray) -> None:
        self.table, self.group = table, group
        self.room = table.room_below[group]
        self.place = {int(cell): index for index, cell in enumerate(group)}
        self.program = _Program(table.rows(group))

    def furthest(self, target: int, sign: int, limit: float = math.inf, is_symmetric: bool = False) -> np.ndarray | None:
        """The possible deviation that moves the target furthest up (sign 1) or down (-1), up to the limit; None if without end.

        Args:
            is_symmetric: only one that is possible with either sign.
        """
        at, scale = self.place[target], self.table.scale(target)
        below = self.room / scale
        above = below.copy() if is_symmetric else np.full(len(below), math.inf)
        below[at], above[at] = min(below[at], limit / scale), min(above[at], limit / scale)
        cost = np.zeros(len(below))
        cost[at] = -sign
        found = self.program.minimum(cost, -below, above)
        return None if found is None else found * scale

    def unmet(self, demands: Sequence[_Demand]) -> list[_Demand]:
        """Demands that are not met. A deviation that shows one met is tried on all."""
        at = np.array([self.place[one.target] for one in demands])
        up, down = (np.array([getattr(one, side) for one in demands]) * (1 - _TOLERANCE) for side in ("up", "down"))
        is_up, is_down = np.zeros(len(demands), dtype=bool), down == 0

        def credit(moved: np.ndarray) -> None:
            np.logical_or(is_up, moved[at] >= up, out=is_up)
            np.logical_or(is_down, -moved[at] >= down, out=is_down)

        for index, demand in enumerate(demands):
            if not (is_up[index] and is_down[index]) and self.room[at[index]] >= demand.up:
                moved = self.furthest(demand.target, 1, demand.up, is_symmetric=True)
                credit(moved)
                credit(-moved)
            if not is_up[index]:
                credit(self.furthest(demand.target, 1, demand.up))
            if is_up[index] and not is_down[index]:
                credit(self.furthest(demand.target, -1, demand.down))
        return [demand for index, demand in enumerate(demands) if not (is_up[index] and is_down[index])]


def _cheapest(table: _Table, group: np.ndarray, hidden: np.ndarray) -> np.ndarray | None:
    """The least costly cells of the group to hide, with those that are hidden, to meet all its demands.

    The master programme chooses cells; of every demand that the choice does not meet, the dual values give an inequality that
    every sufficient choice satisfies (Fischetti and Salazar-González 2000, "capacity constraints"); until none is left.

    Returns:
        Places of all hidden cells of the group; None if no choice is sufficient, or too many rounds are needed.
    """
    matrix, place = table.rows(group), {int(cell): index for index, cell in enumerate(group)}
    attack = _Program(matrix)
    cuts = _first_cuts(table, group, matrix, table.demands(group), place)
    for _ in range(EXACT_ROUNDS):
        rows, floors = sparse.csr_array(np.array([cut for cut, _ in cuts])), np.array([floor for _, floor in cuts])
        master = _Program(rows, floors, np.full(len(floors), math.inf), is_binary=True)
        found = master.minimum(np.where(hidden[group], 0.0, table.cost[group]), hidden[group].astype(float), np.ones(len(group)))
        if found is None:
            return None
        chosen = np.zeros(len(table.cells), dtype=bool)
        chosen[group[found > 0.5]] = True
        new = [
            (cut, 1.0)
            for demand in table.unmet(chosen)
            for cut in _violated(table, group, attack, demand, place, chosen[group])
        ]
        if not new:
            return np.flatnonzero(chosen)
        cuts += new
    return None


def _first_cuts(
    table: _Table, group: np.ndarray, matrix: sparse.csr_array, demands: Sequence[_Demand], place: Mapping[int, int]
) -> list[tuple[np.ndarray, float]]:
    """What saves rounds: no relation has just one hidden cell, or just one that the attacker does not know; it would follow."""
    cuts = []
    for row in range(matrix.shape[0]):
        members = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        for index in members:
            cut = np.zeros(len(group))
            cut[members] = 1.0
            cut[index] = -1.0
            cuts.append((cut, 0.0))
        for demand in demands:
            at = place[demand.target]
            if demand.frozen and at in members:
                cut = np.zeros(len(group))
                cut[members] = 1.0
                cut[[at, *(place[one] for one in demand.frozen)]] = 0.0
                cuts.append((cut, 1.0))
    return cuts


def _violated(
    table: _Table, group: np.ndarray, attack: _Program, demand: _Demand, place: Mapping[int, int], chosen: np.ndarray
) -> Iterator[np.ndarray]:
    """Inequalities `cut @ choice >= 1` that the choice violates because it does not meet the demand, upwards and downwards."""
    at, frozen = place[demand.target], [place[one] for one in demand.frozen]
    can_move = chosen.copy()
    can_move[frozen] = False
    for sign, by in ((1, demand.up), (-1, demand.down)):
        if by == 0:
            continue
        # In units of the demand.
        room_down, room_up = table.room_below[group] / by, np.full(len(group), math.inf)
        room_down[frozen] = room_up[frozen] = 0.0
        down, up = np.where(can_move, room_down, 0.0), np.where(can_move, room_up, 0.0)
        (up if sign > 0 else down)[at] = 1.0
        cost = np.zeros(len(group))
        cost[at] = -sign
        moved = attack.minimum(cost, -down, up)
        if sign * moved[at] >= 1 - _TOLERANCE:
            continue
        # Any multipliers give a valid inequality, so that rounding errors of the dual values do no harm.
        price = attack.matrix.T @ attack.prices() - cost
        price[np.abs(price) < 1e-9] = 0.0
        price[at] = 0.0
        reach = np.zeros(len(group))
        reach[price > 0] = price[price > 0] * room_up[price > 0]
        reach[price < 0] = -price[price < 0] * room_down[price < 0]
        reach[np.isnan(reach)] = 0.0
        yield np.minimum(reach, 1.0)


def _check(cells: Sequence[Cell], terms: tuple[tuple[int, int], ...], constant: Decimal) -> None:
    names = [cells[place].cell_id for place, _ in terms]
    if len(set(names)) < len(names) or any(factor not in (1, -1) for _, factor in terms):
        raise ValueError(f"a relation has each cell once, with factor 1 or -1: {names}")
    values = [cells[place].value for place, _ in terms]
    if None not in values:
        total = sum((factor * cells[place].value for place, factor in terms), Decimal(0))
        if total != constant:
            raise ValueError(f"a relation does not hold, it is off by {total - constant}: {names}")


def _completion(
    cells: Sequence[Cell], matrix: sparse.csr_array, value: np.ndarray, missing: np.ndarray, constants: np.ndarray
) -> np.ndarray:
    """Values of the missing cells with which all relations hold."""
    part = matrix[:, np.flatnonzero(missing)]
    touched = np.diff(part.indptr) > 0
    rest = (constants - matrix @ np.where(missing, 0.0, value))[touched]
    low = np.where([cell.is_non_negative for cell in np.array(cells, dtype=object)[missing]], 0.0, -math.inf)
    scale = max(1.0, float(np.abs(rest).max(initial=0.0)) / 1e4)
    result = _Program(part[touched], rest / scale, rest / scale).minimum(np.zeros(len(low)), low, np.full(len(low), math.inf))
    if result is None:
        raise ValueError("relations with missing cells cannot hold together, whatever the missing values")
    return np.maximum(result * scale, low)


class _Program:
    """A linear (or 0-1) programme with fixed rows, solved for one objective after the other, each from where the last ended."""

    def __init__(
        self, matrix: sparse.csr_array, low: np.ndarray | None = None, high: np.ndarray | None = None, is_binary: bool = False
    ) -> None:
        rows, columns = matrix.shape
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = columns, rows
        model.col_cost_, model.col_lower_, model.col_upper_ = np.zeros(columns), np.zeros(columns), np.zeros(columns)
        model.row_lower_ = np.zeros(rows) if low is None else low
        model.row_upper_ = np.zeros(rows) if high is None else high
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        if is_binary:
            model.integrality_ = [highspy.HighsVarType.kInteger] * columns
        self.matrix, self.columns = matrix, np.arange(columns, dtype=np.int32)
        self.solver = highspy.Highs()
        self.solver.silent()
        for option, setting in (("threads", 1), ("mip_rel_gap", 0.0), ("presolve", "on" if is_binary else "off")):
            self.solver.setOptionValue(option, setting)
        self.solver.passModel(model)

    def minimum(self, cost: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        """Where the objective is least; None if there is no such place, as nothing is possible or it has no end."""
        self.solver.changeColsCost(len(cost), self.columns, cost)
        self.solver.changeColsBounds(len(cost), self.columns, low, high)
        self.solver.run()
        status = self.solver.getModelStatus()
        nowhere = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnbounded)
        if status in (*nowhere, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"the solver gave up: {self.solver.modelStatusToString(status)}")
        return np.array(self.solver.getSolution().col_value)

    def prices(self) -> np.ndarray:
        """The dual values of the rows at the last minimum."""
        return np.array(self.solver.getSolution().row_dual)
