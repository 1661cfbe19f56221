// Runs and how they go: a curve that grows, what the doctor found, and the whole report.
import { html, useEffect, useRef, useState } from "/page/preact.js";
import { ask, few } from "/page/ask.js";

const EVERY = 3000;

/** The width that an element has, as it changes. */
function useWidth(usual) {
  const place = useRef(null);
  const [width, setWidth] = useState(usual);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.max(280, Math.round(entry.contentRect.width))));
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return [place, width];
}

/** Labels at heights that leave each its line, in their order. */
function apart(labels, least) {
  const sorted = [...labels].sort((one, other) => one.y - other.y);
  sorted.forEach((label, place) => {
    label.at = place ? Math.max(label.y, sorted[place - 1].at + least) : label.y;
  });
  return sorted;
}

function Curve({ course }) {
  const [place, wide] = useWidth(860);
  const [high, left, right, below] = [wide < 500 ? 190 : 220, 44, 112, 26];
  const known = (points) => points.filter(([, loss]) => loss !== null);
  const [training, validation] = [known(course.training), known(course.validation)];
  const all = [...training, ...validation];
  const steps = Math.max(...all.map(([step]) => step), 1);
  const losses = all.map(([, loss]) => loss);
  const low = Math.min(...losses), top = Math.max(...losses);
  const x = (step) => left + (wide - left - right) * step / steps;
  const y = (loss) => 8 + (high - below - 8) * (1 - (loss - low) / (top - low || 1));
  const line = (points) => points.map(([step, loss]) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
  const last = validation.at(-1) ?? training.at(-1);
  const yards = course.yardsticks.filter(([, loss]) => loss !== null && loss >= low && loss <= top);
  const labels = apart([
    ...yards.map(([name, loss]) => ({ name, y: y(loss), style: "" })),
    ...(last ? [{ name: validation.length ? "validation" : "training", y: y(last[1]), style: "label" }] : []),
  ], 15);
  return html`<div ref=${place}>${all.length < 2 ? html`<p class="small">No curve yet.</p>`
    : html`<svg class="curve" width=${wide} height=${high} viewBox="0 0 ${wide} ${high}" role="img"
      aria-label="Loss over ${few(steps)} steps: from ${few(losses[0])} to ${few(last[1])}">
    <line class="axis" x1=${left} x2=${wide - right} y1=${high - below} y2=${high - below} />
    ${[low, (low + top) / 2, top].map((loss) => html`<text x=${left - 8} y=${y(loss) + 4} text-anchor="end">${few(loss)}</text>`)}
    ${[0, steps].map((step) => html`<text x=${x(step)} y=${high - 8} text-anchor=${step ? "end" : "start"}>${few(step)}${step ? " steps" : ""}</text>`)}
    ${yards.map(([, loss]) => html`<line class="yard" x1=${left} x2=${wide - right} y1=${y(loss)} y2=${y(loss)} />`)}
    <polyline class=${validation.length ? "under" : "line"} points=${line(training)} />
    ${validation.length > 0 && html`<polyline class="line" points=${line(validation)} />`}
    <circle cx=${x(last[0])} cy=${y(last[1])} r="3.5" />
    ${labels.map((label) => html`<text class=${label.style} x=${wide - right + 9} y=${label.at + 4}>${label.name}</text>`)}
  </svg>`}</div>`;
}

function Findings({ findings }) {
  return findings.map((found) => html`<article class="finding ${found.severity}">
    <b>${found.name}</b> <span class="small">${found.severity}${found.since_step === null ? "" : `, since step ${few(found.since_step)}`}${
      found.place ? `, ${found.place}` : ""}</span>
    <p>${found.message}</p>
    ${found.cures.length > 0 && html`<p class="small">Try ${found.cures.map((cure, place) => html`${place ? ", or " : ""}<code>${cure}</code>`)}</p>`}
  </article>`);
}

function Run({ summary }) {
  const [course, setCourse] = useState(null);
  const [open, setOpen] = useState(false);
  const [error, setError] = useState("");
  const path = encodeURIComponent(summary.name);
  useEffect(() => {
    ask(`/v1/runs/${path}`).then((told) => { setCourse(told); setError(""); }, (refused) => setError(refused.message));
  }, [summary.version]);
  return html`<li>
    <div class="head"><h2>${summary.name}</h2><span>${summary.model}, ${summary.task}</span>
      ${summary.ended ? html`<span>${summary.ended}</span>` : html`<span class="live">goes on</span>`}</div>
    <p class="small">${few(summary.steps, 6)} steps, ${few(summary.tokens)} tokens, ${few(summary.seconds)} s${
      summary.loss === null ? "" : `; best loss ${few(summary.loss, 4)} ${summary.unit}`}</p>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${course && html`<${Curve} course=${course} />`}
    <${Findings} findings=${summary.findings} />
    <details class="more" onToggle=${(event) => setOpen(event.target.open)}><summary>The whole report</summary>
      ${open && html`<iframe title="Report of ${summary.name}" src="/runs/${path}/report?${summary.ended ? "" : summary.version}"></iframe>
        <p class="small"><a href="/runs/${path}/report">On a page of its own</a></p>`}
    </details></li>`;
}

export function Runs() {
  const [runs, setRuns] = useState(null);
  const [error, setError] = useState("");
  useEffect(() => {
    let timer;
    const load = async () => {
      try {
        const all = (await ask("/v1/runs")).data;
        setRuns(all);
        setError("");
        if (all.some((run) => !run.ended)) timer = setTimeout(load, EVERY);
      } catch (refused) {
        setError(refused.message);
        timer = setTimeout(load, 2 * EVERY);
      }
    };
    load();
    return () => clearTimeout(timer);
  }, []);
  return html`<h1>Runs</h1><p class="deck">How their training went, or goes; what is new comes by itself.</p>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${runs ? html`<ul class="runs">${runs.map((run) => html`<${Run} key=${run.name} summary=${run} />`)}</ul>`
      : html`<p class="wait" role="status">Loading …</p>`}`;
}
