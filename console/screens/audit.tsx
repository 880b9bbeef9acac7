import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { AuditEntrySchema } from '../../api/schemas/audit-entry.js';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { toQuery } from '../api-client.js';
import { Filters, Select, TextFilter } from '../layout/filters.js';
import { Instant, Pager, Region, Table, type Column } from '../layout/parts.js';
import { hrefOf, type Page, type Screen } from '../screen.js';

const AuditSchema = pageSchema({ auditEntries: Type.Array(AuditEntrySchema) });
type AuditEntry = Static<typeof AuditEntrySchema>;

const FILTERS = [
  ...(['apiKey', 'action', 'subject', 'since', 'until', 'platformId', 'requestId', 'outcome', 'cursor'] as const),
];

const auditPage: Page = {
  path: '/audit',
  async load({ api, query }) {
    const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name)?.trim() ?? '']));
    const { auditEntries, nextCursor } = await api.get('/v1/audit', AuditSchema, {
      ...asked,
      since: toStart(asked['since'], 0),
      until: toStart(asked['until'], 1),
    });
    return {
      title: 'Audit trail',
      body: (
        <>
          <h1>Audit trail</h1>
          <AuditFilters query={query} />
          <Region id="audit">
            <Table
              caption="What people did, newest first"
              columns={COLUMNS}
              rows={auditEntries}
              keyOf={({ id }) => id}
              empty="Nobody did anything like that."
            />
          </Region>
          <Pager path="/console/audit" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

export const auditScreen: Screen = { pages: [auditPage], actions: [] };

/** The beginning in UTC of a day, or of one after it: `until` means that day too. The API says what is none. */
function toStart(day: string | undefined, daysOn: number): string {
  const start = Date.parse(`${day ?? ''}T00:00:00Z`);
  return Number.isNaN(start) ? (day ?? '') : new Date(start + daysOn * 86_400_000).toISOString();
}

function AuditFilters({ query }: { query: URLSearchParams }): VNode {
  return (
    <Filters path="/console/audit" isSet={FILTERS.some((name) => query.get(name))}>
      <TextFilter name="action" label="What was done" value={query.get('action')} />
      <TextFilter name="subject" label="To what" value={query.get('subject')} />
      <TextFilter name="apiKey" label="With the key (its id)" value={query.get('apiKey')} />
      <TextFilter name="platformId" label="Platform" value={query.get('platformId')} />
      <Select name="outcome" label="How it went" value={query.get('outcome')} options={OUTCOMES} />
      <DayFilter name="since" label="From (UTC)" value={query.get('since')} />
      <DayFilter name="until" label="To (UTC)" value={query.get('until')} />
    </Filters>
  );
}

function DayFilter({ name, label, value }: { name: string; label: string; value: string | null }): VNode {
  return (
    <label>
      {label}
      <input type="date" name={name} value={value ?? ''} />
    </label>
  );
}

const OUTCOMES = [
  { value: 'done', label: 'done' },
  { value: 'asked', label: 'asked' },
  { value: 'failed', label: 'failed' },
];

const COLUMNS: readonly Column<AuditEntry>[] = [
  { head: 'When (UTC)', cell: ({ at }) => <Instant at={at} /> },
  { head: 'Who', cell: toWho },
  { head: 'Did', cell: ({ action }) => <a href={`/console/audit${toQuery({ action })}`}>{action}</a> },
  { head: 'To', cell: ({ action, subject }) => <Subject action={action} subject={subject} /> },
  { head: 'Why', cell: ({ reason }) => reason ?? <span class="muted">—</span> },
  { head: 'How it went', cell: toOutcome },
  { head: 'More', cell: ({ details }) => <Details details={details ?? {}} /> },
  { head: 'Request', cell: toRequest },
  { head: 'Place', cell: ({ id, hash }) => <code title={`Its hash is ${hash}`}>{id}</code> },
];

function toOutcome({ outcome, answers }: AuditEntry): string {
  return answers === null ? outcome : `${outcome}, as was asked by ${answers}`;
}

function toRequest({ requestId }: AuditEntry): VNode {
  if (requestId === null) return <span class="muted">—</span>;
  return (
    <a href={`/console/audit${toQuery({ requestId })}`} title="What else it did">
      <code>{requestId.slice(0, 8)}</code>
    </a>
  );
}

function toWho({ apiKey, keyName }: AuditEntry): VNode | string {
  if (apiKey === null) return 'Passback';
  return <a href={`/console/audit${toQuery({ apiKey })}`}>{keyName ?? 'a key of more platforms'}</a>;
}

/** The page of what was acted on, by the noun of the action. */
const PAGES: Readonly<Record<string, string>> = {
  scores: '/scores/:id',
  contexts: '/courses/:id',
  syncs: '/courses/:id',
  platforms: '/platforms/:id',
  backfills: '/backfills/:id',
  'bulk-operations': '/bulk-operations/:id',
  'notice-deliveries': '/notices/deliveries/:id',
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function Subject({ action, subject }: Pick<AuditEntry, 'action' | 'subject'>): VNode {
  const path = PAGES[action.split('.')[0] ?? ''];
  if (!UUID.test(subject)) return <>{subject}</>;
  const id = <code>{subject.slice(0, 8)}</code>;
  if (path !== undefined) return <a href={hrefOf({ path }, { id: subject })}>{id}</a>;
  return (
    <a href={`/console/audit${toQuery({ subject })}`} title="What else was done to it">
      {id}
    </a>
  );
}

/** By name, as they were asked for. What was left open says nothing. */
function Details({ details }: { details: Readonly<Record<string, unknown>> }): VNode {
  const said = Object.entries(details).filter(([, value]) => value !== null);
  return (
    <span class="muted">
      {said.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join('; ')}
    </span>
  );
}
