"""The command line `wanstat`: a thin caller of the stages. Exit status 0 done, 1 something wrong with the data, 2 could not run.

Belongs here: commands, options, exit statuses. Does not belong here: how results look (console) or come about. What is slow
to import is imported by the command that needs it.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.asked import CannotRun, area_named, month_of, period_of, release_for, release_named, time_of, workspace
from pipelines.refusals import Refusal
from pipelines.settings import OFFICE_TIME, Settings

app = typer.Typer(help="科技统计仓库：装载各单位报送，汇总、核查、发布。", no_args_is_help=True, add_completion=False)

releases = typer.Typer(help="各次发布：列出、比较、恢复、核对。", no_args_is_help=True)
app.add_typer(releases, name="release")

Home = Annotated[Path | None, typer.Option("--home", help="工作目录（含 raw/ 与 var/），默认为程序所在目录")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]
ReleasedMonth = Annotated[str | None, typer.Argument(help="月份，如 2022-10；不写则为当前发布的月份")]
DONE, WRONG, COULD_NOT_RUN = 0, 1, 2


@app.callback()
def _options(context: typer.Context, home: Home = None) -> None:
    context.obj = home


def command(function: Callable[..., int], name: str | None = None, group: typer.Typer = app) -> Callable[..., None]:
    """Register a command that returns its exit status and whose failures end in one Chinese line."""

    @group.command(name=name or function.__name__.rstrip("_"))
    @functools.wraps(function)
    def run(*args: Any, **options: Any) -> None:
        try:
            status = function(*args, **options)
        except Refusal as error:
            typer.echo(str(error), err=True)
            status = COULD_NOT_RUN
        except Exception as error:  # an office without an engineer gets one line, and the rest in a file to send on
            log = Settings.from_environment(options.get("home") or options["context"].obj).var / "last_error.txt"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(traceback.format_exc(), encoding="utf-8")
            typer.echo(f"没有完成：{_first_line(error)}\n已有的发布保持不变。详细原因在 {log}，请交给维护人员。", err=True)
            status = COULD_NOT_RUN
        raise typer.Exit(status)

    return run


def settings_of(context: typer.Context, home: Path | None, *, is_new: bool = False) -> Settings:
    """The workspace, with `--home` before or after the command; releases whose time has come are made current first."""
    settings = workspace(home or context.obj, is_new=is_new)
    if settings.published.exists():
        _bring_up_to_date(settings)
    return settings


def _bring_up_to_date(settings: Settings) -> None:
    if not any((settings.published / name).exists() for name in ("pending.json", "switching.json")):
        return  # nearly always; what follows takes a while to import
    from pipelines.release.switch import is_due, repair

    try:
        told = repair(settings) if is_due(settings) else []
    except Refusal as error:  # the command may be the one that helps
        told = [str(error)]
    for line in told:
        typer.echo(line, err=True)


@command
def load(
    context: typer.Context,
    month: Annotated[str | None, typer.Argument(help="月份，如 2022-10；不写则为收到的最近一个月")] = None,
    reopen: Annotated[str | None, typer.Option(help="该月已锁定：写明原因，此前收到的照计，并记录在案")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="试运行：只看会发布什么、与上次差在哪里，不发布")] = False,
    not_before: Annotated[
        str | None, typer.Option("--not-before", help="到这个时间才换为当前发布，如 2022-11-25T09:00；已过的时间即刻生效")
    ] = None,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """装载一个月：收集、核查、汇总、对账、发布。"""
    from pipelines import console
    from pipelines.load import Load, only_one

    settings = settings_of(context, home)
    if reopen is not None and (month is None or not reopen.strip()):
        raise CannotRun("重新开放要写明月份和原因，例如：wanstat load 2022-10 --reopen 县里更正漏报")
    if dry_run and (reopen is not None or not_before is not None):
        raise CannotRun("--dry-run 什么也不发布、不记录，不能与 --reopen、--not-before 同时用")
    moment = None if not_before is None else time_of(not_before)
    with only_one(settings), console.progress_display() as progress:
        chosen = month_of(month, settings)
        if reopen is not None:
            Load(settings, chosen, progress).reopen(reopen.strip())
        summary = Load(settings, chosen, progress).nothing_new(moment)
        if summary is None:
            from pipelines.defs.run import run_monthly_load

            summary = run_monthly_load(settings, chosen, progress, dry_run=dry_run, not_before=not_before)
    if as_json:
        console.show_json(summary.as_json())
    else:
        console.show_load(summary)
    return WRONG if summary.found_something_wrong else DONE


@command
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="要核查的文件，或放着文件的文件夹")],
    receipt: Annotated[Path | None, typer.Option("--receipt", help="另把标好问题的回执写到这个文件夹")] = None,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """报送之前先核查：按文件本身判断，与装载时的结论相同，不联网，什么也不保存。"""
    from pipelines.collect.inbox import files_below

    settings = settings_of(context, home)
    chosen = files_below(files)
    if missing := [path for path in chosen if not path.is_file()]:
        raise CannotRun(f"没有这个文件：{missing[0]}")
    if not chosen:
        raise CannotRun("没有找到要核查的文件；请写文件名，或放着文件的文件夹")
    from pipelines.collect.children import BATCH_FILES, WORKERS
    from pipelines.collect.reader import Reader
    from pipelines.collect.terms import load_terms

    reader = Reader(load_terms(settings.seeds), workers=WORKERS if len(chosen) > BATCH_FILES else 1)
    reader.start()  # while this process imports what takes longest
    from pipelines.forms.schema import load_pandera

    load_pandera()
    from pipelines import console
    from pipelines.validate.check import check_files

    with console.progress_display() as progress:
        checked, has_history = check_files(chosen, settings, reader, progress)
        written = _check_receipts(checked, reader, receipt, progress) if receipt is not None else []
    reader.close()
    if as_json:
        told = {each.receipt.path: str(each.workbook) for each in written}
        console.show_json([each.as_json() | {"receipt": told.get(each.path)} for each in checked])
    else:
        console.show_checked(checked, has_history, [each.workbook for each in written])
    return DONE if all(each.state == "accepted" for each in checked) else WRONG


def _check_receipts(checked: Any, reader: Any, folder: Path, progress: Any) -> list[Any]:
    from pipelines.receipts.checked import receipts_of
    from pipelines.receipts.written import write_receipts

    return write_receipts(list(receipts_of(checked, reader.terms.forms, reader.terms.units)), folder, progress)


@command
def conflicts(
    context: typer.Context,
    indicator: Annotated[str | None, typer.Option("--indicator", help="只列这个指标的，写名称或代码")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="只列还没有裁定的矛盾，不列写法上的提示")] = False,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """列出公布数之间的矛盾：哪几处、各是多少、为何不能同时成立、最可能的解释，以及写法不妥的地方。"""
    from pipelines import console
    from pipelines.figures.conflicts import reconcile
    from pipelines.figures.ledger import load_ledger
    from pipelines.figures.pages import write_pages

    settings = settings_of(context, home)
    ledger = load_ledger(settings)
    found = reconcile(settings, ledger)
    shown = [
        conflict
        for conflict in found.conflicts
        if (indicator is None or conflict.is_about(indicator))
        and not (only_open and (conflict.category != "contradiction" or conflict.state == "ruled"))
    ]
    if indicator is not None and not shown and not found.knows(indicator):
        raise CannotRun(f"公布数台账里没有“{indicator}”这个指标；请写指标的名称或代码")
    findings = (*ledger.findings, *found.findings)
    is_practice = any(document.is_practice for document in ledger.documents)
    pages = write_pages(found, settings.conflict_pages, is_practice=is_practice)
    if as_json:
        console.show_json([conflict.as_json() for conflict in shown])
    else:
        console.show_conflicts(shown, found, pages)
        for finding in findings:
            used = "错误，没有采用" if finding.severity == "error" else "提醒，仍采用"
            typer.echo(f"{used}：{finding.message}。怎么办：{finding.advice}", err=True)
    return WRONG if any(conflict.state != "ruled" for conflict in shown) or findings else DONE


@command
def status(
    context: typer.Context,
    month: ReleasedMonth = None,
    list_reminders: Annotated[bool, typer.Option("--reminders", help="另写催报清单，到 var/reminders/<月份>/")] = False,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """各单位各报表的报送情况：已接受、待说明、退回、未报、迟报、锁定、免报，完整率和按时率。"""
    from datetime import datetime

    from pipelines import console
    from pipelines.forms.model import load_forms
    from pipelines.status import month_status, write_reminders

    settings = settings_of(context, home)
    release, chosen = release_for(settings, month)
    today = datetime.now(OFFICE_TIME).date()
    stands = month_status(settings, release.release_id, chosen, is_practice=release.is_practice, today=today)
    titles = {form.form: form.title for form in load_forms().values()}
    written = write_reminders(settings, stands, titles) if list_reminders else []
    if as_json:
        console.show_json(stands.as_json() | ({"reminders": written} if list_reminders else {}))
    else:
        console.show_status(stands, titles)
        for path in written:
            typer.echo(f"催报清单：{path}")
    return DONE if stands.is_complete else WRONG


@command
def findings(
    context: typer.Context,
    month: ReleasedMonth = None,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """逐条列出核查发现：文件、工作表、单元格、问题和怎么办。"""
    from pipelines import console
    from pipelines.worklist import findings_to_show

    settings = settings_of(context, home)
    rows = findings_to_show(settings, month)
    if as_json:
        console.show_json(rows)
    else:
        console.show_findings(rows)
    return WRONG if any(row["severity"] == "error" for row in rows) else DONE


@command
def receipts(
    context: typer.Context,
    month: Annotated[str | None, typer.Argument(help="月份，如 2022-10；不写则为装载过的最近一个月")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个文件夹，默认为工作目录的 var/receipts")] = None,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """写回执：在各单位自己的表里标出问题，供改正、说明后发回。"""
    from pipelines import console
    from pipelines.load import only_one
    from pipelines.receipts.due import due_receipts
    from pipelines.receipts.written import remove_others, write_receipts
    from pipelines.worklist import landed_month, landed_submissions

    settings = settings_of(context, home)
    with only_one(settings), console.progress_display() as progress:
        chosen = landed_month(landed_submissions(settings)) if month is None else month_of(month, settings)
        if chosen is None:
            raise CannotRun("还没有能识别的报送；wanstat findings 看各文件为什么认不出")
        folder = (out or settings.receipts) / chosen
        written = write_receipts(due_receipts(settings, chosen), folder, progress)
        if out is None:  # what lies elsewhere may be somebody else's
            remove_others(folder, written)
    if as_json:
        console.show_json({"month": chosen, "folder": str(folder), "receipts": [each.as_json() for each in written]})
    else:
        console.show_receipts(chosen, folder, written)
    return WRONG if any(each.receipt.to_mend for each in written) else DONE


@command
def template(
    context: typer.Context,
    form: Annotated[str | None, typer.Argument(help="报表的名称或代码，如 技术合同登记月报；不写则为应报的各张")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="填报单位的名称或代码，如 宛城区；不写则为应报的各单位")] = None,
    month: Annotated[str | None, typer.Option("--month", help="月份，如 2022-11")] = None,
    for_figures: Annotated[bool, typer.Option("--figures", help="公布数台账的填写模板，用来登记新的文件")] = False,
    write_all: Annotated[bool, typer.Option("--all", help="全月的一套：各单位应报的各张报表，一个单位一个文件夹")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个文件夹，默认为 var/templates/<月份>")] = None,
    is_practice: Annotated[
        bool | None, typer.Option("--practice/--real", help="练习模板还是正式模板；默认与上次装载的数据一致")
    ] = None,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """写出下发的填报模板，上期已知的（如仍有效的证书）先填好。"""
    from dataclasses import asdict

    from pipelines import console
    from pipelines.templates import form_named, is_practice_workspace, unit_named, write_templates

    settings = settings_of(context, home)
    if for_figures:
        return _figures_template(settings, out)
    if month is None:
        raise CannotRun("请写明月份，例如：wanstat template --all --month 2022-11")
    chosen = month_of(month, settings)
    if write_all == bool(form or unit):
        raise CannotRun("请写报表（如 技术合同登记月报）或单位（--unit 宛城区）；要全月的一套，只写 --all")
    if is_practice is None:
        is_practice = is_practice_workspace(settings)
    with console.progress_display() as progress:
        written = write_templates(
            settings,
            chosen,
            progress,
            form=form_named(form) if form else None,
            unit=unit_named(unit, chosen, settings) if unit else None,
            is_practice=is_practice,
            out=out,
        )
    if as_json:
        console.show_json([asdict(each) for each in written])
    else:
        console.show_templates(chosen, written, is_practice=is_practice)
    return DONE


def _figures_template(settings: Settings, out: Path | None) -> int:
    from pipelines.figures.ledger import read_indicators
    from pipelines.figures.workbook import render_template
    from pipelines.files import write_whole

    path = (out or settings.templates) / "公布数台账_模板.xlsx"
    labels = {one.indicator_id: one.label for one in read_indicators(settings.seeds / "indicators.csv").values()}
    write_whole(path, render_template(labels))
    typer.echo(f"已写公布数台账的模板：{path}\n填好后换个文件名，存到 {settings.figures}，下次装载时读取。")
    return DONE


def release_command(function: Callable[..., int]) -> Callable[..., None]:
    """A command of `wanstat release`, named by the last word of the function."""
    return command(function, function.__name__.rpartition("_")[2], releases)


@release_command
def release_list(context: typer.Context, as_json: Json = False, home: Home = None) -> int:
    """列出各次发布：哪一个是当前发布，哪些定了时间，谁恢复过哪一个。"""
    from dataclasses import asdict

    from pipelines import console
    from pipelines.release.listing import listed_releases, restorings

    settings = settings_of(context, home)
    rows, acts = listed_releases(settings), restorings(settings)
    if as_json:
        console.show_json({"releases": [asdict(row) for row in rows], "restorings": [act.model_dump() for act in acts]})
    else:
        console.show_releases(rows, acts)
    return WRONG if any(row.is_damaged for row in rows) else DONE


@release_command
def release_diff(
    context: typer.Context,
    before: Annotated[str | None, typer.Argument(help="较早的发布，如 2022-10-r1；不写则为后一个的前一次")] = None,
    after: Annotated[str | None, typer.Argument(help="较晚的发布；不写则为当前发布")] = None,
    table: Annotated[str | None, typer.Option("--table", help="列出这张表的全部变动，如 observations")] = None,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """比较两次发布：哪些数变了，各表增减、改动了哪些行和列。"""
    from pipelines import console
    from pipelines.release.catalog import DATABASE, release_folder
    from pipelines.release.diff import compare
    from pipelines.release.listing import pair_to_compare

    settings = settings_of(context, home)
    named = [None if text is None else release_named(settings, text) for text in (before, after)]
    pair = pair_to_compare(settings, *named)
    if pair is None:
        raise CannotRun("没有两次发布可以比较；wanstat release list 看有哪些发布")
    old, new = (release_folder(settings, release_id) / DATABASE for release_id in pair)
    difference = compare(old, new, *pair, all_rows_of=table)
    if as_json:
        console.show_json(difference.as_json())
    else:
        console.show_difference(difference, table)
    return DONE


@release_command
def release_restore(
    context: typer.Context,
    release_id: Annotated[str, typer.Argument(help="要恢复的发布，如 2022-10-r1")],
    reason: Annotated[str, typer.Option("--reason", help="为什么恢复；谁、何时、为什么都记录在案")],
    as_json: Json = False,
    home: Home = None,
) -> int:
    """把以前的一次发布恢复为当前发布，所有读者随即看到它。"""
    from pipelines import console
    from pipelines.release.restore import restore
    from pipelines.validate.reopenings import login_name

    settings = settings_of(context, home)
    if not reason.strip():
        raise CannotRun("请写明为什么恢复，例如：wanstat release restore 2022-10-r1 --reason 市统计局核定数未下")
    restored = restore(settings, release_named(settings, release_id), reason=reason.strip(), who=login_name())
    if as_json:
        told = {"release": restored.manifest.release_id, "before": restored.before, "notes": list(restored.warnings)}
        console.show_json(told)
    else:
        console.show_restored(restored)
    return DONE


@release_command
def release_verify(
    context: typer.Context,
    release_id: Annotated[str | None, typer.Argument(help="哪一次发布；不写则为当前发布")] = None,
    verify_all: Annotated[bool, typer.Option("--all", help="所有发布")] = False,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """核对发布：文件大小和校验值、各表内容、当前发布和归档是否一致。"""
    from dataclasses import asdict

    from pipelines import console
    from pipelines.release.catalog import current_pointer
    from pipelines.release.verify import every_release, verify

    settings = settings_of(context, home)
    current = current_pointer(settings)
    if release_id is not None:
        chosen = [release_named(settings, release_id)]
    else:  # what is current may be what cannot be read
        chosen = every_release(settings) if verify_all or current is None else [current.release_id]
    if not chosen:
        raise CannotRun("还没有发布；请先运行 wanstat load")
    problems = verify(settings, chosen)
    if as_json:
        console.show_json({"releases": chosen, "problems": [asdict(each) for each in problems]})
    else:
        console.show_verified(chosen, problems)
    return WRONG if problems else DONE


@command
def trace(
    context: typer.Context,
    indicator: Annotated[str | None, typer.Argument(help="指标名称或代码，如 技术合同成交额")] = None,
    area: Annotated[str | None, typer.Option("--area", help="地区名称或代码，默认全市")] = None,
    period: Annotated[str | None, typer.Option("--period", help="月份 2022-10 或年份 2021；默认为最近的一期")] = None,
    window: Annotated[
        str | None, typer.Option("--window", help="month 当月、quarter 当季、year 全年、ytd 年初累计、point 期末；默认当期或期末")
    ] = None,
    hierarchy: Annotated[
        str | None,
        typer.Option("--hierarchy", help="city 全市、reported 单位所报、statutory 县区、statistical 统计区划、zone 功能区"),
    ] = None,
    file: Annotated[str | None, typer.Option("--file", help="反过来查：这个文件（名称，或 SHA-256 的开头）计入了哪些数")] = None,
    cell: Annotated[str | None, typer.Option("--cell", help="与 --file 同用：只看这个单元格，如 K6")] = None,
    listed: Annotated[int, typer.Option("--list", help="列出多少个单元格")] = 20,
    show_all: Annotated[bool, typer.Option("--all", help="列出全部单元格")] = False,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """追溯一个数：来自哪些报送、哪个文件、哪张表、哪个单元格，原来怎么写，怎么换算；或反过来，一个文件计入了哪些数。"""
    from dataclasses import asdict

    from pipelines import console
    from pipelines.trace import Asked, fed_by, missing, observation, origins, terms_of

    settings = settings_of(context, home)
    if (indicator is None) == (file is None) or (cell is not None and file is None):
        raise CannotRun("写一个指标，如 wanstat trace 技术合同成交额；或写文件，如 wanstat trace --file 文件名 --cell K6")
    if file is not None:
        fed = fed_by(settings, file, cell)
        if as_json:
            console.show_json([asdict(each) for each in fed])
        else:
            console.show_fed(fed, None if show_all else listed)
        return DONE
    period = None if period is None else period_of(period, settings)
    asked = Asked(indicator, area_named(area, period, settings), period, window, hierarchy)
    traced = observation(settings, asked)
    terms = terms_of(settings, traced)
    found = [(term, origins(settings, term), missing(settings, term)) for term in terms]
    if as_json:
        cells, lacking = ([asdict(each) for one in found for each in one[place]] for place in (1, 2))
        console.show_json(asdict(traced) | {"terms": [asdict(term) for term in terms], "origins": cells, "missing": lacking})
    else:
        console.show_trace(traced, found, None if show_all else listed)
    return DONE


@command
def practice(
    context: typer.Context,
    months: Annotated[int, typer.Option(help="从 2022-01 起的月数")] = 10,
    rows: Annotated[float, typer.Option(help="合同行数的倍数，供测试和测速")] = 1.0,
    seed: Annotated[int, typer.Option(help="随机种子；同一种子得到同样的文件")] = 2022,
    faulty: Annotated[bool, typer.Option(help="是否混入几份有错的文件")] = True,
    out: Annotated[Path | None, typer.Option(help="写到哪个文件夹，默认为工作目录的 raw/practice")] = None,
    as_json: Json = False,
    home: Home = None,
) -> int:
    """生成一座虚构城市的练习数据（企业、合同、金额都是编造的）。"""
    from pipelines import console
    from pipelines.practice.generate import generate
    from pipelines.validate.obligations import load_calendar

    settings = settings_of(context, home, is_new=True)
    chosen = [f"{2022 + index // 12}-{index % 12 + 1:02d}" for index in range(months)]
    owes = load_calendar(settings.seeds).owes
    made = generate(out or settings.practice, owes=owes, months=chosen, seed=seed, rows=rows, faulty=faulty)
    if as_json:
        console.show_json(made.as_record())
    else:
        typer.echo(f"已生成 {made.file_count} 个练习文件，在 {out or settings.practice}")
    return DONE


@command
def ui(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="端口")] = 3000,
    home: Home = None,
) -> int:
    """打开 Dagster 界面（只在本机 127.0.0.1 上）。"""
    import subprocess

    from pipelines.defs.run import prepare_instance, tidy_instance

    settings = settings_of(context, home)
    prepare_instance(settings)
    tidy_instance(settings)
    typer.echo(f"界面地址：http://127.0.0.1:{port}（按 Ctrl+C 结束）", err=True)
    module = ["-m", "pipelines.definitions"]
    return subprocess.run(
        [sys.executable, "-m", "dagster", "dev", *module, "-h", "127.0.0.1", "-p", str(port)], env=os.environ, check=False
    ).returncode


@command
def generate(check: Annotated[bool, typer.Option("--check", help="只核对，不写")] = False) -> int:
    """按报表规范和指标目录写出 dbt 项目里由它们生成的文件（开发人员用）。"""
    from pipelines.forms.dbt_models import drifted_models, write_models

    dbt_project = Settings().dbt_project
    if not check:
        write_models(dbt_project)
        return DONE
    drifted = drifted_models(dbt_project)
    for path in drifted:
        typer.echo(f"out of date: {path}; run `wanstat generate`", err=True)
    return WRONG if drifted else DONE


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"


def main() -> None:
    """Entry point of the console script."""
    gc.set_threshold(100_000, 20, 100)  # what is imported is no garbage, and looking for it takes an eighth of the time
    if sys.platform == "win32":
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8")
    app()
