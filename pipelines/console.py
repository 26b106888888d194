"""What people see on the terminal: progress, tables, messages in Chinese; and the same as JSON for machines.

Belongs here: showing. Does not belong here: working anything out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipelines.settings import OFFICE_TIME
from pipelines.status import STATES
from pipelines.trace import HIERARCHIES, WINDOWS, Fed, Missing, Observation, Origin

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.figures.conflicts import Conflict, Reconciliation
    from pipelines.receipts.written import WrittenReceipt
    from pipelines.release.diff import Difference, FigureChange, RowChange, TableDifference
    from pipelines.release.listing import ListedRelease
    from pipelines.release.record import Switch
    from pipelines.release.restore import Restored
    from pipelines.release.verify import Problem
    from pipelines.status import MonthStatus, Rate
    from pipelines.summary import LoadSummary
    from pipelines.templates import Written
    from pipelines.validate.check import Checked

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

PRACTICE_BANNER = "【练习数据】以下为虚构的练习数据，不是真实统计结果。"
FILE_STATES = STATES | {
    "unidentified": "无法识别",
    "unchanged": "未变",
    "superseded": "已被后来的取代",
    "repeated": "重复",
    "left_alone": "未读取",
}
STATE_STYLES = {
    "accepted": "green",
    "open": "cyan",
    "returned": "red",
    "locked": "magenta",
    "unidentified": "red",
    "missing": "yellow",
    "exempt": "dim",
    "left_alone": "yellow",
}
NOT_ASKED = "—"
LEGEND = (
    ("accepted", "照计"),
    ("open", "照计，但有须说明的还没有说明"),
    ("returned", "有错误，不计"),
    ("missing", "没有收到"),
    ("unidentified", "收到了文件，但认不出是什么"),
    ("locked", "锁定以后才收到，不计"),
    ("exempt", "不必报"),
)
NAME_WIDTH, CELL_WIDTH = 22, 16  # of the matrix of `status`, in columns of the terminal: three forms fit in 80
NO_HISTORY = "没有以往各月已接受的报送可比，与以往各月、其他单位的核对没有做"
LISTED_FILES = 60  # up to here every file is listed, beyond it only those that are not simply accepted
SHOWN_EXPLANATIONS = 3
LISTED_INFOS = 5  # of one file, by wanstat check


def show_json(content: object) -> None:
    """Print `content` as JSON, the only thing on standard output."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n")


@contextmanager
def progress_display() -> Iterator[Any]:
    """Yield a `Progress` callback that draws a bar on standard error; without a terminal, one line for each piece of work."""
    if not err.is_terminal:
        seen: set[str] = set()

        def line(what: str, done: int, total: int) -> None:
            kind = what.split(" ")[0]
            if kind not in seen:
                seen.add(kind)
                err.print(f"… {kind}")

        yield line
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        task = bars.add_task("准备", total=None)
        yield lambda what, done, total: bars.update(task, description=what, completed=done, total=total)


