import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { ScoreSchema } from '../../api/schemas/score.js';
import { Badge, type Tone } from '../layout/parts.js';

export type Score = Static<typeof ScoreSchema>;

/** What a state is called on pages. */
export const STATE_WORDS: Readonly<Record<Score['state'], { word: string; tone: Tone }>> = {
  due: { word: 'waiting', tone: 'calm' },
  sending: { word: 'being sent', tone: 'calm' },
  unknown: { word: 'being read back', tone: 'warn' },
  submitted: { word: 'in the gradebook', tone: 'good' },
  rejected: { word: 'rejected', tone: 'bad' },
  held: { word: 'held', tone: 'warn' },
  superseded: { word: 'superseded', tone: 'quiet' },
  erased: { word: 'erased', tone: 'quiet' },
};

/** What a wait is called in filters. */
export const WAIT_WORDS: Readonly<Record<NonNullable<Score['waitingFor']>['reason'], string>> = {
  answer: 'the answer of the LMS',
  enrolment: 'the enrolment',
  decision: 'a decision',
  nightlyRun: 'the night',
  platformPaused: 'a paused platform',
  deploymentPaused: 'a paused deployment',
  contextPaused: 'a paused course',
  contextParked: 'a parked course',
  lineItemParked: 'a parked column',
  launch: 'a launch',
  platform: 'the LMS to take calls',
  rest: 'its rest to end',
  readBack: 'a read-back',
  lineItem: 'its column',
  turn: 'its turn',
};

export function StateBadge({ state }: Pick<Score, 'state'>): VNode {
  const { word, tone } = STATE_WORDS[state];
  return <Badge tone={tone}>{word}</Badge>;
}

export function toPoints({ scoreGiven, scoreMaximum }: Pick<Score, 'scoreGiven' | 'scoreMaximum'>): string {
  return scoreGiven === null ? `— / ${scoreMaximum}` : `${scoreGiven} / ${scoreMaximum}`;
}

/** The first of a column's names that people know. */
export function nameOfColumn({ lineItem }: Pick<Score, 'lineItem'>): string {
  const { label, resourceId, resourceLinkId, id } = lineItem;
  return label ?? resourceId ?? resourceLinkId ?? id ?? 'a column without a name';
}

/** Why it is where it is, in one sentence. */
export function reasonOf({ waitingFor, rejection }: Pick<Score, 'waitingFor' | 'rejection'>): string {
  return waitingFor?.sentence ?? rejection?.sentence ?? '';
}

/** What somebody can do about it. */
export function adviceOf({ waitingFor, rejection }: Pick<Score, 'waitingFor' | 'rejection'>): string {
  return waitingFor?.advice ?? rejection?.advice ?? '';
}
