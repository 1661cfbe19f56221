// Talking with the assistant: the conversations so far, the one that is open, and what is said next.
import { html, useEffect, useRef, useState } from "/page/preact.js";
import { ask, mine, remove } from "/page/ask.js";
import { Profile } from "/page/profile.js";
import { Question } from "/page/question.js";
import { Turn } from "/page/turn.js";

const DRAFT = "rushlight-draft";
const EMPTY = { id: null, messages: [], earlier: false };

const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

/** What the server refuses, said to who talks. */
const KINDLY = {
  404: "This conversation is not there any more. Try again to begin a new one.",
  409: "Something else was written meanwhile. Read what is new here, and send yours again if it still fits.",
};

/** When something was, as short as it can be said. */
function when(seconds) {
  const [then, now] = [new Date(1000 * seconds), new Date()];
  const how = then.toDateString() === now.toDateString() ? { hour: "2-digit", minute: "2-digit" }
    : then.getFullYear() === now.getFullYear() ? { day: "numeric", month: "short" } : { dateStyle: "medium" };
  return then.toLocaleString(undefined, how);
}

function Past({ list, more, open, begin, asked, remove }) {
  const [shown, setShown] = useState(false);
  return html`<aside class="past" aria-label="Conversations">
    <div class="row">
      <button type="button" class="begin" onClick=${() => { setShown(false); begin(); }}>New conversation</button>
      ${list.length > 0 && html`<button type="button" class="fold" aria-expanded=${shown} onClick=${() => setShown(!shown)}>${
        shown ? "Hide the others" : `Earlier ones (${list.length}${more ? "+" : ""})`}</button>`}
    </div>
    <div class="all ${shown ? "shown" : ""}">
      <ul>${list.map((one) => html`<li key=${one.id}>
        <a href="#chat/${one.id}" aria-current=${one.id === open ? "page" : undefined} onClick=${() => setShown(false)}>
          <span class="title">${one.title || "Nothing said yet"}</span><span class="small">${when(one.changed)}</span></a>
        <button type="button" class="quiet" aria-label="Delete “${one.title || "Nothing said yet"}”" title="Delete"
          onClick=${() => remove(one)}><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M3.5 3.5l9 9m0-9l-9 9" /></svg></button>
      </li>`)}</ul>
      ${list.length === 0 && html`<p class="small">What you talk about stays here, until you delete it.</p>`}
      ${more && html`<button type="button" class="quiet" onClick=${asked}>Show older ones</button>`}
    </div></aside>`;
}

