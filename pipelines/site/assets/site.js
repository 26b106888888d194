// Filters, choices, the language switch and the charts. The pages are whole without it: everything then stands below one another.
"use strict";
(() => {
  const here = document.currentScript;
  const root = document.documentElement;
  root.classList.add("js");
  let language = "zh";

  // What is remembered from page to page; a browser may forbid it, and then nothing is.
  const remembered = {
    get(name) { try { return localStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(name, value); } catch { /* the switch then holds for this page */ } },
  };

  function speak(wanted) {
    language = wanted;
    for (const label of document.querySelectorAll("[data-en]")) {
      if (!label.dataset.en) continue;
      label.dataset.zh ??= label.textContent;
      label.textContent = wanted === "en" ? label.dataset.en : label.dataset.zh;
      if (wanted === "en") label.lang = "en"; else label.removeAttribute("lang");
    }
    const button = document.getElementById("language");
    button.hidden = false;
    button.textContent = wanted === "en" ? "中文" : "English";
    button.lang = wanted === "en" ? "zh-CN" : "en";
    button.setAttribute("aria-label", wanted === "en" ? "界面文字换成中文" : "Switch labels to English");
    for (const box of drawn.keys()) draw(box);
  }

  // One panel of a group is shown; a button or a select says which.
  function show(group, name) {
    for (const panel of document.querySelectorAll(`.panel[data-group="${CSS.escape(group)}"]`))
      panel.hidden = panel.dataset.panel !== name;
    for (const button of document.querySelectorAll(`button[data-for="${CSS.escape(group)}"]`))
      button.setAttribute("aria-pressed", String(button.dataset.show === name));
  }

  // A row is shown if every select that filters its table allows it.
  function filter(table) {
    const chosen = [...document.querySelectorAll(`select[data-filters="${table.id}"]`)].map(one => one.value).filter(Boolean);
    const rows = table.tBodies ? [...table.tBodies].flatMap(body => [...body.rows]) : [...table.querySelectorAll("[data-row]")];
    let left = 0;
    for (const row of rows) {
      row.hidden = !chosen.every(one => { const [key, ...value] = one.split(":"); return row.dataset[key] === value.join(":"); });
      left += !row.hidden;
    }
    count(table.id, left, rows.length);
  }

  function find(input) {
    const list = document.getElementById(input.dataset.finds), words = input.value.trim().toLowerCase();
    const rows = [...list.querySelectorAll("tr[data-words]")];
    for (const row of rows) row.hidden = !row.dataset.words.toLowerCase().includes(words);
    for (const section of list.querySelectorAll(".found-in")) section.hidden = !section.querySelector("tr[data-words]:not([hidden])");
    count(list.id, rows.filter(row => !row.hidden).length, rows.length);
  }

  function count(id, left, all) {
    const told = document.getElementById(`${id}-count`);
    if (told) told.textContent = left === all ? "" : `${left} / ${all}`;
  }

  // Charts.

  const drawn = new Map();
  const INK = "#14202b", SOFT = "#4c5a67", BLUE = "#1b5e9b", GREY = "#8a949d", WARN = "#9a4a00";
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const FONT = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 15, color: SOFT };

  const written = (value, decimals) =>
    value == null ? "" : value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

  function tick(period, place) {
    const [year, month] = period.split("-");
    if (!month) return year;
    const name = language === "en" ? MONTHS[month - 1] : `${+month}月`;
    return place === 0 || month === "01" ? `${name}\n${year}` : name;
  }

  const common = spec => ({
    animation: false,
    textStyle: FONT,
    grid: { left: 8, right: 40, top: 44, bottom: 8, containLabel: true },
    yAxis: {
      type: "value", scale: spec.kind === "path" || spec.window === "point", name: spec.unit, nameLocation: "end",
      nameTextStyle: { ...FONT, align: "left" }, axisLabel: { ...FONT },
      splitLine: { lineStyle: { color: "#e2e7eb" } },
    },
  });

  function series(spec) {
    const flow = spec.window === "month" || spec.window === "quarter";
    const mark = point => point.status === "P" ? { color: "#fff", borderColor: BLUE, borderWidth: 2, borderType: flow ? "dashed" : "solid" } : { color: BLUE };
    const few = spec.points.length <= 16;
    const values = spec.points.map(point => ({ value: point.y, itemStyle: mark(point) }));
    const made = {
      ...common(spec),
      xAxis: { type: "category", data: spec.points.map((point, place) => tick(point.x, place)), axisLabel: { ...FONT, hideOverlap: true },
               axisTick: { show: false }, axisLine: { lineStyle: { color: INK } } },
      series: [{
        type: flow ? "bar" : "line", data: values, symbol: "circle", symbolSize: 10, showAllSymbol: true, barMaxWidth: 46, connectNulls: false,
        lineStyle: { color: BLUE, width: 3 },
        label: { show: few, position: "top", ...FONT, color: INK, formatter: ({ value }) => written(value, spec.decimals) },
        labelLayout: { hideOverlap: true },
      }],
    };
    const ranges = spec.points.map((point, place) => [place, point.low, point.high]).filter(one => one[1] != null);
    if (ranges.length) made.series.push({
      type: "custom", data: ranges, encode: { x: 0, y: [1, 2] },
      renderItem: (_, api) => {
        const low = api.coord([api.value(0), api.value(1)]), high = api.coord([api.value(0), api.value(2)]);
        return { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: { stroke: BLUE, lineWidth: 5 } };
      },
    });
    const missing = spec.points.map((point, place) => [place, point]).filter(([, point]) => point.y == null && point.low == null);
    if (missing.length) made.series.push({
      type: "scatter", symbol: "path://M0,0 L10,10 M10,0 L0,10", symbolSize: 11, data: missing.map(([place]) => [place, 0]),
      itemStyle: { color: "none", borderColor: WARN, borderWidth: 2 },
      label: { show: true, position: "top", formatter: language === "en" ? "missing" : "缺", color: WARN },
    });
    return made;
  }

  function path(spec, narrow) {
    const made = common(spec), years = spec.paths[0].points.map(point => point[0]);
    const end = spec.actual.at(-1);
    made.grid.right = 90;
    // From zero where that wastes little room, else with room below for the first label.
    const heights = [...spec.paths.flatMap(one => one.points.map(point => point[1])), ...spec.actual.map(point => point.y)];
    if (Math.min(...heights) >= 0 && Math.min(...heights) < Math.max(...heights) / 2) made.yAxis.min = 0;
    else made.yAxis.boundaryGap = ["25%", "10%"];
    made.xAxis = { type: "value", min: Math.min(years[0], spec.actual[0]?.x ?? years[0]), max: years.at(-1), interval: 1, splitLine: { show: false },
                   axisLabel: { ...FONT, formatter: value => `${value}${spec.at_end && language === "zh" ? "末" : ""}`, hideOverlap: true }, axisLine: { lineStyle: { color: INK } } };
    const upper = spec.paths.length > 1 && [...spec.paths].sort((one, other) => other.points.at(-2)[1] - one.points.at(-2)[1])[0];
    made.series = spec.paths.map((one, place) => ({
      type: "line", name: one.name, data: one.points, symbol: "none", silent: true,
      lineStyle: { color: GREY, width: 2.5, type: place ? "dashed" : "solid" },
      // The name of the upper of two paths stands above it, any other below, so that no path runs through a name.
      markPoint: { symbolSize: 1, label: { ...FONT, formatter: narrow && spec.paths.length > 1 ? one.name.replace(/^.*（|）$/g, "") : one.name,
        ...(one === upper ? { position: narrow ? "top" : "left", offset: [0, narrow ? -4 : -16] } : { position: "right", offset: [0, 14] }) },
        data: [{ coord: one.points.at(-2) }] },
    }));
    made.series.push({
      type: "scatter", symbol: "diamond", symbolSize: 16, data: [spec.goal], itemStyle: { color: INK, opacity: 1 },
      label: { show: true, position: "right", ...FONT, fontWeight: 700, color: INK,
               formatter: `${language === "en" ? "Target" : "目标"}\n${written(spec.goal[1], spec.decimals)}` },
    }, {
      type: "line", symbol: "circle", symbolSize: 9, lineStyle: { color: BLUE, width: 3 },
      data: spec.actual.map(point => ({
        value: [point.x, point.y],
        itemStyle: point.status === "P" ? { color: "#fff", borderColor: BLUE, borderWidth: 2 } : { color: BLUE },
        label: { show: point === end || point === spec.actual[0], position: point === end && spec.actual.length > 1 ? "top" : "bottom",
                 align: point === end ? "center" : "left",
                 ...FONT, fontWeight: 700, color: BLUE, formatter: `${written(point.y, spec.decimals)}\n${point.label}` },
      })),
      labelLayout: { moveOverlap: "shiftY" }, z: 5,
    });
    return made;
  }

  function draw(box) {
    const spec = JSON.parse(box.querySelector("script").textContent);
    let chart = drawn.get(box);
    if (!chart) {
      const inner = box.appendChild(document.createElement("div"));
      inner.style.height = "100%";
      chart = echarts.init(inner, null, { renderer: "svg" });
      drawn.set(box, chart);
    }
    chart.setOption(spec.kind === "path" ? path(spec, box.offsetWidth < 600) : series(spec), true);
    // With a view box the drawing shrinks to the paper's width instead of being cut off.
    const svg = box.querySelector("svg");
    svg.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
  }

  function startCharts() {
    const boxes = [...document.querySelectorAll(".chart")];
    if (!boxes.length || !here.dataset.echarts) return;
    const script = document.createElement("script");
    script.src = here.dataset.echarts;
    script.onload = () => {
      const seen = new IntersectionObserver(entries => {
        for (const { isIntersecting, target } of entries)
          if (isIntersecting && !drawn.has(target)) { seen.unobserve(target); draw(target); }
      }, { rootMargin: "200px" });
      for (const box of boxes) seen.observe(box);
      let waiting;
      addEventListener("resize", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => { if (!matchMedia("print").matches) for (const [box, chart] of drawn) if (box.offsetWidth) { chart.resize(); draw(box); } }, 150);
      });
      addEventListener("beforeprint", () => { for (const box of boxes) if (!drawn.has(box) && box.offsetWidth) draw(box); });
      root.dataset.charts = "ready";
    };
    document.head.append(script);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const select of document.querySelectorAll("select[data-panels]")) {
      show(select.dataset.panels, select.value);
      select.addEventListener("change", () => show(select.dataset.panels, select.value));
    }
    for (const button of document.querySelectorAll("button[data-for]")) {
      if (button.getAttribute("aria-pressed") === "true") show(button.dataset.for, button.dataset.show);
      button.addEventListener("click", () => show(button.dataset.for, button.dataset.show));
    }
    for (const select of document.querySelectorAll("select[data-filters]"))
      select.addEventListener("change", () => filter(document.getElementById(select.dataset.filters)));
    for (const input of document.querySelectorAll("input[data-finds]")) input.addEventListener("input", () => find(input));
    const button = document.getElementById("language");
    button.addEventListener("click", () => { const wanted = language === "en" ? "zh" : "en"; remembered.set("language", wanted); speak(wanted); });
    speak(remembered.get("language") === "en" ? "en" : "zh");
  });
  // After the first paint: a megabyte of drawing program must not keep the words waiting.
  addEventListener("load", () => requestAnimationFrame(() => setTimeout(startCharts)));
})();
