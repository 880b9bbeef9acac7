import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { FaultAction } from '../schemas/faults.js';
import { external, refusal, type RelayAnswer } from './answer.js';

/** How a call ends: with an ordinary answer, or with something done to the connection. */
export type Ending =
  | { kind: 'answer'; answer: RelayAnswer }
  | { kind: 'text'; status: number; contentType: string; text: string }
  | { kind: 'drop' }
  | { kind: 'hang' }
  | { kind: 'endless' };

const badGateway =
  '<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>\n</html>\n';

/** The ending of a call that a fault keeps from the LMS; undefined: the call goes through first. */
export function endingBefore(action: FaultAction, externalUrl: string): Ending | undefined {
  switch (action.kind) {
    case 'status':
      return scripted(action);
    case 'lmsStatus':
      return { kind: 'answer', answer: external({ status: action.status, body: action.body ?? '' }, externalUrl) };
    case 'html':
      return { kind: 'text', status: action.status ?? 502, contentType: 'text/html', text: badGateway };
    case 'drop':
    case 'hang':
      return { kind: action.kind };
    case 'slow':
    case 'applyThenStatus':
    case 'applyThenDrop':
    case 'applyThenHang':
    case 'truncated':
    case 'wrongContentType':
    case 'endless':
      return undefined;
  }
}

/** The ending of a call that went through and gave `answer`. */
export function endingAfter(action: FaultAction | undefined, answer: RelayAnswer): Ending {
  const text = JSON.stringify(answer.body ?? { accepted: true, detail: 'nothing to add' });
  const status = answer.status === 204 ? 200 : answer.status;
  switch (action?.kind) {
    case 'applyThenStatus':
      return scripted(action);
    case 'applyThenDrop':
      return { kind: 'drop' };
    case 'applyThenHang':
      return { kind: 'hang' };
    case 'endless':
      return { kind: 'endless' };
    case 'truncated':
      return {
        kind: 'text',
        status,
        contentType: 'application/json',
        text: text.slice(0, Math.floor(text.length / 2)),
      };
    case 'wrongContentType':
      return { kind: 'text', status, contentType: 'text/html', text };
    case undefined:
    case 'slow':
    case 'status':
    case 'lmsStatus':
    case 'html':
    case 'drop':
    case 'hang':
      return { kind: 'answer', answer };
  }
}

function scripted(action: { status: number; body?: unknown; headers?: Record<string, string> }): Ending {
  const headers = action.headers === undefined ? {} : { headers: action.headers };
  if (action.body === undefined && action.status >= 400) {
    const answer = refusal(action.status, 'SANDBOX_FAULT', 'A fault rule of the sandbox answered.');
    return { kind: 'answer', answer: { ...answer, ...headers } };
  }
  return { kind: 'answer', answer: { status: action.status, body: action.body, applied: false, ...headers } };
}

/** Carries the ending out. Answers the status that the caller got to see, null for none. */
export async function end(reply: FastifyReply, ending: Ending): Promise<number | null> {
  switch (ending.kind) {
    case 'answer':
      return send(reply, ending.answer);
    case 'text':
      reply.code(ending.status).header('content-type', ending.contentType).send(ending.text);
      return ending.status;
    case 'drop':
      reply.hijack();
      reply.raw.destroy();
      return null;
    case 'hang':
      reply.hijack();
      await closed(reply);
      return null;
    case 'endless':
      reply.hijack();
      await sendEndlessly(reply);
      return 200;
  }
}

function send(reply: FastifyReply, answer: RelayAnswer): number | null {
  // Whoever hung up meanwhile saw no status; Fastify notices by itself that there is nobody to write to.
  const isGone = reply.raw.destroyed || reply.request.raw.socket.destroyed;
  reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if (answer.body === undefined) reply.send();
  else if (typeof answer.body === 'string') reply.header('content-type', 'text/plain').send(answer.body);
  else reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer.body));
  return isGone ? null : answer.status;
}

function closed(reply: FastifyReply): Promise<void> {
  return new Promise((resolve) => {
    if (reply.raw.destroyed) resolve();
    else reply.raw.once('close', resolve);
  });
}

/** About 1.6 MB a second of white space inside a JSON array, until the caller has had enough. */
async function sendEndlessly(reply: FastifyReply): Promise<void> {
  reply.raw.writeHead(200, { 'content-type': 'application/json' });
  reply.raw.write('[');
  const chunk = ' '.repeat(16_384);
  while (!reply.raw.destroyed) {
    reply.raw.write(chunk);
    await delay(10);
  }
}
