// The review page: what is chosen, what is decided, and the keys.

import { base, change, get, post } from "./server.js";
import * as pages from "./pages.js";
import * as queue from "./queue.js";
import * as words from "./words.js";

const the = (id) => document.getElementById(id);
const state = await get(`${base}/state`).catch((error) => { trouble(error); throw error; });
state.byId = new Map();
state.byPage = new Map();
state.colours = Object.fromEntries(state.labels.map(({ label, colour }) => [label, colour]));
state.current = null;
for (const mark of state.items) {
  state.byId.set(mark.id, mark);
  if (!state.byPage.has(mark.page)) state.byPage.set(mark.page, []);
  state.byPage.get(mark.page).push(mark);
}
state.pageItems = Object.keys(state.flags).map(Number).map((page) => ({
  id: `page ${page}`, page, isPage: true, text: `Page ${page + 1}`, label: "", boxes: [[0, 0, 0, 0]],
  doubt: 1, verdict: state.checked.includes(page) ? "accepted" : "",
}));
for (const item of state.pageItems) state.byId.set(item.id, item);
state.onPage = (page) => [...(state.byPage.get(page) ?? []), ...state.added.filter((mark) => mark.page === page)];
const find = (id) => state.byId.get(id) ?? state.added.find((mark) => mark.id === id);

function trouble(error) {
  the("trouble").hidden = false;
  the("trouble").textContent = `Not saved: ${error.message}. Load the page again.`;
}

const reason = (page) => state.flags[page];
const say = (text) => { the("said").textContent = text; };

// Choosing a mark

function pick(id, scroll) {
  const before = find(state.current), mark = find(id);
  state.current = mark ? id : null;
  pages.redraw(new Set([before?.page, mark?.page].filter((page) => page !== undefined)));
  queue.current();
  panel();
  if (mark && scroll) pages.reveal(mark.page, mark.boxes[0]);
}

const sameAs = (mark) => state.items.filter((other) =>
  other.text.toLowerCase() === mark.text.toLowerCase() ||
  (mark.person >= 0 && other.person === mark.person && other.label === mark.label));

function panel() {
  const mark = find(state.current);
  the("mark").hidden = !mark;
  the("nothing").hidden = Boolean(mark);
  if (!mark) return;
  the("mark").classList.toggle("page-item", Boolean(mark.isPage));
  the("accept").firstChild.textContent = mark.isPage ? "Looked at " : "Accept ";
  if (mark.isPage) {
    the("mark-where").textContent = "Flagged page";
    the("mark-text").textContent = mark.text;
    the("mark-verdict").textContent = mark.verdict ? "Looked at." : reason(mark.page);
    the("accept").hidden = false;
    return;
  }
  const added = !("verdict" in mark);
  the("mark-where").textContent = added ? `Added, page ${mark.page + 1}` : `${mark.label}, page ${mark.page + 1}`;
  the("mark-text").textContent = mark.text || "a part of a picture";
  the("mark-verdict").textContent = added ? "Will be hidden." :
    { accepted: "Accepted: will be hidden.", rejected: "Rejected: will stand.", "": "Open: will be hidden unless you reject it." }[mark.verdict];
  the("accept").hidden = added;
  the("reject").firstChild.textContent = added ? "Take back " : "Reject ";
  the("label").value = mark.label;
  const same = added ? [] : sameAs(mark);
  the("same").hidden = same.length < 2;
  the("same-text").textContent = `${same.length} mentions of this person or text.`;
  the("why").hidden = added;
  if (the("why").open && !added) why();
}

async function why() {
  const mark = find(state.current);
  if (mark?.mention === undefined) return;
  const facts = await get(`${base}/why/${mark.mention}`);
  if (mark.id !== state.current) return;
  const read = mark.reading < 1 ? ` Read with a confidence of ${mark.reading.toFixed(2)}.` : "";
  the("why-text").textContent = facts.sentence + read;
}

// Deciding

