import { counted, sayBackfillsUnapproved } from '../../domain/finding-words.js';
import type { Finding } from '../operations/finding.js';
import type { OpenDecision } from '../../db/platforms/open-decisions.js';

type Words = Pick<Finding, 'type' | 'advice' | 'see'> & { sentence: (count: number, subject: string) => string };

const WORDS: Readonly<Record<OpenDecision['kind'], Words>> = {
  held: {
    see: '/v1/scores?state=held',
    type: 'scoresUndecided',
    sentence: (count) =>
      `${counted(count, 'score is', 'scores are')} held until somebody decides, since a person changed the grade in the LMS.`,
    advice: 'GET /v1/scores?state=held, then POST /v1/scores/{id}/decide.',
  },
  drift: {
    see: '/v1/results',
    type: 'gradebooksDiffer',
    sentence: (count, kind) =>
      `${counted(count, 'grade in a gradebook differs', 'grades in gradebooks differ')} from what was sent: ${kind}.`,
    advice: 'GET /v1/contexts/{id}/results lists them; POST /v1/contexts/{id}/reconcile with resend sends them again.',
  },
  backfillUnapproved: {
    see: '/v1/backfills?state=awaitingApproval',
    type: 'backfillsUnapproved',
    sentence: (count) => sayBackfillsUnapproved(count).sentence,
    advice: sayBackfillsUnapproved(1).advice,
  },
  backfillPaused: {
    see: '/v1/backfills?state=paused',
    type: 'backfillsPaused',
    sentence: (count) => `${counted(count, 'backfill is', 'backfills are')} paused.`,
    advice: 'Resume or cancel them: while they wait, no other backfill may touch their scores.',
  },
  backfillFailed: {
    see: '/v1/backfills?state=failed',
    type: 'backfillsFailed',
    sentence: (count) =>
      `${counted(count, 'backfill', 'backfills')} failed within a day, since PostgreSQL refused to go on.`,
    advice: 'Look at failure and progress in GET /v1/backfills/{id}: what was sent before stays, and can be undone.',
  },
};

export function ofOpenDecision({ kind, subject, count, since }: OpenDecision): Finding {
  const { sentence, ...words } = WORDS[kind];
  const severity = kind === 'backfillFailed' ? 'warning' : 'info';
  return { ...words, severity, sentence: sentence(count, subject ?? ''), count, subject, since, call: null };
}
