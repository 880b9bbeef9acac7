/** Passback with API and worker as processes, and folders in which the commands of the examples' pages run as they stand. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { buildClient } from '../client/built-client.js';
import { API_PROCESS_KEY, startApiProcess } from '../helpers/api-process.js';
import { eventually } from '../helpers/database.js';
import { readRepositoryFile, root } from '../helpers/repository.js';
import { createRig, type Rig } from '../helpers/rig.js';
import { startWorkerProcess } from '../helpers/worker-process.js';
import { findFreePort } from '../../dev/machine/free-port.js';

/** What a terminal has printed, and says on. */
export interface Terminal {
  output(): string;
  /** Waits until it has printed this, and gives what the group holds. */
  says(pattern: RegExp): Promise<string>;
  /** @throws {Error} when it ended otherwise than well */
  ended(): Promise<void>;
}

export interface Stage {
  rig: Rig;
  apiUrl: string;
  /** A terminal in a folder beside which Passback runs, where commands find this API and this key. */
  openTerminal(key: string, apiUrl?: string): (commands: string, env?: Record<string, string>) => Terminal;
  makeKey(scopes: readonly string[]): Promise<string>;
  call(method: string, path: string, body?: unknown): Promise<string>;
}

export const PYTHON = process.env['PYTHON'] ?? 'python3';

/** The blocks of commands on the page of an example, without those that install, or start all of Passback. */
export function commandsOf(example: string): string[] {
  const blocks = [...readRepositoryFile(`examples/${example}/README.md`).matchAll(/^```sh\n([\s\S]*?)^```/gm)];
  return blocks.map(([, block = '']) => block.replaceAll(/^(npm|python3 -m venv) .*\n/gm, ''));
}

/** The worker asks the score source at this port of this machine. */
export async function createStage(sourceEnv: Record<string, string>): Promise<Stage> {
  const rig = await createRig({ withWorkers: false });
  const starting = findFreePort().then((port) => startApiProcess(rig, port));
  const [client, api] = await Promise.all([buildClient(), starting, startWorkerProcess(rig, sourceEnv)]).catch(
    async (error: unknown) => {
      // The file ends before its tests and their ends, and whoever waits for it would wait for what it leaves.
      await starting.then(async (left) => left.kill()).catch(() => undefined);
      throw error;
    },
  );
  const { folder } = client;
  cpSync(path.join(root, 'examples'), path.join(folder, 'examples'), { recursive: true });
  symlinkSync(path.join(root, 'node_modules', 'express'), path.join(folder, 'node_modules', 'express'));
  const call: Stage['call'] = async (method, target, body) => {
    const headers = { authorization: `Bearer ${API_PROCESS_KEY}`, 'content-type': 'application/json' };
    const answer = await fetch(`${api.url}${target}`, { method, headers, body: JSON.stringify(body) ?? null });
    const text = await answer.text();
    assert.ok(answer.ok, text);
    return text;
  };
  let made = 0;
  return {
    ...{ rig, apiUrl: api.url, call },
    openTerminal(key, apiUrl = api.url) {
      const place = path.join(folder, `terminal-${(made += 1)}`);
      cpSync(path.join(folder, 'examples'), path.join(place, 'examples'), { recursive: true });
      keepAsNpmStart(path.join(place, '.passback'), { apiUrl, key, sandboxUrl: rig.sandboxUrl });
      return (commands, env = {}) => runIn(place, commands, env);
    },
    async makeKey(scopes) {
      const text = await call('POST', '/v1/api-keys', { name: `tool-${(made += 1)}`, scopes, reason: 'a test' });
      return /"key":"([^"]+)"/.exec(text)?.[1] ?? '';
    },
  };
}

/** What `npm start` leaves for commands, and what the page of an example installs. */
function keepAsNpmStart(folder: string, at: { apiUrl: string; key: string; sandboxUrl: string }): void {
  const bin = path.join(folder, 'python', 'bin');
  mkdirSync(bin, { recursive: true });
  const files = { 'api-port': new URL(at.apiUrl).port, 'api-key': at.key, 'sandbox-key': 'test-key' };
  for (const [name, text] of Object.entries({ ...files, 'sandbox-port': new URL(at.sandboxUrl).port }))
    writeFileSync(path.join(folder, name), text);
  writeFileSync(path.join(bin, 'uvicorn'), `#!/bin/sh\nexec ${PYTHON} -m uvicorn "$@"\n`);
  chmodSync(path.join(bin, 'uvicorn'), 0o755);
}

function runIn(cwd: string, commands: string, given: Record<string, string>): Terminal {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1', ...given };
  // A group of its own: the shell would leave a server behind.
  const args = ['-euo', 'pipefail', '-c', commands];
  const shell = spawn('bash', args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = shell;
  after(() => {
    if (pid !== undefined && shell.exitCode === null) process.kill(-pid, 'SIGKILL');
  });
  let text = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
  const closed = new Promise((resolve) => shell.once('close', resolve));
  return {
    output: () => text,
    async says(pattern) {
      const found = await eventually(
        String(pattern),
        () => {
          if (shell.exitCode) throw new Error(text);
          return pattern.exec(text);
        },
        30_000,
      ).catch((error: unknown) => Promise.reject(new Error(`${String(error)}\n${text}`)));
      return found[1] ?? found[0];
    },
    async ended() {
      await closed;
      assert.equal(shell.exitCode, 0, text);
    },
  };
}
