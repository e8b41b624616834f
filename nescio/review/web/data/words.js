// Choosing words of a page, with the mouse or the keyboard, and drawing boxes.

import { base, get } from "./server.js";
import { element, lay, place, reveal, scroller } from "./pages.js";

let state, drawn;
const read = new Map();
let chosen = null; // {page, words, from, to}
let drawing = false;
let sketch = null; // {page, box}: a box that is drawn by keyboard

export function start(given, onDrawn) {
  state = given;
  drawn = onDrawn;
  scroller.addEventListener("pointerdown", down);
}

const wordsOf = (page) => {
  if (!read.has(page)) read.set(page, get(`${base}/words/${page}`));
  return read.get(page);
};

export const isChoosing = () => chosen !== null;

export function setDrawing(on) {
  drawing = on;
  sketch = null;
  lay("chosen", []);
  scroller.classList.toggle("drawing", on);
}

export const isDrawing = () => drawing;
export const isSketching = () => sketch !== null;

// Moves the box that is drawn by keyboard, or its lower right corner; begins it if there is none.
export function stretch(page, y, right, down, extend) {
  const [width, height] = state.pages[page];
  if (!sketch) {
    sketch = { page, box: [width / 2 - 60, y, width / 2 + 60, y + 20] };
  } else {
    const [x0, y0, x1, y1] = sketch.box, [wide, high] = state.pages[sketch.page];
    const box = extend ? [x0, y0, x1 + right, y1 + down] : [x0 + right, y0 + down, x1 + right, y1 + down];
    const fits = box[0] >= 0 && box[1] >= 0 && box[2] <= wide && box[3] <= high;
    if (fits && box[2] - box[0] > 2 && box[3] - box[1] > 2) sketch.box = box;
  }
  lay("chosen", [sketch]);
  reveal(sketch.page, sketch.box);
  const [x0, y0, x1, y1] = sketch.box.map(Math.round);
  document.getElementById("said").textContent =
    `Box ${x1 - x0} by ${y1 - y0} points, ${x0} from the left, ${y0} from the top of page ${sketch.page + 1}`;
}

// Makes a mark of the box that was drawn by keyboard.
export function finish() {
  const { page, box } = sketch;
  sketch = null;
  lay("chosen", []);
  drawnBox(page, box);
}

export function drop() {
  chosen = sketch = null;
  lay("chosen", []);
}

// Begins at the first word on or after a place of a page.
export async function begin(page, y) {
  const words = await wordsOf(page);
  if (!words.length) return false;
  const at = Math.max(0, words.findIndex((word) => word[0][3] >= y));
  chosen = { page, words, from: at, to: at };
  tell();
  return true;
}

export function move(step, extend) {
  const { words, to } = chosen;
  chosen.to = Math.max(0, Math.min(words.length - 1, to + step));
  if (!extend) chosen.from = chosen.to;
  tell();
}

export function moveLine(step, extend) {
  const { words, to } = chosen;
  const [x, line] = [words[to][0][0], words[to][2]];
  const lines = [...new Set(words.map((word) => word[2]))];
  const wanted = lines[lines.indexOf(line) + step];
  if (wanted === undefined) return;
  let best = -1;
  words.forEach((word, index) => {
    if (word[2] === wanted && (best < 0 || Math.abs(word[0][0] - x) < Math.abs(words[best][0][0] - x))) best = index;
  });
  chosen.to = best;
  if (!extend) chosen.from = best;
  tell();
}

function run() {
  const { words, from, to } = chosen;
  return words.slice(Math.min(from, to), Math.max(from, to) + 1);
}

function byLine() {
  const lines = new Map();
  for (const [box, , line] of run()) {
    const all = lines.get(line) ?? [Infinity, Infinity, -Infinity, -Infinity];
    lines.set(line, [
      Math.min(all[0], box[0]), Math.min(all[1], box[1]), Math.max(all[2], box[2]), Math.max(all[3], box[3]),
    ]);
  }
  return [...lines.values()];
}

function tell() {
  const boxes = byLine();
  lay("chosen", boxes.map((box) => ({ page: chosen.page, box })));
  reveal(chosen.page, boxes.at(-1));
  document.getElementById("said").textContent = run().map((word) => word[1]).join(" ");
}

// Returns what is chosen as a place of new marks, and chooses nothing.
export function take() {
  const place = { page: chosen.page, boxes: byLine(), text: run().map((word) => word[1]).join(" ").slice(0, 2000) };
  drop();
  return place;
}

function point(event, page) {
  const box = element(page).getBoundingClientRect(), [width, height] = state.pages[page];
  const part = (value, size) => Math.max(0, Math.min(1, value / size));
  return [part(event.clientX - box.left, box.width) * width, part(event.clientY - box.top, box.height) * height];
}

async function down(event) {
  const target = event.target.closest(".page.source");
  if (!target || event.button || (!drawing && event.target.closest(".box"))) return;
  if (!drawing && event.pointerType === "touch") return; // fingers scroll
  const page = Number(target.parentElement.dataset.page);
  event.preventDefault();
  scroller.focus({ preventScroll: true });
  const first = point(event, page);
  const words = drawing ? null : await wordsOf(page);
  follow(page, first, words);
}

function follow(page, first, words) {
  const rubber = document.createElement("div");
  rubber.className = "rubber";
  if (!words) element(page).append(rubber);
  let last = first;
  const moved = (event) => {
    last = point(event, page);
    if (words) choose(page, words, first, last);
    else place(rubber, around(first, last), page);
  };
  const up = (event) => {
    moved(event);
    removeEventListener("pointermove", moved);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", up);
    rubber.remove();
    const box = around(first, last);
    if (!words && box[2] - box[0] > 2 && box[3] - box[1] > 2) drawnBox(page, box);
  };
  addEventListener("pointermove", moved);
  addEventListener("pointerup", up);
  addEventListener("pointercancel", up);
}

const around = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];

function nearest(words, [x, y]) {
  let best = 0, least = Infinity;
  words.forEach(([box], index) => {
    const dx = Math.max(box[0] - x, 0, x - box[2]), dy = Math.max(box[1] - y, 0, y - box[3]);
    const far = dx + 4 * dy; // the line counts for more than the column
    if (far < least) [best, least] = [index, far];
  });
  return [best, least];
}

function choose(page, words, first, last) {
  if (!words.length) return;
  const [from, far] = nearest(words, first), [to] = nearest(words, last);
  if (far > 60) return drop();
  chosen = { page, words, from, to };
  lay("chosen", byLine().map((box) => ({ page, box })));
}

async function drawnBox(page, box) {
  const words = await wordsOf(page);
  const middle = ([b]) => [(b[0] + b[2]) / 2, (b[1] + b[3]) / 2];
  const inside = words.filter((word) => {
    const [x, y] = middle(word);
    return x > box[0] && x < box[2] && y > box[1] && y < box[3];
  });
  drawn({ page, boxes: [box], text: inside.map((word) => word[1]).join(" ").slice(0, 2000) });
}