function take(said) {
  if (!said) return;
  const touched = new Set();
  for (const [id, [verdict, label]] of Object.entries(said.marks)) {
    const mark = state.byId.get(id);
    Object.assign(mark, { verdict, label });
    touched.add(mark.page);
    queue.tell(mark);
  }
  for (const mark of [...state.added, ...said.added]) touched.add(mark.page);
  for (const item of state.pageItems) {
    item.verdict = said.checked.includes(item.page) ? "accepted" : "";
    queue.tell(item);
  }
  Object.assign(state, { added: said.added, checked: said.checked, undo: said.undo, progress: said.progress });
  if (state.current && !find(state.current)) state.current = null;
  pages.redraw(touched);
  pages.renew();
  panel();
  status();
}

const send = (event) => change(event).then(take, trouble);

function status() {
  const { decided, total, seconds } = state.progress;
  the("bar").max = total || 1;
  the("bar").value = decided;
  const left = !seconds ? "" : seconds < 90 ? `, about ${seconds} s left` : `, about ${Math.round(seconds / 60)} min left`;
  the("count").textContent = `${decided} of ${total}${left}`;
  the("undo").disabled = !state.undo;
  looked();
}

function decide(marks, verdict, onward) {
  for (const mark of marks) {
    mark.verdict = verdict; // shown at once; the server's answer is what counts
    queue.tell(mark);
  }
  say(`${marks.length} ${verdict || "open"}`);
  if (marks[0].isPage) send({ do: "page", page: marks[0].page, checked: verdict === "accepted" });
  else send({ do: "verdict", marks: marks.map((mark) => mark.id), verdict });
  pages.redraw(new Set(marks.map((mark) => mark.page)));
  if (onward) {
    const id = queue.next(1, true);
    if (id) return pick(id, true);
  }
  panel();
}

function verdict(what) {
  const mark = find(state.current);
  if (!mark) return pick(queue.next(1, true), true);
  if (mark.isPage && what === "rejected") return;
  if ("verdict" in mark) decide([mark], what, what !== "");
  else if (what === "rejected") send({ do: "withdraw", marks: [mark.id] });
}

function all(what) {
  const mark = find(state.current);
  if (mark && "verdict" in mark && !mark.isPage) decide(sameAs(mark), what, true);
}

// New marks, and the offer to hide their text elsewhere

let offered = [];

async function add(places) {
  offer([]);
  const label = the("new-label").value;
  await send({ do: "add", places, label });
  say(`Added ${label}`);
  const mark = state.added.at(-1);
  if (mark) pick(mark.id, false);
  if (places.length > 1 || !/[\p{L}\p{N}]{3}/u.test(places[0].text)) return;
  const id = state.current;
  for (;;) { // the words of a long document are still being read when it has just been opened
    const { hits, searched, pages: count } = await post(`${base}/search`, { text: places[0].text, whole: true });
    if (searched === count) return offer(hits);
    await new Promise((resolve) => setTimeout(resolve, 400));
    if (state.current !== id) return;
  }
}

function offer(hits) {
  offered = hits;
  the("offer").hidden = !hits.length;
  const shown = [...new Set(hits.map((hit) => hit.page + 1))];
  const list = shown.slice(0, 12).join(", ") + (shown.length > 12 ? ", …" : "");
  the("offer-text").textContent = `The same words stand in ${hits.length} more places (pages ${list}).`;
  pages.lay("hit", hits.flatMap((hit) => hit.boxes.map((box) => ({ page: hit.page, box }))));
  if (hits.length) say(the("offer-text").textContent);
}

function hide() {
  if (offered.length) add(offered);
  else if (words.isChoosing()) add([words.take()]);
}

// Pages

function looked() {
  const page = pages.current();
  the("checked").checked = state.checked.includes(page);
  the("checked-text").textContent = `Page ${page + 1} looked at`;
  const flags = state.flags[page];
  the("page-flag").hidden = !flags;
  if (flags) the("page-flag").textContent = reason(page);
}

function check() {
  const page = pages.current();
  send({ do: "page", page, checked: !state.checked.includes(page) });
}

