import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { readRepositoryFile, root } from '../helpers/repository.js';

const folder = path.join(root, 'deploy', 'prometheus');
const rules = readRepositoryFile('deploy/prometheus/rules.yml');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

/** The program's output; null where it is not installed. */
function promtool(...words: string[]): { status: number | null; text: string } | null {
  const { status, stdout, stderr, error } = spawnSync('promtool', words, { cwd: folder, encoding: 'utf8' });
  return error ? null : { status, text: stdout + stderr };
}
const skip = promtool('--version') === null && 'promtool is not installed (Debian: prometheus)';

test('each alert has its entry in the runbook, and a unit test', () => {
  assert.ok(alerts.length > 5);
  const headings = [...readRepositoryFile('docs/runbook.md').matchAll(/^### (.+)$/gm)].map(([, text = '']) => text);
  const named = [...rules.matchAll(/runbook: docs\/runbook\.md#(\S+)/g)].map(([, anchor = '']) => anchor);
  assert.deepEqual(named, alerts.map((name) => name.toLowerCase())); // prettier-ignore
  for (const name of alerts) {
    assert.ok(headings.includes(name), name);
    assert.match(
      readRepositoryFile('deploy/prometheus/rules.test.yml'),
      new RegExp(`alertname: ${name}\\n.*exp_alerts:\\n`),
    );
  }
});

test('alerts ask only for metrics that are explained', () => {
  const explained = readRepositoryFile('docs/metrics.md');
  for (const [name] of rules.matchAll(/passback_[a-z_]+/g))
    assert.ok(explained.includes(name.replace(/_count$/, '')), name);
});

test('the alerts go off when they should', { skip }, () => {
  for (const words of [
    ['test', 'rules', 'rules.test.yml'],
    ['check', 'config', 'prometheus.yml'],
  ]) {
    const done = promtool(...words);
    assert.equal(done?.status, 0, done?.text);
  }
});
