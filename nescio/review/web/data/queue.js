// The queue: marks to decide, what is flagged and least certain first.

const list = document.getElementById("queue");
const order = document.getElementById("order");
const type = document.getElementById("type");
const open = document.getElementById("open");

let state, pick, ids = [];
const buttons = new Map();

export function start(given, onPick) {
  state = given;
  pick = onPick;
  for (const { label } of state.labels) type.append(new Option(label, label));
  for (const control of [order, type, open]) control.addEventListener("change", arrange);
  arrange();
}

const flagged = (mark) => (mark.isPage ? -2 : mark.disputed ? -1 : mark.page in state.flags ? 0 : 1);
const byPage = (a, b) => a.page - b.page || a.boxes[0][1] - b.boxes[0][1] || a.boxes[0][0] - b.boxes[0][0];
const byDoubt = (a, b) => flagged(a) - flagged(b) || b.doubt - a.doubt || byPage(a, b);

export function arrange() {
  const marks = [...state.pageItems, ...state.items]
    .filter((mark) => !type.value || mark.label === type.value)
    .filter((mark) => !open.checked || !mark.verdict)
    .sort(order.value === "page" ? byPage : byDoubt);
  ids = marks.map((mark) => mark.id);
  buttons.clear();
  list.replaceChildren(...marks.map(entry));
  current();
}

function entry(mark) {
  const item = document.createElement("li"), button = document.createElement("button");
  const part = (name) => button.appendChild(Object.assign(document.createElement("span"), { className: name }));
  part("swatch").style.background = state.colours[mark.label];
  for (const name of ["text", "verdict", "about"]) part(name);
  button.tabIndex = -1;
  button.addEventListener("click", () => pick(mark.id, true));
  buttons.set(mark.id, button);
  item.append(button);
  tell(mark);
  return item;
}

export function tell(mark) {
  const button = buttons.get(mark.id);
  if (!button) return;
  const [swatch, text, verdict, about] = button.children;
  swatch.style.background = state.colours[mark.label] ?? "currentColor";
  text.textContent = mark.text;
  verdict.textContent = mark.verdict;
  if (mark.isPage) {
    verdict.textContent = mark.verdict && "looked at";
    about.textContent = "flagged: a person must look at it";
    return about.classList.add("flag");
  }
  const flag = mark.page in state.flags ? ", flagged page" : "";
  about.textContent = `${mark.label}, page ${mark.page + 1}, ${Math.round(100 * (1 - mark.doubt))} % sure${flag}${mark.disputed ? ", readers disagree" : ""}`;
  about.classList.toggle("flag", Boolean(flag) || mark.disputed);
}

let marked;
export function current() {
  marked?.removeAttribute("aria-current");
  if (marked) marked.tabIndex = -1;
  marked = buttons.get(state.current) ?? list.querySelector("button");
  if (!marked) return;
  marked.tabIndex = 0;
  if (buttons.get(state.current) !== marked) return;
  marked.setAttribute("aria-current", "true");
  marked.scrollIntoView({ block: "nearest" });
}

// The mark `step` places on; with `onlyOpen` the next one that is not decided, from the top if need be.
export function next(step, onlyOpen) {
  const at = ids.indexOf(state.current);
  if (!onlyOpen) return ids[Math.max(0, Math.min(ids.length - 1, at + step))];
  const following = [...ids.slice(at + 1), ...ids.slice(0, at + 1)];
  return following.find((id) => !state.byId.get(id).verdict);
}
