import { failureOf, isFailureType } from '../failure.js';
import { RESENDABLE_KINDS } from '../drift.js';
import type { WaitReason } from '../wait.js';
import type { StoryFacts, StoryScore } from './story-facts.js';

/** A call of our API that does what the sentence says. */
export interface HelpCall {
  method: 'GET' | 'POST';
  path: string;
  body: Readonly<Record<string, unknown>> | null;
}

/** One thing that a person can do. */
export interface Help {
  sentence: string;
  /** Null: it is done elsewhere. */
  call: HelpCall | null;
}

const post = (path: string, body: HelpCall['body'] = null): HelpCall => ({ method: 'POST', path, body });
const retry = ({ id }: StoryScore): Help => ({
  sentence: 'Send it again now.',
  call: post('/v1/scores/retry', { ids: [id] }),
});
const sendAllTheSame = ({ id }: StoryScore): Help => ({
  sentence: 'Send it all the same.',
  call: post(`/v1/scores/${id}/decide`, { decision: 'send' }),
});
const keep = ({ id }: StoryScore): Help => ({
  sentence: 'Keep what stands in the gradebook.',
  call: post(`/v1/scores/${id}/decide`, { decision: 'keep' }),
});
const readRoster = ({ context }: StoryScore): Help => ({
  sentence: 'Read the roster of the course again.',
  call: post(`/v1/contexts/${context}/roster-refresh`),
});
const resume = (what: string, path: string): Help => ({ sentence: `Resume the ${what}.`, call: post(path) });

const OF_WAITS: Readonly<Partial<Record<WaitReason, (facts: StoryFacts) => Help[]>>> = {
  enrolment: ({ score }) => [readRoster(score), sendAllTheSame(score)],
  decision: ({ score }) => [sendAllTheSame(score), keep(score)],
  nightlyRun: ({ score: { context } }) => [{ sentence: 'Send it now.', call: post('/v1/syncs', { context }) }],
  platformPaused: ({ score }) => [resume('platform', `/v1/platforms/${score.platform}/resume`)],
  deploymentPaused: ({ score }) => [resume('deployment', `/v1/deployments/${score.deployment}/resume`)],
  contextPaused: ({ score }) => [resume('course', `/v1/contexts/${score.context}/resume`)],
  contextParked: ({ score }) => [resume('course', `/v1/contexts/${score.context}/resume`)],
  lineItemParked: ({ score }) => [resume('column', `/v1/line-items/${score.lineItem.id}/resume`)],
  platform: ({ score, waitingFor }) =>
    parks(waitingFor?.type ?? null) ? [resume('platform', `/v1/platforms/${score.platform}/resume`)] : [],
  rest: ({ score }) => [retry(score)],
};

/** Somebody has to end it; else it is probed by itself. */
const parks = (type: string | null): boolean => type !== null && isFailureType(type) && failureOf(type).parks === true;

/** What people can do: first the advice, if it asks for anything, then the calls that do it. */
export function helpOf(facts: StoryFacts): Help[] {
  const advice = /^Nothing\b/.test(facts.advice) ? [] : [{ sentence: facts.advice, call: null }];
  return [...advice, ...callsOf(facts)];
}

function callsOf(facts: StoryFacts): Help[] {
  const { score, waitingFor } = facts;
  if (waitingFor) return OF_WAITS[waitingFor.reason]?.(facts) ?? [];
  if (score.state === 'rejected') return [retry(score)];
  if (score.state === 'superseded' && score.supersededBy !== null) {
    const path = `/v1/scores/${score.supersededBy}/story`;
    return [{ sentence: 'Look at the score that counts.', call: { method: 'GET', path, body: null } }];
  }
  if (score.drift && RESENDABLE_KINDS.includes(score.drift.kind)) {
    const sentence = 'Compare the gradebook of the course anew, and send again what it lost.';
    return [{ sentence, call: post(`/v1/contexts/${score.context}/reconcile`, { resend: true }) }];
  }
  return [];
}
