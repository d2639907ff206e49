/*
 * Keeps a served page up to date, without taking away what its reader looks at: what is open, chosen, focused and
 * scrolled to stays so. Runs in a browser as it is, after in-browser.js.
 */
const page = document.getElementById('page');
const status = document.getElementById('live');

const say = (text, isLost = false) => {
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle('lost', isLost);
};

/** Attributes that belong to the reader and to in-browser.js. */
const KEPT = new Set(['open', 'hidden', 'data-found']);

const putAttributes = (element, wanted) => {
  for (const { name } of [...element.attributes])
    if (!KEPT.has(name) && !wanted.hasAttribute(name)) element.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (!KEPT.has(name) && element.getAttribute(name) !== value) element.setAttribute(name, value);
};

const isAlike = (node, wanted) => node?.nodeName === wanted.nodeName && !node.id && !wanted.id;

/** Makes the children of an element like those of another one. Elements with an id stay the same, wherever they go. */
const putChildren = (element, wanted, known) => {
  let at = element.firstChild;
  for (const child of [...wanted.childNodes]) {
    const named = child.id ? known.get(child.id) : undefined;
    const kept = named?.nodeName === child.nodeName ? named : isAlike(at, child) ? at : undefined;
    const node = kept ?? document.importNode(child, false);
    if (node === at) at = at.nextSibling;
    else element.insertBefore(node, at);
    if (node.nodeType !== Node.ELEMENT_NODE) {
      if (node.data !== child.data) node.data = child.data;
    } else if (node.nodeName !== 'OUTPUT') {
      if (kept !== undefined) putAttributes(node, child);
      putChildren(node, child, known);
    }
  }
  while (at !== null) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
};

const put = ({ title, body }) => {
  const focused = document.activeElement;
  const known = new Map([...page.querySelectorAll('[id]')].map((element) => [element.id, element]));
  putChildren(page, new DOMParser().parseFromString(body, 'text/html').body, known);
  document.title = title;
  // A filter may be gone that was chosen.
  for (const radios of page.querySelectorAll('[data-filters] fieldset'))
    if (!radios.querySelector(':checked')) radios.querySelector('input').checked = true;
  document.dispatchEvent(new Event('replaced'));
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
};

const source = new EventSource('events');
let asOf = new Date();
const follow = () => say('Live: this page follows the run.');
source.addEventListener('open', follow);
source.addEventListener('page', ({ data }) => {
  asOf = new Date();
  put(JSON.parse(data));
});
source.addEventListener('ended', ({ data }) => {
  source.close();
  put(JSON.parse(data));
  say('The run has ended. This page is complete, and stays as it is until it is reloaded.');
});
source.addEventListener('error', () => {
  const when = asOf.toLocaleTimeString();
  say(`The connection is lost: this is what was known at ${when}. The run may have been stopped, or go on.`, true);
});
