import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import type { Scope } from '../../api/callers.js';
import { ApiKeySchema, MadeApiKeySchema } from '../../api/schemas/api-key.js';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { at, toQuery } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Filters, Select } from '../layout/filters.js';
import { Badge, Pager, Region, Table, When, type Column } from '../layout/parts.js';
import { useVisit } from '../layout/visit-context.js';
import { hrefOf, reasonIn, type Action, type Content, type Page, type Screen } from '../screen.js';

const KeysSchema = pageSchema({ apiKeys: Type.Array(ApiKeySchema) });
type ApiKey = Static<typeof ApiKeySchema>;

/** What who holds a key with it may do. */
const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  read: 'look at everything, students included',
  operate: 'retry, pause, approve, change schedules',
  'launches:write': 'record launches, for the tool',
  'scores:write': 'hand in scores, for the tool',
  admin: 'everything, keys included',
};

const keysPage: Page = {
  path: '/keys',
  async load({ api, query, session }) {
    const asked = { revoked: query.get('revoked') ?? 'false', cursor: query.get('cursor') ?? '' };
    const { apiKeys, nextCursor } = await api.get('/v1/api-keys', KeysSchema, asked);
    return {
      title: 'API keys',
      body: (
        <>
          <h1>API keys</h1>
          <ActionForm
            of={makeKey}
            label="Make a key"
            hint="One for each person and each program, so that the audit trail tells them apart."
            reason="required"
          >
            <NewKey />
          </ActionForm>
          <Filters path="/console/keys" isSet={query.has('revoked')}>
            <Select name="revoked" label="Which" value={asked.revoked} options={WHICH} />
          </Filters>
          <Region id="keys">
            <Table
              caption="API keys, newest first"
              columns={columnsOf(session.apiKey)}
              rows={apiKeys}
              keyOf={({ id }) => id}
              empty="None."
            />
          </Region>
          <Pager path="/console/keys" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

const WHICH = [
  { value: 'false', label: 'living' },
  { value: 'true', label: 'revoked' },
];

const makeKey: Action = {
  path: '/keys',
  scope: 'admin',
  page: keysPage,
  async run({ api }, fields) {
    const platforms = platformsIn(fields);
    const made = await api.send(
      'POST',
      '/v1/api-keys',
      {
        name: fields.get('name')?.trim() ?? '',
        scopes: fields.getAll('scopes'),
        ...(platforms.length > 0 && { platforms }),
        reason: reasonIn(fields),
      },
      MadeApiKeySchema,
    );
    return { show: toShownOnce(made) };
  },
};

const revokeKey: Action = {
  path: '/keys/:id/revoke',
  scope: 'admin',
  page: keysPage,
  async run({ api, param }, fields) {
    const query = toQuery({ reason: reasonIn(fields) });
    await api.send('DELETE', `${at`/v1/api-keys/${param('id')}`}${query}`, null, Type.Null());
    return { to: hrefOf(keysPage), say: 'The key is revoked. Other processes may take it for ten more seconds.' };
  },
};

export const keyScreen: Screen = { pages: [keysPage], actions: [makeKey, revokeKey] };

/** One a line, as they are: an id may hold anything else. */
function platformsIn(fields: URLSearchParams): string[] {
  const lines = (fields.get('platforms') ?? '').split(/\r?\n/).map((line) => line.trim());
  return [...new Set(lines)].filter((line) => line !== '');
}

/** What is asked for a new key; as it was, where it could not be made. */
function NewKey(): VNode {
  const { failed } = useVisit();
  const fields = failed?.action === makeKey ? failed.fields : new URLSearchParams({ scopes: 'read' });
  return (
    <>
      <label>
        Name
        <input name="name" value={fields.get('name') ?? ''} required maxlength={200} autocomplete="off" />
      </label>
      <fieldset>
        <legend>It may</legend>
        {Object.entries(SCOPE_WORDS).map(([scope, words]) => (
          <label class="choice" key={scope}>
            <input type="checkbox" name="scopes" value={scope} checked={fields.getAll('scopes').includes(scope)} />
            <span>
              <code>{scope}</code>: {words}
            </span>
          </label>
        ))}
      </fieldset>
      <label>
        Only on these platforms, one a line (all you see, where there is none)
        <textarea name="platforms" rows={2} spellcheck={false}>
          {fields.get('platforms') ?? ''}
        </textarea>
      </label>
    </>
  );
}

/** The one page that shows a key. It has no address of its own: whoever loads it again is told that it was made already. */
function toShownOnce({ name, key, scopes, platforms }: Static<typeof MadeApiKeySchema>): Content {
  return {
    title: 'A new API key',
    body: (
      <>
        <h1>{name}</h1>
        <p>This is the key. It is shown here only, and kept nowhere: put it where it is needed now.</p>
        <p class="secret card">
          <code>{key}</code>
        </p>
        <p>
          It may: {scopes.join(', ')}. On: {platforms === null ? 'all platforms' : platforms.join(', ')}.
        </p>
        <p>
          <a href={hrefOf(keysPage)}>All API keys</a>
        </p>
      </>
    ),
  };
}

const columnsOf = (own: string): readonly Column<ApiKey>[] => [
  {
    head: 'Key',
    cell: ({ id, name, hint }) => (
      <a href={`/console/audit${toQuery({ apiKey: id })}`} title="What was done with it">
        {name} …{hint}
      </a>
    ),
  },
  { head: 'May', cell: ({ scopes }) => scopes.join(', ') },
  { head: 'On', cell: ({ platforms }) => (platforms === null ? 'all platforms' : platforms.join(', ')) },
  { head: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} or="never" /> },
  { head: 'Made', cell: ({ createdAt }) => <When at={createdAt} /> },
  { head: 'By', cell: toMaker },
  { head: 'Do', cell: (key) => <Revoke of={key} isOwn={key.id === own} /> },
];

function toMaker({ createdBy, createdByName }: ApiKey): string {
  if (createdBy === null) return 'the configuration';
  return createdByName ?? 'a key of more platforms';
}

function Revoke({ of: { id, revokedAt }, isOwn }: { of: ApiKey; isOwn: boolean }): VNode {
  if (revokedAt !== null) {
    return (
      <Badge tone="quiet">
        revoked <When at={revokedAt} />
      </Badge>
    );
  }
  if (isOwn) return <Badge tone="calm">you</Badge>;
  const hint = 'Whatever uses it is refused from then on, and its sessions end.';
  return <ActionForm of={revokeKey} params={{ id }} label="Revoke" hint={hint} reason="required" isDangerous />;
}
