import type { Static } from 'typebox';
import { isFailureType, problemTypeOf } from '../../domain/failure.js';
import { factsOf } from '../../domain/finding-words.js';
import type { ScoreRecord } from '../../db/scores/score-reader.js';
import type { ScoreSchema } from '../schemas/score.js';
import { waitingFor } from './waiting.js';

/** A score as the API shows it; the route's schema lets nothing else of the record out. */
export function toScore(record: ScoreRecord): Static<typeof ScoreSchema> {
  const { value, lineItem, failureType, failureDetail, awaitsNightly, ...rest } = record;
  const { id: uuid, lineItemId, ...names } = lineItem;
  return {
    ...rest,
    lineItem: { uuid, id: lineItemId, ...names },
    scoreGiven: value.scoreGiven,
    scoreMaximum: value.scoreMaximum,
    activityProgress: value.activityProgress,
    gradingProgress: value.gradingProgress,
    comment: value.comment ?? null,
    submission: value.submission ?? null,
    submit: awaitsNightly ? 'nightly' : 'now',
    waitingFor: waitingFor(record),
    rejection:
      record.state === 'rejected' && failureType !== null
        ? { type: failureType, ...wordsOf(failureType), detail: failureDetail }
        : null,
  };
}

function wordsOf(type: string): { problemType: string; sentence: string; advice: string } {
  const { sentence, advice } = factsOf(type);
  return { problemType: isFailureType(type) ? problemTypeOf(type) : 'about:blank', sentence, advice };
}