def show_load(summary: LoadSummary) -> None:
    """What a load came to, for the clerk."""
    if summary.is_practice:
        out.print(PRACTICE_BANNER, style="bold yellow")
    table = Table(title=f"{summary.month} 装载结果", title_justify="left", show_header=False)
    counts = "，".join(f"{FILE_STATES[state]} {count}" for state, count in summary.submissions.items())
    found = summary.findings
    table.add_row("收到的文件", counts)
    table.add_row("核查发现（各月）", f"错误 {found['error']}，警告 {found['warning']}，提示 {found['info']}")
    if any(summary.corrections.values()):
        labels = {"applied": "采用", "expired": "过期", "failed": "有错误"}
        table.add_row("更正", "，".join(f"{labels[state]} {count}" for state, count in summary.corrections.items()))
    if not summary.rehearsal:
        table.add_row("公布数矛盾", f"{summary.conflicts} 组（wanstat conflicts 查看）")
    if summary.rehearsal:
        table.add_row("发布", f"[bold yellow]{summary.rehearsal.note}[/]")
    elif summary.not_before:
        table.add_row("发布", f"[bold yellow]{summary.release}[/]，{_local(summary.not_before)} 起为当前发布")
    elif summary.release:
        table.add_row("发布", f"[bold green]{summary.release}[/]" + ("" if summary.is_new else "（沿用，未另发布）"))
    else:
        table.add_row("发布", "[bold red]未发布，上一次发布保持不变[/]")
    if summary.seconds:
        table.add_row("用时", f"{sum(summary.seconds.values()):.1f} 秒")
    out.print(table)
    _show_files(summary)
    if summary.rehearsal:
        verdict = "[red]不让发布[/]" if summary.stopped_by else "[green]可以发布[/]"
        out.print(f"发布前的各项核查：{verdict}")
        if summary.rehearsal.difference:
            show_difference(summary.rehearsal.difference)
    for reason in summary.stopped_by:
        out.print(f"✗ {reason}", style="red", markup=False)
    for note in summary.notes:
        out.print(f"· {note}", markup=False)
    if summary.corrections.get("failed"):
        out.print("✗ 更正表 raw/rulings/corrections.csv 有更正没有采用，按原报的计：wanstat findings 看逐条原因。", style="red")
    if summary.submissions["locked"]:
        out.print(f"· 有文件在锁定以后才收到，不计入；确需计入的：wanstat load {summary.month} --reopen 原因")
    if summary.submissions["returned"] or summary.submissions["unidentified"]:
        out.print("· 有文件被退回或无法识别：wanstat status 看各单位情况，wanstat findings 看逐条原因，wanstat receipts 写回执。")


def _show_files(summary: LoadSummary) -> None:
    """What became of each file that is new in this load."""
    files = list(summary.files)
    if len(files) > LISTED_FILES:
        files = [file for file in files if file.state != "accepted"]
    if not files:
        return
    rest = len(summary.files) - len(files)
    title = f"本次收到的 {len(summary.files)} 个文件" + (f"（另有 {rest} 个已接受，不列）" if rest else "")
    table = Table(title=title, title_justify="left")
    for heading in ("文件", "结果", "原因"):
        table.add_column(heading, overflow="fold")
    order = {
        state: place for place, state in enumerate(("returned", "locked", "unidentified", "left_alone", "repeated", "superseded"))
    }
    for file in sorted(files, key=lambda file: order.get(file.state, len(order))):
        state = f"[{STATE_STYLES.get(file.state, 'white')}]{FILE_STATES[file.state]}[/]"
        table.add_row(_plain(file.file_name), state, _plain(file.reason))
    out.print(table)


NO_FIGURE = "（无）"
STATUSES = {"A": "正式", "P": "暂定", "E": "只知道范围", "M": "缺数"}
CHANGES = {"changed": "改", "removed": "减", "added": "增"}
TOLD_STATES = 40
LISTED_COLUMNS = 6
CELL_LENGTH = 60  # of a value shown in a changed row


def show_releases(rows: Sequence[ListedRelease], restorings: Sequence[Switch]) -> None:
    """Every release in a line, then who restored which one and why."""
    if not rows:
        out.print("还没有发布；请先运行 wanstat load。")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("发布", "数据", "生成时间", "错/警/提示", "矛盾", "未报"):
        table.add_column(heading, no_wrap=True)
    table.add_column("状态", overflow="fold")
    for row in rows:
        if row.is_damaged:
            table.add_row(row.release_id, *("—",) * 5, "[red]已损坏[/]")
            continue
        state = "[bold green]当前发布[/]" if row.is_current else ""
        state = f"[yellow]定时 {_local(row.not_before)}[/]" if row.not_before else state
        kind = "练习" if row.is_practice else "真实"
        findings = "/".join(str(row.findings[severity]) for severity in ("error", "warning", "info"))
        counts = (findings, str(row.conflicts), str(row.missing))
        table.add_row(row.release_id, kind, _local(row.built_at), *counts, state)
    if rows:
        out.print(table)
    for each in restorings:
        former = f"（原为 {each.before}）" if each.before else ""
        out.print(f"· {_local(each.at)} {each.who} 恢复了 {each.release_id}{former}：{each.reason}", markup=False)
    if any(row.is_damaged for row in rows):
        out.print("· 已损坏的发布：wanstat release verify --all 看是哪里坏了、怎么办。")


