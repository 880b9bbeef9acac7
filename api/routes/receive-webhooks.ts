import Type from 'typebox';
import { splitEvent } from '../../domain/split-event.js';
import type { EventMapping } from '../../domain/webhook-source.js';
import { giveUp } from '../plugins/body-deadlines.js';
import { toUnreadable } from '../plugins/problems.js';
import { ProblemError } from '../problems.js';
import { UuidSchema } from '../schemas/building-blocks.js';
import { commonProblems, problemAnswer } from '../schemas/problem.js';
import { MOST_EVENT_BYTES } from '../schemas/webhook.js';
import { createBodyRoom, type Place } from '../webhooks/body-room.js';
import { identifyEvent, toRemember } from '../webhooks/identify-event.js';
import { readContent } from '../webhooks/read-content.js';
import { DUMMY_SOURCE, judgeSignature, mayBeSigned } from '../webhooks/verify.js';
import type { Api, RouteOptions } from '../route.js';

declare module 'fastify' {
  interface FastifyRequest {
    eventPlace: Place | null;
  }
}

const RECEIVE = {
  bodyLimit: MOST_EVENT_BYTES,
  // The address is judged with the signature: both have one answer.
  validatorCompiler: () => () => true,
  schema: {
    tags: ['webhooks'],
    summary: 'Send an event',
    description:
      'For grading services, signed as the source was configured; takes no API key. Answered as soon as it is stored. ' +
      'A repetition gets the answer of the first time, and does nothing. What tells it from a new event is the id that the ' +
      'source maps, which may be an Idempotency-Key: `"eventId": { "header": "Idempotency-Key" }`.',
    security: [],
    params: Type.Object({ source: Type.String() }),
    body: { content: { 'application/json': { schema: Type.Unknown() } } },
    response: {
      202: Type.Object({
        id: UuidSchema,
        events: Type.Integer({ description: 'How many the body holds: each is taken, or refused, by itself.' }),
      }),
      401: problemAnswer('Signature, timestamp or address is not right; which one is not told.'),
      408: problemAnswer('The body did not come in time.'),
      413: problemAnswer('The body is too large, or holds too many events.'),
      415: problemAnswer(
        'The body is not UTF-8, or not in the content encoding that it says, or in one that is not taken.',
      ),
      429: problemAnswer('More events in a minute than the source is allowed, or too many under way.'),
      503: commonProblems[503],
    },
  },
} as const;

/** The one route below /v1 without an API key. */
export async function receiveWebhookRoutes(app: Api, { deps, webhooks }: RouteOptions): Promise<void> {
  const { store, now } = deps;
  const { sources, carer } = webhooks;
  const isTooMany = createMinuteCounter(now);
  app.removeAllContentTypeParsers();
  // What a service calls its bytes says nothing of them, and one that is no type at all would be refused before its signature.
  app.addHook('onRequest', async ({ headers }) => void delete headers['content-type']);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const room = createBodyRoom();
  app.decorateRequest('eventPlace', null);
  app.addHook('onRequest', async (request, reply) => {
    const { headers, raw } = request;
    if (!mayBeSigned(headers)) {
      request.log.info({ fault: 'signatureMissing' }, 'an event was refused');
      throw refusal();
    }
    const place = room.enter(Math.min(Number(headers['content-length'] ?? MOST_EVENT_BYTES), MOST_EVENT_BYTES), () =>
      giveUp(raw, new ProblemError('body-too-slow', 'Others needed its room: send it again.')),
    );
    if (!place) {
      const headers = { 'retry-after': '5' };
      throw new ProblemError('too-many-requests', 'Too many events are under way: send it again.', { headers });
    }
    request.eventPlace = place;
    for (const end of ['finish', 'close']) reply.raw.once(end, () => place.leave());
  });

  app.post('/webhooks/:source', RECEIVE, async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    request.eventPlace?.arrive(body.length);
    const signed = { headers: request.headers, body };
    const source = await sources.find(request.params.source);
    const judged = judgeSignature(signed, source ?? DUMMY_SOURCE, now());
    // The one that it is signed with may be among them: the sender must come again.
    if (source && 'fault' in judged && source.unreadable > 0) throw toUnreadable();
    if (!source || 'fault' in judged) {
      const fault = source && 'fault' in judged ? judged.fault : 'sourceUnknown';
      request.log.info({ source: source?.name, fault }, 'an event was refused');
      throw refusal();
    }
    const { maxBodyBytes, eventsPerMinute } = source.limits;
    const content = await readContent(body, request.headers['content-encoding'], maxBodyBytes);
    const event = identifyEvent({ ...signed, body: content }, source);
    const events = countEvents(event.body, source.mapping);
    if (eventsPerMinute !== null && isTooMany(source.id, eventsPerMinute, events)) {
      const headers = { 'retry-after': '60' };
      throw new ProblemError('too-many-requests', 'Send it again in a minute.', { headers });
    }
    const signature = toRemember(source, judged.signature, now());
    const { id } = await store.webhooks.events.store({ ...event, signature });
    carer.look();
    return reply.code(202).send({ id, events });
  });
}

const refusal = (): ProblemError =>
  new ProblemError('signature-refused', 'Address, secret, signed content and clock must be right.');

/** @throws {ProblemError} for more than can be taken apart */
function countEvents(body: string, mapping: EventMapping): number {
  const split = splitEvent(body, mapping);
  if (!split) return 1;
  if ('parts' in split) return split.parts.length;
  throw new ProblemError('body-too-large', `${split.reason.detail ?? ''} Send fewer in one body.`);
}

/** Whether as many as allowed have come within the clock's minute: a body that holds several is taken whole, or not. */
function createMinuteCounter(now: () => Date): (source: string, most: number, events: number) => boolean {
  const counts = new Map<string, { minute: number; count: number }>();
  return (source, most, events) => {
    const minute = Math.floor(now().getTime() / 60_000);
    const held = counts.get(source);
    const counted = held?.minute === minute ? held : { minute, count: 0 };
    counts.set(source, counted);
    if (counted.count >= most) return true;
    counted.count += events;
    return false;
  };
}
