import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { request } from 'undici';
import { Connection } from '@temporalio/client';
import { secretsOf } from '../../config/secrets-of.js';
import { createLogger, REDACTED_FIELDS, type Logger } from '../../config/logger.js';
import { LtiaasError } from '../../ltiaas/error.js';

function makeLogger(level = 'info', secrets: readonly string[] = []): { logger: Logger; lines: () => string } {
  let written = '';
  const destination = new Writable({
    write(chunk, _, done) {
      written += String(chunk);
      done();
    },
  });
  return { logger: createLogger({ level, name: 'api', secrets, destination }), lines: () => written };
}

/** The value at a place of the one line that was written. */
function at(line: string, ...path: string[]): unknown {
  let value: unknown = JSON.parse(line);
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

test('a line carries its process, level and time in words', () => {
  const { logger, lines } = makeLogger();
  logger.info({ contextId: 'c' }, 'Synced.');
  logger.debug('not shown');
  const shown = ['level', 'name', 'msg', 'contextId'].map((key) => at(lines(), key));
  assert.deepEqual(shown, ['info', 'api', 'Synced.', 'c']);
  assert.match(String(at(lines(), 'time')), /^\d{4}-\d\d-\d\dT/);
});

test('no redacted field shows at any level, in a list, a child or another spelling', () => {
  const { logger, lines } = makeLogger();
  for (const field of REDACTED_FIELDS) {
    const value = { [field]: 'SHOWN' };
    logger.info({ ...value, one: value, deep: { two: value } });
  }
  logger.info({ member: { name: 'SHOWN' }, deep: { members: [{ name: 'SHOWN' }] } });
  logger.child({ serviceKey: 'SHOWN' }).info({ headers: { Authorization: 'SHOWN' } });
  logger.info({ inner: { err: Object.assign(new Error('x'), { rows: ['SHOWN'] }) } });
  assert.doesNotMatch(lines(), /SHOWN/);
  assert.equal(lines().match(/\[redacted\]/g)?.length, REDACTED_FIELDS.length * 3 + 4);
});

test('a request is logged without query, headers and body', () => {
  const { logger, lines } = makeLogger();
  logger.info({ req: { id: 'r1', method: 'GET', url: '/v1/scores?userId=SHOWN', headers: { cookie: 'SHOWN' }, body: 'SHOWN' }, res: { statusCode: 200, body: 'SHOWN' } });
  assert.deepEqual([at(lines(), 'req'), at(lines(), 'res')], [{ id: 'r1', method: 'GET', path: '/v1/scores' }, { statusCode: 200 }]);
}); // prettier-ignore

test('an error is logged as facts, with its causes and without what others hang on it', () => {
  const { logger, lines } = makeLogger();
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'SHOWN', parameters: ['SHOWN'] });
  logger.error({ err: new Error('Could not store.', { cause }) });
  assert.deepEqual([at(lines(), 'err', 'message'), at(lines(), 'msg')], ['Could not store.', 'Could not store.']);
  assert.match(String(at(lines(), 'err', 'stack')), /logger\.test/);
  assert.deepEqual(
    [at(lines(), 'err', 'cause', 'message'), at(lines(), 'err', 'cause', 'code')],
    ['duplicate key', '23505'],
  );
  assert.doesNotMatch(lines(), /SHOWN/);
});

test('a failed call is logged by status and route, not by what the LMS wrote', () => {
  const { logger, lines } = makeLogger();
  const facts = { kind: 'http', sent: true, method: 'POST', route: 'POST /x/{id}', durationMs: 3, status: 422, excerpt: 'Ada is no student' } as const;
  logger.warn({ err: new LtiaasError(facts) });
  const shown = ['type', 'status', 'route', 'kind'].map((key) => at(lines(), 'err', key));
  logger.warn(new LtiaasError(facts));
  logger.warn(new LtiaasError(facts), 'With %s.', 'words');
  assert.match(lines(), /"msg":"With words\."/);
  assert.deepEqual(shown, ['LtiaasError', 422, 'POST /x/{id}', 'http']);
  assert.doesNotMatch(lines(), /Ada/);
}); // prettier-ignore

test('something thrown that is no error shows only its kind', () => {
  const { logger, lines } = makeLogger();
  logger.error({ err: 'SHOWN' });
  assert.deepEqual(at(lines(), 'err'), { type: 'string' });
});

test('no secret of the environment shows in what a library quotes', async () => {
  const apiKey = 'ltiaas-"key\\1';
  const env = {
    LTIAAS_API_KEY: `${apiKey}\n`,
    TEMPORAL_API_KEY: 'temporal-key\n',
    DATABASE_URL: 'postgres://us:pass%2Fword@db/x',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=ours,x-key=collector-key',
    SCORE_SOURCE_SECRET: `whsec_${'a'.repeat(32)}`,
  };
  const { logger, lines } = makeLogger('info', secretsOf(env));
  const headers = { authorization: `Bearer ${apiKey}\n` };
  const quoted: unknown = await request('http://127.0.0.1:9', { headers }).catch((error: unknown) => error);
  logger.error({ err: new Error(`${apiKey} ${String(quoted)}`, { cause: quoted }) });
  const connection = Connection.lazy({ address: '127.0.0.1:9', tls: false, apiKey: 'temporal-key\n' });
  const refused: unknown = await connection.workflowService.getSystemInfo({}).catch((error: unknown) => error);
  await connection.close();
  assert.match(String(refused), /temporal-key/);
  logger.warn(
    { error: refused, note: 'pass/word pass%2Fword collector-key', inner: [{ key: 'a'.repeat(32) }] },
    String(refused),
  );
  assert.doesNotMatch(lines(), /ltiaas-|temporal-key|collector-key|word|aaaa/);
  assert.match(lines(), /\[redacted\]/);
});
