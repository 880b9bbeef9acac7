import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ConfigError, loadConfig, type Environment, type ProcessName } from '../../config/config.js';
import { keys, type Key, type KeyName } from '../../config/keys.js';
import { Secret } from '../../config/secret.js';
import { readRepositoryFile } from '../helpers/repository.js';

const key = Buffer.alloc(32, 7).toString('base64');
const complete = {
  DATABASE_URL: 'postgres://passback:hunter2@db/passback',
  LTIAAS_URL: 'https://tool.ltiaas.com/',
  LTIAAS_API_KEY: 'ltiaas-key',
  ENCRYPTION_KEYS: `new:${key}, old:${Buffer.alloc(32, 8).toString('base64')}`,
  TEMPORAL_ADDRESS: 'temporal:7233',
};

function problemsOf(env: Environment, process: ProcessName = 'worker'): readonly string[] {
  try {
    loadConfig(env, process);
  } catch (error) {
    assert.ok(error instanceof ConfigError, inspect(error));
    return error.problems;
  }
  return [];
}

test('the defaults are those that are documented', () => {
  const config = loadConfig(complete, 'worker');
  assert.equal(config.database.poolMax, 20);
  assert.deepEqual([config.ltiaas.url, config.ltiaas.timeoutMs], ['https://tool.ltiaas.com', 15_000]);
  assert.deepEqual(config.temporal, { address: 'temporal:7233', namespace: 'default', uiUrl: undefined, prefix: '', codecKeys: [] });
  assert.deepEqual(config.submit, { concurrency: 64, laneDurationMs: 30_000, lingerMs: 10_000 });
  assert.deepEqual([config.api.host, config.api.port, config.api.trustProxy, config.api.rateLimitPerMinute], ['127.0.0.1', 3000, false, 0]);
  assert.deepEqual([config.worker.role, config.worker.sweepIntervalMs, config.worker.shutdownGraceMs], ['all', 60_000, 25_000]);
  assert.deepEqual(config.platform, { inFlightMax: undefined, ratePerSecond: undefined });
  assert.equal(config.roster.storeNames, false);
  assert.equal(config.retention.attempts, 400 * 86_400_000);
}); // prettier-ignore

test('every problem is told at once, and no value with it', () => {
  const problems = problemsOf({ LTIAAS_API_KEY: 'top-secret', PORT: 'three', ENCRYPTION_KEYS: 'a:c2hvcnQ=', LOG_LEVEL: 'loud', BOOTSTRAP_API_KEY: 'short-secret' });
  assert.deepEqual(problems, [
    'DATABASE_URL is not set: give a PostgreSQL URL, or run npm start, which brings its own',
    'ENCRYPTION_KEYS must be <id>:<base64 of 32 bytes>, which entry 1 is not',
    'LTIAAS_URL is not set: give the address of the account, or run npm start, which brings a sandbox',
    'TEMPORAL_ADDRESS is not set: give host:port of a Temporal server, or run npm start, which brings its own',
    'PORT must be a whole number from 0 to 65535',
    'BOOTSTRAP_API_KEY must have at least 16 characters',
    'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
  ]);
  assert.doesNotMatch(problems.join(), /secret|c2hvcnQ|loud/);
}); // prettier-ignore

test('an empty variable counts as not set', () => {
  const blank = Object.fromEntries(Object.keys(keys).map((name) => [name, ' ']));
  assert.deepEqual(loadConfig({ ...blank, ...complete }, 'api'), loadConfig(complete, 'api'));
  assert.equal(problemsOf(blank).length, 5);
});

test('migrating needs a database and cares for nothing else', () => {
  const config = loadConfig({ DATABASE_URL: complete.DATABASE_URL, PORT: 'x' }, 'migrate');
  assert.equal(config.database.url.reveal(), complete.DATABASE_URL);
  assert.deepEqual(problemsOf({}, 'migrate').length, 1);
});

test("Temporal's own file may hold the address", () => {
  assert.deepEqual(problemsOf({ ...complete, TEMPORAL_ADDRESS: '', TEMPORAL_CONFIG_FILE: '/etc/temporal.toml' }), []);
}); // prettier-ignore

test('the configuration is frozen through and through, and does not follow the environment', () => {
  const env: Record<string, string> = { ...complete };
  const config = loadConfig(env, 'api');
  env['PORT'] = '1';
  assert.equal(config.api.port, 3000);
  const sections: unknown[] = [config, config.encryption.keys[0]];
  for (const section of sections.concat(Object.values(config))) assert.ok(Object.isFrozen(section));
});

