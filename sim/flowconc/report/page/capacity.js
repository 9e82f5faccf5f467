"use strict";

/* The charts of a plan, drawn for the limit, the case and the statistic that the reader picks. Numbers are
   [mean, low, high] in the unit that is shown (see capacity_data.py); words come with them. */
(() => {
  const HEIGHT = 260;
  const LOG_FROM = 30; // a scale with more than this between its smallest and largest number is logarithmic
  const DECADES = 4; // at most so many below the largest number
  const MEASURED = "var(--line)", THEORY = "var(--limit)", OTHERS = "var(--muted)", BOUND = "var(--fail)", CHOSEN = "var(--ink)";

  const element = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const known = (numbers) => numbers.filter((number) => number !== null && number !== undefined && Number.isFinite(number));
  const short = (number) => String(Number(number.toPrecision(3)));

  const UNITS = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"], [1e-3, "ms"], [1e-6, "us"]];

  /* Seconds as scenarios write times. */
  const time = (seconds) => {
    const [size, name] = UNITS.find(([each]) => seconds >= each * 0.9999) || [1, "s"];
    return short(seconds / size) + name;
  };
  const worded = (number, unit) => (unit === "s" ? time(number) : short(number) + (unit.startsWith("/") || unit === "%" ? unit : unit && ` ${unit}`));

  const DECADES_OF_TIME = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600, 36000, 345600, 3.456e6];
  const STEPS_OF_TIME = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

  const multiples = (step, most) => Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);

  /* A scale for numbers from 0 on: logarithmic where they differ much, its foot then stands for everything below.
     `at` puts a number on it, `share` says how far up that is, from 0 to 1. */
  const scaleOf = (numbers, unit, from = LOG_FROM) => {
    const positive = known(numbers).filter((number) => number > 0);
    const most = Math.max(...positive, 0), least = Math.min(...positive, most);
    const tickFormat = (tick) => worded(tick, unit);
    if (unit === "%" || !most || most / least < from) {
      const end = unit === "%" ? Math.max(1, Math.min(100, most * 1.05)) : most * 1.05 || 1;
      const step = unit === "s" && STEPS_OF_TIME.find((each) => end / each <= 7);
      const ticks = step ? multiples(step, end) : undefined;
      return { options: { domain: [0, end], ticks, tickFormat }, at: (number) => Math.max(0, number), share: (number) => number / end };
    }
    const decades = unit === "s" ? DECADES_OF_TIME : Array.from({ length: 19 }, (_, i) => 10 ** (i - 9));
    const foot = decades.findLast((decade) => decade <= Math.max(least, most / 10 ** DECADES)) || decades[0];
    const [low, high] = [Math.log10(foot), Math.log10(most * 1.3)];
    const at = (number) => Math.log10(Math.max(foot, number));
    return {
      options: {
        domain: [low, high],
        ticks: decades.map(Math.log10).filter((tick) => tick >= low && tick <= high),
        tickFormat: (tick) => (tick <= low ? `≤ ${worded(foot, unit)}` : tickFormat(10 ** tick)),
      },
      at,
      share: (number) => (at(number) - low) / (high - low),
    };
  };

  /* Of points with a `share` of the height, those that are far enough from each other to be labelled; `chosen` always. */
  const apart = (points, chosen) => {
    const kept = points.filter((point) => chosen(point));
    for (const point of points) if (kept.every((other) => Math.abs(other.share - point.share) > 0.06)) kept.push(point);
    return kept;
  };

  /* The ticks of whole numbers, not too many. */
  const whole = (numbers, most = 12) => numbers.filter((_, i) => i % Math.ceil(numbers.length / most) === 0);

  const widthOf = (figure) => Math.max(320, figure.clientWidth || 480);

  const draw = (figure, said, hint, options) => {
    const place = figure.querySelector(".drawing");
    figure.querySelector("figcaption .said").textContent = said;
    figure.querySelector(".hint").textContent = hint;
    place.setAttribute("aria-label", said);
    place.hidden = !options;
    place.replaceChildren();
    if (!options) return;
    place.append(Plot.plot({
      width: widthOf(figure),
      height: HEIGHT,
      marginLeft: 64,
      marginRight: 24,
      marginBottom: 44,
      style: { background: "none", fontSize: "12px", overflow: "visible" },
      ...options,
    }));
  };

  /* Horizontal lines for the goals and what is protected, where they lie on the scale. Their words come last: what is
     drawn before lies behind them. */
  const bounds = (statistic, scale) => [Plot.ruleY(statistic.bounds, { y: (bound) => scale.at(bound.value), stroke: BOUND, strokeDasharray: "5 3" })];
  const written = (statistic, scale, lines, width) => statistic.bounds.map((bound) => {
    const [left, above] = emptiest(scale.share(bound.value), bound.written.length * 7 / (width - 88), lines);
    return Plot.text([bound], { y: () => scale.at(bound.value), text: "written", frameAnchor: left ? "left" : "right", textAnchor: left ? "start" : "end", lineAnchor: above ? "bottom" : "top", dx: left ? 4 : 0, dy: above ? -4 : 4, fill: BOUND, stroke: "var(--page)", strokeWidth: 4 });
  });

  /* Where words of this length beside a horizontal line hide the least of `lines`, whose points are [x, y], shares of the
     width and the height: whether on the left, and whether above. */
  const emptiest = (height, length, lines) => {
    const between = lines.flatMap((line) => line.flatMap(([x, y], i) => (i ? [0, 0.25, 0.5, 0.75, 1].map((part) => [line[i - 1][0] + part * (x - line[i - 1][0]), line[i - 1][1] + part * (y - line[i - 1][1])]) : [[x, y]])));
    const hidden = ([left, above]) => between.filter(([x, y]) => (left ? x < length : x > 1 - length) && (above ? y > height - 0.02 && y < height + 0.12 : y < height + 0.02 && y > height - 0.12)).length;
    const places = [[false, true], [true, true], [false, false], [true, false]].filter(([, above]) => (above ? height < 0.9 : height > 0.12));
    return places.reduce((best, each) => (hidden(each) < hidden(best) ? each : best));
  };

  const againstLimit = (figure, data, kase, place, shown) => {
    const statistic = data.statistics[shown];
    const points = kase.rows.map((row) => ({ limit: row.limit, value: row.values[shown], theory: row.theory[shown] })).filter((point) => point.value);
    const theory = points.filter((point) => point.theory);
    const scale = scaleOf([...points.flatMap((point) => point.value), ...theory.map((point) => point.theory[0]), ...statistic.bounds.map((bound) => bound.value)], statistic.unit);
    const row = kase.rows[place];
    const formula = row.theory[shown] ? `, ${row.theory[shown][2]}` : "";
    draw(figure, `${statistic.title} at limit ${row.limit}: ${row.words[shown]}${formula}`,
      `Dots and bars: simulated, with the interval of the mean.${theory.length ? " Rings: queueing theory." : ""}${statistic.bounds.length ? " Dashed: what must be met." : ""}`, points.length && {
      x: { label: "limit", type: "point", ticks: whole(data.limits), tickFormat: String, domain: data.limits },
      y: { label: statistic.title, ...scale.options },
      marks: [
        Plot.gridY({ ticks: scale.options.ticks }),
        Plot.ruleX([row.limit], { stroke: CHOSEN, strokeOpacity: 0.15, strokeWidth: 14 }),
        ...bounds(statistic, scale),
        Plot.line(points, { x: "limit", y: (point) => scale.at(point.value[0]), stroke: MEASURED, strokeOpacity: 0.4 }),
        Plot.ruleX(points, { x: "limit", y1: (point) => scale.at(point.value[1]), y2: (point) => scale.at(point.value[2]), stroke: MEASURED, strokeWidth: 2 }),
        Plot.dot(points, { x: "limit", y: (point) => scale.at(point.value[0]), fill: MEASURED, r: (point) => (point.limit === row.limit ? 6 : 3.5) }),
        Plot.dot(theory, { x: "limit", y: (point) => scale.at(point.theory[0]), stroke: THEORY, strokeWidth: 2, r: 8 }),
        ...written(statistic, scale, [points.map((point) => [(data.limits.indexOf(point.limit) + 0.5) / data.limits.length, scale.share(point.value[0])])], widthOf(figure)),
      ],
      r: { type: "identity" },
    });
  };

  /* Until which load the goals are met, and until which the limit keeps up. */
  const bears = (kase, place, limit, most) => {
    const reach = kase.reaches[place], cliff = kase.cliffs[place];
    const met = reach === null ? "is not sure to meet the goals at any of these loads"
      : reach === most ? `meets the goals at all of these loads` : `meets the goals up to ×${short(reach)} of the load`;
    return `limit ${limit} ${met}${cliff ? `, keeps up in the long run until ${cliff.said}` : ""}`;
  };

  const againstLoad = (figure, data, kase, place, shown) => {
    const statistic = data.statistics[shown];
    const lines = kase.loads.map((loads, i) => ({ limit: data.limits[i], points: loads.filter((load) => load.values[shown]) }));
    const points = lines.flatMap((line) => line.points.map((point) => ({ ...point, limit: line.limit })));
    const limit = data.limits[place];
    const own = points.filter((point) => point.limit === limit);
    const scale = scaleOf([...points.map((point) => point.values[shown][0]), ...own.flatMap((point) => point.values[shown]), ...statistic.bounds.map((bound) => bound.value)], statistic.unit);
    const [mean, low, high] = [0, 1, 2].map((which) => (point) => scale.at(point.values[shown][which]));
    const [least, most] = [Math.min(...data.loads), Math.max(...data.loads, ...points.map((point) => point.load))], cliff = kase.cliffs[place];
    const ends = lines.filter((line) => line.points.length)
      .map((line) => ({ ...line.points.at(-1), limit: line.limit, share: scale.share(line.points.at(-1).values[shown][0]) }));
    const seen = cliff && cliff.load <= most ? [cliff] : [];
    draw(figure, bears(kase, place, limit, kase.loads[place].at(-1).load), `The chosen limit, with its interval; grey: the other limits. Hollow: cannot keep up, so the number grows with the length of the run.`, points.length && {
      x: { label: "load, as a multiple of what the scenario says", tickFormat: (tick) => `×${short(tick)}`, domain: [least, most], ticks: 6, insetLeft: 8, insetRight: 8 },
      y: { label: statistic.title, ...scale.options },
      marks: [
        Plot.gridY({ ticks: scale.options.ticks }),
        ...bounds(statistic, scale),
        Plot.line(points.filter((point) => point.limit !== limit), { x: "load", y: mean, z: "limit", stroke: OTHERS, strokeOpacity: 0.35 }),
        Plot.text(apart(ends, (point) => point.limit === limit), { x: "load", y: mean, text: (point) => String(point.limit), dx: 6, textAnchor: "start", fill: (point) => (point.limit === limit ? MEASURED : OTHERS) }),
        Plot.ruleX(seen, { x: "load", stroke: THEORY, strokeWidth: 2, strokeDasharray: "2 3" }),
        Plot.text(seen, { x: "load", text: (mark) => `cliff ${mark.said}`, frameAnchor: "top", textAnchor: "start", dx: 5, fill: THEORY, stroke: "var(--page)", strokeWidth: 4 }),
        Plot.areaY(own, { x: "load", y1: low, y2: high, fill: MEASURED, fillOpacity: 0.2 }),
        Plot.line(own, { x: "load", y: mean, stroke: MEASURED, strokeWidth: 2 }),
        Plot.dot(own, { x: "load", y: mean, stroke: MEASURED, strokeWidth: 1.5, r: 3.5, fill: (point) => (point.grows ? "var(--page)" : MEASURED) }),
        ...written(statistic, scale, lines.map((line) => line.points.map((point) => [(point.load - least) / (most - least), scale.share(point.values[shown][0])])), widthOf(figure)),
      ],
      color: { type: "identity" },
    });
  };

  const clock = (minutes) => {
    const seconds = Math.round((((minutes % 1440) + 1440) % 1440) * 60);
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, ...(seconds % 60 ? [seconds % 60] : [])];
    return parts.map((part) => String(part).padStart(2, "0")).join(":");
  };

  const depth = (count) => (count < 10 ? count.toFixed(1) : String(Math.round(count)));

  const overTheDay = (figure, data, kase, place) => {
    const envelope = kase.envelopes[place];
    if (!envelope) {
      draw(figure, "", "The run has no end of its own (run.until), so there is no day to show.", null);
      return;
    }
    // several days are laid over each other, and begin at midnight
    const count = envelope.p50.length, end = envelope.begins + count * envelope.part;
    const parts = envelope.p50.map((p50, i) => {
      const begins = envelope.begins + i * envelope.part;
      return { from: envelope.days > 1 ? begins % 1440 : begins, p50, p95: envelope.p95[i] };
    }).sort((a, b) => a.from - b.from);
    const steps = parts.flatMap((part) => [part, { ...part, from: part.from + envelope.part }]);
    const others = kase.envelopes.filter((each) => each).flatMap((each) => each.p95);
    const peak = parts.reduce((best, part) => (part.p95 > best.p95 ? part : best), parts[0]);
    const scale = scaleOf(envelope.p95.length ? [...envelope.p95, 1] : others, "", Infinity);
    const length = envelope.part >= 1 ? `${short(envelope.part)} min` : `${short(envelope.part * 60)} s`;
    draw(figure, peak.p95 ? `limit ${data.limits[place]}: at ${clock(peak.from)} it is ${depth(peak.p95)} deep at p95, ${depth(peak.p50)} at p50` : `limit ${data.limits[place]}: nobody queues`,
      `Line: p50, band up to p95, of the means of each ${length} over ${envelope.observations} ${envelope.days > 1 ? "days" : "runs"}.`, {
      x: { label: "time of day, as the scenario's clock has it", tickFormat: clock, ticks: ticksOfClock(steps[0].from, envelope.days > 1 ? 1440 : end, widthOf(figure)), domain: [steps[0].from, steps.at(-1).from] },
      y: { label: "executions that wait", ...scale.options },
      marks: [
        Plot.gridY(),
        Plot.areaY(steps, { x: "from", y1: "p50", y2: "p95", fill: MEASURED, fillOpacity: 0.25 }),
        Plot.lineY(steps, { x: "from", y: "p50", stroke: MEASURED, strokeWidth: 1.5 }),
        Plot.ruleY([0], { stroke: OTHERS }),
      ],
    });
  };

  const STEPS_OF_CLOCK = [1 / 60, 2 / 60, 5 / 60, 10 / 60, 15 / 60, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360]; // minutes

  const ticksOfClock = (from, to, width) => {
    const most = Math.min(9, width / 70);
    const step = STEPS_OF_CLOCK.find((each) => (to - from) / each <= most) || 360;
    const first = Math.ceil(from / step - 1e-3);
    return Array.from({ length: Math.max(0, Math.floor(to / step + 1e-3) - first + 1) }, (_, i) => (first + i) * step);
  };

  const turnedAway = (figure, data, kase, place) => {
    const points = kase.turned_away.map((each, i) => ({ limit: data.limits[i], ...each })).filter((point) => point.values);
    const theory = points.filter((point) => point.theory);
    const chosen = kase.turned_away[place];
    const scale = scaleOf([...points.flatMap((point) => point.values), ...theory.map((point) => point.theory[0])], "%");
    const whose = kase.waits ? "with CANCEL in place of QUEUE, limit" : "limit";
    draw(figure, `${whose} ${data.limits[place]} turns away ${chosen.words}${chosen.theory ? `, ${chosen.theory[2]}` : ""}`,
      `Share of the executions.${theory.length ? " Rings: queueing theory." : ""}`, points.length && {
      x: { label: "limit", type: "point", ticks: whole(data.limits), tickFormat: String, domain: data.limits },
      y: { label: "turned away", ...scale.options },
      marks: [
        Plot.gridY(),
        Plot.ruleX([data.limits[place]], { stroke: CHOSEN, strokeOpacity: 0.15, strokeWidth: 14 }),
        Plot.line(points, { x: "limit", y: (point) => point.values[0], stroke: MEASURED, strokeOpacity: 0.4 }),
        Plot.ruleX(points, { x: "limit", y1: (point) => scale.at(point.values[1]), y2: (point) => point.values[2], stroke: MEASURED, strokeWidth: 2 }),
        Plot.dot(points, { x: "limit", y: (point) => point.values[0], fill: MEASURED, r: (point) => (point.limit === data.limits[place] ? 6 : 3.5) }),
        Plot.dot(theory, { x: "limit", y: (point) => point.theory[0], stroke: THEORY, strokeWidth: 2, r: 8 }),
      ],
      r: { type: "identity" },
    });
  };

  const contention = (figure, data, kase, place) => {
    const points = kase.loads.flatMap((loads, i) => loads.map((load) => ({ ...load, limit: data.limits[i] }))).filter((point) => point.backlog && point.lock_wait);
    const limit = data.limits[place];
    if (!points.some((point) => point.lock_wait[0] > 0)) {
      draw(figure, "nobody waits for a row lock", "The database of this scenario takes no time. A platform in the scenario file gives it costs.", null);
      return;
    }
    const own = points.filter((point) => point.limit === limit);
    const now = kase.rows[place];
    const depth = scaleOf(points.map((point) => point.backlog[0]), ""), wait = scaleOf(points.map((point) => point.lock_wait[0]), "s");
    const x = (point) => depth.at(point.backlog[0]), y = (point) => wait.at(point.lock_wait[0]);
    draw(figure, `limit ${limit}: ${short(now.backlog[0])} wait for a slot, each execution waits ${time(now.lock_wait[0])} for row locks`,
      "A dot is a limit under a load; full ones are of the chosen limit.", {
      x: { label: "executions that wait for a slot, mean", ...depth.options},
      y: { label: "waited for row locks, mean of an execution", ...wait.options },
      marks: [
        Plot.gridY({ ticks: wait.options.ticks }),
        Plot.dot(points.filter((point) => point.limit !== limit), { x, y, stroke: OTHERS, strokeOpacity: 0.6, r: 3 }),
        Plot.line(own, { x, y, stroke: MEASURED, strokeOpacity: 0.4 }),
        Plot.dot(own, { x, y, fill: MEASURED, r: 4 }),
      ],
    });
  };

  const CHARTS = { "against-limit": againstLimit, "against-load": againstLoad, "over-the-day": overTheDay, "turned-away": turnedAway, contention };

  const tile = (value, label, outcome, meaning) => {
    const badge = outcome && element("span", `badge ${outcome.toLowerCase()}`, outcome);
    const made = element("div", "tile", element("b", "", value, ...(badge ? [" ", badge] : [])), element("span", "", label));
    if (meaning) made.title = meaning;
    return made;
  };

  const tiles = (data, kase, place) => {
    const row = kase.rows[place];
    const marks = row.marks.length ? row.marks.join(", ") : row.note ? "" : "one of those that were tried";
    const conditions = [...row.goals, ...row.protects];
    const others = data.statistics
      .map((statistic, i) => ({ ...statistic, words: row.words[i] }))
      .filter((statistic) => statistic.matters && !statistic.bounds.length);
    const meaningOf = (written) => data.statistics.find((statistic) => statistic.bounds.some((bound) => bound.written === written))?.meaning;
    return [
      tile(`limit ${row.limit}`, [kase.label, marks, row.note].filter((text) => text).join("; ")),
      ...conditions.map((each) => tile(each.measured, each.written, each.outcome, meaningOf(each.written))),
      ...others.map((statistic) => tile(statistic.words, statistic.title, null, statistic.meaning)),
    ];
  };

  const copy = async (button, table) => {
    const text = [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent).join("\t")).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch { // a page opened from a file may not write there: let the reader do it
      const range = document.createRange();
      range.selectNode(table);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected: copy it with Ctrl+C";
    }
  };

  const capacity = (article, data) => {
    const find = (selector) => article.querySelector(selector);
    const [slider, output] = [find(".slider"), find(".limit output")];
    const [cases, statistics] = [find(".cases select"), find(".statistics select")];
    let kase, place, shown = 0;

    const show = () => {
      slider.value = place;
      const goals = kase.rows[place].goals.map((goal) => `${goal.written}: ${goal.measured}, ${goal.outcome}`);
      slider.setAttribute("aria-valuetext", [`limit ${data.limits[place]}`, ...goals].join("; "));
      output.textContent = data.limits[place];
      find(".tiles").replaceChildren(...tiles(data, kase, place));
      find(".meaning").textContent = `${data.statistics[shown].title}: ${data.statistics[shown].meaning}.`;
      for (const [name, drawing] of Object.entries(CHARTS)) drawing(find(`.chart.${name}`), data, kase, place, shown);
    };
    const pick = (index) => {
      kase = data.cases[index];
      place = Math.max(0, data.limits.indexOf(kase.start));
      show();
    };

    data.statistics.forEach((statistic, i) => statistics.append(new Option(statistic.title, i)));
    data.cases.forEach((each, i) => cases.append(new Option(each.label, i, i === data.case, i === data.case)));
    find(".cases").hidden = data.cases.length < 2;
    slider.max = data.limits.length - 1;
    slider.addEventListener("input", () => { place = Number(slider.value); show(); });
    statistics.addEventListener("change", () => { shown = Number(statistics.value); show(); });
    cases.addEventListener("change", () => pick(Number(cases.value)));
    for (const button of article.querySelectorAll(".copy")) {
      button.hidden = false;
      button.addEventListener("click", () => copy(button, button.closest("section").querySelectorAll("table")[[...article.querySelectorAll(".copy")].indexOf(button)]));
    }
    find(".explorer").hidden = false;
    pick(data.case);
    addEventListener("resize", show);
  };

  const data = JSON.parse(document.getElementById("data").textContent);
  for (const article of document.querySelectorAll("article.capacity")) capacity(article, data[article.dataset.index]);
})();
