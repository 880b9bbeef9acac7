import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { BackfillSchema } from '../../api/schemas/backfill.js';
import { BACKFILL_ENDS, type BackfillState, type ChangeKind } from '../../domain/backfill.js';
import { Badge, formatCount, toDuration, type Tone } from '../layout/parts.js';

export type Backfill = Static<typeof BackfillSchema>;

/** What a state is called on pages, and what it means. */
export const STATE_WORDS: Readonly<Record<BackfillState, { word: string; tone: Tone; sentence: string }>> = {
  receiving: { word: 'receiving', tone: 'calm', sentence: 'Its file is being read.' },
  queued: { word: 'queued', tone: 'quiet', sentence: 'It waits for another one over some of the same scores.' },
  previewing: { word: 'previewing', tone: 'calm', sentence: 'What it would change is being worked out.' },
  awaitingApproval: { word: 'awaits approval', tone: 'warn', sentence: 'Nothing is sent before somebody approves it.' },
  releasing: { word: 'being sent', tone: 'calm', sentence: 'It goes out at the pace that the platforms bear.' },
  paused: { word: 'paused', tone: 'warn', sentence: 'Nothing of it is sent.' },
  cancelling: { word: 'being cancelled', tone: 'warn', sentence: 'Calls that are under way come to their end.' },
  finished: { word: 'finished', tone: 'good', sentence: 'It has ended.' },
  cancelled: { word: 'cancelled', tone: 'quiet', sentence: 'What had been sent before stays.' },
  failed: { word: 'failed', tone: 'bad', sentence: 'It came to nothing.' },
};

export const KIND_WORDS: Readonly<Record<ChangeKind, string>> = {
  raised: 'raised',
  lowered: 'lowered',
  unchanged: 'unchanged',
  given: 'newly given',
  amended: 'amended',
  blocked: 'blocked',
  refused: 'refused',
  repeated: 'repeated',
};

export function StateBadge({ state }: Pick<Backfill, 'state'>): VNode {
  const { word, tone } = STATE_WORDS[state];
  return <Badge tone={tone}>{word}</Badge>;
}

/** Why it is where it is, in one sentence. */
export function sentenceOf({ state, failure, paused, dryRun, progress }: Backfill): string {
  if (failure) return failure.detail;
  if (paused) return `Somebody paused it: “${paused.reason}”`;
  if (state !== 'finished') return STATE_WORDS[state].sentence;
  if (dryRun) return 'It was a dry run: nothing was to be sent.';
  return progress.toSend === 0 ? 'There was nothing to send.' : 'All that was to be sent has come to its end.';
}

/** How often its page is fetched again. What has ended does not change. */
export function refreshOf(state: BackfillState): { refreshSeconds?: number } {
  if (BACKFILL_ENDS.includes(state)) return {};
  return { refreshSeconds: state === 'awaitingApproval' || state === 'paused' || state === 'queued' ? 10 : 2 };
}

/** How far it is: a bar, and the same in words. */
export function ProgressBar({ backfill: { state, progress } }: { backfill: Backfill }): VNode | null {
  const { toSend, sent, rejected, overtaken, unsent, ratePerSecond, secondsLeft } = progress;
  if (toSend === 0 || state === 'awaitingApproval') return null;
  const done = toSend - unsent;
  return (
    <>
      <progress max={toSend} value={done} aria-label="How much of it has come to its end" />
      <p>
        {formatCount(done)} of {formatCount(toSend)}: {formatCount(sent)} in gradebooks, {formatCount(rejected)}{' '}
        rejected, {formatCount(overtaken)} overtaken by the tool
        {ratePerSecond > 0 && `; ${ratePerSecond} a second`}
        {unsent > 0 && secondsLeft !== null && `, ${toDuration(secondsLeft)} to go`}
      </p>
    </>
  );
}