def show_difference(difference: Difference, all_rows_of: str | None = None) -> None:
    """What changed: figures and states in words, then every table with its counts and some rows, or all rows of one table."""
    out.print(f"{difference.before} → {difference.after}", style="bold")
    if difference.is_empty:
        out.print("内容没有任何变化。")
        return
    for each in difference.figures if all_rows_of is None else ():
        out.print(f"· {_figure_change(each)}", markup=False, soft_wrap=True)
    if all_rows_of is None and difference.figure_count > len(difference.figures):
        rest = difference.figure_count - len(difference.figures)
        out.print(f"· 另有 {rest} 个数有变，加 --table observations 全部列出。")
    for each in difference.states[:TOLD_STATES] if all_rows_of is None else ():
        out.print(f"· {each.subject}：{_state(each.before)} → {_state(each.after)}", markup=False, soft_wrap=True)
    if all_rows_of is None and len(difference.states) > TOLD_STATES:
        out.print(f"· 另有 {len(difference.states) - TOLD_STATES} 项报送或目标的状态有变。")
    changed = [each for each in difference.tables if each.is_different and all_rows_of in (None, each.table)]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("表", "原行数", "现行数", "增", "减", "改", "改动的列（行数）"):
        table.add_column(heading, overflow="fold")
    for each in changed:
        counts = (each.rows_before, each.rows_after, each.added, each.removed, each.changed)
        table.add_row(each.table, *map(str, counts), _columns_changed(each))
    out.print(table if changed else f"{all_rows_of} 没有变化。")
    for each in changed:
        for row in each.rows:
            out.print(f"  {each.table} {_row_change(row)}", markup=False, soft_wrap=True)
    told = sum(len(each.rows) for each in changed)
    if (every := sum(each.added + each.removed + each.changed for each in changed)) > told:
        out.print(f"· 以上是 {every} 行变动中的 {told} 行；加 --table 表名，列出一张表的全部。", style="dim")
    unchanged = sum(not each.is_different for each in difference.tables)
    if all_rows_of is None:
        out.print(f"· 另有 {unchanged} 张表没有变化；每次发布都不同的编号、时间等不比。", style="dim")


def _figure_change(each: FigureChange) -> str:
    where = f"{each.indicator_label} {each.area_name} {each.period_id} {WINDOWS.get(each.window_kind, each.window_kind)}"
    if each.hierarchy not in ("city", "reported"):
        where += f"（{HIERARCHIES.get(each.hierarchy, each.hierarchy)}）"
    values = [_figure(side, each.unit) for side in (each.before, each.after)]
    told = f"{where} {values[0]} → {values[1]} {each.unit}" if values[0] != values[1] else f"{where} {values[0]} {each.unit}"
    marks = [STATUSES.get(side["obs_status"], side["obs_status"]) if side else None for side in (each.before, each.after)]
    return told if None in marks or marks[0] == marks[1] else f"{told}（{marks[0]} → {marks[1]}）"


def _figure(side: dict[str, Any] | None, unit: str) -> str:
    if side is None or (side["value"] is None and side["value_high"] is None):
        return NO_FIGURE
    bounds = [side["value"]] if side["value"] is not None else [side["value_low"], side["value_high"]]
    text = " 至 ".join("…" if bound is None else f"{bound.normalize():f}" for bound in bounds)
    return text if side["unit"] == unit else f"{text} {side['unit']}"


def _state(state: str | None) -> str:
    return NO_FIGURE if state is None else FILE_STATES.get(state, state)


