// A box before the page: a question, or something to read. Escape leaves it, and the keyboard stays inside.
import { html, useEffect, useRef } from "/page/preact.js";

export function Box({ title, close, children }) {
  const box = useRef(null);
  useEffect(() => {
    box.current.showModal();
    return () => box.current?.close();
  }, []);
  return html`<dialog ref=${box} aria-labelledby="box" onCancel=${(event) => { event.preventDefault(); close(); }}
    onClick=${(event) => event.target === box.current && close()}>
    <div class="inside"><h2 id="box">${title}</h2>${children}</div></dialog>`;
}

export function Question({ title, yes, no, act, close, children }) {
  return html`<${Box} title=${title} close=${close}>${children}
    <div class="row"><button type="button" class="grave" onClick=${act}>${yes}</button>
      <button type="button" onClick=${close} autofocus>${no}</button></div><//>`;
}
