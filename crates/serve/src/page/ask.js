// How this page asks its server: JSON, and streams of server-sent events. Knows no views.

/** What went wrong, in the server's words. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function refused(response) {
  let message = `the server answered ${response.status}`;
  try {
    message = (await response.json()).error.message;
  } catch {
    // No JSON: the status has to do.
  }
  return new Refused(message, response.status);
}

/** Asks; what does not reach the server is told in words. */
async function reach(path, how) {
  try {
    return await fetch(path, how);
  } catch (broken) {
    if (broken.name === "AbortError") throw broken;
    throw new Refused("The server cannot be reached. Is it still running?", 0);
  }
}

/** Gets or posts JSON. */
export async function ask(path, body, signal) {
  const how = body === undefined ? { signal } : {
    method: "POST", signal, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await reach(path, how);
  if (!response.ok) throw await refused(response);
  return response.json();
}

/** Removes what is there. */
export async function remove(path) {
  const response = await reach(path, { method: "DELETE" });
  if (!response.ok) throw await refused(response);
  return response.json();
}

/** A path with its question, and the user that this page's own address names. */
export function mine(path, asked = {}) {
  const user = new URLSearchParams(location.search).get("user");
  const question = new URLSearchParams(user ? { ...asked, user } : asked).toString();
  return question ? `${path}?${question}` : path;
}

/** Gives the server a key; it keeps it in a cookie that no script can read. */
export async function give(key) {
  const response = await fetch("/session", { method: "POST", headers: { Authorization: `Bearer ${key}` } });
  if (!response.ok) throw await refused(response);
}

/** Posts, and calls `each` with every event of the stream that answers. */
export async function stream(path, body, signal, each) {
  const response = await fetch(path, {
    method: "POST", signal, headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
  });
  if (!response.ok) throw await refused(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    held += value;
    const events = held.split("\n\n");
    held = events.pop();
    for (const event of events) {
      const data = event.replace(/^data: /, "");
      if (data === "[DONE]") return;
      const told = JSON.parse(data);
      if (told.error) throw new Refused(told.error.message, 200);
      each(told);
    }
  }
}

/** A number in few digits. */
export function few(value, digits = 3) {
  return value === null || value === undefined ? "–" : Number(value.toPrecision(digits)).toLocaleString("en");
}
