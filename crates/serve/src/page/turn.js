// One turn of a talk: what was said; of a reply also why, what its reader thinks of it, and what it should have been.
import { html, useEffect, useRef, useState } from "/page/preact.js";
import { ask, mine } from "/page/ask.js";

const SOURCES = { template: "a template", retrieval: "a known answer", generator: "a trained generator" };

function Thumb({ down }) {
  return html`<svg viewBox="0 0 24 24" width="17" height="17" aria-hidden="true"><path transform=${down ? "rotate(180 12 12)" : undefined}
    d="M7.5 10.5v9.5H4.6a1.1 1.1 0 0 1-1.1-1.1v-7.3a1.1 1.1 0 0 1 1.1-1.1zl3.9-7.2a2.3 2.3 0 0 1 2.3 2.3v3.9h4.9a2 2 0 0 1 2 2.3l-1.1 6.5a2 2 0 0 1-2 1.7H7.5" /></svg>`;
}

function Why({ message, intents }) {
  const about = (name) => intents.find((intent) => intent.name === name)?.about ?? name;
  const percent = (share) => `${Math.round(100 * share)} %`;
  const likely = message.considered.filter((one, place) => place === 0 || one.probability >= 0.01);
  const rows = [
    ["Intent", message.intent ? about(message.intent) : "none"],
    ["Considered", likely.length > 0 && html`<ul class="plain">${likely.map((one) => html`<li>
      <span class="meter" style=${{ "--share": one.probability.toFixed(3) }}></span>${about(one.intent)} <span class="small">${percent(one.probability)}</span></li>`)}</ul>`],
    ["Found", message.entities.length > 0 && html`<ul class="plain">${message.entities.map((one) => html`<li>“<bdi>${one.text}</bdi>” <span
      class="small">${one.kind}${one.value === one.text ? "" : html` = <bdi>${one.value}</bdi>`}</span></li>`)}</ul>`],
    ["Reply from", SOURCES[message.source]],
    ["Confidence", percent(message.confidence)],
    ["Known question", message.question && html`<bdi>${message.question}</bdi>`],
    ["Complete", message.finished && Object.entries(message.finished.slots).map(([name, value]) => `${name} ${value}`).join(", ")],
  ];
  return html`<dl class="why">${rows.filter(([, value]) => value).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function Correct({ intents, given, judge, number }) {
  const [reply, setReply] = useState(given.reply ?? "");
  const [intent, setIntent] = useState(given.intent ?? "");
  const [all, first] = [useRef(null), useRef(null)];
  useEffect(() => {
    first.current.focus({ preventScroll: true });
    all.current.scrollIntoView({ block: "nearest" });
  }, []);
  const save = (what) => (event) => {
    event.preventDefault();
    judge(what);
  };
  return html`<div class="correct" ref=${all}>
    <form onSubmit=${save({ reply })}><label for="better-${number}">A better reply</label>
      <textarea id="better-${number}" ref=${first} rows="2" value=${reply} onInput=${(event) => setReply(event.target.value)} required></textarea>
      <button disabled=${!reply.trim()}>Save the reply</button></form>
    <form onSubmit=${save({ intent })}><label for="meant-${number}">What you meant</label>
      <select id="meant-${number}" value=${intent} onChange=${(event) => setIntent(event.target.value)} required>
        <option value="" disabled>Choose</option>
        ${intents.map((one) => html`<option value=${one.name}>${one.about}</option>`)}</select>
      <button disabled=${!intent}>Save the meaning</button></form>
  </div>`;
}

export function Turn({ message, id, name, intents }) {
  const [given, setGiven] = useState(message.feedback ?? {});
  const [shown, setShown] = useState("");
  const [told, setTold] = useState("");
  const [failed, setFailed] = useState(null);
  if (message.role === "user") return html`<div class="turn user" dir="auto"><b>You</b>${message.text}</div>`;
  const judge = async (what) => {
    setFailed(null);
    setTold("");
    try {
      await ask(mine(`/v1/conversations/${id}/feedback`), { message: message.number, ...what });
      setGiven({ ...given, ...what });
      setTold(what.thumb ? "Noted." : what.reply ? "Noted: asked the same again, this is replied."
        : "Noted: the next training learns from it.");
      if (!what.thumb) setShown("");
    } catch (refused) {
      setFailed({ message: refused.message, again: () => judge(what) });
    }
  };
  const thumb = (which, label) => html`<button type="button" class="quiet" aria-label=${label} title=${label}
    aria-pressed=${given.thumb === which} onClick=${() => judge({ thumb: which })}><${Thumb} down=${which === "down"} /></button>`;
  const toggle = (what, label) => html`<button type="button" class="quiet" aria-expanded=${shown === what}
    onClick=${() => setShown(shown === what ? "" : what)}>${label}</button>`;
  return html`<div class="turn assistant" data-number=${message.number} data-source=${message.source} data-act=${message.act}>
    <b>${name}</b><div class="text" dir="auto">${message.text}</div>
    <div class="acts" aria-live="off" role="group" aria-label="About this reply">
      ${thumb("up", "A good reply")}${thumb("down", "A bad reply")}${toggle("why", "Why")}${toggle("correct", "Correct this")}
      <span class="small" role="status">${told}</span></div>
    ${shown === "why" && html`<${Why} message=${message} intents=${intents} />`}
    ${shown === "correct" && html`<${Correct} intents=${intents} given=${given} judge=${judge} number=${message.number} />`}
    ${given.reply && html`<p class="small better">Better: <bdi>${given.reply}</bdi></p>`}
    ${failed && html`<div class="error" role="alert"><p>${failed.message}</p><button type="button" onClick=${failed.again}>Try again</button></div>`}
  </div>`;
}
