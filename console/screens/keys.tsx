import { sayReach } from '../../domain/reach.js';
import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { ApiKeySchema, DEFAULT_OVERLAP_HOURS, MadeApiKeySchema } from '../../api/schemas/api-key.js';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { at, toQuery } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Filters, Select } from '../layout/filters.js';
import { Badge, Pager, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { NewKey, toNewKey, toShownOnce } from './new-key.js';

const KeysSchema = pageSchema({ apiKeys: Type.Array(ApiKeySchema) });
type ApiKey = Static<typeof ApiKeySchema>;

const keysPage: Page = {
  path: '/keys',
  async load({ api, query, session, failed }) {
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
            <NewKey failed={failed?.action === makeKey ? failed.fields : null} />
          </ActionForm>
          <Filters path="/console/keys" isSet={query.has('revoked')}>
            <Select name="revoked" label="Which" value={asked.revoked} options={WHICH} />
          </Filters>
          <p>
            Was one stolen? Revoke it, and <a href="/console/backfills/undo-key">undo what it wrote</a>.
          </p>
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
    const made = await api.send('POST', '/v1/api-keys', toNewKey(fields), MadeApiKeySchema);
    return { show: toShownOnce(made, hrefOf(keysPage)) };
  },
};

const rotateKey: Action = {
  path: '/keys/:id/rotate',
  scope: 'admin',
  page: keysPage,
  async run({ api, param }, fields) {
    const hours = fields.get('overlapHours')?.trim() ?? '';
    const body = { ...(hours !== '' && { overlapHours: Number(hours) }), reason: reasonIn(fields) };
    const made = await api.send('POST', at`/v1/api-keys/${param('id')}/rotate`, body, MadeApiKeySchema);
    return { show: toShownOnce(made, hrefOf(keysPage)) };
  },
};

const revokeKey: Action = {
  path: '/keys/:id/revoke',
  scope: 'admin',
  page: keysPage,
  async run({ api, param }, fields) {
    const query = toQuery({ reason: reasonIn(fields) });
    await api.send('DELETE', `${at`/v1/api-keys/${param('id')}`}${query}`, null, Type.Null());
    return {
      to: hrefOf(keysPage),
      say: 'The key is revoked, and so is what was made with it. Other processes may take it for ten more seconds.',
    };
  },
};

export const keyScreen: Screen = { pages: [keysPage], actions: [makeKey, rotateKey, revokeKey] };

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
  { head: 'On', cell: sayReach },
  { head: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} or="never" /> },
  { head: 'Ends', cell: ({ expiresAt }) => <When at={expiresAt} or="never by itself" /> },
  { head: 'Made', cell: ({ createdAt }) => <When at={createdAt} /> },
  { head: 'By', cell: toMaker },
  { head: 'Do', cell: (key) => <Deeds of={key} isOwn={key.id === own} /> },
];

function toMaker({ id, createdBy, createdByName, lineage, rotatedAt }: ApiKey): VNode {
  const maker = createdBy === null ? 'the configuration' : (createdByName ?? 'a key of more platforms');
  return (
    <>
      {maker}
      {lineage !== id && (
        <p class="hint" title="Keys of one lineage approve nothing for each other.">
          lineage {lineage.slice(0, 8)}
        </p>
      )}
      {rotatedAt !== null && (
        <p class="hint">
          another secret since <When at={rotatedAt} />
        </p>
      )}
    </>
  );
}

function Deeds({ of: key, isOwn }: { of: ApiKey; isOwn: boolean }): VNode {
  const { id, revokedAt, createdBy } = key;
  if (revokedAt !== null) {
    return (
      <Badge tone="quiet">
        revoked <When at={revokedAt} />
      </Badge>
    );
  }
  return (
    <>
      {isOwn && <Badge tone="calm">you</Badge>}
      {createdBy !== null && (
        <ActionForm of={rotateKey} params={{ id }} label="New secret" hint={ROTATE_HINT} reason="required">
          <label>
            Hours that the present secret goes on
            <input name="overlapHours" type="number" min={0} max={720} value={DEFAULT_OVERLAP_HOURS} required />
          </label>
        </ActionForm>
      )}
      {!isOwn && (
        <ActionForm of={revokeKey} params={{ id }} label="Revoke" hint={REVOKE_HINT} reason="required" isDangerous />
      )}
    </>
  );
}

const ROTATE_HINT = 'It stays the same key. With 0 hours its sessions end too.';
const REVOKE_HINT = 'For good. All keys that were made with it end with it, perhaps yours, and their sessions.';