export function Chat({ assistant, place }) {
  const [list, setList] = useState([]);
  const [more, setMore] = useState(false);
  const [talk, setTalk] = useState(EMPTY);
  const [text, setText] = useState(() => sessionStorage.getItem(DRAFT) ?? "");
  const [busy, setBusy] = useState(null);
  const [failed, setFailed] = useState(null);
  const [told, setTold] = useState("");
  const [profile, setProfile] = useState(false);
  const [doomed, setDoomed] = useState(null);
  const [input, end, opened] = [useRef(null), useRef(null), useRef(null)];
  useEffect(() => sessionStorage.setItem(DRAFT, text), [text]);
  useEffect(() => {
    if (talk.messages.length || busy) scrollBy(0, end.current.getBoundingClientRect().bottom - innerHeight);
  }, [talk.id, talk.messages.at(-1)?.number, busy]);

  const fail = (refused, again) => setFailed({ message: refused.message, again });
  const past = async (before) => {
    try {
      const page = await ask(mine("/v1/conversations", before && { before }));
      const said = page.data.filter((one) => one.messages > 0);
      setList((list) => before ? [...list, ...said] : said);
      setMore(page.has_more && page.data.at(-1)?.id);
    } catch (refused) {
      fail(refused, () => past(before));
    }
  };
  const read = async (id) => {
    const page = await ask(mine(`/v1/conversations/${encodeURIComponent(id)}`));
    // Another one may have been opened meanwhile.
    if (location.hash !== `#chat/${id}`) return [];
    opened.current = id;
    setTalk({ id, messages: page.data, earlier: page.has_more });
    return page.data;
  };
  const open = async (id) => {
    if (id === opened.current) return;
    setFailed(null);
    try {
      await read(id);
    } catch (refused) {
      if (refused.status !== 404) return fail(refused, () => open(id));
      begin();
      setTold("That conversation is not there any more.");
    }
  };
  const earlier = async () => {
    try {
      const page = await ask(mine(`/v1/conversations/${talk.id}`, { before: talk.messages[0].number }));
      // Another one may have been opened, or more been said, meanwhile.
      setTalk((now) => now.id === talk.id ? { ...now, messages: [...page.data, ...now.messages], earlier: page.has_more } : now);
    } catch (refused) {
      fail(refused, earlier);
    }
  };
  const begin = () => {
    opened.current = null;
    setTalk(EMPTY);
    setFailed(null);
    setTold("");
    location.hash = "chat";
    input.current?.focus();
  };
  useEffect(() => { past(); }, []);
  useEffect(() => { place ? open(place) : opened.current && begin(); }, [place]);

  const send = async (said) => {
    if (busy || !said.trim()) return;
    setBusy({ said, id: talk.id });
    setText("");
    setFailed(null);
    setTold("");
    const seen = talk.messages.at(-1)?.number ?? 0;
    const from = location.hash;
    let id = talk.id;
    // Whoever reads something else by now is left there.
    const isOpen = () => (opened.current ?? null) === id;
    try {
      if (!id) {
        const begun = (await ask(mine("/v1/conversations"), {})).id;
        if (isOpen() && location.hash === from) {
          opened.current = begun;
          setTalk({ ...EMPTY, id: begun });
          setBusy({ said, id: begun });
          location.hash = `chat/${begun}`;
        }
        id = begun;
      }
      const reply = await ask(mine(`/v1/conversations/${id}/messages`), { text: said, after: seen });
      const own = { number: reply.number - 1, role: "user", text: said.trim(), at: reply.at };
      const isNew = ({ messages }) => (messages.at(-1)?.number ?? 0) < own.number;
      if (isOpen()) setTalk((now) => isNew(now) ? { ...now, id, messages: [...now.messages, own, reply] } : now);
      past();
    } catch (refused) {
      // Where others wrote meanwhile it is shown; and perhaps this very message came through before the line broke.
      const now = refused.status === 409 && isOpen() ? await read(id).catch(() => []) : [];
      const came = now.some((one) => one.number > seen && one.role === "user" && one.text === said.trim());
      if (!came && !isOpen()) {
        setTold(`In another conversation this could not be sent: “${said.trim()}”`);
      } else if (!came) {
        // Also for a reader who is in another view by now.
        if (!sessionStorage.getItem(DRAFT)) sessionStorage.setItem(DRAFT, said);
        if (refused.status === 404) begin();
        setText((since) => since || said);
        setFailed({ message: KINDLY[refused.status] ?? refused.message });
      }
    }
    setBusy(null);
    input.current?.focus();
  };
  const drop = async ({ id }) => {
    setDoomed(null);
    try {
      await remove(mine(`/v1/conversations/${id}`));
      setList((list) => list.filter((one) => one.id !== id));
      if (id === opened.current) begin();
      setTold("The conversation is deleted.");
      past();
    } catch (refused) {
      fail(refused, () => drop({ id }));
    }
  };
  const key = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send(text);
  };
  const bytes = new TextEncoder().encode(text).length;

  return html`<div class="chat">
    <${Past} list=${list} more=${more} open=${talk.id} begin=${begin} asked=${() => past(more)} remove=${setDoomed} />
    <section aria-label="Talk with ${assistant.name}">
      <div class="who"><h1>${assistant.name}</h1>
        <button type="button" onClick=${() => setProfile(true)}>What I know of you</button></div>
      ${talk.earlier && html`<button type="button" class="quiet" onClick=${earlier}>Show earlier messages</button>`}
      <div class="talk" role="log" aria-live="polite" aria-label="Conversation" aria-busy=${!!busy}>
        ${!talk.earlier && html`<div class="turn assistant"><b>${assistant.name}</b>${assistant.greeting}</div>`}
        ${talk.messages.map((message) => html`<${Turn} key=${`${talk.id}/${message.number}`} message=${message} id=${talk.id}
          name=${assistant.name} intents=${assistant.intents} />`)}
        ${busy?.id === talk.id && html`<div class="turn user" dir="auto"><b>You</b>${busy.said.trim()}</div>
          <div class="turn assistant open" aria-hidden="true"><b>${assistant.name}</b></div>`}
      </div>
      <p class="small" role="status">${told}</p>
      ${failed && html`<div class="error" role="alert"><p>${failed.message}</p>
        <button type="button" onClick=${failed.again ?? (() => send(text))}>Try again</button></div>`}
      <form class="say bar" onSubmit=${(event) => { event.preventDefault(); send(text); }}>
        <label class="hidden" for="message">Your message to ${assistant.name}</label>
        <textarea id="message" ref=${input} rows="1" value=${text} onInput=${(event) => setText(event.target.value)} onKeyDown=${key}
          placeholder="Say something to ${assistant.name}" aria-describedby="how"></textarea>
        <button class="main" disabled=${!!busy || !text.trim()}>Send</button>
        <span class="small" id="how">${bytes > assistant.message_bytes ? `This is too long: ${bytes} bytes, of ${assistant.message_bytes} that are read.`
          : "Enter sends, Shift+Enter breaks the line"}</span>
      </form>
      <div class="end" ref=${end}></div>
    </section>
    ${profile && html`<${Profile} name=${assistant.name} close=${() => setProfile(false)} erased=${(gone) => {
      setProfile(false);
      setList([]);
      begin();
      setText("");
      setTold(`Erased: your profile, ${count(gone.conversations, "conversation")}, ${count(gone.messages, "message")}.`);
    }} />`}
    ${doomed && html`<${Question} title="Delete this conversation?" yes="Delete" no="Keep" close=${() => setDoomed(null)}
      act=${() => drop(doomed)}><p>“${doomed.title}” and all that was said in it will be gone.</p><//>`}
  </div>`;
}