test('secrets show themselves only when asked', () => {
  const config = loadConfig({ ...complete, BOOTSTRAP_API_KEY: 'bootstrap-0123456789' }, 'api');
  const shown = [
    inspect(config, { depth: 10, showHidden: true }),
    JSON.stringify(config),
    `${String(config.ltiaas.apiKey)}`,
  ];
  for (const text of shown) assert.doesNotMatch(text, /hunter2|ltiaas-key|bootstrap-0|BwcHBw|<Buffer|7, 7/);
  assert.equal(config.ltiaas.apiKey.reveal(), 'ltiaas-key');
  assert.equal(config.api.bootstrapKey?.reveal(), 'bootstrap-0123456789');
  assert.deepEqual(config.encryption.keys[0]?.key.reveal(), new Uint8Array(32).fill(7));
  assert.deepEqual(config.encryption.keys.map(({ id }) => id), ['new', 'old']); // prettier-ignore
});

const durations: [string, number | undefined][] = [
  ['90', 90_000], ['5 minutes', 300_000], ['1m', 60_000], ['1.5 h', 5_400_000], ['2500 ms', 2_500], ['2500 milliseconds', 2_500], ['30 Seconds', 30_000],
  ['0', undefined], ['-1', undefined], ['soon', undefined], ['1 day', 86_400_000], ['5 days', undefined], ['5 weeks', undefined], ['1 minute 5', undefined],
]; // prettier-ignore
for (const [text, ms] of durations) {
  test(`the duration "${text}" is ${ms === undefined ? 'refused' : `${ms} ms`}`, () => {
    const env = { ...complete, SWEEP_INTERVAL: text };
    if (ms === undefined) assert.match(problemsOf(env).join(), /^SWEEP_INTERVAL must be a length of time/);
    else assert.equal(loadConfig(env, 'worker').worker.sweepIntervalMs, ms);
  });
}

test('a bare LTIAAS_TIMEOUT is in milliseconds', () => {
  assert.equal(loadConfig({ ...complete, LTIAAS_TIMEOUT: '2000' }, 'worker').ltiaas.timeoutMs, 2_000);
});

