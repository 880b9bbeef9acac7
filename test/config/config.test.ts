import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ConfigError, loadConfig, type Environment, type ProcessName } from '../../config/config.js';
import { keys, type Key } from '../../config/keys.js';
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
  assert.deepEqual(config.temporal, { address: 'temporal:7233', namespace: 'default', uiUrl: undefined });
  assert.deepEqual(config.submit, { concurrency: 64, laneDurationMs: 30_000, lingerMs: 10_000 });
  assert.deepEqual([config.api.host, config.api.port, config.api.trustProxy, config.api.rateLimitPerMinute], ['127.0.0.1', 3000, false, 0]);
  assert.deepEqual([config.worker.role, config.worker.sweepIntervalMs, config.worker.shutdownGraceMs], ['all', 60_000, 25_000]);
  assert.deepEqual(config.platform, { inFlightMax: undefined, ratePerSecond: undefined });
  assert.equal(config.roster.storeNames, false);
  assert.equal(config.attempts.keptMs, 400 * 86_400_000);
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
  ['0', undefined], ['-1', undefined], ['soon', undefined], ['5 days', 432_000_000], ['5 weeks', undefined], ['1 minute 5', undefined],
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

const refused: [keyof typeof keys, string, RegExp][] = [
  ['DATABASE_URL', 'mysql://x', /postgres/],
  ['LTIAAS_URL', 'tool.ltiaas.com', /http/],
  ['LTIAAS_URL', 'https://user:pass@tool.ltiaas.com', /without user name/],
  ['TEMPORAL_ADDRESS', 'https://temporal', /host:port/],
  ['ENCRYPTION_KEYS', `a:${key},a:${key}`, /twice/],
  ['STORE_NAMES', 'perhaps', /true or false/],
  ['WORKER_ROLE', 'boss', /one of all/],
  ['PLATFORM_RATE', '0', /above 0/],
  ['SUBMIT_CONCURRENCY', '0', /from 1/],
  ['DATABASE_POOL_MAX', '2.5', /whole number/],
  ['ATTEMPTS_KEPT', '6 days', /of 7 days or more/],
];
for (const [name, value, problem] of refused) {
  test(`${name}=${value} is refused`, () => {
    const problems = problemsOf({ ...complete, [name]: value });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', new RegExp(`^${name} must`));
    assert.match(problems[0] ?? '', problem);
  });
}

test('settings that clash are refused together', () => {
  const problems = problemsOf({ ...complete, LTIAAS_TIMEOUT: '29000', MAX_CONCURRENT_BATCHES: '200' });
  assert.deepEqual(problems.map((problem) => problem.split(' ')[0]), ['LANE_DURATION', 'WORKER_SHUTDOWN_GRACE', 'DATABASE_POOL_MAX']); // prettier-ignore
  assert.deepEqual(problemsOf({ ...complete, LTIAAS_TIMEOUT: '23000' }), []);
  assert.match(problemsOf({ ...complete, NIGHTLY_LIMIT: '22 h' })[0] ?? '', /^NIGHTLY_LIMIT must be 21 hours or less/);
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
    if (spec.secret && !['ENCRYPTION_KEYS', 'SCORE_SOURCE_SECRET'].includes(name))
      assert.ok(spec.parse('postgres://a-long-enough-value') instanceof Secret, name);
  }
});

test('.env.example lists the keys of the schema in their order, each with its comment and default', () => {
  const lines = readRepositoryFile('.env.example').split('\n');
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
