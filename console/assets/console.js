/** What pages do by themselves. Everything else of the console works without this. */

// `/` goes to the search box, as on many sites of this kind.
document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest('input, textarea, select, [contenteditable]');
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
  const box = document.querySelector('#find');
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// Escape and a click elsewhere close what is folded out over the page.
document.addEventListener('keydown', (event) => {
  const menu = document.querySelector('details.account[open]');
  if (event.key !== 'Escape' || !menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});
document.addEventListener('click', (event) => {
  const menu = document.querySelector('details.account[open]');
  if (menu && !menu.contains(event.target)) menu.open = false;
});

document.addEventListener('submit', (event) => {
  const { confirm: question } = event.target.dataset;
  if (question !== undefined && !window.confirm(question)) event.preventDefault();
});

// Buttons that only this makes work are shown by it.
document.documentElement.dataset.scripted = '';

/** Over plain HTTP browsers have no clipboard but that of a selection. */
async function copy(text) {
  const { navigator } = window;
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const selected = document.createElement('textarea');
  selected.value = text;
  selected.className = 'unseen';
  document.body.append(selected);
  selected.select();
  const isDone = document.execCommand('copy');
  selected.remove();
  if (!isDone) throw new Error('The browser does not copy.');
}

const SAID_MS = 2_000;
document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copies]');
  if (!button) return;
  const text = document.getElementById(button.dataset.copies);
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  try {
    await copy(text.value);
    button.textContent = 'Copied';
  } catch {
    text.closest('details').open = true;
    text.select();
    button.textContent = 'Copy what is selected';
  }
  button.focus();
  setTimeout(() => (button.textContent = label), SAID_MS);
});

/** Whether somebody is in there: with the focus, with a selection, or with a form folded out. */
function isInUse(region) {
  const selection = getSelection();
  const isSelected = selection && !selection.isCollapsed && region.contains(selection.anchorNode);
  return isSelected || region.contains(document.activeElement) || region.querySelector('details[open]') !== null;
}

/** Puts in what a fetched page has in its regions; what did not change is left alone, so that nothing is read aloud twice. */
function takeOver(fetched) {
  for (const region of document.querySelectorAll('[data-region]')) {
    const newer = fetched.getElementById(region.id);
    if (!newer || newer.innerHTML === region.innerHTML || isInUse(region)) continue;
    region.replaceChildren(...newer.childNodes);
  }
}

const main = document.querySelector('main[data-refresh]');
let everyMs = Number(main?.dataset.refresh) * 1_000;
/** What fails is asked for less and less often. */
const MOST_FAILURES = 5;
let failures = 0;
let timer;

function plan() {
  clearTimeout(timer);
  // A tab that nobody sees asks for nothing; it does as soon as it is seen again.
  if (!document.hidden && everyMs > 0) timer = setTimeout(refresh, everyMs * 2 ** Math.min(failures, MOST_FAILURES));
}

async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { 'x-console-refresh': '1' }, redirect: 'error' });
    if (answer.status === 401) {
      document.querySelector('#signed-out').hidden = false;
      document.querySelector('#stale').hidden = true;
      document.removeEventListener('visibilitychange', onSeen);
      return;
    }
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const fetched = new DOMParser().parseFromString(await answer.text(), 'text/html');
    takeOver(fetched);
    // What has ended changes no more, and what has begun changes fast.
    everyMs = Number(fetched.querySelector('main').dataset.refresh) * 1_000;
    failures = 0;
  } catch {
    failures += 1;
  }
  document.querySelector('#stale').hidden = failures === 0;
  plan();
}

function onSeen() {
  clearTimeout(timer);
  if (!document.hidden && everyMs > 0) refresh();
}

if (everyMs > 0) {
  document.addEventListener('visibilitychange', onSeen);
  plan();
}