const whsec = `whsec_${key}`;
/** For each setting what is wrong, and what is right and looks wrong. */
const cases: Record<KeyName, { wrong: string[]; right: string[] }> = {
  DATABASE_URL: {
    wrong: ['mysql://x', 'postgres:x', 'postgres://u:50%@db/x', 'postgres://u:12#34@db/x', 'postgres://u:pa#ss@db/x', 'postgres://db:0/x', 'postgres://db:70000/x', 'postgres://db/x?sslmode=on', 'postgres://u:a b@db/x'],
    right: ['postgresql://db', 'postgres:///x?host=/var/run/postgresql', 'postgres://u:50%25%23@db:6432/x?sslmode=verify-full'],
  },
  DATABASE_POOL_MAX: { wrong: ['2', '2.5', '501', '-20', '1e2', '0x20'], right: ['10', '500'] },
  MIGRATE_ON_START: { wrong: ['perhaps', '2'], right: ['YES', '0'] },
  ENCRYPTION_KEYS: { wrong: ['a:c2hvcnQ=', `a:${key},a:${key}`, key, `a:${key},`, `a b:${key}`], right: [`a:${key}`] },
  LTIAAS_URL: { wrong: ['tool.ltiaas.com', 'http:tool.ltiaas.com', 'https://', 'ftp://tool.ltiaas.com', 'https://user:pass@tool.ltiaas.com', 'https://tool.ltiaas.com?x=1', 'https://tool.ltiaas.com#x', 'https://tool\n.ltiaas.com', 'https://tool.ltiaas.com:99999'], right: ['http://127.0.0.1:9/base/'] },
  LTIAAS_API_KEY: { wrong: ['two words', 'line\nbreak', 'schlüssel', 'nul\0', 'k'.repeat(4_097)], right: ['k', 'a.b-c_d~+/='] },
  LTIAAS_TIMEOUT: { wrong: ['0', '50', '11 minutes', 'soon', '-1 s', 'Infinity'], right: ['100', '20 s'] },
  TEMPORAL_ADDRESS: { wrong: ['https://temporal', 'temporal', 'temporal:0', 'temporal:65536', 'temporal:99999', ':7233', '[::g]:7233', '127.0.0:7233', 'a b:7233', 'a..b:7233'], right: ['127.0.0.1:7233', '[::1]:7233', 'ns.acc.tmprl.cloud:7233', 'under_score:1'] },
  TEMPORAL_PREFIX: { wrong: ['a b', '-a', 'a.b', 'a'.repeat(64)], right: ['Staging-2', 'a_b'] }, TEMPORAL_DEPLOYMENT_NAME: { wrong: ['pass back', 'a'.repeat(256)], right: ['grades/passback'] }, TEMPORAL_WORKER_BUILD_ID: { wrong: ['1 2', 'b'.repeat(256)], right: ['1.4.0'] }, TEMPORAL_CODEC_KEYS: { wrong: ['k:short', `${key}`, `a:${key},a:${key}`], right: [`a:${key},b:${key}`] }, TEMPORAL_NAMESPACE: { wrong: ['two words', 'n\u0007', 'n'.repeat(256)], right: ['grades.acc'] },
  TEMPORAL_UI_URL: { wrong: ['localhost:8233', 'javascript://x'], right: ['http://localhost:8233/ui'] },
  HOST: { wrong: ['http://0.0.0.0', '0.0.0.0:3000', '0.0.0', '256.0.0.1', '[::]', 'a b', '-a', '*'], right: ['0.0.0.0', '::', 'localhost', 'api.internal.'] },
  PORT: { wrong: ['three', '-1', '65536', '3000.5', '0.0.0.0:3000'], right: ['0', '65535'] }, METRICS_HOST: { wrong: ['0.0.0.0:9464', 'http://localhost'], right: ['::'] }, METRICS_PORT: { wrong: ['65536', 'none'], right: ['0', '9464'] }, TEMPORAL_METRICS_PORT: { wrong: ['0', '65536', 'none'], right: ['9465'] },
  TRUST_PROXY: { wrong: ['nginx', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/8/8', '10.0.0', '::1/129', '21', '-1', '10.0.0.1,', '1.5'], right: ['3', 'loopback, 10.0.0.0/8', '10.0.0.0/255.0.0.0', '::1/128'] },
  RATE_LIMIT: { wrong: ['-1', '1000001', 'none', '1.5'], right: ['0', '600'] },
  SPOOL_LIMIT: { wrong: ['0', '999999', '2 GB'], right: ['1000000'] }, BODY_LIMIT: { wrong: ['0', '10 MB', '1023', '1000000001'], right: ['1024'] },
  HEADERS_TIMEOUT: { wrong: ['0', '11 minutes', 'soon'], right: ['1'] }, BODY_TIMEOUT: { wrong: ['0', '2 h', '-1'], right: ['1 h'] },
  STREAM_LEAST_RATE: { wrong: ['-1', '1000001', 'slow'], right: ['0'] }, MAX_CONNECTIONS: { wrong: ['9', '1000001', '0'], right: ['10'] },
  API_SHUTDOWN_DELAY: { wrong: ['-1', '11 minutes', 'soon'], right: ['0'] },
  BOOTSTRAP_API_KEY: { wrong: ['short-secret', 'sixteen characters', 'schlüsselschlüssel'], right: ['0123456789abcdef'] },
  SCORE_SOURCE_URL: { wrong: ['tool.example', 'ftp://tool.example', 'https://u:p@tool.example', 'https://tool.example/#x'], right: ['https://tool.example/scores?course=1'] },
  SCORE_SOURCE_SECRET: { wrong: ['s3cret', 'whsec_c2hvcnQ=', key, `whsec_${Buffer.alloc(65).toString('base64')}`], right: [whsec] },
  NIGHTLY_AT: { wrong: ['24:00', '4', '04:60', '4 am', 'noon'], right: ['0:00', '23:59'] },
  NIGHTLY_TIME_ZONE: { wrong: ['PST', '+02:00', 'Europe/Atlantis'], right: ['utc', 'europe/brussels'] },
  NIGHTLY_LIMIT: { wrong: ['0', '22 h', 'all night'], right: ['21 h'] },
  ROSTER_AT: { wrong: ['25:00', 'never'], right: ['7:05'] },
  RECONCILE_AT: { wrong: ['12:61', 'never'], right: ['12:00'] },
  RECONCILE_RESEND: { wrong: ['always'], right: ['on'] },
  STORE_NAMES: { wrong: ['perhaps', 'y'], right: ['no'] },
  ATTEMPTS_KEPT: { wrong: ['6 days', '36501 days', 'for ever'], right: ['7 days', '36500 days'] }, RETENTION: { wrong: ['events', 'events=29 days', 'scores=9 days', 'runs=8 d, runs=9 d', 'runs=8 d=9 d', 'audit='], right: ['audit=365 days, members=30 d'] },
  LOG_LEVEL: { wrong: ['loud', 'INFO'], right: ['silent'] },
  SWEEP_INTERVAL: { wrong: ['0', '2 days', '0.5 s'], right: ['1 day'] },
  LINGER: { wrong: ['2 h', '-1', 'long'], right: ['0', '1 h'] },
  WORKER_ROLE: { wrong: ['boss', 'ALL'], right: ['submit'] },
  WORKER_HEALTH_HOST: { wrong: ['localhost:3001', 'http://localhost', '1.2.3'], right: ['::1'] },
  WORKER_HEALTH_PORT: { wrong: ['65536', 'three'], right: ['0'] },
  WORKER_SHUTDOWN_GRACE: { wrong: ['0', '2 h', '5 s'], right: ['1 h'] },
  WORKER_BUNDLE: { wrong: ['/no/such/bundle.cjs', 'a\0b'], right: [import.meta.filename] },
  SUBMIT_CONCURRENCY: { wrong: ['0', '1001', 'many'], right: ['1000'] },
  MAX_CONCURRENT_BATCHES: { wrong: ['0', '1001'], right: ['100'] },
  LANE_DURATION: { wrong: ['0', '2 h', '5 s'], right: ['17 s'] },
  PLATFORM_IN_FLIGHT: { wrong: ['0', '1001', '1.5'], right: ['1'] },
  PLATFORM_RATE: { wrong: ['0', '0.001', '100001', '1e3', '0x10', 'Infinity'], right: ['0.5'] },
  GRADE_POLICY: { wrong: ['toolwins', 'nobody'], right: ['humanWins', 'ask'] },
  BACKFILL_APPROVAL_SCORES: { wrong: ['-1', '1000000001', 'all'], right: ['0'] },
  BACKFILL_APPROVAL_DROP: { wrong: ['101', '20 %', '-1'], right: ['0', '100'] }, NOTICES_TO_PRIVATE_ADDRESSES: { wrong: ['loopback', '2'], right: ['on'] },
}; // prettier-ignore
/** What a setting is nothing without. */
const beside: Partial<Record<KeyName, Environment>> = {
  SCORE_SOURCE_URL: { SCORE_SOURCE_SECRET: whsec }, SCORE_SOURCE_SECRET: { SCORE_SOURCE_URL: 'https://tool.example' },
  TEMPORAL_DEPLOYMENT_NAME: { TEMPORAL_WORKER_BUILD_ID: '1' }, TEMPORAL_WORKER_BUILD_ID: { TEMPORAL_DEPLOYMENT_NAME: 'passback' },
}; // prettier-ignore
for (const name of Object.keys(keys)) {
  const { wrong, right } = Object.entries(cases).find(([known]) => known === name)?.[1] ?? { wrong: [], right: [] };
  const isSecret = Object.entries<Key<unknown>>(keys).some(([known, { secret }]) => known === name && secret);
  const extra = Object.entries(beside).find(([known]) => known === name)?.[1];
  test(`${name} is refused by name where it is wrong, and taken where it is right`, () => {
    assert.ok(wrong.length > 0 && right.length > 0, 'a setting without a case');
    for (const value of wrong) {
      const problems = problemsOf({ ...complete, ...extra, [name]: value });
      assert.equal(problems.length, 1, `${value}: ${problems.join()}`);
      assert.match(problems[0] ?? '', new RegExp(`^${name} must `), value);
      if (isSecret) assert.ok(!problems[0]?.includes(value));
    }
    for (const value of right) assert.deepEqual(problemsOf({ ...complete, ...extra, [name]: value }), [], value);
  });
}

test('all wrong settings are told at once, clashes of others among them', () => {
  const wrong = Object.fromEntries(Object.entries(cases).map(([name, { wrong: [first] }]) => [name, first]));
  const told = problemsOf({ ...wrong, LTIAAS_TIMEOUT: '29000', LANE_DURATION: '30 s' });
  const names = told.map((problem) => problem.split(' ')[0]);
  assert.deepEqual(names.toSorted(), Object.keys(keys).filter((name) => name !== 'LTIAAS_TIMEOUT').toSorted());
}); // prettier-ignore

test('a path is the matter of the process that reads it', () => {
  assert.deepEqual(problemsOf({ ...complete, WORKER_BUNDLE: '/no/such/bundle.cjs' }, 'api'), []);
});

test('settings that clash are refused together', () => {
  const problems = problemsOf({ ...complete, LTIAAS_TIMEOUT: '29000', MAX_CONCURRENT_BATCHES: '200' });
  assert.deepEqual(problems.map((problem) => problem.split(' ')[0]), ['LANE_DURATION', 'WORKER_SHUTDOWN_GRACE', 'DATABASE_POOL_MAX']); // prettier-ignore
  assert.deepEqual(problemsOf({ ...complete, LTIAAS_TIMEOUT: '23000' }), []);
  assert.match(problemsOf({ ...complete, NIGHTLY_LIMIT: '22 h' })[0] ?? '', /^NIGHTLY_LIMIT must be .* to 21 hours/);
});

test('trusted proxies are a flag, a number of hops, or addresses', () => {
  const trusted = ['true', 'no', '1', '10.0.0.0/8'].map((TRUST_PROXY) => loadConfig({ ...complete, TRUST_PROXY }, 'api').api.trustProxy);
  assert.deepEqual(trusted, [true, false, 1, '10.0.0.0/8']);
}); // prettier-ignore

test('every default is accepted by its own rule, and every key says what it is for', () => {
  for (const [name, spec] of Object.entries<Key<unknown>>(keys)) {
    assert.match(spec.description, /^[A-Z].+\.$/, name);
    if (spec.default !== undefined) assert.doesNotThrow(() => spec.parse(spec.default ?? ''), name);
    if (spec.requiredBy) assert.ok(spec.remedy, name);
    if (spec.secret && !['ENCRYPTION_KEYS', 'SCORE_SOURCE_SECRET', 'TEMPORAL_CODEC_KEYS'].includes(name))
      assert.ok(spec.parse('postgres://a-long-enough-value') instanceof Secret, name);
  }
});

test('.env.example lists the keys of the schema in their order, each with its comment and default', () => {
  const [ours = ''] = readRepositoryFile('.env.example').split('# --- compose files alone');
  const lines = ours.split('\n');
  const entries = lines.flatMap((line, index) => {
    const match = /^(?:# )?([A-Z][A-Z_]+)=(.*)$/.exec(line);
    return match ? [{ name: match[1], value: match[2], comment: lines[index - 1] ?? '' }] : [];
  });
  assert.deepEqual(entries.map(({ name }) => name), Object.keys(keys)); // prettier-ignore
  const specs = new Map<string | undefined, Key<unknown>>(Object.entries(keys));
  for (const { name, value, comment } of entries) {
    const spec = specs.get(name);
    assert.ok(spec && comment.startsWith(`# ${spec.description}`), name);
    if (spec.default !== undefined) assert.equal(value, spec.default, name);
  }
});

test('a score source needs a secret of the Standard Webhooks form, which is never shown', () => {
  const url = { ...complete, SCORE_SOURCE_URL: 'https://tool.example/progress' };
  assert.match(problemsOf(url).join(), /SCORE_SOURCE_SECRET is not set/);
  for (const bad of ['s3cret', 'whsec_c2hvcnQ=', `whsec_${Buffer.alloc(65).toString('base64')}`]) {
    const problems = problemsOf({ ...url, SCORE_SOURCE_SECRET: bad });
    assert.deepEqual(problems, ['SCORE_SOURCE_SECRET must be whsec_<base64 of 24 to 64 bytes>']);
  }
  const config = loadConfig({ ...url, SCORE_SOURCE_SECRET: `whsec_${key}` }, 'worker');
  assert.deepEqual(config.scoreSource.secret?.reveal(), Uint8Array.from(Buffer.alloc(32, 7)));
  assert.ok(!inspect(config, { depth: 5 }).includes(key));
});

test('a time zone is understood in any case, and an abbreviation is refused by name', () => {
  const zoneOf = (zone: string) => loadConfig({ ...complete, NIGHTLY_TIME_ZONE: zone }, 'worker').schedules.timeZone;
  assert.deepEqual(['utc', 'europe/brussels'].map(zoneOf), ['UTC', 'Europe/Brussels']);
  for (const zone of ['PST', 'bst', '+02:00', 'Europe/Atlantis']) {
    assert.match(problemsOf({ ...complete, NIGHTLY_TIME_ZONE: zone }).join(), /^NIGHTLY_TIME_ZONE must be a time zone/);
  }
});
