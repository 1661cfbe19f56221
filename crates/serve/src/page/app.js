// The page: which view is shown, and the way in where a key is asked for.
import { html, render, useEffect, useState } from "/page/preact.js";
import { ask, give, mine } from "/page/ask.js";
import { Chat } from "/page/chat.js";
import { Write } from "/page/write.js";
import { Translate } from "/page/translate.js";
import { Runs } from "/page/runs.js";

const VIEWS = [["chat", "Chat", Chat], ["write", "Write", Write], ["translate", "Translate", Translate], ["runs", "Runs", Runs]];

function useView() {
  const of = () => location.hash.slice(1);
  const [view, setView] = useState(of);
  useEffect(() => {
    const change = () => setView(of());
    addEventListener("hashchange", change);
    return () => removeEventListener("hashchange", change);
  }, []);
  return view;
}

/** A server need not have an assistant. */
function without(refused) {
  if (refused.status === 404) return null;
  throw refused;
}

function Key({ entered }) {
  const [key, setKey] = useState("");
  const [error, setError] = useState("");
  const enter = async (event) => {
    event.preventDefault();
    try {
      await give(key.trim());
      entered();
    } catch (refused) {
      setError(refused.message);
    }
  };
  return html`<h1>A key, please</h1>
    <p class="deck">This server answers those who have a key. It is kept in a cookie of this browser for a day.</p>
    <form class="row" onSubmit=${enter}>
      <label class="grow">Key<input type="password" autocomplete="current-password" value=${key}
        onInput=${(event) => setKey(event.target.value)} required /></label>
      <button class="main">Enter</button>
    </form>
    ${error && html`<p class="error" role="alert">${error}</p>`}`;
}

function App() {
  const [asked, place] = useView().split("/");
  const [models, setModels] = useState(null);
  const [assistant, setAssistant] = useState(null);
  const [error, setError] = useState(null);
  const load = async () => {
    try {
      const [list, found] = await Promise.all([ask("/v1/models"), ask(mine("/v1/assistant")).catch(without)]);
      setAssistant(found);
      setModels(list.data);
      setError(null);
    } catch (refused) {
      setError(refused);
    }
  };
  useEffect(() => { load(); }, []);
  const does = (task) => (models ?? []).some((model) => model.rushlight.task === task);
  const has = { chat: assistant, write: does("writing"), translate: does("translation"), runs: true };
  const views = VIEWS.filter(([name]) => models && has[name]);
  const [view, , View] = views.find(([name]) => name === asked) ?? views[0] ?? [];
  useEffect(() => {
    document.title = view ? `${VIEWS.find(([name]) => name === view)[1]} – Rushlight` : "Rushlight";
  }, [view]);
  return html`<a class="skip" href="#${view ?? ""}" onClick=${(event) => {
      event.preventDefault();
      document.querySelector("main").focus();
    }}>To the content</a>
    <header class="mast">
      <a class="name" href="/${location.search}"><img src="/page/flame.svg" width="20" height="28" alt="" />Rushlight</a>
      <nav aria-label="Views">${views.map(([name, title]) => html`<a href="#${name}"
        aria-current=${name === view ? "page" : undefined}>${title}</a>`)}</nav>
    </header>
    <main tabindex="-1">
      ${error?.status === 401 ? html`<${Key} entered=${load} />` : error
        ? html`<h1>No answer</h1><p class="error" role="alert">${error.message}</p>`
        : View ? html`<${View} models=${models} assistant=${assistant} place=${place} />` : html`<p class="wait" role="status">Loading …</p>`}
    </main>
    <footer>Models of this machine; what they write may be wrong. <a href="/openapi.json">API</a></footer>`;
}

render(html`<${App} />`, document.getElementById("app"));
