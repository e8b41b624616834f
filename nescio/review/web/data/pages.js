// The pages: pictures and boxes of those near the view only, however many there are.

import { base } from "./server.js";

const SCALES = [1, 1.5, 2, 3];
const WAIT = 70; // milliseconds that a page must stay near the view before it is drawn
const scroller = document.getElementById("pages");

let state, pick;
const rows = [];
const shown = new Set();
let zoom = 1, side = false, version = 0;

export function place(element, box, page) {
  const [width, height] = state.pages[page];
  element.style.left = `${100 * box[0] / width}%`;
  element.style.top = `${100 * box[1] / height}%`;
  element.style.width = `${100 * (box[2] - box[0]) / width}%`;
  element.style.height = `${100 * (box[3] - box[1]) / height}%`;
  return element;
}

export function start(given, onPick) {
  state = given;
  pick = onPick;
  const observer = new IntersectionObserver(watch, { root: scroller, rootMargin: "100% 0px" });
  state.pages.forEach((_, number) => {
    const row = document.createElement("div");
    row.className = "row";
    row.dataset.page = number;
    const page = document.createElement("div");
    page.className = "page source" + (number in state.flags ? " flagged" : "");
    page.setAttribute("role", "group");
    page.setAttribute("aria-label", `Page ${number + 1}`);
    row.append(page);
    rows.push(row);
  });
  size();
  scroller.append(...rows);
  rows.forEach((row) => observer.observe(row));
  new ResizeObserver(() => size()).observe(scroller);
}

function watch(entries) {
  for (const entry of entries) {
    const number = Number(entry.target.dataset.page);
    if (!entry.isIntersecting) {
      clearTimeout(entry.target.timer);
      empty(number);
    } else if (!shown.has(number)) {
      clearTimeout(entry.target.timer);
      entry.target.timer = setTimeout(() => fill(number), shown.size ? WAIT : 0);
    }
  }
}

function size() {
  const widest = Math.max(...state.pages.map((page) => page[0]));
  const room = scroller.clientWidth - 36;
  const points = ((side ? (room - 16) / 2 : Math.min(room, 900)) / widest) * zoom;
  const here = current(), row = rows[here];
  const offset = row && row.isConnected ? (scroller.scrollTop - row.offsetTop) / row.offsetHeight : 0;
  rows.forEach((row, number) => {
    for (const page of row.children) {
      page.style.width = `${points * state.pages[number][0]}px`;
      page.style.height = `${points * state.pages[number][1]}px`;
    }
  });
  if (row && row.isConnected) scroller.scrollTop = row.offsetTop + offset * row.offsetHeight;
  const scale = scaleFor(points);
  if (scale !== size.scale) {
    size.scale = scale;
    for (const number of shown) picture(number);
  }
}

function scaleFor(points) {
  const wanted = points * Math.min(devicePixelRatio, 2);
  return SCALES.find((scale) => scale >= wanted * 0.9) ?? SCALES.at(-1);
}

function fill(number) {
  shown.add(number);
  const page = rows[number].firstChild;
  page.append(Object.assign(document.createElement("span"), { className: "number", textContent: number + 1 }));
  if (side) other(number);
  picture(number);
  boxes(number);
}

function empty(number) {
  shown.delete(number);
  rows[number].firstChild.replaceChildren();
  rows[number].children[1]?.replaceChildren();
}

const scaled = () => size.scale.toFixed(1);

function picture(number) {
  const [page, released] = rows[number].children;
  show(page, `${base}/page/${number}/${scaled()}.png`, `Page ${number + 1} of the original`);
  if (released) show(released, `${base}/released/${number}/${scaled()}.png?v=${version}`, `Page ${number + 1} as it will be released`);
}

function show(page, address, alt) {
  const old = page.querySelector("img");
  if (old && old.getAttribute("src") === address) return;
  const image = document.createElement("img");
  image.alt = alt;
  image.draggable = false;
  image.addEventListener("load", () => old?.remove());
  image.src = address;
  page.prepend(image);
}

function other(number) {
  if (rows[number].children[1]) return;
  const page = document.createElement("div");
  page.className = "page released";
  page.style.width = rows[number].firstChild.style.width;
  page.style.height = rows[number].firstChild.style.height;
  rows[number].append(page);
}

// Draws the boxes of a page anew.
export function boxes(number) {
  if (!shown.has(number)) return;
  const page = rows[number].firstChild;
  page.querySelectorAll(".box").forEach((box) => box.remove());
  for (const mark of state.onPage(number)) {
    mark.boxes.forEach((box, index) => {
      const element = place(document.createElement("button"), box, number);
      element.className = `box ${mark.verdict ?? "accepted"}`;
      element.classList.toggle("current", mark.id === state.current);
      element.style.setProperty("--colour", state.colours[mark.label]);
      element.tabIndex = index ? -1 : 0;
      element.setAttribute("aria-label", `${mark.label} ${mark.verdict || "open"}`);
      element.dataset.mark = mark.id;
      element.addEventListener("click", () => pick(mark.id, false));
      page.append(element);
    });
  }
}

export function redraw(numbers) {
  for (const number of numbers) boxes(number);
}

// The released side is drawn from the decisions: those of these pages have changed.
let stale;
export function renew() {
  version += 1;
  clearTimeout(stale);
  if (side) stale = setTimeout(() => shown.forEach(picture), 250);
}

export function setSide(on) {
  side = on;
  rows.forEach((row, number) => (on ? other(number) : row.children[1]?.remove()));
  size();
  if (on) shown.forEach(picture);
}

export function setZoom(factor) {
  zoom = Math.min(4, Math.max(0.4, factor === 0 ? 1 : zoom * factor));
  size();
}

// The page in the middle of the view.
export function current() {
  const middle = scroller.scrollTop + scroller.clientHeight / 2;
  let low = 0, high = rows.length - 1;
  while (low < high) {
    const half = (low + high + 1) >> 1;
    if (rows[half].offsetTop <= middle) low = half;
    else high = half - 1;
  }
  return low;
}

export function reveal(number, box) {
  const row = rows[number], height = row.firstChild.offsetHeight;
  const y = row.offsetTop + height * (box[1] / state.pages[number][1]);
  if (y < scroller.scrollTop + 60 || y > scroller.scrollTop + scroller.clientHeight - 80) {
    scroller.scrollTop = y - scroller.clientHeight / 3;
  }
  const x = row.offsetLeft + row.firstChild.offsetWidth * (box[0] / state.pages[number][0]);
  if (x < scroller.scrollLeft || x > scroller.scrollLeft + scroller.clientWidth - 60) {
    scroller.scrollLeft = x - scroller.clientWidth / 3;
  }
}

export const element = (number) => rows[number].firstChild;
export { scroller };

// Lays pieces of a class over pages, in place of those of that class before.
export function lay(name, pieces) {
  scroller.querySelectorAll(`.${name}`).forEach((piece) => piece.remove());
  for (const { page, box } of pieces) {
    const piece = place(document.createElement("div"), box, page);
    piece.className = name;
    rows[page].firstChild.append(piece);
  }
}
