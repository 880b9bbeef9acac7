/**
 * What is possible at all: a Fastify route that inserts the body as one row and answers, with nothing before or behind
 * it. Environment: DATABASE_URL. Prints one line of JSON with its port when it is ready.
 */
import fastify from 'fastify';
import { createKnex } from '../db/server/knex.js';

const db = createKnex({ url: process.env['DATABASE_URL'] ?? '', poolMax: 20, applicationName: 'passback bench bare' });
await db.raw('create table if not exists bare_events (id bigint generated always as identity primary key, body bytea)');

const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/', async (request, reply) => {
  if (!Buffer.isBuffer(request.body)) throw new Error('no body');
  await db.raw('insert into bare_events (body) values (?)', [request.body]);
  return reply.code(202).send({ ok: true });
});
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
console.log(JSON.stringify({ ready: true, port: typeof address === 'object' ? address?.port : undefined }));
process.once('SIGTERM', () => process.exit(0));