def _columns_changed(each: TableDifference) -> str:
    told = {"added": ["新增的表"], "removed": ["已没有的表"], "both": []}[each.exists]
    listed = (("新增列", each.columns_added), ("去掉列", each.columns_removed), ("类型有变", each.columns_retyped))
    told += [f"{what} {'、'.join(columns)}" for what, columns in (*listed, ("说明有变", each.columns_redescribed)) if columns]
    counts = sorted((each.changed_columns or {}).items(), key=lambda pair: -pair[1])
    told += [f"{column} {count}" for column, count in counts[:LISTED_COLUMNS]]
    told += [f"等 {len(counts)} 列"] if len(counts) > LISTED_COLUMNS else []
    return _plain("，".join(told))


def _row_change(row: RowChange) -> str:
    key = " ".join(str(value) for value in row.key.values())
    if row.change == "changed":
        values = "，".join(f"{column} {_cell(old)} → {_cell(new)}" for column, (old, new) in row.values.items())
    else:
        there = {column: new if row.change == "added" else old for column, (old, new) in row.values.items()}
        values = "，".join(f"{column} {_cell(value)}" for column, value in there.items() if value is not None)
    return f"{CHANGES[row.change]} {key}：{values}" if key else f"{CHANGES[row.change]}：{values}"


def _cell(value: object) -> str:
    if value is None:
        return NO_FIGURE
    text = f"{value.normalize():f}" if isinstance(value, Decimal) else " ".join(str(value).split())
    return text if len(text) <= CELL_LENGTH else text[: CELL_LENGTH - 1] + "…"


def show_restored(restored: Restored) -> None:
    """What was restored, and until when it stays."""
    former = f"（原为 {restored.before}）" if restored.before else ""
    out.print(f"当前发布已恢复为 [bold green]{restored.manifest.release_id}[/]{former}，已记录在案。")
    for note in restored.warnings:
        out.print(f"· {note}", markup=False)
    out.print("· 没有新内容的装载不会改动它；装载到新内容时，新的一号发布成为当前发布。")


def show_verified(chosen: Sequence[str], problems: Sequence[Problem]) -> None:
    """What is wrong with the releases looked at, and what to do about it."""
    for each in problems:
        whose = f"{each.release_id} " if each.release_id else ""
        out.print(f"✗ {whose}{each.what}", style="red", markup=False, soft_wrap=True)
        out.print(f"  → {each.advice}", markup=False, soft_wrap=True)
    verdict = f"有 {len(problems)} 处不对" if problems else "全部一致"
    out.print(f"已核对 {'、'.join(chosen)}：{verdict}。")


def _local(moment: str) -> str:
    """An ISO time as the office's clock shows it."""
    return f"{datetime.fromisoformat(moment).astimezone(OFFICE_TIME):%Y-%m-%d %H:%M}"


def show_trace(
    traced: Observation, terms: Sequence[tuple[Observation, Sequence[Origin], Sequence[Missing]]], listed: int | None
) -> None:
    """An observation, what it is worked out from (a ratio from two sums), and of each the reports and cells behind it."""
    if traced.is_practice:
        out.print(PRACTICE_BANNER, style="bold yellow")
    _show_observation(traced)
    for term, cells, lacking in terms:
        if term is not traced:
            out.print()
            _show_observation(term)
        _show_reports(cells, lacking)
        for each in cells[:listed]:
            _show_cell(each)
        if listed is not None and len(cells) > listed:
            out.print(f"……共 {len(cells)} 个单元格；加 --all 全部列出，加 --json 供程序读取。")


def show_fed(fed: Sequence[Fed], listed: int | None) -> None:
    """What the cells of a file count in."""
    where = "、".join(dict.fromkeys(f"{each.file_name} {each.sheet}" for each in fed))
    table = Table(title=f"{_plain(where)}：计入 {len(fed)} 个数", title_justify="left")
    for heading in ("指标", "地区", "时期", "现在的值", "其中来自"):
        table.add_column(heading, overflow="fold")
    for each in fed[:listed]:
        area = each.area_name if each.hierarchy == "city" else f"{each.area_name} {HIERARCHIES[each.hierarchy]}"
        value = "（无）" if each.value is None else f"{each.value.normalize():f} {each.unit}"
        period = f"{each.period_id} {WINDOWS[each.window_kind]}"
        table.add_row(*map(_plain, (each.indicator_label, area, period, value, f"{each.cells}（{each.row_count} 格）")))
    out.print(table)
    if listed is not None and len(fed) > listed:
        out.print(f"……共 {len(fed)} 个数；加 --all 全部列出，加 --json 供程序读取。")


