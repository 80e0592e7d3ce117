// The panel beside the chat: how the back ends are, and a switch for each.

const cards = new Map();
const list = document.getElementById('backends');
const totals = document.getElementById('totals');
const template = document.getElementById('backend-card');
const MOST_DOTS = 24;
const PAUSE_MILLIS = 1000;

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
  set('.state', describe(backend));
  set('.open', backend.open);
  set('.picked', backend.picked);
  set('.failed', backend.failed);
  set('.wait', backend.firstByteMillis ? `${Math.round(backend.firstByteMillis)} ms` : '\u2013');
  set('.power', backend.running ? 'Stop' : 'Start');
  card.querySelector('.power').setAttribute('aria-label',
    `${backend.running ? 'Stop' : 'Start'} back end ${backend.name}`);
  const dots = card.querySelector('.streams');
  const wanted = Math.min(backend.open, MOST_DOTS);
  while (dots.childElementCount > wanted) dots.lastChild.remove();
  while (dots.childElementCount < wanted) dots.append(document.createElement('i'));
}

/** What the gateway believes is not always what is so: both are shown. */
function describe({ running, status }) {
  if (!running) return status === 'unfit' ? 'stopped' : 'stopped, not noticed yet';
  return { ready: 'serving', warming: 'warming up', cooling: 'asks to be spared', draining: 'draining', unfit: 'running, not trusted yet' }[status];
}

function add(name) {
  const card = template.content.firstElementChild.cloneNode(true);
  card.dataset.backend = name;
  card.querySelector('.badge').textContent = name;
  card.querySelector('.name').textContent = `Back end ${name}`;
  const power = card.querySelector('.power');
  power.addEventListener('click', async () => {
    power.disabled = true;
    await control(name, card.dataset.running === 'true' ? 'stop' : 'start');
    power.disabled = false;
  });
  cards.set(name, card);
  list.append(card);
  return card;
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
