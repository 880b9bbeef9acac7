import type { Call, Caller } from './caller.js';
import { readLines } from './lines.js';
import { createPatience, type PatienceOptions } from './patience.js';
import { NoAnswerError } from './problem.js';
import { toRequest } from './to-request.js';

export interface ServerEvent {
  event: string;
  data: unknown;
}

/** After it nothing comes any more; after any other end the stream is opened again. */
const LAST = 'end';

/** Server-sent events with their data parsed, until the last one. */
export async function* followEvents(
  caller: Caller,
  call: Call,
  options: PatienceOptions,
): AsyncGenerator<ServerEvent, void, void> {
  const { signal } = call.options;
  const patience = createPatience(options);
  const request = toRequest(call.id, call.operation, call.input);
  Object.assign(request.headers, call.options.headers);
  for (;;) {
    try {
      const body = await caller.attempt(call, request, async (response) => response.body);
      for await (const event of body ? readEvents(body) : []) {
        patience.renew();
        yield event;
        if (event.event === LAST) return;
      }
      throw new NoAnswerError('The events broke off.');
    } catch (error) {
      await patience.after(error, signal);
    }
  }
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html, as far as Passback uses it: no ids, and one line of data. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, void, void> {
  let event = '';
  for await (const line of readLines(body)) {
    if (line.startsWith('event: ')) event = line.slice('event: '.length);
    if (line.startsWith('data: ')) yield { event, data: JSON.parse(line.slice('data: '.length)) };
  }
}
