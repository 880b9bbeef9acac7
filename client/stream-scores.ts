import type { Call, Caller, CallOptions } from './caller.js';
import { OPERATIONS } from './generated/operations.js';
import type { ScoreItem, TakenScore } from './generated/schemas.js';
import { readLines, type Items } from './lines.js';
import { createPatience, type PatienceOptions } from './patience.js';
import { looksLikeProblem, NoAnswerError, ProblemError } from './problem.js';
import type { PlainRequest } from './to-request.js';
import { createUnanswered, type Unanswered } from './unanswered.js';

export interface StreamOptions extends Pick<CallOptions, 'signal' | 'headers'> {
  /**
   * `stream`: one request for all, answered while it is sent; only Node's fetch does that for sure. `parts`: a request for
   * every thousand lines. Default: `stream` on Node, else `parts`.
   */
  upload?: 'stream' | 'parts' | undefined;
}

const TYPE = 'application/x-ndjson';
const LINES_OF_PART = 1_000;
/** Without an answer; beyond them the source waits. */
const MOST_UNANSWERED = 5_000;

/**
 * Hands scores in as lines, and gives their answers in order, with the place of each item as `index`. When the connection
 * breaks, or the API has no room, what has no answer is sent again: repeating a score is safe.
 */
export async function* streamScores(
  caller: Caller,
  items: Items<ScoreItem>,
  { upload = isNode() ? 'stream' : 'parts', ...options }: StreamOptions,
  patienceOptions: PatienceOptions,
): AsyncGenerator<TakenScore, void, void> {
  const unanswered = createUnanswered(items);
  const patience = createPatience(patienceOptions);
  try {
    // Nothing is opened for nothing.
    while ((await unanswered.at(unanswered.first())) !== undefined) {
      try {
        const body = upload === 'stream' ? toStream(unanswered) : await toPart(unanswered);
        for await (const answer of exchange(caller, { unanswered, body, options })) {
          patience.renew();
          yield answer;
        }
      } catch (error) {
        const fault = unanswered.fault();
        if (fault) throw fault.error;
        await patience.after(error, options.signal);
      }
    }
  } finally {
    unanswered.close();
  }
}

interface Exchange {
  unanswered: Unanswered;
  body: string | ReadableStream<Uint8Array>;
  options: CallOptions;
}

/** One request and its answers, each of which lets its line go. @throws when it ends before its end */
async function* exchange(
  caller: Caller,
  { unanswered, body, options }: Exchange,
): AsyncGenerator<TakenScore, void, void> {
  const from = unanswered.first();
  const call: Call = {
    ...{ id: 'handInScores', operation: OPERATIONS.handInScores, input: {}, options },
    isStreamed: true,
  };
  const request: PlainRequest = {
    ...{ method: 'POST', target: OPERATIONS.handInScores.path, headers: { ...options.headers, 'content-type': TYPE } },
    ...{ body, isOneShot: typeof body !== 'string', isFile: true },
  };
  const answer = await caller.attempt(call, request, async (response) => response.body);
  let isWhole = false;
  for await (const line of answer ? readLines(answer) : []) {
    const said: unknown = JSON.parse(line);
    const problem =
      typeof said === 'object' && said !== null && 'problem' in said && !('index' in said) && said.problem;
    if (looksLikeProblem(problem)) throw new ProblemError(problem);
    if (isTaken(said)) {
      unanswered.drop();
      yield { ...said, index: from + said.index };
    } else isWhole = true;
  }
  if (!isWhole) throw new NoAnswerError('The answer broke off.');
}

/** The last line has the counts in place of an item's answer. */
function isTaken(said: unknown): said is TakenScore {
  return typeof said === 'object' && said !== null && 'index' in said && 'outcome' in said;
}

function toStream(unanswered: Unanswered): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let place = unanswered.first();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      await unanswered.room(MOST_UNANSWERED + 1);
      const line = await unanswered.at(place);
      place += 1;
      if (line === undefined) controller.close();
      else controller.enqueue(encoder.encode(line));
    },
  });
}

async function toPart(unanswered: Unanswered): Promise<string> {
  const lines: string[] = [];
  while (lines.length < LINES_OF_PART) {
    const line = await unanswered.at(unanswered.first() + lines.length);
    if (line === undefined) break;
    lines.push(line);
  }
  return lines.join('');
}

/** Bun calls itself Node too, and others may. */
function isNode(): boolean {
  const process: unknown = Reflect.get(globalThis, 'process');
  const versions = typeof process === 'object' && process !== null && 'versions' in process ? process.versions : null;
  return typeof versions === 'object' && versions !== null && 'node' in versions && !('bun' in versions);
}
