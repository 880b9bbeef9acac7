import { EXIT, type ExitCode } from '../exit-codes.js';
import { SCORE_COLUMNS } from '../input/csv-columns.js';
import { openInput, type Format } from '../input/open-input.js';
import { readItems } from '../input/read-items.js';
import type { ScoreItem, TakenScore } from '../passback-client.js';
import { formatOption } from '../options.js';
import type { Program } from '../program.js';
import type { Start, Tools } from '../tools.js';
import { formatCount } from '../words.js';

const EXAMPLES = `
Examples:
  $ passback scores push scores.ndjson
  $ passback scores push night.csv --nightly
  $ psql -Atc "select to_jsonb(grades) from grades" | passback scores push - --format ndjson --json | jq .outcome

NDJSON has one score a line, in the shape of POST /v1/scores. CSV has the columns of docs/backfills.md; scoreMaximum is needed.
Pushing a file again is safe: what is known already is "unchanged".`;

export function addScores(program: Program, start: Start): void {
  const scores = program.command('scores').description('hand in scores');
  scores
    .command('push')
    .description('hand in the scores of a file, of any length')
    .argument('<file>', 'NDJSON or CSV; - reads stdin')
    .addOption(formatOption())
    .option('--nightly', 'they wait for the night, where a line says nothing else')
    .addHelpText('after', EXAMPLES)
    .action((file, { format, nightly }) =>
      start((tools) => push(tools, { file, format, isNightly: nightly === true })),
    );
}

interface Push {
  file: string;
  format: Format | undefined;
  isNightly: boolean;
}

/** Of each line that is under way: its number, and what is wrong with it where it was not sent. */
interface Pending {
  line: number;
  end: number;
  fault: string | undefined;
}

/** Tries after the first one, of a connection that breaks: a long file is worth waiting. */
const RETRIES = 8;

async function push(tools: Tools, { file, format, isNightly }: Push): Promise<ExitCode> {
  const client = tools.client(RETRIES);
  const input = openInput(file, format, tools);
  const tally = createTally(tools, input.size);
  const pending: Pending[] = [];
  const signal = tools.interruption();

  async function* items(): AsyncGenerator<ScoreItem, void, void> {
    for await (const read of readItems(input, SCORE_COLUMNS)) {
      signal.throwIfAborted();
      const { line, end } = read;
      pending.push({ line, end, fault: 'fault' in read ? read.fault : undefined });
      if ('fault' in read) {
        // In its turn, which has come where nothing is under way.
        if (pending.every(({ fault }) => fault !== undefined)) await flush();
      } else {
        const item = isNightly ? { submit: 'nightly', ...read.item } : read.item;
        if (isScore(item)) yield item;
      }
    }
  }
  /** Tells of the lines that were not sent, up to the next one that was. */
  async function flush(): Promise<void> {
    for (let [first] = pending; first?.fault !== undefined; [first] = pending) {
      pending.shift();
      await tally.add({ ...first, answer: toInvalid(first.fault) });
    }
  }

  try {
    for await (const { outcome, id, revision, problem } of client.streamScores(items(), { signal })) {
      await flush();
      const first = pending.shift();
      if (first) await tally.add({ ...first, answer: { outcome, id, revision, problem } });
    }
    await flush();
  } catch (error) {
    if (!signal.aborted) throw error;
    tools.out.complain(`Interrupted. ${tally.sentence()} Pushing the file again is safe: what is known is unchanged.`);
    return EXIT.interrupted;
  }
  return tally.end();
}

/** The API judges what is in it. */
function isScore(item: object): item is ScoreItem {
  return !Array.isArray(item);
}

type Answer = Omit<TakenScore, 'index'>;

const toInvalid = (detail: string): Answer => ({
  ...{ outcome: 'invalid', id: null, revision: null },
  problem: {
    type: 'urn:passback:problem:malformed-line',
    ...{ title: 'This line is not a JSON object.', status: 400, detail },
  },
});

interface Tally {
  add(one: { line: number; end: number; answer: Answer }): Promise<void>;
  sentence(): string;
  end(): Promise<ExitCode>;
}

function createTally({ out }: Tools, size: number | undefined): Tally {
  const counts = { lines: 0, accepted: 0, unchanged: 0, superseded: 0, invalid: 0 };
  const bar = out.progress(size);
  const beganAt = performance.now();
  const sentence = (): string => {
    const { lines, accepted, unchanged, superseded, invalid } = counts;
    const parts = Object.entries({ accepted, unchanged, superseded, invalid }).map(
      ([word, count]) => `${formatCount(count)} ${word}`,
    );
    return `${formatCount(lines)} ${lines === 1 ? 'line' : 'lines'}: ${parts.join(', ')}.`;
  };
  return {
    sentence,
    async add({ line, end, answer }) {
      counts.lines += 1;
      counts[answer.outcome] += 1;
      const { problem } = answer;
      if (out.isJson) await out.json({ line, ...answer }, true);
      else if (problem) await out.line({ text: `line ${line}: `, style: 'red' }, `${problem.title} ${problem.detail}`);
      const perSecond = counts.lines / Math.max(0.001, (performance.now() - beganAt) / 1_000);
      bar.update(end, `${sentence()} ${formatCount(Math.round(perSecond))}/s`);
    },
    async end() {
      bar.hide();
      if (out.isJson) await out.json(counts, true);
      else await out.line(sentence());
      return counts.invalid > 0 ? EXIT.no : EXIT.done;
    },
  };
}
