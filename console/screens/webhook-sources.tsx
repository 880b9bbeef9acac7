import { sayReach } from '../../domain/reach.js';
import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { SourceSchema } from '../../api/schemas/webhook.js';
import { DryRunAnswerSchema } from '../../api/schemas/webhook-event.js';
import { ApiProblem, at, toQuery } from '../api-client.js';
import { Badge, Fact, Facts, formatCount, Instant, Table, When, type Column } from '../layout/parts.js';
import { OpenForm } from '../layout/action-form.js';
import { hrefOf, type Action, type Content, type Page, type Screen, type Visit } from '../screen.js';
import { DryRun } from './webhook-dry-run.js';

const SourcesSchema = Type.Object({ webhookSources: Type.Array(SourceSchema) });
type Source = Static<typeof SourceSchema>;
type Tried = Static<typeof DryRunAnswerSchema>;

const sourceList: Page = {
  path: '/webhooks/sources',
  async load({ api }) {
    const { webhookSources } = await api.get('/v1/webhook-sources', SourcesSchema);
    return {
      title: 'Webhook sources',
      section: '/webhooks',
      body: (
        <>
          <h1>Webhook sources</h1>
          <p>
            Services outside that send events. What they sent: <a href="/console/webhooks">webhook events</a>
          </p>
          <Table
            caption="Webhook sources"
            columns={COLUMNS}
            rows={webhookSources}
            keyOf={({ id }) => id}
            empty="There is none. POST /v1/webhook-sources makes one."
          />
        </>
      ),
    };
  },
};

const COLUMNS: readonly Column<Source>[] = [
  { head: 'Source', cell: ({ name }) => <a href={hrefOf(sourcePage, { source: name })}>{name}</a> },
  { head: 'State', cell: (source) => <SourceBadge source={source} /> },
  { head: 'Platforms', cell: sayReach },
  { head: 'Signed by', cell: ({ verification }) => verification.scheme },
  { head: 'Changed', cell: ({ updatedAt }) => <When at={updatedAt} /> },
];

const sourcePage: Page = { path: '/webhooks/sources/:source', load: (visit) => load(visit, null) };

/** Nothing of it is kept, here or in the API; so it has no address, and is answered at once. */
const tryMapping: Action = {
  path: '/webhooks/sources/:source/dry-run',
  scope: 'admin',
  page: sourcePage,
  async run(visit, fields) {
    const body = { rawBody: fields.get('body') ?? '', mapping: readMapping(fields.get('mapping') ?? '') };
    const path = at`/v1/webhook-sources/${visit.param('source')}/dry-run`;
    const tried = await visit.api.send('POST', path, body, DryRunAnswerSchema);
    return { show: await load(visit, { tried, fields }) };
  },
};

export const webhookSourceScreen: Screen = { pages: [sourceList, sourcePage], actions: [tryMapping] };

async function load(
  { api, param, failed }: Visit,
  done: { tried: Tried; fields: URLSearchParams } | null,
): Promise<Content> {
  const source = await api.get(at`/v1/webhook-sources/${param('source')}`, SourceSchema);
  const { name, mapping } = source;
  const fields = done?.fields ?? failed?.fields;
  return {
    title: `Webhook source ${name}`,
    section: '/webhooks',
    body: (
      <>
        <h1>{name}</h1>
        <p class="lead">
          <SourceBadge source={source} /> <a href={`/console/webhooks${toQuery({ source: name })}`}>What it sent</a>
        </p>
        <SourceFacts source={source} />
        <h2>Where its events have what</h2>
        <Table
          caption="Where its events have what"
          columns={FACTS}
          rows={toRows(mapping)}
          keyOf={([fact]) => fact}
          empty="Nothing is mapped."
        />
        <h2 id="try">Try a mapping</h2>
        {done && <DryRun tried={done.tried} />}
        <TryForm
          name={name}
          mapping={fields?.get('mapping') ?? JSON.stringify(mapping, null, 2)}
          body={fields?.get('body') ?? ''}
        />
      </>
    ),
  };
}

function SourceBadge({ source: { disabled } }: { source: Source }): VNode {
  return disabled ? <Badge tone="warn">disabled</Badge> : <Badge tone="good">open</Badge>;
}

function SourceFacts({ source }: { source: Source }): VNode {
  const { url, verification, limits, secrets, updatedAt } = source;
  const { eventsPerMinute, maxBodyBytes, expireDays, keepBodiesDays } = limits;
  return (
    <Facts>
      <Fact name="It calls">
        <code>{url}</code>
      </Fact>
      <Fact name="Signed by">{verification.scheme}</Fact>
      <Fact name="Platforms">{sayReach(source)}</Fact>
      <Fact name="Secrets">
        {secrets.map(({ id, createdAt }) => (
          <span key={id} class="sentence">
            one of <Instant at={createdAt} />
          </span>
        ))}
      </Fact>
      <Fact name="Takes">
        {eventsPerMinute === null ? 'any number of events' : `${formatCount(eventsPerMinute)} events a minute`} of at
        most {formatCount(maxBodyBytes)} bytes
      </Fact>
      <Fact name="Waits for what is unknown">{expireDays} days</Fact>
      <Fact name="Keeps bodies">{keepBodiesDays} days</Fact>
      <Fact name="Changed">
        <When at={updatedAt} />
      </Fact>
    </Facts>
  );
}

/** Facts of the mapping, those of the column by their own names: each a pointer, or a value that is the same for all. */
function toRows({ column, ...mapping }: Source['mapping']): [string, unknown][] {
  const ofColumn = Object.entries(column ?? {}).map(([name, value]): [string, unknown] => [`column ${name}`, value]);
  return [...Object.entries(mapping), ...ofColumn];
}

const FACTS: readonly Column<[string, unknown]>[] = [
  { head: 'What', cell: ([fact]) => fact },
  {
    head: 'Where',
    cell: ([, value]) => <code>{typeof value === 'string' ? value || 'all of it' : JSON.stringify(value)}</code>,
  },
];

function TryForm({ name, mapping, body }: { name: string; mapping: string; body: string }): VNode {
  return (
    <OpenForm
      of={tryMapping}
      params={{ source: name }}
      label="Try it"
      hint="Shows what an event would become, with this mapping. Nothing is kept, and the source keeps the mapping it has."
    >
      <label>
        The body of an event
        <textarea name="body" required spellcheck={false} maxlength={40_000}>
          {body}
        </textarea>
      </label>
      <label>
        The mapping
        <textarea name="mapping" required spellcheck={false} maxlength={10_000}>
          {mapping}
        </textarea>
      </label>
    </OpenForm>
  );
}

/** @throws {ApiProblem} */
function readMapping(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiProblem({
      type: 'about:blank',
      title: 'The mapping is not JSON.',
      status: 422,
      detail: 'Nothing was tried. Correct what stands in its field.',
    });
  }
}
