import type { VNode } from 'preact';
import { BackfillSchema } from '../../api/schemas/backfill.js';
import { OpenForm } from '../layout/action-form.js';
import { useVisit } from '../layout/visit-context.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { WhyAndWho } from './backfill-fields.js';

const undoKeyPage: Page = {
  path: '/backfills/undo-key',
  load: async ({ query }) => ({
    title: 'Undo what a key wrote',
    section: '/backfills',
    body: (
      <>
        <h1>Undo what a key wrote</h1>
        <p>
          For a key that was stolen: <a href="/console/keys">revoke it</a> first. Puts back what was before, wherever
          the newest grade is one that the key wrote within that time, or a key that it made, or a backfill of theirs. A
          grade that had none before is taken away. What would change is shown first; nothing is sent before somebody
          approves it.
        </p>
        <UndoForm apiKey={query.get('apiKey')} />
      </>
    ),
  }),
};

const undo: Action = {
  path: '/backfills/undo-key',
  scope: 'operate',
  page: undoKeyPage,
  async run({ api }, fields) {
    const given = (name: string): string => fields.get(name)?.trim() ?? '';
    const until = toInstant(given('until'));
    const body = {
      ...{ reason: reasonIn(fields), author: given('author'), filter: {} },
      action: {
        restore: { apiKeyId: given('apiKey'), since: toInstant(given('since')), ...(until !== '' && { until }) },
      },
    };
    const { id } = await api.send('POST', '/v1/backfills', body, BackfillSchema);
    return { to: hrefOf({ path: '/backfills/:id' }, { id }), say: 'It is worked out what would change.' };
  },
};

export const undoKeyScreen: Screen = { pages: [undoKeyPage], actions: [undo] };

/** A day and a time in UTC, as browsers send them. The API says what is none. */
function toInstant(moment: string): string {
  const at = Date.parse(`${moment}Z`);
  return Number.isNaN(at) ? moment : new Date(at).toISOString();
}

function UndoForm({ apiKey }: { apiKey: string | null }): VNode {
  const { session, failed } = useVisit();
  const before = (name: string, otherwise = ''): string => failed?.fields.get(name) ?? otherwise;
  return (
    <OpenForm of={undo} label="Preview">
      <label>
        The key (its id)
        <input name="apiKey" value={before('apiKey', apiKey ?? '')} required autocomplete="off" />
      </label>
      <label>
        From (UTC)
        <input type="datetime-local" step="1" name="since" value={before('since')} required />
      </label>
      <label>
        To (UTC; now, if left open)
        <input type="datetime-local" step="1" name="until" value={before('until')} />
      </label>
      <WhyAndWho reason={before('reason')} author={before('author', session.keyName)} />
    </OpenForm>
  );
}
