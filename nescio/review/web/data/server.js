// Talks to the server: one change after the other, in the order in which they were made.

const csrf = document.querySelector("meta[name=csrf]").content;
export const doc = location.pathname.startsWith("/d/") ? location.pathname.split("/")[2] : "";
export const base = `/api/d/${doc}`;

async function answer(response) {
  const said = await response.json().catch(() => ({ error: `error ${response.status}` }));
  if (!response.ok && !("places" in said) && !("unseen" in said)) throw new Error(said.error);
  return said;
}

export const get = async (path) => answer(await fetch(path));

export async function post(path, body) {
  return answer(await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Nescio-Csrf": csrf },
    body: JSON.stringify(body),
  }));
}

let last = Promise.resolve();

// Sends a change once those before it are saved. `event` may be a function: it is called then.
export function change(event) {
  const sent = last.then(() => {
    const body = typeof event === "function" ? event() : event;
    return body === null ? null : post(`${base}/do`, body);
  });
  last = sent.catch(() => {});
  return sent;
}
