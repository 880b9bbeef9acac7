import { EXIT, type ExitCode } from '../exit-codes.js';
import type { BackfillProgress } from '../passback-client.js';
import type { Tools } from '../tools.js';
import { formatCount } from '../words.js';
import { print } from './print.js';

type State = BackfillProgress['state'];

/** Nothing more happens, or nothing before somebody decides. */
const RESTING: readonly State[] = ['awaitingApproval', 'paused'];

/** Follows a backfill to its end, or to where a person is needed. With JSON each event is a line, and the last one is all of it. */
export async function watch(
  tools: Tools,
  id: string,
  { isUntilApproval }: { isUntilApproval: boolean },
): Promise<ExitCode> {
  const { out } = tools;
  const client = tools.client();
  let bar = out.progress(undefined);
  let last: State | undefined;
  for await (const { event, data } of client.followBackfill({ id })) {
    if (event === 'stopping') continue;
    const { state, toSend, unsent } = data;
    if (out.isJson) await out.json({ event, ...data }, true);
    else if (state !== last) out.note(`${WORDS[state]}`);
    if (state !== last) bar = out.progress(state === 'releasing' ? toSend : undefined);
    last = state;
    bar.update(toSend - unsent, sayProgress(data));
    if (isUntilApproval && RESTING.includes(state)) break;
  }
  bar.hide();
  const backfill = await client.getBackfill({ id });
  if (out.isJson) await out.json(backfill, true);
  else await print(out, backfill);
  const { state, progress } = backfill;
  if (state === 'failed' || state === 'cancelled') return EXIT.no;
  return progress.rejected > 0 ? EXIT.no : EXIT.done;
}

function sayProgress({ toSend, sent, rejected, unsent, secondsLeft }: BackfillProgress): string {
  const left = secondsLeft === null || unsent === 0 ? '' : `, ${formatCount(Math.ceil(secondsLeft))} s to go`;
  return `${formatCount(toSend - unsent)} of ${formatCount(toSend)}: ${formatCount(sent)} sent, ${formatCount(rejected)} rejected${left}`;
}

/** What each state means, in a sentence. */
const WORDS: Readonly<Record<State, string>> = {
  receiving: 'Its file is being read.',
  queued: 'It waits for another backfill over some of the same scores.',
  previewing: 'What it would change is being worked out.',
  awaitingApproval: 'Nothing is sent before somebody approves it.',
  releasing: 'It goes out at the pace that the platforms bear.',
  paused: 'It is paused: nothing of it is sent.',
  cancelling: 'Calls that are under way come to their end.',
  finished: 'It has ended.',
  cancelled: 'It was cancelled; what had been sent before stays.',
  failed: 'It failed.',
};
