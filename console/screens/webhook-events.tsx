import Type from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { EventSchema, ReplayAnswerSchema } from '../../api/schemas/webhook-event.js';
import { EVENT_STATES } from '../../domain/event-reasons.js';
import { ActionForm } from '../layout/action-form.js';
import { Filters, Select, TextFilter } from '../layout/filters.js';
import { Pager, Region, Table, When, type Column } from '../layout/parts.js';
import { useVisit } from '../layout/visit-context.js';
import { toQuery } from '../api-client.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { EVENT_WORDS, EventBadge, sentenceOf, type WebhookEvent } from './webhook-words.js';

const EventsSchema = pageSchema({ webhookEvents: Type.Array(EventSchema) });

/** What the list can be asked for in its address: never a student, nor a reference, which stands for one. */
const FILTERS = ['source', 'state', 'reason', 'partOf'] as const;

const eventList: Page = {
  path: '/webhooks',
  async load({ api, query }) {
    const asked = Object.fromEntries([...FILTERS, 'cursor'].map((name) => [name, query.get(name) ?? '']));
    const { webhookEvents, nextCursor } = await api.get('/v1/webhook-events', EventsSchema, asked);
    return {
      title: 'Webhook events',
      section: '/webhooks',
      refreshSeconds: 10,
      body: (
        <>
          <h1>Webhook events</h1>
          <Sources />
          <EventFilters query={query} />
          {query.get('source') && <ReplayAll query={query} />}
          <Region id="events">
            <Table
              caption="Webhook events, newest first"
              columns={COLUMNS}
              rows={webhookEvents}
              keyOf={({ id }) => id}
              empty="No event is like that."
            />
          </Region>
          <Pager path="/console/webhooks" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

/** On the filter, never on the page that is shown: the API acts on all that match, in the background. */
const replayAll: Action = {
  path: '/webhooks/replay',
  scope: 'operate',
  page: eventList,
  async run({ api }, fields) {
    const named = FILTERS.map((name): [string, string] => [name, fields.get(`filter.${name}`) ?? '']);
    const filter = Object.fromEntries(named.filter(([, value]) => value !== ''));
    const body = { filter, reason: reasonIn(fields) };
    const { replayed, withoutBody } = await api.send('POST', '/v1/webhook-events/replay', body, ReplayAnswerSchema);
    const left = withoutBody > 0 ? ` ${withoutBody} are left as they are: their bodies are no longer kept.` : '';
    return { to: `${hrefOf(eventList)}${toQuery(filter)}`, say: `${replayed} are looked at again so far.${left}` };
  },
};

export const webhookEventListScreen: Screen = { pages: [eventList], actions: [replayAll] };

function Sources(): VNode | null {
  if (!useVisit().can('admin')) return null;
  return (
    <p>
      <a href="/console/webhooks/sources">Sources and their mappings</a>
    </p>
  );
}

function EventFilters({ query }: { query: URLSearchParams }): VNode {
  return (
    <Filters path="/console/webhooks" isSet={FILTERS.some((name) => query.get(name))}>
      <TextFilter name="source" label="Source" value={query.get('source')} />
      <Select
        name="state"
        label="State"
        value={query.get('state')}
        options={EVENT_STATES.map((state) => ({ value: state, label: EVENT_WORDS[state].word }))}
      />
      <TextFilter name="reason" label="Reason" value={query.get('reason')} />
    </Filters>
  );
}

function ReplayAll({ query }: { query: URLSearchParams }): VNode {
  const state = EVENT_STATES.find((one) => one === query.get('state'));
  const which = state === undefined ? 'did not become scores' : `are ${EVENT_WORDS[state].word}`;
  return (
    <div class="actions">
      <ActionForm
        of={replayAll}
        label="Replay all of these"
        hint={`Looks again, with the mapping of now, at all events of ${query.get('source') ?? ''} that ${which} and match the filter. No grade is changed twice.`}
        reason="required"
      >
        {FILTERS.map((name) => (
          // Why it is done has a name that a filter has too.
          <input key={name} type="hidden" name={`filter.${name}`} value={query.get(name) ?? ''} />
        ))}
      </ActionForm>
    </div>
  );
}

const COLUMNS: readonly Column<WebhookEvent>[] = [
  {
    head: 'Event',
    cell: ({ id, eventId }) => <a href={hrefOf({ path: '/webhooks/events/:id' }, { id })}>{eventId}</a>,
  },
  { head: 'Source', cell: ({ source }) => source },
  { head: 'State', cell: ({ state }) => <EventBadge state={state} /> },
  {
    head: 'Why',
    cell: ({ score, ...event }) => (
      <span class="sentence">{sentenceOf({ ...event, outcome: score?.outcome ?? null })}</span>
    ),
  },
  { head: 'Came again', isNumber: true, cell: ({ repeats }) => repeats },
  { head: 'Received', cell: ({ receivedAt }) => <When at={receivedAt} /> },
];
