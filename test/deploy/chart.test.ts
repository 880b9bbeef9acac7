import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { parse } from 'yaml';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { CHART, KUBE_VERSION, readManifests, render, runTool, skip, VALUES } from './chart-manifests.js';

const folder = mkdtempSync(path.join(tmpdir(), 'passback-chart-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const inChart = (name: string): string => readRepositoryFile(`deploy/helm/passback/${name}`);
const tree = Compile(Type.Record(Type.String(), Type.Unknown()));
const lines = Compile(Type.Record(Type.String(), Type.String()));

/** Dotted names of all that is in it, but below names that are the user's own. */
function pathsOf(value: unknown, own: readonly string[], at = ''): string[] {
  if (!tree.Check(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = at === '' ? name : `${at}.${name}`;
    return [here, ...(own.includes(here) ? [] : pathsOf(inner, own, here))];
  });
}

describe('the Helm chart', () => {
  it('has the alerts and the dashboard that stand in deploy/, to the letter', () => {
    assert.equal(inChart('files/rules.yml'), readRepositoryFile('deploy/prometheus/rules.yml'));
    assert.equal(inChart('files/dashboard.json'), readRepositoryFile('deploy/grafana/passback.json'));
  });

  it('is of the version of the package', () => {
    const { version } = tree.Parse(JSON.parse(readRepositoryFile('package.json')));
    const { appVersion } = tree.Parse(parse(inChart('Chart.yaml')));
    assert.equal(appVersion, version);
  });

  it('scales by metrics that are explained', () => {
    const explained = readRepositoryFile('docs/metrics.md');
    const names = [...inChart('values.yaml').matchAll(/name: (passback_\w+)/g)].map(([, name = '']) => name);
    assert.ok(names.length > 0);
    for (const name of names) assert.ok(explained.includes(`\`${name}\``), name);
  });

  it('explains each of its values', () => {
    const explained = readRepositoryFile('docs/kubernetes.md');
    const own = ['settings', 'metrics.dashboard.labels', 'worker.controller.rollout', 'worker.controller.sunset'];
    const groups = ['resources', 'autoscaling', 'podDisruptionBudget', 'service', 'egress', 'spool', 'version'];
    const leaves = pathsOf(parse(inChart('values.yaml')), own).map((name) => name.split('.').at(-1) ?? '');
    const missing = [...new Set(leaves)].filter((name) => !groups.includes(name) && !explained.includes(name));
    assert.deepEqual(
      missing.filter((name) => !['requests', 'limits', 'cpu', 'memory'].includes(name)),
      [],
    );
  });

  it('passes the linter with all values that it is checked with', { skip }, () => {
    for (const file of VALUES) {
      const { ok, text } = runTool('helm', ['lint', '--strict', '--kube-version', KUBE_VERSION, CHART, '-f', file]);
      assert.ok(ok, text);
    }
  });

  it('makes what Kubernetes takes of each', { skip }, () => {
    for (const file of VALUES) {
      const { ok, text } = render(file);
      assert.ok(ok, text);
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, path.basename(file)), text);
      const kinds = readManifests(text).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.equal(new Set(kinds).size, kinds.length, 'no two of one name');
    }
    const crds = path.join(root, 'test', 'deploy', 'crds');
    const { ok, text } = runTool('kubectl-validate', [folder, '--local-crds', crds, '--version', '1.30']);
    assert.ok(ok, text);
  });

  it('is told apart from what Kubernetes does not take', { skip }, () => {
    const text = readManifestsWithFault();
    const file = path.join(folder, 'faulty.yaml');
    writeFileSync(file, text);
    const { ok } = runTool('kubectl-validate', [file, '--version', '1.30']);
    rmSync(file);
    assert.ok(!ok);
  });

  it('passes its unit tests', { skip }, () => {
    const { ok, text } = runTool('helm-unittest', [CHART]);
    assert.ok(ok, text);
    assert.ok(Number(/Tests:\s+(\d+) passed/.exec(text)?.[1]) > 20, text);
  });

  it('says of each value that is called otherwise elsewhere what to write', { skip }, () => {
    const moved = lines.Parse(parse(inChart('files/moved-values.yaml')));
    const set = Object.keys(moved).map((name) => `${name}=x`);
    const { ok, text } = render(VALUES.find((file) => file.includes('minimal')) ?? null, '--set', set.join(','));
    assert.ok(!ok);
    for (const [name, remedy] of Object.entries(moved)) {
      assert.ok(text.includes(`- ${name} is no value of this chart: ${remedy}\n`), `${name}: ${text}`);
    }
  });

  it('refuses a value that it does not know, and a secret among the settings', { skip }, () => {
    const minimal = VALUES.find((file) => file.includes('minimal')) ?? null;
    for (const [given, said] of [
      ['apis.replicas=2', /'apis' not allowed/],
      ['api.replica=2', /'replica' not allowed/],
      ['worker.autoscaling.minReplicas=0', /minReplicas/],
      ['settings.LTIAAS_API_KEY=x', /settings\.LTIAAS_API_KEY is a secret/],
      ['settings.logLevel=info', /LOG_LEVEL is meant, perhaps/],
      ['api.settings.NIGHTLY_AT=x', /is not read by that process/],
    ] as const) {
      const { ok, text } = render(minimal, '--set', given);
      assert.ok(!ok, given);
      assert.match(text, said);
    }
  });
});

function readManifestsWithFault(): string {
  const { text } = render(VALUES.find((file) => file.includes('minimal')) ?? null, '--show-only', 'templates/api.yaml');
  return text.replace(/failureThreshold: \d+/, 'failureThreshhold: 3');
}
