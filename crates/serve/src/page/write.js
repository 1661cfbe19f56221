// Writing: a conversation, or text that goes on, token by token as it comes.
import { html, useEffect, useRef, useState } from "/page/preact.js";
import { few, stream } from "/page/ask.js";

const USUAL = { temperature: 0.8, top_p: 0.95, max_tokens: 200, seed: "" };

function Setting({ name, label, values, change, ...range }) {
  const set = (event) => change({ ...values, [name]: event.target.value });
  return html`<label class="narrow">${label}<input type="number" value=${values[name]} onInput=${set} ...${range} /></label>`;
}

/** The numbers that the server gets: what is empty is left out. */
function given(values) {
  const told = Object.entries(values).filter(([, value]) => value !== "");
  return Object.fromEntries(told.map(([name, value]) => [name, Number(value)]));
}

export function Write({ models }) {
  const all = models.filter((model) => model.rushlight.task === "writing");
  const [model, setModel] = useState(all[0].id);
  const [talks, setTalks] = useState(false);
  const [values, setValues] = useState(USUAL);
  const [turns, setTurns] = useState([]);
  const [sheet, setSheet] = useState(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(null);
  const [error, setError] = useState("");
  const [told, setTold] = useState("");
  const end = useRef(null);
  useEffect(() => { if (busy) end.current?.scrollIntoView({ block: "nearest" }); }, [turns, sheet]);
  const details = all.find((one) => one.id === model).rushlight;

  const send = async (event) => {
    event?.preventDefault();
    if (busy || (talks && !text.trim())) return;
    const stop = new AbortController();
    const begun = performance.now();
    let first = 0, written = "", usage = null;
    const before = [...turns, { role: "user", content: text }];
    const show = () => talks ? setTurns([...before, { role: "assistant", content: written }]) : setSheet({ prompt: text, written });
    setBusy(stop);
    setError("");
    setTold("");
    show();
    if (talks) setText("");
    const [path, body] = talks
      ? ["/v1/chat/completions", { model, messages: before, ...given(values) }]
      : ["/v1/completions", { model, prompt: text, ...given(values) }];
    try {
      await stream(path, body, stop.signal, (chunk) => {
        usage = chunk.usage ?? usage;
        const choice = chunk.choices[0];
        const more = choice?.delta?.content ?? choice?.text ?? "";
        if (!more) return;
        first ||= performance.now();
        written += more;
        show();
      });
    } catch (refused) {
      if (refused.name !== "AbortError") {
        setError(refused.message);
        if (talks && !written) {
          setTurns(turns);
          setText(text);
        }
      }
    }
    const seconds = (performance.now() - begun) / 1000;
    if (usage) {
      const pace = usage.completion_tokens > 1 ? `, ${few(usage.completion_tokens / Math.max(seconds, 0.001), 2)} a second` : "";
      setTold(`${usage.completion_tokens} tokens${pace}; the first after ${few(first - begun, 2)} ms`);
    }
    setBusy(null);
  };
  const key = (event) => {
    if (event.key === "Enter" && !event.isComposing && (talks ? !event.shiftKey : event.ctrlKey || event.metaKey)) send(event);
  };

  return html`<h1>${talks ? "Talk to a model" : "Let a model go on"}</h1>
    <p class="deck">${talks
      ? "Each turn is a line that the model reads; what it was trained on decides what it makes of it."
      : "Give it a beginning. It writes what is likely to follow, one token after the other."}</p>
    <div class="row">
      <label>Model<select value=${model} onChange=${(event) => setModel(event.target.value)} disabled=${!!busy}>
        ${all.map((one) => html`<option value=${one.id}>${one.id}</option>`)}</select></label>
      <fieldset class="seg" disabled=${!!busy}><legend class="hidden">How</legend>
        ${[[false, "Go on"], [true, "Talk"]].map(([value, title]) => html`<label><input type="radio" name="how"
          checked=${talks === value} onChange=${() => setTalks(value)} />${title}</label>`)}
      </fieldset>
    </div>
    <p class="small">${details.family}, ${few(details.parameters)} parameters, ${few(details.vocabulary)} tokens to choose from${
      details.window ? `, looks back ${few(details.window)} tokens` : ""}</p>
    <details class="more"><summary>How it chooses</summary><div class="row">
      <${Setting} name="temperature" label="Temperature" min="0" max="2" step="0.1" values=${values} change=${setValues} />
      <${Setting} name="top_p" label="Top-p" min="0" max="1" step="0.05" values=${values} change=${setValues} />
      <${Setting} name="max_tokens" label="Most tokens" min="1" max="4096" values=${values} change=${setValues} />
      <${Setting} name="seed" label="Seed" placeholder="any" values=${values} change=${setValues} />
    </div></details>
    ${talks
      ? html`<div class="talk" role="log" aria-label="Conversation" aria-busy=${!!busy}>
          ${turns.map((turn, place) => html`<div class="turn ${turn.role} ${busy && place === turns.length - 1 ? "open" : ""}" dir="auto"><b>${
            turn.role === "user" ? "You" : model}</b>${turn.content || (busy && place === turns.length - 1 ? "" : "(nothing)")}</div>`)}
        </div>`
      : sheet && html`<div class="sheet ${busy ? "open" : ""}" role="log" aria-label="Text" aria-busy=${!!busy} dir="auto"><i>${
          sheet.prompt}</i>${sheet.written}</div>`}
    <div ref=${end}></div>
    <p class="small" role="status">${told}</p>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <form class="say" onSubmit=${send}>
      <label class="hidden" for="text">${talks ? "Your turn" : "The beginning"}</label>
      <textarea id="text" rows=${talks ? 2 : 4} value=${text} onInput=${(event) => setText(event.target.value)} onKeyDown=${key}
        placeholder=${talks ? "Say something" : "A beginning; or nothing"}></textarea>
      <div class="row">
        ${busy ? html`<button type="button" onClick=${() => busy.abort()}>Stop</button>`
          : html`<button class="main">${talks ? "Send" : "Write"}</button>`}
        ${talks && turns.length > 0 && !busy && html`<button type="button" onClick=${() => setTurns([])}>Begin anew</button>`}
        <span class="small">${talks ? "Enter sends, Shift+Enter breaks the line" : "Ctrl+Enter writes"}</span>
      </div>
    </form>`;
}
