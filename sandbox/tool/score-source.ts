import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProgressSetup, ProgressTrouble } from '../schemas/progress.js';
import type { SandboxState } from '../state/sandbox-state.js';

/** Where the sandbox plays the tool that Passback asks for progress. */
export const SCORE_SOURCE_PATH = '/tool/progress';
/** Known to everybody: what it protects are made-up students. */
export const SANDBOX_SCORE_SOURCE_SECRET = `whsec_${Buffer.from('sandbox score source: 32 bytes. ').toString('base64')}`;

const TOLERANCE_MS = 300_000;
const PAGE_SIZE = 100;

interface Question {
  contextId: string;
  since: string | null;
  cursor: string | null;
}

/** A tool's score source, as docs/score-source.md describes one, with its troubles. */
export const scoreSourceRoutes: FastifyPluginCallbackTypebox<{ state: SandboxState }> = (app, { state }, done) => {
  // The signature is over the bytes as they came.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: unknown) => body);
  app.post(SCORE_SOURCE_PATH, async (request, reply) => {
    const body = String(request.body);
    const question = toQuestion(body);
    const verified = isVerified(request, body, state.now());
    state.progress.note({ ...question, verified, messageId: String(request.headers['webhook-id']) });
    if (!verified) return reply.code(401).send({ error: 'The signature is not good.' });
    const trouble = state.progress.strike(question.contextId);
    if (trouble !== undefined) return misbehave(trouble, question, reply);
    const progress = state.progress.find(question.contextId);
    if (progress?.date !== undefined) void reply.header('date', new Date(progress.date).toUTCString());
    return progress === undefined ? reply.code(204).send() : toPage(progress, question);
  });
  done();
};

function toQuestion(body: string): Question {
  const value: unknown = JSON.parse(body);
  const text = (name: string): string | null => {
    const member: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    return typeof member === 'string' ? member : null;
  };
  return { contextId: text('contextId') ?? '', since: text('since'), cursor: text('cursor') };
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function isVerified({ headers }: FastifyRequest, body: string, nowMs: number): boolean {
  const at = String(headers['webhook-timestamp']);
  if (!(Math.abs(nowMs - Number(at) * 1_000) < TOLERANCE_MS)) return false;
  const key = Buffer.from(SANDBOX_SCORE_SOURCE_SECRET.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key)
    .update(`${String(headers['webhook-id'])}.${at}.${body}`)
    .digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

function toPage({ scores, asOf, pageSize = PAGE_SIZE }: ProgressSetup, { since, cursor }: Question) {
  const changed = scores.filter((score) => since === null || changedAtOf(score) > Date.parse(since));
  const from = Number(cursor ?? '0');
  const end = from + pageSize;
  return { scores: changed.slice(from, end), nextCursor: end < changed.length ? String(end) : null, asOf };
}

/** A score that does not say when it changed is told each time. */
function changedAtOf(score: unknown): number {
  const at =
    typeof score === 'object' && score !== null && 'changedAt' in score ? Date.parse(String(score.changedAt)) : NaN;
  return Number.isNaN(at) ? Infinity : at;
}

function misbehave(kind: ProgressTrouble['kind'], { cursor }: Question, reply: FastifyReply): unknown {
  const json = 'application/json; charset=utf-8';
  switch (kind) {
    case 'down':
      return reply.code(503).send({ error: 'Maintenance.' });
    case 'unauthorized':
      return reply.code(401).send({ error: 'Not you.' });
    case 'drop':
      reply.raw.destroy();
      return reply.hijack();
    case 'slow':
      reply.raw.writeHead(200, { 'content-type': json });
      reply.raw.write('{"scores":[');
      return reply.hijack();
    case 'notJson':
      return reply.type('text/html').send('<!doctype html><title>Please sign in</title>');
    case 'wrongShape':
      return { progress: [] };
    case 'huge':
      return reply.type(json).send(JSON.stringify({ scores: [], padding: 'x'.repeat(20_000_000) }));
    case 'circle':
      return { scores: [], nextCursor: 'again' };
    case 'endless':
      return { scores: [], nextCursor: String(Number(cursor ?? '0') + 1) };
    case 'elsewhere':
      return reply.redirect('/tool/elsewhere', 307);
  }
}
