import { EXIT, type ExitCode } from '../exit-codes.js';
import { KEY_COLUMNS } from '../input/csv-columns.js';
import { openInput, type Format } from '../input/open-input.js';
import { readItems } from '../input/read-items.js';
import { formatOption } from '../options.js';
import type { ServiceKeyItem } from '../passback-client.js';
import type { Program } from '../program.js';
import type { Start, Tools } from '../tools.js';
import { formatCount } from '../words.js';

const EXAMPLES = `
Examples:
  $ passback keys import keys.csv
  $ decrypt keys.ndjson.gpg | passback keys import - --format ndjson

Columns: platformId, deploymentId, contextId, resourceLinkId, serviceKey, lineItemId, productFamilyCode, platformUrl, launchedAt.
No key is written anywhere but to the API.`;

/** In one request. */
const KEYS_AT_ONCE = 500;

export function addKeys(program: Program, start: Start): void {
  const keys = program.command('keys').description('bring service keys');
  keys
    .command('import')
    .description('bring stored service keys, from launches before Passback')
    .argument('<file>', 'NDJSON or CSV; - reads stdin')
    .addOption(formatOption())
    .addHelpText('after', EXAMPLES)
    .action((file, { format }) => start((tools) => importKeys(tools, file, format)));
}

interface Batch {
  lines: number[];
  keys: ServiceKeyItem[];
}

async function importKeys(tools: Tools, file: string, format: Format | undefined): Promise<ExitCode> {
  const { out } = tools;
  const client = tools.client();
  const input = openInput(file, format, tools);
  const bar = out.progress(input.size);
  const counts = { stored: 0, unchanged: 0, older: 0, invalid: 0, resumed: 0 };
  const tell = async (line: number, outcome: string, detail: string | null): Promise<void> => {
    if (out.isJson) await out.json({ line, outcome, detail }, true);
    else if (detail !== null) await out.line({ text: `line ${line}: `, style: 'red' }, detail);
  };
  const send = async ({ lines, keys }: Batch): Promise<void> => {
    if (keys.length === 0) return;
    const { serviceKeys, resumed } = await client.importServiceKeys({ body: keys });
    counts.resumed += resumed;
    for (const { index, outcome, problem } of serviceKeys) {
      counts[outcome] += 1;
      await tell(lines[index] ?? 0, outcome, problem && `${problem.title} ${problem.detail}`);
    }
  };

  let batch: Batch = { lines: [], keys: [] };
  for await (const read of readItems(input, KEY_COLUMNS)) {
    if ('fault' in read) {
      counts.invalid += 1;
      await tell(read.line, 'invalid', read.fault);
    } else if (isKey(read.item)) {
      batch.lines.push(read.line);
      batch.keys.push(read.item);
    }
    if (batch.keys.length >= KEYS_AT_ONCE) {
      await send(batch);
      batch = { lines: [], keys: [] };
      bar.update(read.end, `${formatCount(counts.stored)} stored`);
    }
  }
  await send(batch);
  bar.hide();
  if (out.isJson) await out.json(counts, true);
  else await out.line(sayCounts(counts));
  return counts.invalid > 0 ? EXIT.no : EXIT.done;
}

function sayCounts({
  resumed,
  ...counts
}: Record<'stored' | 'unchanged' | 'older' | 'invalid' | 'resumed', number>): string {
  const parts = Object.entries(counts).map(([word, count]) => `${formatCount(count)} ${word}`);
  const going = resumed > 0 ? ` ${formatCount(resumed)} scores that waited for a key go out.` : '';
  return `${parts.join(', ')}.${going}`;
}

/** The API judges what is in it. */
function isKey(item: object): item is ServiceKeyItem {
  return !Array.isArray(item);
}
