"use strict";
// Without this script the page shows all sheets and static curves; with it, a scrubber and read-outs.

function remember(key, value) {  // a page opened from a file may be refused storage
  try {
    if (value === undefined) return sessionStorage.getItem(location.pathname + key);
    sessionStorage.setItem(location.pathname + key, value);
  } catch (refused) { /* then a refresh starts at the last sheet */ }
  return null;
}

function element(tag, properties, parent) {
  const made = Object.assign(document.createElement(tag), properties);
  if (parent) parent.append(made);
  return made;
}

function button(words, pressed, chosen, parent) {
  const made = element("button", {type: "button", textContent: words}, parent);
  made.setAttribute("aria-pressed", pressed);
  made.onclick = chosen;
  return made;
}

function drawCell(canvas, image, strip, column, row) {  // one picture of a strip, at its own size
  const width = image.naturalWidth / strip.dataset.columns, height = image.naturalHeight / strip.dataset.rows;
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").drawImage(image, column * width, row * height, width, height, 0, 0, width, height);
}

function headsOf(strip) {
  return [...strip.querySelectorAll(".heads span")].map(head => head.textContent);
}

function comparisons(strip) {  // each further column beside the one of its own domain: source or translation
  const heads = headsOf(strip);
  const domains = strip.dataset.domains.split(" ");
  return heads.slice(1).map((head, i) => {
    const with_ = i && domains[i + 1] === domains[1] ? 1 : 0;
    return {left: with_, right: i + 1, words: [heads[with_], head]};
  });
}

function viewer(sheets, bar) {  // before and after, for sheets whose pictures can be cut out; null for others
  const first = sheets.querySelector("figure .strips");
  if (!first) return null;
  const place = {direction: 0, item: 0, pair: 0};
  const box = element("div", {className: "viewer"});
  const overview = element("div", {className: "overview"});
  bar.after(box, overview);
  sheets.classList.add("cut");
  const wipe = element("div", {className: "wipe"}, box);
  const under = element("canvas", {}, wipe), over = element("canvas", {className: "over"}, wipe);
  const names = ["left", "right"].map(side => element("span", {className: "name " + side}, wipe));
  element("span", {className: "knob", textContent: "\u2039\u203a"}, wipe).setAttribute("aria-hidden", "true");
  const range = element("input", {type: "range", min: 0, max: 100, step: 1, value: 50}, wipe);
  const side = element("div", {className: "side"}, box);
  const parts = ["Direction", "Compare", "Held-out item", "The same item"].map((words, i) => {
    const part = element("div", {}, side);
    element("p", {textContent: words}, part);
    return element("div", {className: ["choices", "choices", "choices items", "beside"][i]}, part);
  });
  let strips = [];

  function split() {
    wipe.style.setProperty("--split", range.value + "%");
    range.setAttribute("aria-valuetext", range.value + " % " + names[0].textContent);
  }
  range.oninput = split;

  function choose(change) {
    Object.assign(place, change);
    remember("item", JSON.stringify(place));
    draw();
    mark();
  }

  async function draw() {
    const strip = strips[place.direction] || strips[0];
    if (!strip) return;
    const image = strip.querySelector("img");
    try { await image.decode(); } catch (broken) { return; }
    if (!strips.includes(strip)) return;  // meanwhile another sheet is shown
    const pairs = comparisons(strip), pair = pairs[place.pair] || pairs[0];
    const row = Math.min(place.item, strip.dataset.rows - 1);
    if (!pair) return;
    box.classList.toggle("small", strip.classList.contains("small"));
    drawCell(under, image, strip, pair.right, row);
    drawCell(over, image, strip, pair.left, row);
    pair.words.forEach((words, i) => { names[i].textContent = words; });
    under.setAttribute("aria-label", pair.words.join(" and "));
    range.setAttribute("aria-label", "Show more of " + pair.words[0] + " or of " + pair.words[1]);
    split();
    parts[0].replaceChildren();
    strips.forEach((other, i) => button(
      headsOf(other).slice(0, 2).join(" \u2192 ").replace("\u2192 to ", "\u2192 "),
      other === strip, () => choose({direction: i, pair: 0}), parts[0]));
    parts[0].parentElement.hidden = strips.length < 2;
    parts[1].replaceChildren();
    pairs.forEach((other, i) => button(other.words.join(" | "), other === pair, () => choose({pair: i}), parts[1]));
    parts[1].parentElement.hidden = pairs.length < 2;
    parts[2].replaceChildren();
    for (let i = 0; i < strip.dataset.rows; i++) {
      const made = button("", i === row, () => choose({item: i}), parts[2]);
      made.setAttribute("aria-label", "item " + (i + 1));
      drawCell(element("canvas", {}, made), image, strip, 0, i);
    }
    parts[3].replaceChildren();
    headsOf(strip).forEach((head, column) => {
      const one = element("div", {}, parts[3]);
      drawCell(element("canvas", {}, one), image, strip, column, row);
      element("span", {textContent: head}, one);
    });
  }

  // All items: a line for each column of the sheet on a wide page, the other way round on a narrow one.
  async function drawAll() {
    const images = strips.map(strip => strip.querySelector("img")), mine = strips;
    try { await Promise.all(images.map(image => image.decode())); } catch (broken) { return; }
    if (strips !== mine) return;
    overview.replaceChildren();
    strips.forEach((strip, direction) => {
      const grid = element("div", {className: strip.classList.contains("small") ? "small" : ""}, overview);
      grid.style.setProperty("--rows", strip.dataset.rows);
      headsOf(strip).forEach((head, column) => {
        element("span", {textContent: head}, grid);
        for (let item = 0; item < strip.dataset.rows; item++) {
          const canvas = element("canvas", {title: head + ", item " + (item + 1)}, grid);
          drawCell(canvas, images[direction], strip, column, item);
          canvas.dataset.place = direction + " " + item;
          canvas.onclick = () => { choose({direction, item, pair: direction === place.direction ? place.pair : 0}); };
        }
      });
    });
    mark();
  }

  function mark() {
    overview.querySelectorAll("canvas").forEach(canvas => canvas.classList.toggle(
      "chosen", canvas.dataset.place === place.direction + " " + place.item));
  }

  try { Object.assign(place, JSON.parse(remember("item") || "{}")); } catch (stale) { /* then the first item */ }
  return figure => {
    strips = [...figure.querySelectorAll(".strip")];
    box.hidden = overview.hidden = !strips.length;
    draw();
    drawAll();
  };
}

