// Translating: a sentence in, its best translations out, and where the model looked for each token.
import { html, useState } from "/page/preact.js";
import { ask, few } from "/page/ask.js";

/** The mean of a map's heads, or one of them. */
function shares(map, head) {
  if (head !== "mean") return map.heads[head];
  return map.target.map((_, row) => map.source.map((_, column) =>
    map.heads.reduce((sum, one) => sum + one[row][column], 0) / map.heads.length));
}

function Attention({ maps }) {
  const [layer, setLayer] = useState(maps.length - 1);
  const [head, setHead] = useState("mean");
  const map = maps[Math.min(layer, maps.length - 1)];
  const heads = ["mean", ...map.heads.keys()];
  const rows = shares(map, heads.includes(head) ? head : "mean");
  const pick = (set) => (event) => set(event.target.value === "mean" ? "mean" : Number(event.target.value));
  return html`<section class="out" aria-labelledby="looked"><h2 id="looked">Where it looked</h2>
    <p class="small">Each row is a token that was written; the stronger the colour, the more it looked at that token of the source.</p>
    <div class="row">
      ${maps.length > 1 && html`<label>Layer<select value=${layer} onChange=${pick(setLayer)}>
        ${maps.map((one, place) => html`<option value=${place}>${one.site}</option>`)}</select></label>`}
      ${map.heads.length > 1 && html`<label>Head<select value=${head} onChange=${pick(setHead)}>
        ${heads.map((one) => html`<option value=${one}>${one === "mean" ? "mean of all" : one + 1}</option>`)}</select></label>`}
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label="Map of attention"><table class="map">
      <thead><tr><td style=${{ background: "none" }}></td>${map.source.map((token) => html`<th scope="col"><span>${token}</span></th>`)}</tr></thead>
      <tbody>${map.target.map((token, row) => html`<tr><th scope="row">${token}</th>${rows[row].map((share, column) => html`<td
        style=${{ "--share": share.toFixed(3) }} title="${token} ← ${map.source[column]}: ${Math.round(100 * share)} %"><span
        class="hidden">${Math.round(100 * share)} %</span></td>`)}</tr>`)}</tbody>
    </table></div></section>`;
}

export function Translate({ models }) {
  const all = models.filter((model) => model.rushlight.task === "translation");
  const [model, setModel] = useState(all[0].id);
  const [beam, setBeam] = useState(5);
  const [text, setText] = useState("");
  const [line, setLine] = useState(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const details = all.find((one) => one.id === model).rushlight;
  const translate = async (event) => {
    event?.preventDefault();
    if (busy || !text.trim()) return;
    setBusy(true);
    setError("");
    try {
      const body = { model, text, beam, best: Math.min(beam, 3), attention: details.attention };
      setLine((await ask("/v1/translate", body)).translations[0]);
    } catch (refused) {
      setError(refused.message);
    }
    setBusy(false);
  };
  const key = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) translate(event);
  };
  return html`<h1>Translate</h1>
    <p class="deck">A sentence in; the best translations that a beam finds out${details.attention ? ", and where the model looked" : ""}.</p>
    <form onSubmit=${translate}>
      <div class="row">
        <label>Model<select value=${model} onChange=${(event) => { setModel(event.target.value); setLine(null); }}>
          ${all.map((one) => html`<option value=${one.id}>${one.id}</option>`)}</select></label>
        <label class="narrow">Beam<input type="number" min="1" max="32" value=${beam}
          onInput=${(event) => setBeam(Number(event.target.value))} /></label>
      </div>
      <p class="small">${details.family}, ${few(details.parameters)} parameters</p>
      <div class="say"><label class="hidden" for="source">The sentence</label>
        <textarea id="source" rows="2" value=${text} placeholder="A sentence" onKeyDown=${key}
          onInput=${(event) => setText(event.target.value)}></textarea>
        <div class="row"><button class="main" disabled=${busy}>Translate</button></div></div>
    </form>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <div aria-live="polite" aria-busy=${busy}>${line && html`<section class="out">
      <p class="best" dir="auto">${line.text || "(nothing)"}</p>
      ${line.best.length > 1 && html`<ol start="2">${line.best.slice(1).map((one) => html`<li dir="auto">${one.text}</li>`)}</ol>`}
      <p class="small">log-probability ${few(line.best[0].logprob)}${line.pieces > 1 ? `, in ${line.pieces} pieces` : ""}</p>
    </section>`}</div>
    ${line?.attention.length > 0 && html`<${Attention} maps=${line.attention} />`}`;
}
