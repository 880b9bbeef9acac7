import path from 'node:path';
import { createInterface } from 'node:readline';
import { type REPLServer, start } from 'node:repl';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { loadConfig } from '../config/config.js';
import { loadTemporalConnection } from '../config/temporal.js';
import { createKnex } from '../db/server/knex.js';
import { createSandboxControl } from '../sandbox/control-client.js';
import { createPayloadCodec } from '../waking/payload-codec.js';
import { createApiCall } from './api-call.js';
import { defaultDataDir, runMain } from './run-stack.js';
import { findRunningStack } from './stack/running.js';

const usage = `npm run repl [-- options]
  Node's prompt beside the running stack, with await. Lines may come by a pipe, too. In scope:
  config                what API and worker were started with
  db                    knex: await db('scores').where({ state: 'due' }).limit(5)
  client                Temporal: await client.workflow.count('ExecutionStatus="Running"')
  sandbox               its control client: await sandbox.listPlatforms(); undefined where LTIAAS_URL is set
  apiUrl, apiKey, api   the HTTP API: await api('/v1/health/operations')
  --data-dir D          the stack's folder, where it is not .passback
  --help`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { 'data-dir': { type: 'string', default: defaultDataDir }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const dataDir = path.resolve(values['data-dir']);
  const { apiUrl, apiKey, sandboxUrl, env } = findRunningStack(dataDir, process.env);
  const config = loadConfig(env, 'api');
  const db = createKnex({ url: config.database.url.reveal(), poolMax: 2, applicationName: 'passback repl' });
  const { connectionOptions, namespace } = loadTemporalConnection(env);
  const connection = Connection.lazy(connectionOptions);
  const codec = createPayloadCodec(config.temporal.codecKeys.map(({ id, key }) => ({ id, key: key.reveal() })));
  const call = createApiCall(apiUrl, apiKey);
  const scope = {
    ...{ config, db, apiUrl, apiKey },
    client: new Client({ connection, namespace, dataConverter: { payloadCodecs: codec ? [codec] : [] } }),
    sandbox: sandboxUrl === undefined ? undefined : createSandboxControl(sandboxUrl),
    api: async (...args: Parameters<typeof call>): Promise<unknown> => JSON.parse(await call(...args)),
  };
  try {
    await converse(scope, path.join(dataDir, 'repl-history'));
    return 0;
  } finally {
    await Promise.allSettled([db.destroy(), connection.close()]);
  }
}

/** Resolves when the user leaves, or the piped lines are through. */
async function converse(scope: Record<string, unknown>, historyFile: string): Promise<void> {
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) process.stdout.write(`In scope: ${Object.keys(scope).join(', ')}. Ctrl-D ends.\n`);
  const server = isTerminal ? start({ prompt: 'passback> ' }) : startOnPipe();
  Object.assign(server.context, scope);
  if (isTerminal) server.setupHistory(historyFile, () => undefined);
  await new Promise<void>((resolve) => server.once('exit', resolve));
}

/** Hands in each line when the one before is done: left to itself, Node's prompt begins all lines of a pipe at once. */
function startOnPipe(): REPLServer {
  let proceed = () => undefined;
  async function* linesInTurn(): AsyncGenerator<string> {
    for await (const line of createInterface({ input: process.stdin })) {
      const isDone = new Promise<undefined>((resolve) => (proceed = () => void resolve(undefined)));
      yield `${line}\n`;
      await isDone;
    }
  }
  const input = Readable.from(linesInTurn(), { objectMode: false });
  const server = start({ prompt: '', input, output: process.stdout, terminal: false });
  // Whatever a line comes to, its end is a new prompt.
  server.displayPrompt = () => proceed();
  return server;
}

runMain(main, (text) => process.stderr.write(`${text}\n`));
