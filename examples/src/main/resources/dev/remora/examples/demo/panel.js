// The panel beside the chat: how the back ends are, and two switches for each.

const cards = new Map();
const list = document.getElementById('backends');
const totals = document.getElementById('totals');
const template = document.getElementById('backend-card');
const MOST_DOTS = 24;
const PAUSE_MILLIS = 1000;
const DRAINS = {
  soft: 'draining, serves its own clients',
  closing: 'draining, its clients move',
  overdue: 'draining, time is up',
  empty: 'drained, may go',
};

/** Shows the state now and then every second, while somebody looks. */
export async function watch() {
  for (;;) {
    if (!document.hidden) await refresh();
    await new Promise((resume) => setTimeout(resume, PAUSE_MILLIS));
  }
}

export async function refresh() {
  try {
    const response = await fetch('/demo/state', { cache: 'no-store' });
    show(await response.json());
  } catch {
    totals.textContent = 'The gateway does not answer.';
    totals.classList.add('alarm');
  }
}

function show(state) {
  state.backends.forEach(showBackend);
  const refused = state.refused ? `, ${state.refused} refused` : '';
  totals.textContent = `${count(state.openStreams, 'open stream')} in all${refused}`;
  totals.classList.remove('alarm');
}

function showBackend(backend) {
  const card = cards.get(backend.name) ?? add(backend.name);
  const set = (part, text) => { card.querySelector(part).textContent = text; };
  card.dataset.running = backend.running;
  card.dataset.status = backend.status;
  card.toggleAttribute('data-drain', Boolean(backend.drain));
  set('.state', describe(backend));
  set('.open', backend.open);
  set('.picked', backend.picked);
  set('.failed', backend.failed);
  set('.wait', backend.firstByteMillis ? `${Math.round(backend.firstByteMillis)} ms` : '\u2013');
  label(card, '.power', backend.running ? 'Stop' : 'Start');
  label(card, '.drain', backend.drain ? 'Undo' : 'Drain');
  const dots = card.querySelector('.streams');
  const wanted = Math.min(backend.open, MOST_DOTS);
  while (dots.childElementCount > wanted) dots.lastChild.remove();
  while (dots.childElementCount < wanted) dots.append(document.createElement('i'));
}

function label(card, part, verb) {
  const button = card.querySelector(part);
  button.textContent = verb;
  button.setAttribute('aria-label', `${verb}: back end ${card.dataset.backend}`);
}

/** What the gateway believes is not always what is so: both are shown. */
function describe({ running, status, drain }) {
  if (!running) return status === 'unfit' ? 'stopped' : 'stopped, not noticed yet';
  if (drain) return DRAINS[drain];
  return { ready: 'serving', warming: 'warming up', cooling: 'asks to be spared', draining: 'draining', unfit: 'running, not trusted yet' }[status];
}

function add(name) {
  const card = template.content.firstElementChild.cloneNode(true);
  card.dataset.backend = name;
  card.querySelector('.badge').textContent = name;
  card.querySelector('.name').textContent = `Back end ${name}`;
  onPress(card.querySelector('.power'), name, () => (card.dataset.running === 'true' ? 'stop' : 'start'));
  onPress(card.querySelector('.drain'), name, () => ('drain' in card.dataset ? 'undo' : 'drain'));
  cards.set(name, card);
  list.append(card);
  return card;
}

function onPress(button, name, action) {
  button.addEventListener('click', async () => {
    button.disabled = true;
    await control(name, action());
    button.disabled = false;
  });
}

async function control(name, action) {
  try {
    const response = await fetch(`/demo/backends/${name}/${action}`, {
      method: 'POST',
      headers: { 'X-Remora-Demo': '1' },
    });
    if (response.ok) show(await response.json());
  } finally {
    await refresh();
  }
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
