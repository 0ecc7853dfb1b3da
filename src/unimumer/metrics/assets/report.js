"use strict";
// Text from files reaches the page only as text nodes and attributes of our own making, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const $ = (id) => document.getElementById(id);

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function drawn(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Expressions: glyphs are defined once and used wherever they stand. Lengths are hundredths of an em.
data.glyphs.forEach((outline, number) => {
  const shape = outline[0] === "T" ? drawn("text", { "font-size": 1000 }, outline.slice(1)) : drawn("path", { d: outline });
  shape.id = "g" + number;
  $("glyphs").append(shape);
});

function expression(places, latex, em) {
  const [width, ascent, descent] = places, margin = 12;
  const box = [-margin, -ascent - margin, width + 2 * margin, ascent + descent + 2 * margin];
  const picture = drawn("svg", {
    viewBox: box.join(" "), width: (box[2] * em) / 100, height: (box[3] * em) / 100, fill: "currentColor", role: "img", "aria-label": latex,
  });
  for (let at = 3; at < places.length; ) {
    const kind = places[at];
    const [x, y, w, h] = places.slice(at + 1, at + 5);
    const glyph = kind >= 0;
    const mark = places[at + (glyph ? 4 : 5)];
    let shape;
    if (glyph) shape = drawn("use", { href: "#g" + kind, transform: `translate(${x} ${y}) scale(${w / 1000})` });
    else if (kind === -1) shape = drawn("rect", { x, y, width: w, height: h });
    else {
      const [start, end] = kind === -2 ? [y + h, y] : [y, y + h];
      shape = drawn("polygon", { points: `${x},${start - 3} ${x + w},${end - 3} ${x + w},${end + 3} ${x},${start + 3}` });
    }
    if (mark) shape.setAttribute("class", "m" + mark);
    picture.append(shape);
    at += glyph ? 5 : 6;
  }
  return picture;
}

const percent = (value) => (100 * value).toFixed(value === 1 ? 0 : 1) + " %";
const count = (number) => number.toLocaleString("en");
const plain = (name) => (name.startsWith("\\") ? element("code", {}, name) : name);

// Scores and plots.
function range(figure, most = 1) {
  const at = (value) => (100 * Math.max(0, Math.min(value / most, 1))).toFixed(2) + "%";
  return drawn("svg", { class: "range", "aria-hidden": "true" },
    drawn("rect", { class: "track", x: 0, y: 4, width: "100%", height: 8, rx: 4 }),
    drawn("rect", { class: "value", x: 0, y: 4, width: at(figure.value), height: 8, rx: 4 }),
    drawn("line", { class: "reach", x1: at(figure.low), x2: at(figure.high), y1: 8, y2: 8 }),
    ...[figure.low, figure.high].map((end) => drawn("line", { class: "reach", x1: at(end), x2: at(end), y1: 4, y2: 12 })));
}

function figures(rows, head = "") {
  const table = element("table", {}, element("tr", {}, ...[head, "", "value", "95 % interval", "n"].map((text, which) => element("th", { className: which === 1 ? "plot" : "" }, text))));
  for (const [title, figure, unit] of rows) {
    const text = unit === "ratio" ? (value) => value.toFixed(4) : percent;
    table.append(element("tr", {}, element("td", {}, plain(title)), element("td", { className: "plot" }, range(figure)),
      ...[text(figure.value), `${text(figure.low)} – ${text(figure.high)}`.replace(" %", ""), count(figure.n)]
        .map((cell, which) => element("td", { className: which ? "number quiet" : "number" }, cell))));
  }
  return table;
}

function card(title, ...content) {
  return element("div", { className: "card" }, element("h2", {}, title), ...content);
}

function scores(set) {
  const rows = (found) => Object.entries(found).map(([name, figure]) =>
    [data.titles[name], figure, name === "token_edits_per_label_character" ? "ratio" : ""]);
  const made = card("Scores", figures(rows(set.figures)), ...set.notes.map((note) => element("p", {}, note)));
  if (Object.keys(set.figures_of_labels_that_parse).length)
    made.append(element("details", {}, element("summary", {}, "Only labels that parse"), figures(rows(set.figures_of_labels_that_parse))));
  if (set.rendered) made.append(figures(rows(set.rendered)));
  return made;
}

function faults(found) {
  const bar = element("div", { className: "stack" }), list = element("table");
  for (const [name, figure] of Object.entries(found.faults)) {
    if (!figure.value) continue;
    bar.append(element("i", { className: name, style: `flex-grow:${figure.value}`, title: data.faults[name] }));
    const row = element("tr", { className: "pick " + name, onclick: () => { $("kind").value = name; refresh(); } },
      element("td", {}, element("span", { className: "dot" }), data.faults[name]),
      element("td", { className: "number" }, percent(figure.value)), element("td", { className: "number" }, count(Math.round(figure.value * figure.n))));
    list.append(row);
  }
  return card("Kinds of error", bar, list);
}

function confusions(found) {
  const list = element("table");
  for (const { label, prediction, count: times } of found.confusions.filter((one) => one.label && one.prediction).slice(0, 60))
    list.append(element("tr", { className: "pick", onclick: () => choose(label, prediction) },
      element("td", {}, plain(label), " → ", plain(prediction)), element("td", { className: "number" }, count(times))));
  const lost = element("table");
  for (const { label, prediction, count: times } of found.confusions.filter((one) => !one.label || !one.prediction).slice(0, 60))
    lost.append(element("tr", { className: "pick", onclick: () => choose(label, prediction) },
      element("td", {}, label ? "lost " : "added ", plain(label || prediction)), element("td", { className: "number" }, count(times))));
  return [["Confusions: label → prediction", list], ["Lost and added", lost]].filter(([, table]) => table.rows.length)
    .map(([title, table]) => card(title, element("div", { className: "scroll" }, table)));
}

function reliability(found) {
  const size = 260, pad = 34, at = (value) => pad + value * (size - pad - 22), up = (value) => size - at(value);
  const plot = drawn("svg", { class: "curve", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "Confidence against share right" },
    drawn("line", { class: "ideal", x1: at(0), y1: up(0), x2: at(1), y2: up(1) }));
  for (const tick of [0, 0.5, 1])
    plot.append(drawn("text", { x: at(tick), y: size - 18, "text-anchor": "middle" }, (100 * tick).toFixed(0)),
      drawn("text", { x: pad - 5, y: up(tick) + 4, "text-anchor": "end" }, (100 * tick).toFixed(0)),
      drawn("line", { class: "axis", x1: at(0), x2: at(1), y1: up(tick), y2: up(tick) }));
  plot.append(drawn("text", { x: at(0.5), y: size - 3, "text-anchor": "middle" }, "confidence, %; upwards: share right, %"));
  for (const { confidence, right } of found.bins)
    plot.append(drawn("line", { class: "reach", x1: at(confidence), x2: at(confidence), y1: up(right.low), y2: up(right.high) }),
      drawn("circle", { cx: at(confidence), cy: up(right.value), r: 4 }));
  const kept = found.kept.map((one) => [`most confident ${Math.round(100 * one.coverage)} %`, one.right]);
  return card(`Confidence: calibration error ${found.error.toFixed(3)}`, plot, figures(kept, "answers kept"));
}

function comparison(set) {
  const head = ["", "difference", "95 % interval", "only here", "only there", "p"];
  const table = element("table", {}, element("tr", {}, ...head.map((text) => element("th", {}, text))));
  for (const [name, one] of Object.entries(set.against).filter(([name]) => name in data.titles))
    table.append(element("tr", {}, element("td", {}, data.titles[name]),
      ...[percent(one.value), `${percent(one.low)} – ${percent(one.high)}`, one.gained.length, one.lost.length, one.p.toPrecision(2)]
        .map((text) => element("td", { className: "number" }, String(text)))));
  return card("Against " + set.against.predictions, table);
}

function summarize(set) {
  const found = set.breakdown;
  const lines = (part, limit = 40) => element("div", { className: "scroll" }, figures(part.slice(0, limit)));
  const graphs = { expression: "right", structure: "right but for the symbols", at_most_1: "at most 1 label wrong", at_most_2: "at most 2", at_most_3: "at most 3" };
  const worst = Object.entries(found.symbols).sort(([, a], [, b]) => a.n * (a.value - 1) - b.n * (b.value - 1)).slice(0, 60);
  $("summary").replaceChildren(
    scores(set), faults(found), ...confusions(found),
    ...(set.calibration ? [reliability(set.calibration)] : []), ...(set.against ? [comparison(set)] : []),
    ...Object.entries(found.groups).map(([name, part]) => card(`Ink match by ${name} of the label`, lines(Object.entries(part)))),
    card("Symbols most often lost: share read", lines(worst, 60)),
    card("Relations and constructs: share read", lines(Object.entries(found.relations))),
    card("Label graphs, as CROHME counts", figures(Object.entries(found.graphs).map(([name, figure]) => [graphs[name], figure]))));
  $("about").textContent = `${set.predictions} · labels ${set.label_set} · n ${count(set.n)} · unimumer ${data.unimumer}, spellings ${set.spellings}`;
}

// The items: only those in sight are in the page.
let shown = [], selected = 0, picked = null;

const KINDS = {
  wrong: ["Wrong by ink match", (item) => !item.ink_match],
  all: ["All items", () => true],
  inexact: ["Not exact", (item) => !item.exact],
  spelled: ["Spelled otherwise, same ink", (item) => item.ink_match && !item.exact],
  missing: ["No answer", (item) => item.prediction === null],
};
for (const [name, title] of Object.entries(data.faults)) KINDS[name] ??= [title, (item) => item.fault === name];
const changed = data.sets.map((set) => Object.fromEntries(["gained", "lost"].map((name) => [name, new Set(set.against?.exp_rate[name])])));
if (data.sets.some((set) => set.against)) {
  KINDS.gained = ["Exact only here, not in the other", (item) => changed[item.set].gained.has(item.id)];
  KINDS.lost = ["Exact only in the other", (item) => changed[item.set].lost.has(item.id)];
}
if (data.items.some((item) => item.cdm_score !== null)) KINDS.blind = ["CDM finds no error, ink match does", (item) => item.cdm_score === 1 && !item.ink_match];
const ORDERS = {
  file: ["In order of the file", () => 0],
  errors: ["Most token errors first", (a, b) => b.token_errors - a.token_errors],
  few: ["Fewest token errors first", (a, b) => a.token_errors - b.token_errors],
  sure: ["Most confident first", (a, b) => (b.confidence ?? -1) - (a.confidence ?? -1)],
  unsure: ["Least confident first", (a, b) => (a.confidence ?? 2) - (b.confidence ?? 2)],
  short: ["Shortest label first", (a, b) => a.label.length - b.label.length],
  id: ["By id", (a, b) => (a.id < b.id ? -1 : 1)],
};

function choose(label, prediction) {
  picked = [label, prediction];
  refresh();
  $("bar").scrollIntoView();
}

function refresh() {
  const set = Number($("set").value), words = $("query").value.toLowerCase().split(/\s+/).filter(Boolean), keep = KINDS[$("kind").value][1];
  const told = (edit) => (edit.label ?? "") === picked[0] && (edit.prediction ?? "") === picked[1];
  shown = data.items.filter((item) => item.set === set && keep(item) && (!picked || (item.edits ?? []).some(told)) &&
    words.every((word) => item.text.includes(word)));
  shown = shown.map((item, place) => [item, place]).sort(([a, x], [b, y]) => ORDERS[$("order").value][1](a, b) || x - y).map(([item]) => item);
  selected = 0;
  $("count").textContent = count(shown.length) + (shown.length === 1 ? " item" : " items");
  $("pick").hidden = !picked;
  if (picked) $("pick").textContent = `${picked[0] || "nothing"} → ${picked[1] || "nothing"}  ✕`;
  draw(true);
}

const height = () => parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"));
const rows = new Map();

function draw(anew) {
  const list = $("list"), row = height(), top = -list.getBoundingClientRect().top;
  const first = Math.max(0, Math.floor(top / row) - 3), last = Math.min(shown.length, Math.ceil((top + innerHeight) / row) + 3);
  list.style.height = Math.max(shown.length * row, 80) + "px";
  for (const [place, made] of rows)
    if (anew || place < first || place >= last) { made.remove(); rows.delete(place); }
  for (let place = first; place < last; place++) {
    if (!rows.has(place)) { rows.set(place, entry(shown[place], place)); list.append(rows.get(place)); }
    rows.get(place).style.top = place * row + "px";
    rows.get(place).setAttribute("aria-selected", String(place === selected));
  }
  list.setAttribute("aria-activedescendant", rows.has(selected) ? rows.get(selected).id : "");
}

function side(title, text, places, em) {
  let content;
  if (text === null) content = element("em", {}, "no answer");
  else if (places) content = expression(places, text, em);
  else content = element("span", { className: "latex" }, text || "(empty)");
  return element("div", { className: "side" }, element("span", {}, title), element("div", { className: "shown" }, content));
}

function sides(item, em) {
  const made = [side(item.label_parses ? "Label" : "Label (does not parse)", item.label, item.shown, em)];
  const title = item.exact ? "Prediction: the same" : item.prediction === null || item.prediction_parses ? "Prediction" : "Prediction (does not parse)";
  made.push(side(title, item.prediction, item.exact ? item.shown : item.answer, em));
  if (item.picture)
    made.unshift(element("div", { className: "side" }, element("span", {}, "Picture"),
      element("div", { className: "shown" }, element("img", { src: item.picture, alt: "", loading: "lazy" }))));
  return made;
}

function facts(item) {
  const made = [element("span", { className: "badge" }, item.exact ? "exact" : item.fault === "right" ? "same ink" : { unread: "not compared" }[item.fault] ?? item.fault),
    element("span", {}, `${item.token_errors} token error${item.token_errors === 1 ? "" : "s"}`)];
  if (item.confidence !== null) made.push(element("span", {}, "confidence " + percent(item.confidence)));
  return made;
}

function entry(item, place) {
  return element("div", { className: `item ${item.fault ?? ""} ${item.picture ? "pictured" : ""}`, id: "item" + place, role: "option",
    onclick: () => { selected = place; draw(); open(); } },
  element("div", { className: "who" }, element("b", { title: item.id }, item.id || "(no id)"), ...facts(item)), ...sides(item, 19));
}

function move(by) {
  selected = Math.max(0, Math.min(shown.length - 1, selected + by));
  const row = height(), list = $("list").getBoundingClientRect().top + scrollY, bar = $("bar").offsetHeight;
  const at = list + selected * row;
  if (at < scrollY + bar) scrollTo(0, at - bar);
  else if (at + row > scrollY + innerHeight) scrollTo(0, at + row - innerHeight + 12);
  draw();
  if ($("detail").open) open();
}

// Tokens that the longest common subsequence leaves out, as `mark` elements.
function compared(text, other) {
  const a = text.split(/\s+/).filter(Boolean), b = other.split(/\s+/).filter(Boolean);
  if (a.length * b.length > 1e6) return [text];
  const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
  const out = [];
  for (let i = 0, j = 0; i < a.length; ) {
    if (j < b.length && a[i] === b[j]) { out.push(a[i] + " "); i++; j++; }
    else if (j < b.length && best[i][j + 1] > best[i + 1][j]) j++;
    else { out.push(element("mark", {}, a[i]), " "); i++; }
  }
  return out;
}

function open() {
  const item = shown[selected];
  if (!item) return;
  const texts = [[item.label, item.prediction ?? ""], [item.prediction ?? "", item.label]];
  const parts = sides(item, 34);
  parts.slice(-2).forEach((part, which) => part.append(element("div", { className: "latex" }, ...compared(...texts[which]))));
  const told = (item.edits ?? []).slice(0, 40).map((edit) => element("li", {},
    ...(edit.label && edit.prediction ? [plain(edit.label), " read as ", plain(edit.prediction)]
      : edit.label ? [plain(edit.label), edit.moved ? " is moved from here" : " is lost"]
        : [plain(edit.prediction), edit.moved ? " is moved to here" : " is added"]), edit.structural ? " (structure)" : ""));
  const close = element("button", { type: "button", onclick: () => $("detail").close() }, "Close (Esc)");
  const go = (by, text) => element("button", { type: "button", onclick: () => move(by) }, text);
  $("detail").className = item.fault ?? "";
  $("detail").replaceChildren(element("h2", {}, item.id), element("p", {}, ...facts(item).flatMap((part) => [part, " · "]).slice(0, -1)),
    ...parts, ...(told.length ? [element("ul", {}, ...told)] : []),
    element("footer", {}, element("span", { className: "legend" }, element("span", { className: "m1" }, "another symbol"), " · ",
      element("span", { className: "m2" }, "another place"), ` · ${count(selected + 1)} of ${count(shown.length)}`),
    element("span", {}, go(-1, "← Previous"), " ", go(1, "Next →"), " ", close)));
  if (!$("detail").open) $("detail").showModal();
}

document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT)$/.test(document.activeElement.tagName);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing) {
    if (event.key === "Escape" || (event.key === "Enter" && document.activeElement.tagName === "INPUT")) { document.activeElement.blur(); $("list").focus({ preventScroll: true }); }
    return;
  }
  const page = Math.max(1, Math.floor((innerHeight - 80) / height()));
  const actions = {
    ArrowDown: () => move(1), ArrowUp: () => move(-1), j: () => move(1), k: () => move(-1), ArrowRight: () => move(1), ArrowLeft: () => move(-1),
    PageDown: () => move(page), PageUp: () => move(-page), Home: () => move(-Infinity), End: () => move(Infinity),
    Enter: open, "/": () => $("query").focus(), t: theme,
  };
  if (actions[event.key] && !(event.key === "Enter" && /^(BUTTON|SUMMARY)$/.test(document.activeElement.tagName))) { event.preventDefault(); actions[event.key](); }
});

function theme() {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

const options = (list, entries) => list.append(...entries.map(([value, text]) => element("option", { value }, text)));
const short = (path) => path.split(/[\\/]/).slice(-2).join("/");
options($("set"), data.sets.map((set, number) => [number, short(set.predictions)]));
options($("kind"), Object.entries(KINDS).map(([name, [title]]) => [name, title]));
options($("order"), Object.entries(ORDERS).map(([name, [title]]) => [name, title]));
$("choose").hidden = data.sets.length < 2;
for (const item of data.items) item.text = `${item.id}\n${item.label}\n${item.prediction ?? ""}`.toLowerCase();
let waiting = 0;
$("query").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(refresh, 60); });
for (const name of ["kind", "order"]) $(name).addEventListener("change", refresh);
$("set").addEventListener("change", () => { picked = null; summarize(data.sets[$("set").value]); refresh(); });
$("pick").addEventListener("click", () => { picked = null; refresh(); });
$("theme").addEventListener("click", theme);
addEventListener("scroll", () => draw(), { passive: true });
addEventListener("resize", () => draw());
summarize(data.sets[0]);
refresh();
