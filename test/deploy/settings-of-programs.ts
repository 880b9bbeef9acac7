import type { ProcessName } from '../../config/config.js';
import { readRepositoryFile } from '../helpers/repository.js';

/** What the image runs, and which sources say what it reads. */
export const ROLES: readonly { name: ProcessName; program: string }[] = [
  { name: 'api', program: 'api/server.ts' },
  { name: 'worker', program: 'worker/main.ts' },
  { name: 'migrate', program: 'worker/migrate.ts' },
];

/** Read by Temporal's own loader, as in any Temporal client, and by OpenTelemetry's exporter. */
export const OF_OTHERS =
  /^(TEMPORAL_API_KEY|TEMPORAL_TLS(_SERVER_NAME|_SERVER_CA_CERT_DATA|_CLIENT_(CERT|KEY)_(DATA|PATH))?|OTEL_(EXPORTER_OTLP_(ENDPOINT|HEADERS)|TRACES_EXPORTER))$/;

/** Settings that stand in a part which the process reads, and are not for it; the image has a bundle of its own. */
export const LEFT_OUT: Readonly<Record<ProcessName, readonly string[]>> = {
  api: ['TEMPORAL_METRICS_PORT'],
  worker: ['WORKER_BUNDLE'],
  migrate: ['DATABASE_POOL_MAX', 'MIGRATE_ON_START'],
};

/** The part of the configuration that each setting is read into, such as `api` or `submit`. */
export const parts = readParts();

function readParts(): Map<string, string> {
  const found = new Map<string, string>();
  let part = '';
  let inPart = false;
  for (const line of readRepositoryFile('config/config.ts').split('\n')) {
    const helper = /^function nest(\w*)\(/.exec(line)?.[1];
    if (helper !== undefined) {
      part = helper.toLowerCase();
      inPart = !['', 'migrate'].includes(part);
    }
    if (!inPart) part = /^ {4}(\w+): /.exec(line)?.[1] ?? part;
    for (const [, field = '', name = ''] of line.matchAll(/(\w+): (?:get|find)\(env, '(\w+)'/g)) {
      found.set(name, /^ {4}\.{3}\{/.test(line) ? field : part);
    }
    for (const [, name = ''] of line.matchAll(/\.{3}get\(env, '(\w+)'/g)) found.set(name, part);
  }
  return found;
}

/** The settings that a program reads, by the parts of the configuration that its source speaks of. */
export function settingsOf(program: string): string[] {
  const source = readRepositoryFile(program);
  const spoken = new Set([...source.matchAll(/\bconfig\.(\w+)/g)].map(([, part = '']) => part));
  for (const [, names = ''] of source.matchAll(/\{ ([\w, ]+) \}: Config\b(?!\[)/g)) {
    for (const part of names.split(', ')) spoken.add(part);
  }
  return [...parts].filter(([, part]) => spoken.has(part)).map(([name]) => name);
}
