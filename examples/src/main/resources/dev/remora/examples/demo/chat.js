// The conversation.

import { ask, Refused } from './stream.js';
import { refresh, watch } from './panel.js';

const log = document.getElementById('log');
const welcome = document.getElementById('welcome');
const composer = document.getElementById('composer');
const question = document.getElementById('question');
const send = document.getElementById('send');
const halt = document.getElementById('halt');

const OTHERS = 4;

let conversation = newId();
let history = [];
let lastBackend = '';
let reading = null;

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  say(question.value);
});
question.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    say(question.value);
  }
});
question.addEventListener('input', fit);
halt.addEventListener('click', () => reading?.abort());
document.querySelectorAll('.idea').forEach((idea) => idea.addEventListener('click', () => say(idea.textContent)));
document.getElementById('crowd').addEventListener('click', askAsOthers);
document.getElementById('anew').addEventListener('click', startAnew);
watch();

async function say(text) {
  if (reading || !text.trim()) return;
  question.value = '';
  fit();
  welcome.hidden = true;
  append(element('p', 'said', text.trim()));
  history.push({ role: 'user', content: text.trim() });
  await answer();
}

/** Reads one answer to the conversation so far. What breaks stays visible as broken and never enters the history. */
async function answer() {
  const asked = history;
  const bubble = answerBubble();
  append(bubble.root);
  reading = new AbortController();
  busy(true);
  try {
    const whole = await read(bubble, ask(asked, conversation, { signal: reading.signal }));
    if (whole) {
      bubble.end('complete', `${bubble.tokens} tokens in ${bubble.seconds()} s`);
      asked.push({ role: 'assistant', content: bubble.text.textContent });
    } else {
      bubble.end('broken', 'Broken off: the rest of this answer is lost.', retry);
    }
  } catch (error) {
    if (error.name === 'AbortError') {
      bubble.end('halted', 'You stopped reading. The back end was told at once.', retry);
    } else if (error instanceof Refused) {
      bubble.end('broken', error.message, retry);
    } else {
      throw error;
    }
  } finally {
    reading = null;
    busy(false);
    refresh();
  }

  function retry() {
    if (reading || history !== asked) return;
    bubble.root.querySelector('.retry').remove();
    answer();
  }
}

async function read(bubble, stream) {
  for (;;) {
    const { value, done } = await stream.next();
    if (done) return value;
    if (value.backend) {
      noteMove(bubble, value.backend);
      bubble.name(value.backend);
      refresh();
    } else {
      bubble.add(value.token);
      follow();
    }
  }
}

function noteMove(bubble, backend) {
  if (lastBackend && lastBackend !== backend) {
    bubble.root.before(element('p', 'moved', `The conversation moved from ${lastBackend} to ${backend}`));
  }
  lastBackend = backend;
}

function answerBubble() {
  const root = element('article', 'answer');
  root.dataset.state = 'streaming';
  const badge = element('span', 'badge', '\u2026');
  const text = element('p', 'text');
  const note = element('footer', 'note', 'Waiting for a back end');
  root.append(badge, text, note);
  const began = performance.now();
  return {
    root,
    text,
    tokens: 0,
    seconds: () => ((performance.now() - began) / 1000).toFixed(1),
    name(backend) {
      root.dataset.backend = backend;
      badge.textContent = backend;
      badge.title = `Back end ${backend}`;
      note.textContent = `Back end ${backend} is answering`;
    },
    add(token) {
      this.tokens++;
      text.append(token);
    },
    end(state, explanation, retry) {
      root.dataset.state = state;
      if (!root.dataset.backend) badge.textContent = '!';
      note.textContent = explanation;
      if (retry) {
        const again = element('button', 'retry', 'Ask again');
        again.type = 'button';
        again.addEventListener('click', retry);
        note.append(again);
      }
    },
  };
}

/** Four clients without a cookie: the gateway spreads them. A browser opens six connections at most, so not more. */
async function askAsOthers(event) {
  const button = event.currentTarget;
  button.disabled = true;
  welcome.hidden = true;
  const crowd = element('div', 'crowd');
  append(crowd);
  await Promise.all(Array.from({ length: OTHERS }, () => askAsOther(crowd)));
  button.disabled = false;
  refresh();
}

async function askAsOther(crowd) {
  const tile = element('div', 'tile');
  const badge = element('span', 'badge', '\u2026');
  const state = element('span', 'note', 'waiting');
  tile.append(badge, state);
  crowd.append(tile);
  follow();
  tile.dataset.state = 'streaming';
  try {
    const stream = ask([{ role: 'user', content: 'Hello from somebody else' }], newId(), { credentials: 'omit' });
    let tokens = 0;
    for (;;) {
      const { value, done } = await stream.next();
      if (done) {
        tile.dataset.state = value ? 'complete' : 'broken';
        state.textContent = value ? `${tokens} tokens` : `broken after ${tokens}`;
        return;
      }
      if (value.backend) {
        tile.dataset.backend = value.backend;
        badge.textContent = value.backend;
      } else {
        state.textContent = `${++tokens} tokens`;
      }
    }
  } catch (error) {
    tile.dataset.state = 'broken';
    state.textContent = error.message;
  }
}

function startAnew() {
  reading?.abort();
  conversation = newId();
  history = [];
  lastBackend = '';
  log.replaceChildren(welcome);
  welcome.hidden = false;
  question.focus();
}

function busy(is) {
  send.hidden = is;
  halt.hidden = !is;
  if (!is) question.focus({ preventScroll: true });
}

function append(node) {
  log.append(node);
  log.scrollTop = log.scrollHeight;
}

/** Scrolls along with the answer, unless the reader has scrolled up. */
function follow() {
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 120) log.scrollTop = log.scrollHeight;
}

function fit() {
  question.style.height = 'auto';
  const borders = question.offsetHeight - question.clientHeight;
  question.style.height = `${question.scrollHeight + borders}px`;
  question.style.overflowY = question.scrollHeight > question.clientHeight ? 'auto' : 'hidden';
}

function element(tag, className, text = '') {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
