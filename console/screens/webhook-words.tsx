import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { EventReasonSchema, EventSchema, FactsSchema } from '../../api/schemas/webhook-event.js';
import type { EventState } from '../../domain/event-reasons.js';
import { Badge, Fact, Facts, Instant, type Tone } from '../layout/parts.js';

export type WebhookEvent = Static<typeof EventSchema>;

/** What the state of an event is called on pages. */
export const EVENT_WORDS: Readonly<Record<EventState, { word: string; tone: Tone; sentence: string }>> = {
  stored: { word: 'to be looked at', tone: 'calm', sentence: 'It is looked at in a moment.' },
  scored: { word: 'a score', tone: 'good', sentence: 'It became a score.' },
  ignored: { word: 'not wanted', tone: 'quiet', sentence: 'It is of a type that the mapping does not take.' },
  split: { word: 'taken apart', tone: 'good', sentence: 'Its body had several events: each is one of its own.' },
  unmatched: { word: 'unmatched', tone: 'warn', sentence: 'What it names is not known yet.' },
  expired: { word: 'expired', tone: 'bad', sentence: 'What it names never came.' },
  invalid: { word: 'invalid', tone: 'bad', sentence: 'It cannot be used as it is.' },
};

const OUTCOMES: Readonly<Record<string, string>> = {
  accepted: 'It became a score.',
  unchanged: 'It says what was known already.',
  superseded: 'Something newer was known already.',
};

export function EventBadge({ state }: { state: EventState }): VNode {
  const { word, tone } = EVENT_WORDS[state];
  return <Badge tone={tone}>{word}</Badge>;
}

/** Why it is where it is, in one sentence. */
export function sentenceOf(event: {
  state: EventState;
  reason: Static<typeof EventReasonSchema>;
  outcome: string | null;
}): string {
  const { state, reason, outcome } = event;
  return reason?.sentence ?? OUTCOMES[outcome ?? ''] ?? EVENT_WORDS[state].sentence;
}

/** Where the mapping fails, and what helps. */
export function ReasonFacts({ reason }: { reason: Static<typeof EventReasonSchema> }): VNode | null {
  if (reason === null) return null;
  const { advice, fact, pointer, detail } = reason;
  return (
    <Facts>
      <Fact name="What you can do">{advice}</Fact>
      {detail !== null && <Fact name="More exactly">{detail}</Fact>}
      {fact !== null && (
        <Fact name="Of the mapping">
          <code>{fact}</code>
        </Fact>
      )}
      {pointer !== null && (
        <Fact name="In the event">
          <code>{pointer === '' ? 'all of it' : pointer}</code>
        </Fact>
      )}
    </Facts>
  );
}

/** What the event says, as far as it could be read. */
export function EventFacts({ facts }: { facts: Static<typeof FactsSchema> }): VNode {
  const { type, reference, platformId, deploymentId, contextId, userId, changedAt } = facts;
  const said = [
    ...([
      ['Type', type],
      ['Reference', reference],
      ['Platform', platformId],
      ['Deployment', deploymentId],
    ] as const),
    ...([
      ['Course', contextId],
      ['Student', userId],
    ] as const),
  ].filter(([, value]) => value !== null);
  if (said.length === 0 && changedAt === null) return <p class="muted">Nothing of it could be read.</p>;
  return (
    <Facts>
      {said.map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
      {changedAt !== null && (
        <Fact name="Graded">
          <Instant at={changedAt} />
        </Fact>
      )}
    </Facts>
  );
}
