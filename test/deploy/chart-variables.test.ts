import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { loadConfig, type ProcessName } from '../../config/config.js';
import { keys } from '../../config/keys.js';
import { loadTemporalConnection } from '../../config/temporal.js';
import { CHART, readManifests, render, skip, VALUES, type ChartManifest } from './chart-manifests.js';
import { LEFT_OUT, OF_OTHERS, ROLES, settingsOf } from './settings-of-programs.js';

/** What each secret may be; a process reads it from the file of that name. */
const SECRETS: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://passback_app:secret@postgres:5432/passback',
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  LTIAAS_API_KEY: 'key',
  BOOTSTRAP_API_KEY: 'a'.repeat(48),
  SCORE_SOURCE_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
  TEMPORAL_CODEC_KEYS: `t1:${Buffer.alloc(32, 2).toString('base64')}`,
  TEMPORAL_API_KEY: 'key',
  OTEL_EXPORTER_OTLP_HEADERS: 'api-key=key',
};

interface Pod {
  process: ProcessName;
  template: NonNullable<NonNullable<ChartManifest['spec']>['template']>;
}

function podsOf(values: string): Pod[] {
  const { ok, text } = render(values);
  assert.ok(ok, text);
  return readManifests(text).flatMap(({ metadata, spec }) => {
    if (spec?.template === undefined) return [];
    const name = (metadata.labels?.['app.kubernetes.io/component'] ?? '').replace(/-.*/, '');
    const role = ROLES.find((candidate) => candidate.name === name);
    assert.ok(role, name);
    return [{ process: role.name, template: spec.template }];
  });
}

/** The variables of a pod, those of secrets as they are once their files have been read. */
function environmentOf({ template }: Pod): Record<string, string> {
  const [container, ...others] = template.spec.containers;
  assert.ok(container && others.length === 0);
  const read: Record<string, string> = {};
  for (const { name, value } of container.env) {
    const secret = /^(.*)_FILE$/.exec(name)?.[1] ?? '';
    assert.ok(!(name in read), `${name} is given once`);
    if (secret in SECRETS) read[secret] = SECRETS[secret] ?? '';
    else read[name] = value;
  }
  return read;
}

const isOfOthers = (name: string): boolean =>
  OF_OTHERS.test(name) || /^TEMPORAL_TLS_(SERVER_CA|CLIENT)_(CERT|KEY)_PATH$/.test(name);

for (const { name, program } of ROLES) {
  test(`the chart can give the ${name} every setting that it reads, and gives none that it does not`, { skip }, () => {
    const [pod, ...others] = podsOf(path.join(CHART, 'ci', 'full-values.yaml')).filter((it) => it.process === name);
    assert.ok(pod && others.length === 0);
    const given = Object.keys(environmentOf(pod)).filter((variable) => !isOfOthers(variable));
    const read = settingsOf(program).filter((setting) => !LEFT_OUT[name].includes(setting));
    assert.deepEqual(given.toSorted(), read.toSorted());
  });
}

for (const file of VALUES) {
  test(`what ${path.basename(file)} makes of the chart, each process takes`, { skip }, () => {
    const pods = podsOf(file);
    assert.deepEqual([...new Set(pods.map((pod) => pod.process))].toSorted(), ['api', 'migrate', 'worker']);
    for (const pod of pods) {
      const env = environmentOf(pod);
      const isControlled = pod.process === 'worker' && file.includes('controller-');
      if (isControlled) Object.assign(env, { TEMPORAL_ADDRESS: 'temporal:7233' });
      const config = pod.process === 'migrate' ? loadConfig(env, 'migrate') : loadConfig(env, pod.process);
      assert.equal(config.database.migrateOnStart, pod.process === 'migrate');
      if (pod.process === 'migrate') continue;
      // Certificates are files that are not here.
      const connection = Object.entries(env).filter(([name]) => !/_PATH$/.test(name));
      assert.match(loadTemporalConnection(Object.fromEntries(connection)).connectionOptions.address ?? '', /:7233$/);
      const { api, worker } = loadConfig(env, pod.process);
      const needed = pod.process === 'api' ? api.shutdownDelayMs + 10_000 : worker.shutdownGraceMs;
      assert.ok((pod.template.spec.terminationGracePeriodSeconds ?? 0) * 1_000 > needed);
    }
  });

  test(
    `in what ${path.basename(file)} makes, each process has the files of the secrets that it reads, alone`,
    { skip },
    () => {
      for (const { process, template } of podsOf(file)) {
        const [container] = template.spec.containers;
        const files = (container?.env ?? []).flatMap(({ name, value }) => (/_FILE$/.test(name) ? [value] : []));
        const mounted = template.spec.volumes.flatMap(({ name, secret }) => {
          const at = container?.volumeMounts.find((mount) => mount.name === name)?.mountPath ?? '';
          return (secret?.items ?? []).map((item) => path.posix.join(at, item.path));
        });
        assert.deepEqual(mounted.toSorted(), files.toSorted(), process);
        if (process === 'migrate') assert.deepEqual(files, ['/run/secrets/owner/DATABASE_URL']);
      }
    },
  );
}

test('the secrets of this test are those that there are', () => {
  const secrets = Object.entries(keys).flatMap(([name, key]) => ('secret' in key ? [name] : []));
  assert.deepEqual(
    Object.keys(SECRETS)
      .filter((name) => !/^(TEMPORAL_API_KEY|OTEL_.*)$/.test(name))
      .toSorted(),
    secrets.toSorted(),
  );
});
