import type { Static } from 'typebox';
import type { VNode } from 'preact';
import { BackfillSchema } from '../../api/schemas/backfill.js';
import { BACKFILL_ENDS, mayDecide, type BackfillDecision } from '../../domain/backfill.js';
import { at } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Fact, Facts, formatCount, Region, When } from '../layout/parts.js';
import { useVisit } from '../layout/visit-context.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { ITEM_PAGES, ProblemsSchema } from './backfill-items.js';
import { BackfillPreview } from './backfill-preview.js';
import { ProblemTable } from './backfill-tables.js';
import { ProgressBar, refreshOf, sentenceOf, StateBadge, type Backfill } from './backfill-words.js';

type Problems = Static<typeof ProblemsSchema>['problems'];

/** The first problems stand on the page itself. */
const FEW = '10';

const backfillPage: Page = {
  path: '/backfills/:id',
  async load({ api, param }) {
    const id = param('id');
    const [backfill, { problems }] = await Promise.all([
      api.get(at`/v1/backfills/${id}`, BackfillSchema),
      api.get(at`/v1/backfills/${id}/problems`, ProblemsSchema, { limit: FEW }),
    ]);
    const refresh = refreshOf(backfill.state);
    return {
      title: `Backfill: ${backfill.reason}`,
      section: '/backfills',
      ...refresh,
      body: (
        <>
          <h1>{backfill.reason}</h1>
          <Region id="verdict" isLive>
            <p class="lead">
              <StateBadge state={backfill.state} /> {sentenceOf(backfill)}
            </p>
          </Region>
          <Region id="progress">
            <ProgressBar backfill={backfill} />
          </Region>
          {refresh.refreshSeconds !== undefined && (
            <noscript>
              <p>
                <a href={hrefOf({ path: '/backfills/:id' }, { id })}>See how far it is now</a>
              </p>
            </noscript>
          )}
          <Region id="actions">
            <Actions backfill={backfill} />
          </Region>
          <Region id="facts">
            <BackfillFacts backfill={backfill} />
          </Region>
          <Region id="preview">
            <BackfillPreview backfill={backfill} />
          </Region>
          <Region id="problems">
            <FirstProblems id={id} problems={problems} />
          </Region>
        </>
      ),
    };
  },
};

const decide = (decision: BackfillDecision, say: string): Action => ({
  path: `/backfills/:id/${decision}`,
  scope: decision === 'approve' ? 'approve' : 'operate',
  page: backfillPage,
  async run({ api, param }, fields) {
    const id = param('id');
    await api.send('POST', at`/v1/backfills/${id}/${decision}`, { reason: reasonIn(fields) }, BackfillSchema);
    return { to: hrefOf(backfillPage, { id }), say };
  },
});

const DECISIONS: Readonly<Record<BackfillDecision, Action>> = {
  approve: decide('approve', 'It is approved, and goes out.'),
  pause: decide('pause', 'It is paused.'),
  resume: decide('resume', 'It goes on.'),
  cancel: decide('cancel', 'It is cancelled.'),
};

const undo: Action = {
  path: '/backfills/:id/undo',
  scope: 'operate',
  page: backfillPage,
  async run({ api, param }, fields) {
    const body = { reason: reasonIn(fields), author: fields.get('author')?.trim() ?? '' };
    const { id } = await api.send('POST', at`/v1/backfills/${param('id')}/undo`, body, BackfillSchema);
    return {
      to: hrefOf(backfillPage, { id }),
      say: 'This is the undo. Look at what it would restore, then approve it.',
    };
  },
};

export const backfillScreen: Screen = {
  pages: [backfillPage, ...ITEM_PAGES],
  actions: [...Object.values(DECISIONS), undo],
};

function Actions({ backfill }: { backfill: Backfill }): VNode {
  const { session } = useVisit();
  const { id, state, approval, apiKeyId, progress } = backfill;
  const params = { id };
  const isForAnother = state === 'awaitingApproval' && approval.byAnother === true && apiKeyId === session.apiKey;
  const buttons = BUTTONS.filter(({ of }) => mayDecide(of, state) && !(of === 'approve' && isForAnother));
  return (
    <>
      {isForAnother && (
        <p>It is over the threshold: somebody else approves it, with a key that this one has not made.</p>
      )}
      <div class="actions">
        {buttons.map(({ of, label, hint, isDangerous }) => (
          <ActionForm key={of} of={DECISIONS[of]} {...{ params, label, hint, isDangerous }} reason="required" />
        ))}
        {BACKFILL_ENDS.includes(state) && progress.sent > 0 && (
          <ActionForm of={undo} params={params} label="Undo" reason="required" hint={UNDO_HINT}>
            <label>
              Who answers for it
              <input name="author" value={session.keyName} required maxlength={200} />
            </label>
          </ActionForm>
        )}
      </div>
    </>
  );
}

const BUTTONS: readonly { of: BackfillDecision; label: string; hint: string; isDangerous: boolean }[] = [
  { of: 'approve', label: 'Approve', hint: 'Its scores go out. Look at the preview first.', isDangerous: false },
  { of: 'pause', label: 'Pause', hint: 'Within seconds nothing more is sent.', isDangerous: false },
  { of: 'resume', label: 'Resume', hint: 'It goes on where it was paused.', isDangerous: false },
  { of: 'cancel', label: 'Cancel', hint: 'For good. What has been sent stays, and can be undone.', isDangerous: true },
];
const UNDO_HINT =
  'Makes another backfill that restores what was before wherever this one sent something and nothing newer came since. ' +
  'It has a preview, and waits for an approval.';

function BackfillFacts({ backfill }: { backfill: Backfill }): VNode {
  const { source, lines, author, createdAt, releasedAt, endedAt, approval, undoOf, behind, failure, perSecond } =
    backfill;
  return (
    <Facts>
      <Fact name="From">{SOURCES[source] ?? source}</Fact>
      <Fact name="Lines">{formatCount(lines)}</Fact>
      <Fact name="Answered for by">{author}</Fact>
      <Fact name="Begun">
        <When at={createdAt} />
      </Fact>
      {approval.approvedAt !== null && (
        <Fact name="Approved">
          <When at={approval.approvedAt} />
        </Fact>
      )}
      {releasedAt !== null && (
        <Fact name="First released">
          <When at={releasedAt} />
        </Fact>
      )}
      {endedAt !== null && (
        <Fact name="Ended">
          <When at={endedAt} />
        </Fact>
      )}
      {perSecond !== null && <Fact name="At most">{perSecond} a second</Fact>}
      <Other name="Undoes" id={undoOf} />
      <Other name="Waits for" id={behind} />
      <Other name="Overlaps" id={failure?.backfill ?? null} />
    </Facts>
  );
}

const SOURCES: Readonly<Record<string, string>> = {
  upload: 'a file',
  filter: 'a filter over what is held',
  undo: 'another backfill',
};

function Other({ name, id }: { name: string; id: string | null }): VNode | null {
  if (id === null) return null;
  return (
    <Fact name={name}>
      <a href={hrefOf({ path: '/backfills/:id' }, { id })}>another backfill</a>
    </Fact>
  );
}

function FirstProblems({ id, problems }: { id: string; problems: Problems }): VNode | null {
  if (problems.length === 0) return null;
  return (
    <>
      <h2>Lines with problems</h2>
      <ProblemTable problems={problems} caption="The first lines with problems" />
      <p>
        <a href={hrefOf({ path: '/backfills/:id/problems' }, { id })}>All lines with problems</a>
      </p>
    </>
  );
}
