"""The conflicts as pages to read and print: an index, and one page a contradiction with pictures, offline and without scripts.

Belongs here: the pages' words and tables. Does not belong here: finding, explaining or ruling (conflicts, hypotheses,
rulings), the sentences that the terminal shows too (telling), or the drawings (pictures).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipelines.figures.conflicts import STATE_LABELS, Conflict, Reconciliation
from pipelines.figures.hypotheses import Explanation
from pipelines.figures.ledger import Figure
from pipelines.figures.network import Member, Network
from pipelines.figures.pictures import (
    Story,
    figures_of,
    inert,
    nature_word,
    number_line,
    reading_name,
    rules_of_conflict,
    spoken_of,
    ties_of_conflict,
    years_picture,
)
from pipelines.figures.quantities import when
from pipelines.figures.rulings import PLACEHOLDERS, RULING_COLUMNS, conflict_id_of
from pipelines.figures.telling import arithmetic, meaning, quoted
from pipelines.files import write_whole

INDEX = "index.html"
PRACTICE_BANNER = "【练习数据】以下含有虚构的练习数据，不是真实统计结果。"
_PAGE = re.compile(r"[0-9a-f]{16}\.html")
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
_SEVERITY_MEANS = {
    "error": "按原文怎么读都不能同时成立",
    "warning": "取决于原文没有印出的默认读法，或可能而不像",
    "info": "提请注意",
}
_DIFFERS = {"definition": "口径不同", "scope": "范围不同", "nature": "实际、预计与目标之别", "window": "时期不同"}
_DIFFERS |= {"stock_flow": "时点数与时期数之别"}


def write_pages(found: Reconciliation, folder: Path, *, is_practice: bool = False) -> Path:
    """Write the index and a page a contradiction into `folder`, remove the pages of conflicts that are gone; the index's path.

    Raises:
        OSError: what the disk answered; each page is then whole, as it was or as it is now.
    """
    figures = figures_of(found.network)
    pages = {f"{conflict.conflict_id}.html": _conflict_page(conflict, found, is_practice) for conflict in found.contradictions}
    for name, page in pages.items():
        write_whole(folder / name, page)
    write_whole(folder / INDEX, _index_page(found, figures, is_practice))
    for path in folder.iterdir():
        if _PAGE.fullmatch(path.name) and path.name not in pages and path.is_file():
            path.unlink()
    return folder / INDEX


# Pages.


def _index_page(found: Reconciliation, figures: Mapping[str, Figure], is_practice: bool) -> str:
    def place(conflict: Conflict) -> tuple[object, ...]:
        states, severities = ("reopened", "open", "ruled"), tuple(_SEVERITIES)
        return severities.index(conflict.severity), states.index(conflict.state), conflict.indicator_id, conflict.conflict_id

    contradictions = sorted(found.contradictions, key=place)
    remarks = sorted((one for one in found.conflicts if one.category != "contradiction"), key=place)
    parts = [
        "<h1>公布数的矛盾</h1>",
        f"<p class='lead'>不能同时成立的 {len(contradictions)} 组，写法不妥的 {len(remarks)} 处，"
        f"看似矛盾而不是矛盾的 {len(found.not_comparable)} 对。每组矛盾点开有图和可能的解释。</p>",
        "<h2>矛盾</h2>",
        "<ol class='list'>" if contradictions else "<p>没有找到矛盾。</p>",
        *(_index_entry(conflict, found.network) for conflict in contradictions),
        "</ol>" if contradictions else "",
        _severity_words({conflict.severity for conflict in contradictions}),
        "<h2>写法不妥</h2><p>以下不是矛盾，但照现在的写法容易读错，宜更正或说明。</p>",
        "<ol class='list'>" if remarks else "<p>没有。</p>",
        *(
            f"<li>{_badge(_SEVERITIES[remark.severity])} <b>{inert(remark.kind_label)}</b>"
            f"<p>{inert(remark.summary)}</p>{_places(remark.members)}</li>"
            for remark in remarks
        ),
        "</ol>" if remarks else "",
        "<h2>看似矛盾而不是矛盾的</h2><p>下面每一对数不一样，但说的不是同一件事，不必再作为矛盾提出。</p>",
    ]
    rows = []
    for pair in found.not_comparable:
        one = figures.get(pair.figure_id)
        about = one.indicator.label if one else pair.indicator_id
        ids = f"{pair.figure_id}、{pair.other_figure_id}"
        rows.append((inert(about), inert(_DIFFERS.get(pair.differs_in, pair.differs_in)), inert(pair.reason), inert(ids)))
    parts.append(_table(("指标", "差在何处", "为何不能相比", "公布数编号"), rows) if rows else "<p>没有。</p>")
    return _page("公布数的矛盾", "".join(parts), is_practice)


def _index_entry(conflict: Conflict, network: Network | None) -> str:
    return (
        f"<li>{_badge(_SEVERITIES[conflict.severity])} {_badge(STATE_LABELS[conflict.state])} "
        f'<a href="{conflict.conflict_id}.html">{inert(conflict.title)}</a>'
        f"<p>{inert(_cannot(conflict, network))}</p><p>{inert(_likeliest(conflict))}</p></li>"
    )


def _severity_words(used: Iterable[str]) -> str:
    words = "；".join(f"{_SEVERITIES[one]}：{_SEVERITY_MEANS[one]}" for one in _SEVERITIES if one in used)
    return f"<p class='small'>{words}。</p>" if words else ""


def _conflict_page(conflict: Conflict, found: Reconciliation, is_practice: bool) -> str:
    story = Story(conflict, found.network) if found.network else None
    title = conflict.title
    known = {one.conflict_id for one in found.contradictions}
    parts = [
        f'<p><a href="{INDEX}">← 全部矛盾</a></p>',
        f"<h1>{inert(title)}</h1>",
        f"<p>{_badge(_SEVERITIES[conflict.severity])} {_badge(STATE_LABELS[conflict.state])} "
        f"<span class='small'>{_SEVERITY_MEANS[conflict.severity]}</span></p>",
        f"<p class='answer'>{inert(answer(conflict, found.network))}</p>",
        "<h2>谁说了什么</h2>",
        _who_says_what(conflict),
        f"<details open><summary>为什么不能同时成立</summary><p>{inert(conflict.summary)}</p></details>",
        number_line(story) if story else "",
        years_picture(story) if story else "",
        "<h2>可能的解释</h2>",
        _explanations(conflict, found, known),
        "<h2>裁定</h2>",
        _ruling(conflict),
    ]
    return _page(title, "".join(parts), is_practice)


def _page(title: str, body: str, is_practice: bool) -> str:
    banner = f"<p class='banner' role='note'>{inert(PRACTICE_BANNER)}</p>" if is_practice else ""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # The pages need nothing from anywhere, and a document's text that slips through must not get anything either.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{inert(title)}</title><style>{_STYLE}</style></head><body><main>{banner}{body}"
        "<footer>来源：raw/figures 的 documents.csv（文件）、figures.csv（公布数）、relations.csv（原文写明的关系），裁定在 "
        "raw/rulings/rulings.csv。各种读法、它们平常有多常见和得分的算法，写在 expectations/hypotheses.yml。"
        "得分只排先后，不是证明；以查到的原始资料为准。本页由程序写成，每次重写，不要在上面改。</footer></main></body></html>\n"
    )


# Words.


def _badge(words: str) -> str:
    return f"<span class='badge'>{inert(words)}</span>"


def answer(conflict: Conflict, network: Network | None) -> str:
    """For who has one minute: what cannot all be true, and what was decided or is likeliest."""
    return f"{_cannot(conflict, network)}{_likeliest(conflict)}"


def _cannot(conflict: Conflict, network: Network | None) -> str:
    """What cannot all be true, in one sentence."""
    said = "、".join(f"{spoken_of(member)}{quoted(member.figure)}" for member in conflict.members)
    if len({member.figure.quantity for member in conflict.members}) == 1 and len(conflict.members) > 1:
        one = conflict.members[0].figure
        scope = f"（{one.scope}）" if one.scope else ""
        said = "与".join(quoted(member.figure) for member in conflict.members)
        about = f"{said}说的都是{one.area}{when(one.quantity)}的{one.indicator.label}{scope}{nature_word(one)}"
        return f"{about}，不能都对。" if all(member.is_stated for member in conflict.members) else f"若{about}，就不能都对。"
    text = f"{said}，{len(conflict.members)} 处不能都对" if len(conflict.members) > 1 else f"{said}不能成立"
    if network is None:
        return f"{text}。"
    ties, rules = ties_of_conflict(conflict, network), rules_of_conflict(conflict, network)
    return f"{text}：{arithmetic(conflict.members, rules, ties, network)}"


def _likeliest(conflict: Conflict) -> str:
    if conflict.ruling is not None and conflict.state == "ruled":
        return f"已裁定：{_decision(conflict)}。理由：{conflict.ruling.reason.rstrip('。')}。"
    if not conflict.explanations:
        return "没有一种换读法能消除这个矛盾，须查原始资料。"
    best = conflict.explanations[0]
    return f"最可能的解释：{reading_name(best, conflict)}。{best.arithmetic}"


def _decision(conflict: Conflict) -> str:
    """What a ruling says, with the figure as printed."""
    ruling = conflict.ruling
    if conflict.state == "ruled" and conflict.state_reason:
        return conflict.state_reason
    printed = {figure.figure_id: quoted(figure) for member in conflict.members for figure in (member.figure, *member.repeats)}
    which = f"{ruling.figure_id}{printed.get(ruling.figure_id, '')}"
    titles = {each.hypothesis.id: each.hypothesis.title for each in conflict.explanations}
    if ruling.decision == "hypothesis":
        return f"{which if ruling.figure_id else ''}{titles.get(ruling.hypothesis, ruling.hypothesis)}"
    return f"以 {which}为准" if ruling.decision == "figure" else "不作处理"


# Tables.


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; on a narrow screen each cell says which column it is of."""
    head = "".join(f"<th scope='col'>{one}</th>" for one in heads)
    lines = []
    for row in rows:
        cells = (f'<td data-label="{name}"><div>{cell}</div></td>' for name, cell in zip(heads, row, strict=True))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    body = "".join(lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _who_says_what(conflict: Conflict) -> str:
    rows = []
    for member in conflict.members:
        figure = member.figure
        scope = f"，{figure.scope}" if figure.scope else ""
        about = f"{figure.area}{scope}，{when(figure.quantity)}的{figure.indicator_label}{nature_word(figure)}"
        unstated = "" if member.is_stated else "<br><small>时期原文没有印出，是推断的读法</small>"
        again = "".join(f"<br><small>又见{inert(_where(other, figure))}</small>" for other in member.repeats)
        where = f"{inert(figure.locator)}{again}"
        title = f"{inert(figure.document.title)}<br><small>{inert(figure.figure_id)}</small>"
        rows.append((title, where, f"<b>{inert(quoted(figure))}</b>", f"{inert(about)}{unstated}", inert(meaning(member))))
    return _table(("文件", "位置", "原文", "说的是什么", "意思是，这个数"), rows)


def _where(figure: Figure, beside: Figure) -> str:
    same = figure.document_id == beside.document_id
    return figure.locator if same else f"《{figure.document.title}》{figure.locator}"


def _places(members: Sequence[Member]) -> str:
    if not members:
        return ""
    places = "；".join(f"{one.figure.figure_id} 《{one.figure.document.title}》{one.figure.locator}" for one in members)
    return f"<p class='small'>{inert(places)}</p>"


def _explanations(conflict: Conflict, found: Reconciliation, known: set[str]) -> str:
    if not conflict.explanations:
        return "<p>试过的读法都不能消除这个矛盾，只能查原始资料。</p>"
    figures = figures_of(found.network)
    rows = []
    for place, each in enumerate(conflict.explanations, start=1):
        rows.append(
            (
                f"{place}. {inert(reading_name(each, conflict))}",
                inert(each.arithmetic),
                _effects(each, figures, known, found),
                "算不出" if each.residual is None else f"{float(each.residual) * 100:.1f}%",
                f"{each.score:.2f}",
                inert(each.hypothesis.evidence),
            )
        )
    heads = ("读法", "依据的算式", "还会消除、产生什么", "残差", "得分", "查什么可以定下来")
    told = (
        "<p class='small'>每种读法都换上再算过一遍：矛盾确实消失的才列出，得分高的在前。"
        "残差是按这种读法算出的数与原文相差多少。</p>"
    )
    return _table(heads, rows) + told


def _effects(each: Explanation, figures: Mapping[str, Figure], known: set[str], found: Reconciliation) -> str:
    lines = []
    for members in each.dissolves:
        other = conflict_id_of(members)
        about = next((one.title for one in found.contradictions if one.conflict_id == other), "另一组矛盾")
        words = f"{about}（{_named(members, figures)}）"
        lines.append(f'还消除：<a href="{other}.html">{inert(words)}</a>' if other in known else f"还消除：{inert(words)}")
    lines += [f"又产生新的矛盾：{inert(_named(members, figures))}" for members in each.creates]
    if each.supports:
        lines.append(f"旁证：{inert(_named(each.supports, figures))}")
    return "<br>".join(lines) or "没有别的影响"


def _named(figure_ids: Iterable[str], figures: Mapping[str, Figure]) -> str:
    return "与".join(f"{one} {quoted(figures[one])}" if one in figures else one for one in figure_ids)


def _ruling(conflict: Conflict) -> str:
    if conflict.ruling is None:
        return _how_to_rule(conflict, "还没有裁定。")
    ruling = conflict.ruling
    rows = [("裁定", _decision(conflict)), ("理由", ruling.reason), ("裁定人", ruling.by)]
    rows += [("日期", ruling.on or "没有写")]
    told = _table(("项目", "内容"), [(inert(name), inert(value)) for name, value in rows])
    if conflict.state == "reopened":
        changed = f"<p><b>所据的数已经变了，这条裁定不再作数，须重新裁定。</b>{inert(conflict.state_reason or '')}</p>"
        return told + changed + _how_to_rule(conflict, "重新裁定：")
    return told


def _how_to_rule(conflict: Conflict, lead: str) -> str:
    best = next((each for each in conflict.explanations if each.figure_id), None)
    row = dict.fromkeys(RULING_COLUMNS, "") | {"conflict_id": conflict.conflict_id, "guard": conflict.guard}
    row |= {**PLACEHOLDERS, "on": "（日期，如 2024-01-31）", "decision": "no_action"}
    if best:
        row |= {"decision": "hypothesis", "figure_id": best.figure_id, "hypothesis": best.hypothesis.id}
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerows([RULING_COLUMNS, [row[name] for name in RULING_COLUMNS]])
    ids = "、".join(member.figure.figure_id for member in conflict.members)
    named = [f"{each.hypothesis.id} {each.hypothesis.title}" for each in conflict.explanations if each.figure_id]
    codes = "；".join(dict.fromkeys(named))
    return (
        f"<p>{inert(lead)}查明以后，在 raw/rulings/rulings.csv 添一行，再装载一次。下面第一行是表头，已有的不用再抄；"
        f"conflict_id 和 guard 照抄，别的改成查明的。</p><pre>{inert(line.getvalue())}</pre>"
        "<p>decision 填下列之一：</p><ul>"
        f"<li><b>figure</b>：以一个数为准，figure_id 填它的编号（{inert(ids)} 之一），hypothesis 空着；</li>"
        "<li><b>hypothesis</b>：一个数另有所指，figure_id 填那个数，hypothesis 填读法的代码"
        f"{f'（{inert(codes)}）' if codes else ''}；</li>"
        "<li><b>no_action</b>：不作处理，figure_id 和 hypothesis 空着。</li></ul>"
        "<p>以后这些数改了写法，裁定自动作废，须重新裁定。</p>"
    )


_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:#fff;color:#111;font:16px/1.65 sans-serif;
 font-family:"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",SimSun,sans-serif}
