/** All places where what Passback was given may come to light, each read as text. */
import { textsIn } from '../helpers/texts-in.js';
import type { Sink } from './classes.js';
import type { World } from './world.js';

export type Sinks = Readonly<Record<Sink, () => Promise<string> | string>>;

export function readSinks(world: World, consolePages: readonly string[]): Sinks {
  const { rig, api, worker, caller, receiver, traces, metricsUrls, logs } = world;
  const { client, control } = rig;
  return {
    'log of the API': () => [api.output(), ...logs.api].join('\n'),
    'log of the worker': () => [worker.output(), ...logs.worker].join('\n'),
    'log of PostgreSQL': () => world.databaseLog(),
    'histories of Temporal': async () => {
      const texts: string[] = [];
      for await (const { workflowId, runId } of client.workflow.list()) {
        texts.push(textsIn(await client.workflow.getHandle(workflowId, runId).fetchHistory()));
      }
      return texts.join('\n');
    },
    'visibility of Temporal': async () => {
      const texts: string[] = [];
      for await (const { raw, workflowId, runId } of client.workflow.list()) {
        texts.push(textsIn(raw), textsIn((await client.workflow.getHandle(workflowId, runId).describe()).raw));
      }
      return texts.join('\n');
    },
    'schedules of Temporal': async () => {
      const texts: string[] = [];
      for await (const schedule of client.schedule.list()) {
        texts.push(textsIn(schedule), textsIn((await client.schedule.getHandle(schedule.scheduleId).describe()).raw));
      }
      return texts.join('\n');
    },
    'metrics of the API': () => scrape(metricsUrls.api),
    'metrics of the worker': () => scrape(metricsUrls.worker),
    traces: () => traces.join('\n'),
    'errors of the API': () => caller.errors.join('\n'),
    notices: () => receiver.received.map(({ headers, text }) => `${JSON.stringify(headers)} ${text}`).join('\n'),
    'URLs to LTIAAS': async () =>
      (await control.journalEntries()).map(({ url }) => withoutOwnParameter(url)).join('\n'),
    'console of a key that may not see it': () => consolePages.join('\n'),
  };
}

/**
 * LTIAAS takes the student whose result is asked for as a parameter and in no other way. https://docs.ltiaas.com/api
 * Everywhere else in a URL a student is a leak.
 */
const withoutOwnParameter = (url: string): string =>
  url.replace(/(?<=^\/api\/lineitems\/[^/?]+\/scores\?)userId=[^&]*/, '');

async function scrape(urls: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for (const url of urls) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    texts.push(await answer.text());
  }
  return texts.join('\n');
}
