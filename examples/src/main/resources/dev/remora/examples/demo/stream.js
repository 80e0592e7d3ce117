// Asks the gateway one question and reads the answer while it comes.

/** The gateway or a back end said no, or nobody answered. */
export class Refused extends Error {}

/**
 * Yields {backend} once, then {token} for each piece of text.
 * Returns true only when the answer is whole: when its [DONE] was seen. A stream that breaks before returns false.
 */
export async function* ask(messages, conversation, options = {}) {
  const response = await request(messages, conversation, options);
  yield { backend: response.headers.get('X-Demo-Backend') ?? '?' };
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const data = line.startsWith('data:') ? line.slice(5).trim() : '';
        if (data === '[DONE]') return true;
        const token = data && JSON.parse(data).choices[0]?.delta?.content;
        if (token) yield { token };
      }
    }
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    return false;
  }
}

async function request(messages, conversation, options) {
  let response;
  try {
    response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Conversation-Id': conversation },
      body: JSON.stringify({ model: 'demo-chat', stream: true, messages }),
      ...options,
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused('The gateway cannot be reached.');
  }
  if (!response.ok) {
    throw new Refused(await reason(response));
  }
  return response;
}

async function reason(response) {
  const problem = await response.json().catch(() => ({}));
  const text = problem.detail ?? problem.title ?? problem.error?.message ?? response.statusText;
  return `${response.status}: ${text}`;
}