async function search(event) {
  event?.preventDefault();
  const text = the("query").value.trim();
  the("found").hidden = !text;
  if (!text) return pages.lay("hit", []);
  const { hits, searched, pages: count } = await post(`${base}/search`, { text });
  const more = searched < count ? ` (${searched} of ${count} pages are read so far)` : "";
  the("found-title").textContent = `${hits.length} places${more}`;
  the("hits").replaceChildren(...hits.map((hit) => {
    const item = document.createElement("li"), button = document.createElement("button");
    button.append(Object.assign(document.createElement("span"), { className: "text", textContent: hit.text }), `page ${hit.page + 1}`);
    button.addEventListener("click", () => {
      pages.reveal(hit.page, hit.boxes[0]);
      setTimeout(() => pages.lay("hit", hit.boxes.map((box) => ({ page: hit.page, box }))), 150);
    });
    item.append(button);
    return item;
  }));
  the("hits").querySelector("button")?.click();
  say(the("found-title").textContent);
}

function toggle(button, act) {
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", on);
  act(on);
}

// Release

function askRelease() {
  const { decided, total } = state.progress;
  const flagged = Object.keys(state.flags).filter((page) => !state.checked.includes(Number(page)));
  const parts = [total - decided ? `${total - decided} marks are open: they will be hidden.` : "Every mark is decided."];
  if (state.readers) {
    const { agreed, decided_by_both: both, kappa, missed_by_all_estimate: missed } = state.readers;
    parts.push(`The two readers agreed on ${agreed} of ${both} marks${kappa === null ? "" : ` (kappa ${kappa})`}.`);
    if (missed !== null) parts.push(`About ${missed} places may have been missed by all.`);
  }
  if (flagged.length) parts.push(`${flagged.length} flagged pages have to be looked at first (c).`);
  parts.push("The document is redacted and verified; what does not verify is not released.");
  the("releasing-text").textContent = parts.join(" ");
  the("release-now").hidden = false;
  for (const id of ["release-cover", "release-leave", "release-unseen"]) the(id).hidden = true;
  the("releasing").showModal();
}

let asked = { others: "ask", unseen: "ask" };

async function release(change) {
  asked = { ...asked, ...change };
  for (const id of ["release-now", "release-cover", "release-leave", "release-unseen"]) the(id).hidden = true;
  the("releasing-text").textContent = "Redacting and verifying…";
  try {
    const done = await post(`${base}/release`, asked);
    if ("places" in done) {
      const shown = done.pages.slice(0, 20).map((page) => page + 1).join(", ");
      the("releasing-text").textContent = `What you added stands in ${done.places} more places (pages ${shown}).`;
      the("release-cover").hidden = the("release-leave").hidden = false;
      return;
    }
    if ("unseen" in done) {
      const shown = done.unseen.slice(0, 20).map((page) => (page < 0 ? "hidden text" : `page ${page + 1}`)).join(", ");
      the("releasing-text").textContent = `On the redacted file, detectors find what nobody decided on (${shown}). Look there, and mark what has to go.`;
      the("release-unseen").hidden = false;
      return;
    }
    const counts = Object.entries(done.counts).filter(([, number]) => number);
    const list = counts.map(([name, number]) => `${number} ${name.replaceAll("_", " ")}`).join(", ");
    the("releasing-text").textContent = `Released and verified: ${done.file} (${list}).`;
  } catch (error) {
    the("releasing-text").textContent = error.message;
  }
}

// Keys and buttons

