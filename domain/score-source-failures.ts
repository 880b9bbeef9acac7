import type { FailureFacts } from './failure-facts.js';

/** Failures of the tool's own endpoint that is asked for progress; each costs the course that was asked about. */
export const scoreSourceFailures = {
  ScoreSourceUnreachable: {
    radius: 'context',
    retryable: true,
    sentence: "The tool's score source cannot be reached.",
    advice: 'Check SCORE_SOURCE_URL and that endpoint; the next night asks again.',
  },
  ScoreSourceTooSlow: {
    radius: 'context',
    retryable: true,
    sentence: "The tool's score source took too long to answer.",
    advice: 'Make it answer with smaller pages; the next night asks again.',
  },
  ScoreSourceRefused: {
    radius: 'context',
    retryable: false,
    sentence: "The tool's score source refused to answer, or pointed elsewhere.",
    advice: 'Check its log, its check of the signature, and SCORE_SOURCE_SECRET; redirects are not followed.',
  },
  ScoreSourceUnreadable: {
    radius: 'context',
    retryable: false,
    sentence: "What the tool's score source answered is no page of scores, or far too large.",
    advice: 'Answer as JSON with a list "scores" and a "nextCursor", in pages of a few hundred scores.',
  },
  ScoreSourceEndless: {
    radius: 'context',
    retryable: false,
    sentence: "The pages of the tool's score source do not end.",
    advice: 'Leave "nextCursor" out of the last page, and never give the same cursor twice.',
  },
} as const satisfies Record<string, FailureFacts>;
