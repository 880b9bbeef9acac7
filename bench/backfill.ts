import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { startApi, type BenchApi } from './api-process.js';
import { seedHeld, toCsvChunks, type BackfillLoad } from './backfill-load.js';
import { startCpuMeter } from './cpu-meter.js';
import type { Outcome } from './figures.js';
import { memoryMb } from './process-memory.js';
import { startBenchStack, type BenchStack } from './stack.js';

export const BACKFILL_USAGE = 'backfill [--lines 1000000] [--courses 500] [--held 0.7]';

/** Uploads one CSV and waits for its preview. Right when every line was judged as it should be. */
export async function backfill(args: readonly string[], print: (text: string) => void): Promise<Outcome> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      lines: { type: 'string', default: '1000000' },
      courses: { type: 'string', default: '500' },
      held: { type: 'string', default: '0.7' },
    },
  });
  const load = { lines: Number(values.lines), courses: Number(values.courses), held: Number(values.held) };
  if (!(load.lines >= load.courses && load.courses >= 1)) throw new Error('--lines: at least one for each course');
  const stack = await startBenchStack({ ltiaasUrl: 'http://127.0.0.1:9', say: print });
  try {
    const api = await startApi(stack);
    try {
      print(`Seeding ${Math.round(load.lines * load.held)} held scores in ${load.courses} courses.`);
      await seedHeld(stack, load);
      return await measure(stack, api, load, print);
    } finally {
      await api.stop();
    }
  } finally {
    await stack.stop();
  }
}

async function measure(
  stack: BenchStack,
  api: BenchApi,
  load: BackfillLoad,
  print: (text: string) => void,
): Promise<Outcome> {
  const meter = startCpuMeter({ ...stack.pids, api: api.pid });
  const seen: { part: number; api: number; worker: number }[] = [];
  const look = (part: number): void => {
    seen.push({ part, api: memory(api.pid), worker: memory(stack.pids.worker) });
  };
  const startedAt = performance.now();
  const query = new URLSearchParams({ reason: 'bench', author: 'bench', dryRun: 'true' });
  const answer = await request(`${api.url}/v1/backfills?${query.toString()}`, {
    method: 'POST',
    headers: { ...api.headers, 'content-type': 'text/csv' },
    body: Readable.from(toCsvChunks(load, look)),
    headersTimeout: 0,
  });
  const text = await answer.body.text();
  const [, id] = /"id":"([\w-]{36})"/.exec(text) ?? [];
  if (answer.statusCode !== 202 || id === undefined) throw new Error(`${answer.statusCode}: ${text}`);
  const uploadedAt = performance.now();
  look(1.01);
  const row = await whenPreviewed(stack, id, () => look(2));
  const endedAt = performance.now();
  const { cpu = {}, otherCores } = meter();
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  print(`Upload ${seconds(uploadedAt - startedAt)} s, preview ${seconds(endedAt - uploadedAt)} s, `);
  print(`in all ${seconds(endedAt - startedAt)} s for ${load.lines} lines.`);
  print(
    `CPU seconds: ${Object.entries(cpu)
      .map(([name, spent]) => `${name} ${spent.toFixed(1)}`)
      .join(', ')}`,
  );
  if (otherCores !== undefined) print(`Other programs kept ${otherCores.toFixed(1)} processors busy meanwhile.`);
  for (const { part, api: ofApi, worker } of picked(seen)) {
    print(`Memory at ${part > 1 ? 'preview' : `${Math.round(part * 100)} %`}: API ${ofApi} MB, worker ${worker} MB`);
  }
  print(JSON.stringify(row.preview));
  return {
    isRight: row.lines === load.lines && row.state === 'finished',
    figures: [
      { name: 'backfill: lines/s uploaded', values: [(load.lines * 1_000) / (uploadedAt - startedAt)] },
      { name: 'backfill: lines/s previewed', values: [(load.lines * 1_000) / (endedAt - uploadedAt)] },
    ],
  };
}

interface PreviewedRow {
  state: string;
  lines: number;
  preview: { kinds: Record<string, number> } | null;
}

async function whenPreviewed({ db }: BenchStack, id: string, look: () => void): Promise<PreviewedRow> {
  for (;;) {
    const row = await db<PreviewedRow & { id: string }>('backfills').where({ id }).first('state', 'lines', 'preview');
    look();
    if (row && row.state !== 'previewing') return row;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function picked(memory: { part: number; api: number; worker: number }[]) {
  const ofPreview = memory.filter(({ part }) => part === 2);
  const highest = ofPreview.reduce((most, one) => ({
    part: 2,
    api: Math.max(most.api, one.api),
    worker: Math.max(most.worker, one.worker),
  }));
  return [...memory.filter(({ part }) => part < 2), highest];
}

function memory(pid: number): number {
  return Math.round(memoryMb(pid, 'now'));
}
