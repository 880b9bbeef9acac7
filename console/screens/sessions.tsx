import { namesOf, sayReach } from '../../domain/reach.js';
import Type, { type Static } from 'typebox';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { ConsoleSessionSchema } from '../../api/schemas/console-session.js';
import { at, toQuery } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Badge, Fact, Facts, Pager, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';

const SessionsSchema = pageSchema({ consoleSessions: Type.Array(ConsoleSessionSchema) });
type Session = Static<typeof ConsoleSessionSchema>;

const sessionsPage: Page = {
  path: '/sessions',
  async load({ api, session, can, query }) {
    const cursor = query.get('cursor') ?? '';
    const { consoleSessions, nextCursor } = can('admin')
      ? await api.get('/v1/console-sessions', SessionsSchema, { cursor })
      : NONE;
    return {
      title: 'Sessions',
      body: (
        <>
          <h1>Sessions</h1>
          <Facts>
            <Fact name="You are signed in with">{session.keyName}</Fact>
            <Fact name="It may">{session.scopes.join(', ')}</Fact>
            <Fact name="On">{sayReach(namesOf(session.platforms))}</Fact>
            <Fact name="Ends at the latest">
              <When at={session.expiresAt} />
            </Fact>
          </Facts>
          {can('admin') && (
            <>
              <h2>All who are signed in</h2>
              <Region id="sessions">
                <Table
                  caption="Sessions, newest first"
                  columns={columnsOf(session.id)}
                  rows={consoleSessions}
                  keyOf={({ id }) => id}
                  empty="Nobody."
                />
              </Region>
              <Pager path="/console/sessions" query={query} nextCursor={nextCursor} />
            </>
          )}
        </>
      ),
    };
  },
};

const NONE = { consoleSessions: [], nextCursor: null };

const endSession: Action = {
  path: '/sessions/:id/end',
  scope: 'admin',
  page: sessionsPage,
  async run({ api, param }, fields) {
    const query = toQuery({ reason: reasonIn(fields) });
    await api.send('DELETE', `${at`/v1/console-sessions/${param('id')}`}${query}`, null, Type.Null());
    return { to: hrefOf(sessionsPage), say: 'The session has ended.' };
  },
};

export const sessionScreen: Screen = { pages: [sessionsPage], actions: [endSession] };

const columnsOf = (own: string): readonly Column<Session>[] => [
  { head: 'Key', cell: ({ keyName, keyHint }) => `${keyName} …${keyHint}` },
  { head: 'Signed in', cell: ({ createdAt }) => <When at={createdAt} /> },
  { head: 'Last seen', cell: ({ lastSeenAt }) => <When at={lastSeenAt} /> },
  { head: 'Ends', cell: ({ expiresAt }) => <When at={expiresAt} /> },
  {
    head: 'Do',
    cell: ({ id }) =>
      id === own ? (
        <Badge tone="calm">this one</Badge>
      ) : (
        <ActionForm of={endSession} params={{ id }} label="End" reason="required" isDangerous />
      ),
  },
];
