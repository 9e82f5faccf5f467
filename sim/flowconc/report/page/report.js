"use strict";

/* The Concurrency tab of every flow at a moment that the reader picks. Times are microseconds from the start. */
(() => {
  const HOLDING = 100; // added to a state's code when the execution holds a slot (see moments.py)
  const MOST_CELLS = 60; // slots drawn one by one; more are one bar
  const MOST_ROWS = 100;
  const PLOT_LEFT = 0.075, PLOT_RIGHT = 0.855; // the time axis within a plot (see plots.py)

  const element = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const named = (name) => element("bdi", "", name);
  const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  const UNITS = { us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 3.6e9, d: 8.64e10 };

  const seconds = (us, decimals = 6) => `${(us / 1e6).toFixed(decimals).replace(/\.?0+$/, "")}s`;

  /* Read `90`, `90s`, `1m30s`, `250ms` as microseconds; null when it is none of these. */
  const parse = (text) => {
    const trimmed = text.trim().toLowerCase().replace(/\s+/g, "");
    if (/^\d+(\.\d+)?$/.test(trimmed)) return Math.round(Number(trimmed) * 1e6);
    if (!/^(\d+(\.\d+)?(us|ms|s|m|h|d))+$/.test(trimmed)) return null;
    let total = 0;
    for (const [, number, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g)) total += number * UNITS[unit];
    return Math.round(total);
  };

  const sums = (differences) => {
    let total = 0;
    return differences.map((difference) => (total += difference));
  };

  /* The last index whose value is at most `wanted`; -1 when there is none. */
  const lastAtMost = (sorted, wanted) => {
    let low = 0, high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] <= wanted) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  /* What stood at `now`: the executions that are not gone, in the order in which they came into their state. */
  const stateOf = (flow, states, now) => {
    const present = new Map();
    for (let i = 0; i < flow.times.length && flow.times[i] <= now; i++) {
      const who = flow.who[i], code = flow.code[i], at = flow.times[i];
      const before = present.get(who);
      let waited = before ? before.waited : 0;
      if (before && before.state === "QUEUED") waited += at - before.since;
      present.delete(who);
      if (code < 0) continue;
      const state = states[code % HOLDING];
      const since = before && before.state === state ? before.since : at;
      if (before && before.state === "QUEUED" && state === "QUEUED") waited = before.waited;
      present.set(who, { who, state, since, waited, holds: code >= HOLDING });
    }
    const level = flow.levels[lastAtMost(flow.levels.map((row) => row[0]), now)] || [0, -1, 0];
    return { executions: [...present.values()], limit: level[1], drift: level[2] };
  };

  const nameOf = (flow, who) => {
    const name = flow.names[who];
    return typeof name === "number" ? flow.prefix + name : name;
  };

  const bar = (held, leaked, limit) => {
    const made = element("div", "bar");
    const total = Math.max(limit, held + leaked);
    const cell = (kind, share) => {
      const part = element("i", kind);
      part.style.flexGrow = share;
      made.append(part);
    };
    const kinds = [["used", Math.min(held, limit)], ["leaked", leaked], ["over", Math.max(held - limit, 0)],
      ["", Math.max(limit - held - leaked, 0)]];
    for (const [kind, count] of kinds) {
      if (total > MOST_CELLS && count) cell(kind, count);
      else for (let i = 0; i < count; i++) cell(kind, 1);
    }
    return made;
  };

  const slotCell = (flow, execution, queue, holders, leaked) => {
    const cell = element("td", "");
    if (execution.state !== "QUEUED") {
      cell.append(execution.holds ? "holds a slot" : "has no slot");
      return cell;
    }
    const place = queue.indexOf(execution);
    if (place > 0) {
      cell.append(`number ${place + 1} in the queue, behind `, named(nameOf(flow, queue[place - 1].who)));
      return cell;
    }
    cell.append(holders.length ? "next; the slots are held by " : "next; nobody holds a slot");
    holders.slice(0, 5).forEach((holder, i) => cell.append(i ? ", " : "", named(nameOf(flow, holder.who))));
    if (holders.length > 5) cell.append(` and ${holders.length - 5} more`);
    if (leaked) cell.append(`; ${counted(leaked, "slot")} leaked`);
    return cell;
  };

  const table = (flow, executions, now, leaked) => {
    const order = (execution) => (execution.state === "RUNNING" ? 0 : execution.holds ? 1 : 2);
    const queue = executions.filter((execution) => execution.state === "QUEUED");
    const holders = executions.filter((execution) => execution.holds);
    const rows = executions
      .filter((execution) => execution.holds || execution.state === "RUNNING" || execution.state === "QUEUED")
      .sort((a, b) => order(a) - order(b));
    const made = element("table", "");
    const left = rows.length > MOST_ROWS ? `; the first ${MOST_ROWS} are shown` : "";
    made.append(element("caption", "", `${counted(rows.length, "execution")} running, queued or holding a slot${left}`));
    const head = element("tr", "");
    for (const [title, className] of [["Execution", ""], ["State", ""], ["Since", "number"], ["Waited", "number"],
      ["Source", ""], ["Slot", ""]]) {
      const cell = element("th", className, title);
      cell.scope = "col";
      head.append(cell);
    }
    made.append(element("thead", "", head));
    const body = element("tbody", "");
    for (const execution of rows.slice(0, MOST_ROWS)) {
      const waited = execution.waited + (execution.state === "QUEUED" ? now - execution.since : 0);
      const name = element("th", "", named(nameOf(flow, execution.who)));
      name.scope = "row";
      body.append(element("tr", "", name,
        element("td", "", element("span", `state ${execution.state}`, execution.state)),
        element("td", "number", seconds(execution.since, 3)),
        element("td", "number", seconds(waited, 3)),
        element("td", "", named(flow.labels[flow.sources[execution.who]])),
        slotCell(flow, execution, queue, holders, leaked)));
    }
    made.append(body);
    const wide = element("div", "wide", made);
    wide.tabIndex = 0;
    return wide;
  };

  const sentence = (held, queued, limit, drift) => {
    const slots = limit < 0 ? `${counted(held, "execution")} active, no limit` : `${held} of ${counted(limit, "slot")} in use`;
    const counter = drift ? `; the engine counts ${held + drift}` + (drift > 0 ? `: ${counted(drift, "slot")} leaked` : "") : "";
    return `${slots}, ${queued} queued${counter}`;
  };

  const flowTab = (flow, states, now) => {
    const { executions, limit, drift } = stateOf(flow, states, now);
    const held = executions.filter((execution) => execution.holds).length;
    const queued = executions.filter((execution) => execution.state === "QUEUED").length;
    const leaked = Math.max(drift, 0);
    const said = sentence(held, queued, limit, drift);
    const made = element("section", "flow", element("h4", "", named(flow.key)), element("p", "said", said));
    if (limit >= 0) {
      const slots = bar(held, leaked, limit);
      slots.setAttribute("role", "img");
      slots.setAttribute("aria-label", said);
      made.append(slots);
    }
    made.append(table(flow, executions, now, leaked));
    return made;
  };

  /* One scenario's picker; returns what shows a moment of it. */
  const scenario = (article, data) => {
    for (const flow of data.flows) {
      flow.times = sums(flow.dt);
      flow.who = sums(flow.who);
    }
    const instants = new Set([data.start_us, data.end_us]);
    for (const flow of data.flows) {
      for (const t of [...flow.times, ...flow.levels.map((row) => row[0])]) if (t >= data.start_us && t <= data.end_us) instants.add(t);
    }
    const moments = [...instants].sort((a, b) => a - b);
    const find = (selector) => article.querySelector(selector);
    const [picker, slider, time, flows] = [".picker", ".slider", ".time", ".flows"].map(find);
    const [previous, next] = [".previous", ".next"].map(find);
    const cursors = article.querySelectorAll(".cursor");
    let now = data.start_us;

    const show = (wanted) => {
      now = Math.min(Math.max(wanted, data.start_us), data.end_us);
      slider.value = now;
      slider.setAttribute("aria-valuetext", seconds(now));
      time.value = seconds(now);
      time.removeAttribute("aria-invalid");
      previous.disabled = now <= moments[0];
      next.disabled = now >= moments[moments.length - 1];
      flows.replaceChildren(...data.flows.map((flow) => flowTab(flow, data.states, now)));
      for (const cursor of cursors) {
        cursor.hidden = false;
        cursor.style.left = `${100 * (PLOT_LEFT + ((PLOT_RIGHT - PLOT_LEFT) * now) / data.run_us)}%`;
      }
    };

    slider.min = data.start_us;
    slider.max = data.end_us;
    slider.step = Math.max(1, Math.floor((data.end_us - data.start_us) / 1000));
    slider.addEventListener("input", () => show(Number(slider.value)));
    previous.addEventListener("click", () => show(moments[Math.max(lastAtMost(moments, now - 1), 0)]));
    next.addEventListener("click", () => show(moments[Math.min(lastAtMost(moments, now) + 1, moments.length - 1)]));
    time.addEventListener("change", () => {
      const wanted = parse(time.value);
      if (wanted === null) time.setAttribute("aria-invalid", "true");
      else show(wanted);
    });
    for (const plot of article.querySelectorAll(".plot")) {
      plot.addEventListener("click", (event) => {
        const box = plot.getBoundingClientRect();
        const share = ((event.clientX - box.left) / box.width - PLOT_LEFT) / (PLOT_RIGHT - PLOT_LEFT);
        if (share >= 0 && share <= 1) show(Math.round(share * data.run_us));
      });
    }
    picker.hidden = false;
    show(data.focus_us);
    return show;
  };

  const data = JSON.parse(document.getElementById("data").textContent);
  const shows = [...document.querySelectorAll("article.scenario")].map((article) => scenario(article, data[article.dataset.index]));

  for (const button of document.querySelectorAll(".show-moment")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const article = document.querySelector(`article[data-index="${button.dataset.scenario}"]`);
      article.querySelector("details.body").open = true;
      shows[button.dataset.scenario](Number(button.dataset.t));
      article.querySelector(".concurrency").scrollIntoView();
    });
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((details) => (details.open = true)));
})();