const KEYS = {
  a: () => verdict("accepted"),
  r: () => verdict("rejected"),
  o: () => verdict(""),
  p: () => all("accepted"),
  P: () => all("rejected"),
  n: () => { const id = queue.next(1, true); if (id) pick(id, true); else say("Nothing is open."); },
  j: () => pick(queue.next(1), true),
  k: () => pick(queue.next(-1), true),
  t: () => { const mark = find(state.current); if (mark && !mark.isPage) the("label").focus(); },
  w: () => { the("why").open = !the("why").open; },
  s: () => {
    const mark = find(state.current), page = pages.current();
    pages.scroller.focus({ preventScroll: true });
    words.begin(page, mark && mark.page === page ? mark.boxes[0][1] : 0);
  },
  d: () => toggle(the("draw"), words.setDrawing),
  h: hide,
  u: () => send(() => (state.undo ? { do: "undo", event: state.undo } : null)),
  c: check,
  v: () => toggle(the("side"), pages.setSide),
  "/": () => the("query").focus(),
  "?": () => the("keys").showModal(),
  "+": () => pages.setZoom(1.25),
  "=": () => pages.setZoom(1.25),
  "-": () => pages.setZoom(0.8),
  "0": () => pages.setZoom(0),
};
const CHOOSING = {
  ArrowRight: (extend) => words.move(1, extend),
  ArrowLeft: (extend) => words.move(-1, extend),
  ArrowDown: (extend) => words.moveLine(1, extend),
  ArrowUp: (extend) => words.moveLine(-1, extend),
};

const STEP = 4; // points
const DRAWING = { ArrowRight: [STEP, 0], ArrowLeft: [-STEP, 0], ArrowDown: [0, STEP], ArrowUp: [0, -STEP] };

function stretch(key, extend) {
  const mark = find(state.current), page = pages.current();
  const y = mark && mark.page === page ? mark.boxes[0][1] : state.pages[page][1] / 2;
  words.stretch(page, y, ...DRAWING[key], extend);
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const field = event.target.matches("input[type=search], select");
  if (event.key === "Escape") {
    words.drop();
    offer([]);
    if (field) event.target.blur();
    return;
  }
  if (field) return;
  if (words.isChoosing() && event.key in CHOOSING) {
    CHOOSING[event.key](event.shiftKey);
  } else if (words.isChoosing() && event.key === "Enter") {
    hide();
  } else if (words.isDrawing() && event.key in DRAWING) {
    stretch(event.key, event.shiftKey);
  } else if (words.isSketching() && event.key === "Enter") {
    words.finish();
  } else if (Object.hasOwn(KEYS, event.key)) {
    KEYS[event.key]();
  } else {
    return;
  }
  event.preventDefault();
});

const click = (id, act) => the(id).addEventListener("click", () => act());
click("accept", KEYS.a);
click("reject", KEYS.r);
click("same-accept", KEYS.p);
click("same-reject", KEYS.P);
click("undo", KEYS.u);
click("draw", KEYS.d);
click("side", KEYS.v);
click("larger", KEYS["+"]);
click("smaller", KEYS["-"]);
click("help", KEYS["?"]);
click("offer-yes", hide);
click("offer-no", () => offer([]));
click("release", askRelease);
click("release-now", () => release({ others: "ask", unseen: "ask" }));
click("release-cover", () => release({ others: "cover" }));
click("release-leave", () => release({ others: "leave" }));
click("release-unseen", () => release({ unseen: "leave" }));
click("release-close", () => the("releasing").close());
the("checked").addEventListener("change", check);
the("why").addEventListener("toggle", () => { if (the("why").open) why(); });
the("search").addEventListener("submit", search);
the("label").addEventListener("change", () => {
  const mark = find(state.current);
  if (mark && !mark.isPage) send({ do: "label", marks: [mark.id], label: the("label").value });
  the("label").blur();
});

let resting;
pages.scroller.addEventListener("scroll", () => {
  clearTimeout(resting);
  resting = setTimeout(looked, 100);
}, { passive: true });

the("title").textContent = `${state.doc}, ${state.pages.length} pages`;
the("title").title = `You decide as ${state.reader}.`;
document.title = `${state.doc}: review`;
for (const { label } of state.labels) {
  the("label").append(new Option(label, label));
  the("new-label").append(new Option(label, label));
}
pages.start(state, pick);
queue.start(state, pick);
words.start(state, (place) => add([place]));
status();
const first = queue.next(1, true);
if (first) pick(first, true);
document.body.dataset.ready = "yes";
