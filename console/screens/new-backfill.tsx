import { Readable } from 'node:stream';
import type { VNode } from 'preact';
import { BackfillSchema } from '../../api/schemas/backfill.js';
import { OpenForm } from '../layout/action-form.js';
import { useVisit } from '../layout/visit-context.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { WhyAndWho } from './backfill-fields.js';

export const newBackfill: Page = {
  path: '/backfills/new',
  load: async () => ({
    title: 'New backfill',
    section: '/backfills',
    body: (
      <>
        <h1>New backfill</h1>
        <p>
          Corrects many scores from a file. What it would change is shown first; nothing is sent before somebody
          approves it.
        </p>
        <UploadForm />
        <h2>The file</h2>
        <p>
          CSV, as spreadsheets save it, of any size. The first line names the columns: <code>platformId</code>,{' '}
          <code>contextId</code>, <code>userId</code> and <code>scoreGiven</code>; one of <code>lineItemId</code>,{' '}
          <code>resourceLinkId</code> and <code>resourceId</code>; and where it is not that of the score that is held,{' '}
          <code>scoreMaximum</code>. Or one score a line as JSON, in a file whose name ends in <code>.ndjson</code>.
        </p>
        <p class="hint">The list of changes of another backfill can be uploaded as it is.</p>
        <p>
          Was a key stolen? <a href="/console/backfills/undo-key">Undo what it wrote.</a>
        </p>
      </>
    ),
  }),
};

/** Streamed to the API as it comes: the file is nowhere kept whole. */
const upload: Action = {
  path: '/backfills',
  scope: 'operate',
  page: newBackfill,
  takesFile: true,
  async run({ api }, fields, file) {
    const given = (name: string): string => fields.get(name)?.trim() ?? '';
    const isSet = (name: string): string => (fields.has(name) ? 'true' : '');
    const query = {
      ...{ reason: reasonIn(fields), author: given('author'), perSecond: given('perSecond') },
      ...{ dryRun: isSet('dryRun'), queue: isSet('queue'), checkGradebook: isSet('checkGradebook') },
    };
    const sent = { type: typeOf(file?.name ?? ''), bytes: file?.bytes ?? Readable.from([]) };
    const { id } = await api.upload('/v1/backfills', query, sent, BackfillSchema);
    return { to: hrefOf({ path: '/backfills/:id' }, { id }), say: 'The file is read. Look at what it would change.' };
  },
};

export const newBackfillScreen: Screen = { pages: [newBackfill], actions: [upload] };

/** By its name: what browsers say of a CSV depends on what is installed beside them. */
function typeOf(name: string): string {
  return /\.(ndjson|jsonl)$/i.test(name) ? 'application/x-ndjson' : 'text/csv';
}

function UploadForm(): VNode {
  const { session, failed } = useVisit();
  const before = (name: string, otherwise = ''): string => failed?.fields.get(name) ?? otherwise;
  return (
    <OpenForm of={upload} label="Upload and preview">
      <WhyAndWho reason={before('reason')} author={before('author', session.keyName)} />
      <label>
        At most so many a second (optional)
        <input name="perSecond" value={before('perSecond')} inputmode="decimal" pattern="\d{1,6}(\.\d{1,3})?" />
      </label>
      <Choice name="dryRun" isSet={failed?.fields.has('dryRun')}>
        End after the preview
      </Choice>
      <Choice name="checkGradebook" isSet={failed?.fields.has('checkGradebook')}>
        Compare with what the gradebooks hold
      </Choice>
      <Choice name="queue" isSet={failed?.fields.has('queue')}>
        Wait where another backfill has the same scores in hand
      </Choice>
    </OpenForm>
  );
}

function Choice({ name, isSet, children }: { name: string; isSet: boolean | undefined; children: string }): VNode {
  return (
    <label class="choice">
      <input type="checkbox" name={name} checked={isSet ?? false} />
      {children}
    </label>
  );
}