def _show_observation(traced: Observation) -> None:
    if traced.value is not None:
        value = f"{traced.value.normalize():f} {traced.unit}"
    elif traced.value_high is not None:
        value = f"{traced.value_low.normalize():f} 至 {traced.value_high.normalize():f} {traced.unit} 之间"
    else:
        value = "（无）"
    status = STATUSES.get(traced.obs_status, traced.obs_status)
    where = f"{traced.area_name} {traced.period_id} {WINDOWS[traced.window_kind]}"
    if traced.hierarchy != "city":
        where += f" {HIERARCHIES[traced.hierarchy]}"
    out.print(f"{traced.indicator_label}　{where}：{value}（{status}，{traced.release_id}）", style="bold", markup=False)
    if traced.other_hierarchies and traced.hierarchy != "city":
        others = "、".join(f"{one} {HIERARCHIES[one]}" for one in traced.other_hierarchies.split(","))
        out.print(f"本地区还有别的汇总口径（加 --hierarchy）：{others}", markup=False)


def _show_reports(cells: Sequence[Origin], lacking: Sequence[Missing]) -> None:
    by_report: dict[tuple[str, str], list[Origin]] = {}
    for each in cells:
        by_report.setdefault((each.reporting_unit_name, each.month), []).append(each)
    if cells:
        table = Table(title=f"由 {len(by_report)} 份报送的 {len(cells)} 个单元格相加", title_justify="left")
        for heading in ("填报单位", "报送月份", "计入", "单元格数", "文件"):
            table.add_column(heading, overflow="fold")
        for (unit, month), of_report in by_report.items():
            known = [each.counts_as for each in of_report if each.counts_as is not None]
            implied = ["由累计数推算"] if len(known) < len(of_report) else []
            counted = " + ".join([f"{sum(known, Decimal(0)).normalize():f}"] * bool(known) + implied)
            files = "\n".join(dict.fromkeys(f"{each.file_name}（第 {each.revision} 次）" for each in of_report))
            table.add_row(unit, month, counted, str(len(of_report)), _plain(files))
        out.print(table)
    else:
        out.print("没有计入的单元格。")
    for each in lacking:
        reason = f"：{each.reason}" if each.reason else ""
        instead = "，沿用以前的名册" if each.is_stale else ""
        out.print(f"缺：{each.reporting_unit_name} {each.month} {STATES[each.state]}{instead}{reason}", markup=False)
    for month in sorted({each.month for each in lacking if each.state == "returned"}):
        out.print(f"→ 被退回的，wanstat findings {month} 看是哪个文件、哪一格，wanstat receipts {month} 写回执请填报单位改正。")


def _show_cell(each: Origin) -> None:
    where = f"{each.file_name} {each.sheet}!{each.cell} “{each.header_path}”"
    if each.counts_as is None:
        out.print(f"{where}留空 → 由累计数推算", markup=False)
        return
    unit = f"（{each.unit}，见{each.unit_from}）" if each.unit else ""
    changed = f"；{each.conversion}" if each.conversion else ""
    factor = f"，乘以 {each.factor}" if each.factor not in (None, "1") else ""
    stored = f"存为 {each.stored}"
    if each.correction_reason is not None:
        why = f"{each.corrected_by} {each.corrected_on}：{each.correction_reason}"
        stored = f"收到 {each.received or '空'} → 更正为 {each.stored}（{why}）"
    counted = f"计入 {each.counts_as.normalize():f}"
    out.print(f"{where}写作“{each.written}”{unit}{changed}{factor} → {stored} → {counted}", markup=False)


