/** Leaks, made on purpose: one for each sink, by the way by which a real one would come. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { after } from 'node:test';
import { createLogger } from '../../config/logger.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/names.js';
import type { Sink } from './classes.js';
import type { World } from './world.js';

type Plant = (text: string) => Promise<unknown> | void;

/** @param pages what the console shows the limited key */
export async function createPlants(world: World, pages: string[]): Promise<Readonly<Record<Sink, Plant>>> {
  const { rig, caller, receiver, collectorUrl, metricsUrls, logs } = world;
  const { client } = rig;
  const post = (url: string, body: object): Promise<unknown> =>
    fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const line = (name: 'api' | 'worker'): Plant => {
    const logger = createLogger({
      level: 'info',
      name,
      destination: { write: (written) => void logs[name].push(written) },
    });
    return (text) => logger.warn({ failure: { deep: [text] } }, 'a leak');
  };
  const start = (change: object): Promise<unknown> =>
    client.workflow.start('planted', { taskQueue: 'nowhere', workflowId: randomUUID(), args: [], ...change });
  const server = await serveText();
  const metric =
    (of: 'api' | 'worker'): Plant =>
    (text) => {
      metricsUrls[of].push(server(`passback_leaks{platform="${text}"} 1\n`));
    };
  return {
    'log of the API': line('api'),
    'log of the worker': line('worker'),
    'log of PostgreSQL': (text) => rig.db.raw(`do $$ begin raise warning 'a leak: %', '${text}'; end $$`),
    'histories of Temporal': (text) => start({ args: [{ deep: [text] }] }),
    'visibility of Temporal': (text) =>
      start({ searchAttributes: { [SEARCH_ATTRIBUTES.state]: [text] }, memo: { text } }),
    'schedules of Temporal': (text) =>
      client.schedule.create({
        ...{ scheduleId: randomUUID(), spec: {}, state: { note: `paused: ${text}` } },
        action: { type: 'startWorkflow', workflowType: 'planted', taskQueue: 'nowhere' },
      }),
    'metrics of the API': metric('api'),
    'metrics of the worker': metric('worker'),
    traces: (text) =>
      post(`${collectorUrl}/v1/traces`, { resourceSpans: [{ scopeSpans: [{ spans: [{ name: text }] }] }] }),
    'errors of the API': (text) => caller.ask('GET', server(text)),
    notices: (text) => post(receiver.url, { data: { notices: [{ facts: { comment: text } }] } }),
    'URLs to LTIAAS': (text) => fetch(`${rig.sandboxUrl}/api/memberships?role=Learner&userId=${text}`),
    'console of a key that may not see it': (text) => void pages.push(`<p title="${text}">`),
  };
}

/** Gives an address at which a text is answered, as an error to whoever takes it for one. */
async function serveText(): Promise<(text: string) => string> {
  const texts: string[] = [];
  const server = createServer((request, response) => {
    const isMetrics = texts[Number(request.url?.slice(1))]?.startsWith('passback_') ?? false;
    response.writeHead(isMetrics ? 200 : 400).end(texts[Number(request.url?.slice(1))]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('It listens nowhere.');
  return (text) => `http://127.0.0.1:${address.port}/${texts.push(text) - 1}`;
}
