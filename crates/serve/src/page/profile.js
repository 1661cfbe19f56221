// What is known of the user: shown, given as a file, erased.
import { html, useEffect, useState } from "/page/preact.js";
import { ask, mine, remove } from "/page/ask.js";
import { Box, Question } from "/page/question.js";

export function Profile({ name, close, erased }) {
  const [profile, setProfile] = useState(null);
  const [error, setError] = useState("");
  const [sure, setSure] = useState(false);
  useEffect(() => {
    ask(mine("/v1/profile")).then(setProfile, (refused) => setError(refused.message));
  }, []);
  const erase = async () => {
    try {
      erased(await remove(mine("/v1/profile")));
    } catch (refused) {
      setSure(false);
      setError(refused.message);
    }
  };
  if (sure) {
    return html`<${Question} title="Erase everything?" yes="Erase everything" no="Keep it" act=${erase} close=${() => setSure(false)}>
      <p>Your profile, all your conversations and what you thought of replies will be gone, from the file too.</p><//>`;
  }
  const sentence = (told) => `${told[0].toUpperCase()}${told.slice(1)}.`;
  return html`<${Box} title="What ${name} knows of you" close=${close}>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${profile ? profile.told.length > 0
      ? html`<ul class="known">${profile.told.map((told) => html`<li dir="auto">${sentence(told)}</li>`)}</ul>`
      : html`<p>Nothing yet. Say “call me Ada”, or “I am vegetarian”.</p>`
      : !error && html`<p role="status">Loading …</p>`}
    <div class="row"><button type="button" class="main" onClick=${close} autofocus>Close</button>
      <a class="button" href=${mine("/v1/profile/export")} download="rushlight-profile.json">Export</a>
      <button type="button" class="grave" onClick=${() => setSure(true)}>Erase everything</button></div><//>`;
}