def show_findings(rows: Sequence[dict[str, Any]]) -> None:
    """Findings, file by file: where, what, what to do. A file stands where the first of its findings would."""
    by_file: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_file.setdefault(row["file_name"] or "", []).append(row)
    states = {"answered": "[green]已说明[/]", "unverified": "[red]未能核验[/]", "open": "待说明"}
    for name, of_file in by_file.items():
        out.print(_plain(name), style="bold", soft_wrap=True)
        for row in of_file:
            state = states.get(row["state"]) if row["severity"] == "warning" else None
            untold = row["cell"] if row["cell"] and row["cell"] not in row["message"] else None
            where = "!".join(part for part in (row["sheet"], untold) if part)
            advice = f"说明：{row['explanation']}" if row["state"] == "answered" else row["advice"]
            _show_finding(row["severity"], state, where, row["message"], advice)
    out.print(f"核查发现 {len(rows)} 条，涉及 {len(by_file)} 个文件。")


def _show_finding(severity: str, state: str | None, where: str | None, message: str, advice: str | None) -> None:
    """One finding, indented below its file; `state` is markup."""
    mark = {"error": "[red]错误[/]", "warning": "[yellow]警告[/]"}.get(severity, "提示")
    place = f"{_plain(where)} " if where else ""
    told = f"（{state}）" if state else ""
    out.print(f"  {mark} {place}{_plain(message)}{told}", soft_wrap=True)
    if advice:
        out.print(f"       → {_plain(advice)}", soft_wrap=True)


def show_receipts(month: str, folder: Path, written: Sequence[WrittenReceipt]) -> None:
    """Which receipts there are, for whom, and where they lie."""
    if any(each.receipt.is_practice for each in written):
        out.print(PRACTICE_BANNER, style="bold yellow")
    table = Table(title=f"{month} 的回执 {len(written)} 份", title_justify="left")
    for heading in ("填报单位", "报表", "收到的文件", "须改正", "须说明", "回执"):
        table.add_column(heading, overflow="fold")
    for each in written:
        receipt = each.receipt
        state = f"[{STATE_STYLES.get(receipt.state, 'white')}]{FILE_STATES[receipt.state]}[/]"
        mend = f"[red]{receipt.to_mend}[/]" if receipt.to_mend else "0"
        where = _plain(each.workbook.relative_to(folder).as_posix()) + ("" if each.is_changed else "（未变）")
        about = (_plain(receipt.reporting_unit_name or "？"), _plain(receipt.form_title or "？"))
        table.add_row(*about, f"{_plain(PurePosixPath(receipt.file_name).name)} {state}", mend, str(receipt.to_explain), where)
    if written:
        out.print(table)
        out.print(f"在 {folder}：每份一个工作簿，旁边的 .json 供程序读取。工作簿发回各单位，改好、说明后收回。", markup=False)
    else:
        out.print(f"{month} 没有要发的回执。")


def show_checked(checked: Sequence[Checked], has_history: bool, receipts: Sequence[Path]) -> None:
    """The verdict on files before they are sent, each with what is to be done."""
    verdicts = {"accepted": "[green]可以报送[/]", "returned": "[red]会被退回[/]", "unidentified": "[red]无法识别[/]"}
    for each in checked:
        verdict = verdicts[each.state]
        if each.state == "accepted" and each.has_open:
            verdict = "[yellow]可以报送，但须说明[/]"
        counts = f"，读到 {each.row_count} 行" if each.row_count else ""
        out.print(f"{_plain(each.path)}：{verdict}{counts}")
        if each.state == "unidentified":
            out.print(f"  {_plain(each.reason)}", f"  → {_plain(each.advice)}", sep="\n")
        infos = [finding for finding in each.findings if finding.severity == "info"]
        for finding in [finding for finding in each.findings if finding.severity != "info"] + infos[:LISTED_INFOS]:
            need = "须改正或说明" if finding.state == "open" and finding.must_explain else None
            need = "已说明" if finding.state == "answered" else need
            _show_finding(finding.severity, need, finding.sheet, finding.message, finding.advice)
        if len(infos) > LISTED_INFOS:
            out.print(f"  另有 {len(infos) - LISTED_INFOS} 条提示（读数时的换算等），加 --json 可看", style="dim")
    wrong = sum(each.state != "accepted" for each in checked)
    out.print(f"共 {len(checked)} 个文件，{len(checked) - wrong} 个可以报送，{wrong} 个要改。")
    if not has_history:
        out.print(f"· {NO_HISTORY}。", style="dim")
    if not receipts and any(finding.must_explain for each in checked for finding in each.findings):
        out.print("· “说明”栏在回执里：加 --receipt 文件夹，先写出回执，在里面说明后直接报送回执也可以。", style="dim")
    for path in receipts:
        out.print(f"· 回执：{path}", markup=False)