function scrubber(sheets) {
  const figures = [...sheets.querySelectorAll("figure")];
  const last = figures.length - 1;
  const bar = element("div", {className: "scrub"});
  sheets.prepend(bar);
  const view = viewer(sheets, bar);
  const play = element("button", {type: "button", textContent: "Play"}, bar);
  const range = element("input", {type: "range", min: 0, max: last, step: 1}, bar);
  range.setAttribute("aria-label", "Training step of the sheet");
  const output = element("output", {}, bar);
  const size = element("button", {type: "button", className: "size", textContent: "Full width"}, bar);
  play.hidden = range.hidden = last < 1;
  output.hidden = !("step" in figures[0].dataset);  // several runs compared
  size.hidden = !sheets.querySelector("figure > img");

  function show(index) {
    figures.forEach((figure, i) => figure.classList.toggle("shown", i === index));
    output.textContent = "step " + Number(figures[index].dataset.step).toLocaleString("en");
    range.value = index;
    if (view) view(figures[index]);
    range.setAttribute("aria-valuetext", output.textContent);
    remember("sheet", index === last ? "" : figures[index].dataset.step);  // at the end: follow new sheets
  }

  let playing = null;
  function stop() { clearInterval(playing); playing = null; play.textContent = "Play"; }
  play.onclick = () => {
    if (playing) return stop();
    if (Number(range.value) === last) show(0);
    play.textContent = "Stop";
    playing = setInterval(() => {
      show(Number(range.value) + 1);
      if (Number(range.value) === last) stop();
    }, 700);
  };
  range.oninput = () => { stop(); show(Number(range.value)); };
  size.onclick = () => { size.textContent = sheets.classList.toggle("full") ? "Fit to screen" : "Full width"; };
  document.addEventListener("keydown", event => {
    const way = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (!way || event.target !== document.body || event.altKey || event.ctrlKey || event.metaKey) return;
    stop();
    show(Math.min(last, Math.max(0, Number(range.value) + way)));
  });
  const kept = figures.findIndex(figure => figure.dataset.step === remember("sheet"));
  show(kept < 0 ? last : kept);
}

function readOut(chart) {
  const svg = chart.querySelector("svg");
  if (!svg) return;
  const first = Number(svg.dataset.first), span = Number(svg.dataset.last) - first;
  const lines = [...svg.querySelectorAll("[data-x]")].map(path => ({
    x: path.dataset.x.split(",").map(Number), y: path.dataset.y.split(","),
  }));
  const outputs = [...chart.querySelectorAll(".legend output")];
  const lasting = outputs.map(output => output.textContent);
  const at = element("li", {className: "at"}, chart.querySelector(".legend"));
  const hair = document.createElementNS(svg.namespaceURI, "path");
  hair.setAttribute("class", "hair");

  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect();
    const step = first + span * (event.clientX - box.left) / box.width;
    let place = null;
    lines.forEach((line, i) => {
      let near = 0;
      line.x.forEach((x, j) => { if (Math.abs(x - step) < Math.abs(line.x[near] - step)) near = j; });
      outputs[i].textContent = line.y[near];
      if (place === null) place = line.x[near];
    });
    at.textContent = "step " + place.toLocaleString("en");
    hair.setAttribute("d", "M" + 1000 * (place - first) / span + " 0V400");
    svg.append(hair);
  });
  svg.addEventListener("pointerleave", () => {
    outputs.forEach((output, i) => { output.textContent = lasting[i]; });
    at.textContent = "";
    hair.remove();
  });
}

document.querySelectorAll(".sheets").forEach(scrubber);
document.querySelectorAll(".chart").forEach(readOut);
