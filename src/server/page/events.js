// Reading server-sent events. Not with EventSource, which cannot send a token.

/**
 * The data of each event, parsed.
 * @param {Response} response
 * @returns {AsyncGenerator<unknown, void, undefined>}
 */
export async function* readEvents({ body }) {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').filter((line) => line.startsWith('data:'));
      if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(5)).join('\n'));
    }
  }
}