def show_status(status: MonthStatus, titles: Mapping[str, str]) -> None:
    """The matrix reporting unit × form of one month, in as many tables as the terminal is too narrow for."""
    if status.is_practice:
        out.print(PRACTICE_BANNER, style="bold yellow")
    rates = {rate.form: rate for rate in status.rates()}
    forms = [form for form in titles if form in rates]
    in_one = max(1, (out.width - NAME_WIDTH - 2) // (CELL_WIDTH + 2))
    out.print(f"{status.month} 报送情况（{status.release_id}，截至 {status.as_of}）", style="bold")
    for start in range(0, len(forms), in_one):
        out.print(_matrix(status, forms[start : start + in_one], titles, rates))
    everything = rates[None]
    let_off = f"，另有免报 {everything.exempt}" if everything.exempt else ""
    out.print(
        f"应报 {everything.owed}{let_off}；已接受（含待说明）{_share(everything.reported, everything.owed)}，"
        f"其中按时 {_share(everything.on_time, everything.owed)}。"
    )
    out.print("完整率、按时率都以应报而不免报的为分母；按时以首次合格的报送计，没有收到日期的按按时计。", style="dim")
    legend = [f"[{STATE_STYLES[state]}]{FILE_STATES[state]}[/]（{meaning}）" for state, meaning in LEGEND]
    out.print("图例：" + "、".join([*legend, f"{NOT_ASKED}（不要求）"]))
    for file in status.unidentified:
        out.print(f"✗ {file['reporting_unit_name']} 的 {file['file_name']} 认不出：{file['message']}", style="red", markup=False)
    for each in status.reopened:
        out.print(f"· {each.month} 锁定后由 {each.who} 于 {each.at[:10]} 重新开放：{each.reason}", markup=False)


def _matrix(status: MonthStatus, forms: Sequence[str], titles: Mapping[str, str], rates: Mapping[str | None, Rate]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("填报单位", "完整率\n按时率", max_width=NAME_WIDTH, overflow="fold")
    for form in forms:
        rate = rates[form]
        footer = f"{_share(rate.reported, rate.owed)}\n{_share(rate.on_time, rate.owed)}"
        table.add_column(titles[form], footer, max_width=CELL_WIDTH, overflow="fold")
    cells = {(row["reporting_unit_id"], row["form"]): row for row in status.rows}
    names = {row["reporting_unit_id"]: row["reporting_unit_name"] for row in status.rows}
    for unit, name in names.items():
        table.add_row(name, *(_state_cell(cells.get((unit, form))) for form in forms))
    return table


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} {part / whole:.0%}" if whole else NOT_ASKED


def show_templates(month: str, written: Sequence[Written], *, is_practice: bool) -> None:
    """Which workbooks were written, a line a unit; those with rows in them already say how many and from when."""
    kind = "练习模板，填好的不作真实报送" if is_practice else "正式模板"
    out.print(f"已写 {len(written)} 个 {month} 的填报模板（{kind}）：", style="bold")
    folders = {each.path.parent: each.reporting_unit_name for each in written}
    for folder, unit in folders.items():
        out.print(f"· {unit}：{folder}", markup=False, soft_wrap=True)
        for each in written:
            if each.path.parent == folder and not each.is_owed:
                out.print(f"　{each.path.name} 不在该单位 {month} 的报送任务里，不会催报", markup=False, soft_wrap=True)
            if each.path.parent == folder and each.carried:
                out.print(f"　{each.path.name} 已带入 {each.carried_from} 的 {each.carried} 行", markup=False, soft_wrap=True)


def show_conflicts(conflicts: Sequence[Conflict], found: Reconciliation, pages: Path) -> None:
    """Some of what was found: each conflict with where it is printed and how it may be explained; then the remarks."""
    # Late, as they bring the solver along, which no other command needs.
    from pipelines.figures.conflicts import STATE_LABELS
    from pipelines.figures.pages import answer
    from pipelines.figures.telling import meaning

    severities = {"error": "[red]错误[/]", "warning": "[yellow]警告[/]", "info": "提示"}
    contradictions = [conflict for conflict in conflicts if conflict.category == "contradiction"]
    remarks = [conflict for conflict in conflicts if conflict.category != "contradiction"]
    for conflict in contradictions:
        state = "" if conflict.state == "open" else f"，{STATE_LABELS[conflict.state]}"
        title = f"{severities[conflict.severity]} {_plain(conflict.title)}（{conflict.conflict_id}{state}）"
        table = Table(title=title, title_justify="left")
        for heading in ("公布数", "文件", "位置", "原文写作", "意思是"):
            table.add_column(heading, overflow="fold")
        for member in conflict.members:
            figure = member.figure
            cells = (figure.figure_id, figure.document_id, figure.locator, figure.as_printed, meaning(member))
            table.add_row(*(_plain(cell) for cell in cells))
        out.print(table)
        out.print(answer(conflict, found.network), style="bold", markup=False)
        out.print(conflict.summary, markup=False)
        for place, each in enumerate(conflict.explanations[:SHOWN_EXPLANATIONS], start=1):
            whose = f"{each.figure_id} " if each.figure_id else ""
            gone = f"；还消除另外 {len(each.dissolves)} 组矛盾" if each.dissolves else ""
            new = f"；但又产生 {len(each.creates)} 组矛盾" if each.creates else ""
            out.print(f"  解释{place}（{each.score:g} 分）{whose}{each.hypothesis.title}：{each.arithmetic}", markup=False)
            out.print(f"       {each.hypothesis.evidence}{gone}{new}", markup=False)
        if conflict.ruling is not None:
            out.print(f"  裁定：{conflict.ruling.by} {conflict.ruling.on or ''} {conflict.ruling.reason}", markup=False)
        if conflict.state_reason:
            word = "须重新裁定：" if conflict.state == "reopened" else ""
            out.print(f"  {word}{conflict.state_reason}", style="yellow", markup=False)
        out.print()
    for remark in remarks:
        where = " ".join(member.figure.figure_id for member in remark.members)
        out.print(f"{severities[remark.severity]} {remark.kind_label} {where}：{_plain(remark.summary)}", soft_wrap=True)
    ruled = sum(conflict.state == "ruled" for conflict in contradictions)
    decided = f"，其中 {ruled} 组已裁定" if ruled else ""
    out.print(f"共 {len(contradictions)} 组矛盾{decided}，写法不妥 {len(remarks)} 处。")
    out.print(f"· 另有 {len(found.not_comparable)} 对数看似矛盾，其实不能相比，见 not_comparable 表。")
    out.print(f"· 每组矛盾一页，有图：{pages}", markup=False)


def _state_cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return NOT_ASKED
    state = "unidentified" if row["state"] == "missing" and row["unidentified_files"] else row["state"]
    shown = f"[{STATE_STYLES[state]}]{FILE_STATES[state]}[/]"
    if state == "open":
        shown += f" {row['open_count']}条"
    if row["is_late"]:
        shown += f" 迟{row['days_late']}天"
    if (row["revision"] or 1) > 1:
        shown += f" 第{row['revision']}次"
    if row["is_later_revision_returned"]:
        shown += " [red]新报退回[/]"
    if row["is_later_revision_locked"]:
        shown += " [magenta]新报锁定[/]"
    return shown


def _plain(text: object) -> str:
    """Text of others, with what rich would take for markup made inert."""
    return "" if text is None else str(text).replace("[", "\\[")
