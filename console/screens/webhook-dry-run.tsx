import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { DryRunAnswerSchema } from '../../api/schemas/webhook-event.js';
import { formatCount, Table, type Column } from '../layout/parts.js';
import { EventBadge, EventFacts, ReasonFacts, sentenceOf } from './webhook-words.js';

type Tried = Static<typeof DryRunAnswerSchema>;
type Part = Tried['events'][number];

/** What a pasted event would become. */
export function DryRun({ tried }: { tried: Tried }): VNode {
  const { state, reason, outcome, facts, item, eventCount, events, eventId } = tried;
  return (
    <section class="card" aria-label="What it would become">
      <p class="lead" role="status">
        <EventBadge state={state} /> {sentenceOf({ state, reason, outcome })}
      </p>
      <ReasonFacts reason={reason} />
      <p class="hint">
        Its event id would be <code>{eventId}</code>
      </p>
      {events.length === 0 ? (
        <>
          <EventFacts facts={facts} />
          {item && <Item item={item} />}
        </>
      ) : (
        <>
          <p>
            It holds {formatCount(eventCount)} events
            {events.length < eventCount && `; these are the first ${events.length}`}.
          </p>
          <Table
            caption="What each of its events would become"
            columns={PARTS}
            rows={events}
            keyOf={({ eventId: id }) => id}
            empty=""
          />
        </>
      )}
    </section>
  );
}

function Item({ item }: { item: Record<string, unknown> }): VNode {
  return (
    <>
      <p>It would hand in:</p>
      <pre tabindex={0}>{JSON.stringify(item, null, 2)}</pre>
    </>
  );
}

const PARTS: readonly Column<Part>[] = [
  { head: 'Event', cell: ({ eventId }) => eventId },
  { head: 'State', cell: ({ state }) => <EventBadge state={state} /> },
  { head: 'Why', cell: (part) => <span class="sentence">{sentenceOf(part)}</span> },
  { head: 'Student', cell: ({ facts }) => facts.userId ?? facts.reference ?? '—' },
  { head: 'Course', cell: ({ facts }) => facts.contextId ?? '—' },
];
