import type { Readable, Writable } from 'node:stream';
import type { Wake } from '../../waking/workflow-waker.js';
import { ProblemError, toProblem } from '../problems.js';
import { createLineReader } from '../read-lines.js';
import type { Line } from '../split-lines.js';
import type { Waker } from '../temporal/waker.js';
import type { SpoolSpace } from '../spool-space.js';
import { createAnswerSpool } from './answer-spool.js';
import type { StreamTurns } from './stream-turns.js';
import { CHUNK_SIZE, type Intake, type RawItem, type ReadItem } from './intake.js';

export const MAX_LINE_BYTES = 1_000_000;
/** A course whose scores keep coming is woken again after this, and once more at the end. */
const WAKE_EVERY_MS = 5_000;

export interface StreamOptions {
  intake: Intake;
  waker: Waker;
  turns: Pick<StreamTurns, 'yield' | 'store'>;
  space: SpoolSpace;
  onFailure: (error: unknown) => void;
}

/**
 * Takes scores from a stream of NDJSON and writes an answer line for each, then a last line with the counts. The next lines
 * are read and understood while the last ones are stored, one part after the other. Memory
 * stays flat: a slow database stops the reading, and answers that the caller does not read yet wait on disk. When the
 * connection breaks, the lines that had arrived whole are kept, and their courses are woken.
 *
 * Rejects when nothing was answered yet; later a failure becomes the last line, `{"problem": …}`: what has an answer is
 * stored, and the rest is to be sent again.
 */
export async function takeStream(
  { input, output }: { input: Readable; output: Writable },
  { intake, waker, turns, space, onFailure }: StreamOptions,
): Promise<void> {
  const lines = createLineReader(input, { maxLineBytes: MAX_LINE_BYTES });
  const unwoken = new Map<string, Wake>();
  let wokenAt = performance.now() - WAKE_EVERY_MS;
  const wake = async (): Promise<void> => {
    const inputs = [...unwoken.values()];
    unwoken.clear();
    wokenAt = performance.now();
    await waker.wake(inputs);
  };
  const spool = createAnswerSpool(output, space);
  let answered = false;
  const store = async (items: readonly ReadItem[]): Promise<void> => {
    const { answers, wakes } = await turns.store(async () => intake.store(items));
    for (const input of wakes) unwoken.set(input.context, input);
    answered = true;
    await spool.write(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
    if (performance.now() - wokenAt > WAKE_EVERY_MS) await wake();
  };
  let storing = Promise.resolve();
  try {
    for (let part = await lines.next(CHUNK_SIZE); part.length > 0; part = await lines.next(CHUNK_SIZE)) {
      await turns.yield();
      const items = intake.read(part.map(toRawItem));
      await storing;
      storing = store(items);
      // A failure is met where it is waited for, however long the next lines take to come.
      storing.catch(() => input.destroy());
    }
    await storing;
  } catch (error) {
    input.destroy();
    if (!answered) throw error;
    onFailure(error);
    const { type, status, title } =
      error instanceof ProblemError ? error.problem : toProblem('database-unavailable', '');
    const problem = { type, title, status, detail: 'Send again what has got no answer.' };
    return await spool.end(`${JSON.stringify({ problem })}\n`);
  } finally {
    await wake();
  }
  if (lines.isBroken()) {
    const fault = lines.fault();
    if (fault instanceof ProblemError) return await spool.end(`${JSON.stringify({ problem: fault.problem })}\n`);
    output.destroy();
    return await spool.end();
  }
  await spool.end(`${JSON.stringify({ ...intake.counts(), workflows: waker.links() })}\n`);
}

function toRawItem(line: Line): RawItem {
  if ('problem' in line) {
    return line.problem === 'line-too-long'
      ? { problem: toProblem('line-too-long', 'It was skipped; the lines after it were taken.') }
      : { problem: toProblem('malformed-line', 'The line is not valid UTF-8.') };
  }
  try {
    return { value: JSON.parse(line.text) };
  } catch {
    return { problem: toProblem('malformed-line', 'The line is not JSON.') };
  }
}