main{max-width:1060px;margin:0 auto;padding:16px 20px 40px;overflow-wrap:anywhere}
h1{font-size:24px;line-height:1.35;margin:12px 0}
h2{font-size:19px;margin:30px 0 8px;border-bottom:1px solid #111;padding-bottom:3px}
p{margin:8px 0} a{color:#003a8c} small,.small,figcaption{font-size:14px} small{display:inline-block;color:#333}
.banner{border:3px double #111;padding:8px 12px;font-weight:700}
.badge{border:1px solid #111;border-radius:3px;padding:0 6px;font-size:14px;white-space:nowrap}
.answer{border-left:5px solid #111;padding:6px 14px;font-size:18px}
.list>li{margin:0 0 16px} .list a{font-weight:700}
table{border-collapse:collapse;width:100%;font-size:15px}
th,td{border:1px solid #666;padding:6px 8px;text-align:left;vertical-align:top} th{background:#eee}
td{min-width:4.5em} td b{display:inline-block;min-width:6em}
pre{white-space:pre-wrap;border:1px solid #666;padding:8px;font-size:14px;line-height:1.5}
summary{font-weight:700;cursor:pointer}
figure{margin:10px 0}
.row{display:grid;grid-template-columns:minmax(220px,38%) 1fr;border-top:1px solid #ccc}
.row .words{padding:6px 10px 6px 0} .row .words small{display:block}
.row .strip{position:relative;min-height:62px;border-left:1px solid #ccc}
.strip>svg{display:block;width:100%;height:60px;overflow:hidden}
.axis .strip{min-height:44px} .axis .strip>svg{height:44px} .axis{border-bottom:1px solid #ccc}
svg text{font-size:12px;fill:#111} .panel text{font-size:11px}
.panel .label{paint-order:stroke;stroke:#fff;stroke-width:3px}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:8px 20px;align-items:start}
.panels figure{max-width:400px;display:grid;grid-template-rows:subgrid;grid-row:span 3;gap:4px}
.panel{display:block;width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;font-size:14px} .legend svg{vertical-align:-2px}
.solid{fill:#111;stroke:#111} .hollow{fill:#fff;stroke:#111;stroke-width:1.5} .cross{fill:none;stroke:#111;stroke-width:2}
.bar{stroke:#111;stroke-width:9} .end{stroke:#111;stroke-width:3} .range{stroke:#111;stroke-width:3}
.band{fill:#e4e4e4;stroke:#111;stroke-dasharray:4 3} .base{fill:#fff;stroke:#111} .new{fill:#999;stroke:#111}
.thin{stroke:#111} .grid{stroke:#ddd} .way{stroke:#555;stroke-width:1.3} .goal{stroke:#555;stroke-dasharray:2 4}
.leader{stroke:#888;stroke-width:.8}
footer{margin-top:36px;border-top:1px solid #111;padding-top:8px;font-size:14px}
@media (max-width:640px){
 main{padding:10px 12px 30px} h1{font-size:21px} .answer{font-size:17px}
 .row{grid-template-columns:1fr} .row .strip{border-left:0}
 .panels figure{max-width:none}
 thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
 table,tbody,tr,td{display:block;width:100%} tr{border:1px solid #666;margin:0 0 10px} td{border:0;border-bottom:1px solid #ddd}
 td>div{display:inline} td b{min-width:0}
 td::before{content:attr(data-label) "：";font-size:14px;font-weight:700}
}
@media print{
 body{font-size:11pt} main{max-width:none;padding:0} a{color:#111} tr,.panels figure,.row,li{break-inside:avoid}
 h2{break-after:avoid}
}
"""
