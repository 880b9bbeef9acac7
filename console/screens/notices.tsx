import Type, { type Static } from 'typebox';
import type { VNode } from 'preact';
import { pageSchema } from '../../api/schemas/building-blocks.js';
import { NoticeDeliverySchema, NoticeEndpointSchema, NoticeSchema } from '../../api/schemas/notice.js';
import { DELIVERY_STATES, NOTICE_KINDS } from '../../domain/notice.js';
import { at, toQuery } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Filters, Select } from '../layout/filters.js';
import { Badge, Fact, Facts, Pager, Region, Table, When, type Column } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { DISABLER_WORDS, STATE_WORDS, StateBadge, toFailure } from './notice-words.js';

const EndpointsSchema = pageSchema({ noticeEndpoints: Type.Array(NoticeEndpointSchema) });
const DeliveriesSchema = pageSchema({ noticeDeliveries: Type.Array(NoticeDeliverySchema) });
const DeliverySchema = Type.Object({ ...NoticeDeliverySchema.properties, notices: Type.Array(NoticeSchema) });
type Endpoint = Static<typeof NoticeEndpointSchema>;
type Delivery = Static<typeof NoticeDeliverySchema>;
type Notice = Static<typeof NoticeSchema>;

const noticesPage: Page = {
  path: '/notices',
  async load({ api, can, query }) {
    const asked = Object.fromEntries(['state', 'endpoint', 'cursor'].map((name) => [name, query.get(name) ?? '']));
    const { noticeDeliveries, nextCursor } = await api.get('/v1/notice-deliveries', DeliveriesSchema, asked);
    return {
      title: 'Notices',
      refreshSeconds: 10,
      body: (
        <>
          <h1>Notices</h1>
          <p>What Passback told others by itself, and whether they took it.</p>
          {can('admin') && <Endpoints {...await api.get('/v1/notices', EndpointsSchema, { limit: MOST_ENDPOINTS })} />}
          <h2>Messages</h2>
          <Filters path="/console/notices" isSet={query.has('state') || query.has('endpoint')}>
            <Select
              name="state"
              label="State"
              value={query.get('state')}
              options={DELIVERY_STATES.map((state) => ({ value: state, label: STATE_WORDS[state].word }))}
            />
          </Filters>
          <Region id="deliveries">
            <Table
              caption="Messages, newest first"
              columns={DELIVERY_COLUMNS}
              rows={noticeDeliveries}
              keyOf={({ id }) => id}
              empty="None."
            />
          </Region>
          <Pager path="/console/notices" query={query} nextCursor={nextCursor} />
        </>
      ),
    };
  },
};

/** Endpoints are few; of more than these the API tells. */
const MOST_ENDPOINTS = '100';

const deliveryPage: Page = {
  path: '/notices/deliveries/:id',
  async load({ api, param }) {
    const delivery = await api.get(at`/v1/notice-deliveries/${param('id')}`, DeliverySchema);
    return {
      title: 'A message',
      body: (
        <>
          <h1>A message</h1>
          <p class="lead">
            <StateBadge state={delivery.state} /> <a href="/console/notices">All notices</a>
          </p>
          <Facts>
            <Fact name="Its webhook-id">
              <code>{delivery.id}</code>
            </Fact>
            <Fact name="Tries">{delivery.attempts}</Fact>
            <Fact name="The last one">{toFailure(delivery) || <When at={delivery.lastTriedAt} or="not yet" />}</Fact>
            <Fact name="Taken">
              <When at={delivery.deliveredAt} or="not yet" />
            </Fact>
            <Fact name="Made">
              <When at={delivery.createdAt} />
            </Fact>
          </Facts>
          <Table
            caption="What it says"
            columns={NOTICE_COLUMNS}
            rows={delivery.notices}
            keyOf={({ id }) => id}
            empty="Nothing."
          />
          <div class="actions">
            <ActionForm
              of={resend}
              params={{ id: delivery.id }}
              label="Send it again"
              hint="Under the same id, by which whoever gets it knows what it has."
              reason="required"
            />
          </div>
        </>
      ),
    };
  },
};

const resend: Action = {
  path: '/notices/deliveries/:id/resend',
  scope: 'operate',
  page: deliveryPage,
  async run({ api, param }, fields) {
    const id = param('id');
    await api.send('POST', at`/v1/notice-deliveries/${id}/resend`, { reason: reasonIn(fields) }, NoticeDeliverySchema);
    return { to: hrefOf(deliveryPage, { id }), say: 'It is sent again.' };
  },
};

/** Both ways: the path says which, so that a page that is old never does the contrary of what its button said. */
const toSwitch = (path: string, disabled: boolean, say: string): Action => ({
  ...{ path, scope: 'admin', page: noticesPage },
  async run({ api, param }, fields) {
    const body = { disabled, reason: reasonIn(fields) };
    await api.send('PATCH', at`/v1/notices/${param('id')}`, body, NoticeEndpointSchema);
    return { to: hrefOf(noticesPage), say };
  },
});
const switchOff = toSwitch('/notices/:id/switch-off', true, 'It hears of nothing until it is switched on.');
const switchOn = toSwitch('/notices/:id/switch-on', false, 'It hears again of what needs somebody.');

export const noticeScreen: Screen = {
  pages: [noticesPage, deliveryPage],
  actions: [resend, switchOff, switchOn],
};

function Endpoints({ noticeEndpoints }: Static<typeof EndpointsSchema>): VNode {
  return (
    <>
      <h2>Who is told</h2>
      <Region id="endpoints">
        <Table
          caption="Endpoints"
          columns={ENDPOINT_COLUMNS}
          rows={noticeEndpoints}
          keyOf={({ id }) => id}
          empty="Nobody. POST /v1/notices makes an endpoint."
        />
      </Region>
    </>
  );
}

const ENDPOINT_COLUMNS: readonly Column<Endpoint>[] = [
  {
    head: 'Endpoint',
    cell: ({ id, origin, description }) => (
      <a href={`/console/notices${toQuery({ endpoint: id })}`} title="What it was sent">
        {description ?? origin}
      </a>
    ),
  },
  { head: 'At', cell: ({ origin }) => origin },
  { head: 'Hears of', cell: ({ kinds }) => <span class="sentence">{toWords(kinds)}</span> },
  { head: 'Of', cell: ({ platformId, contextId }) => contextId ?? platformId ?? 'all' },
  { head: 'State', cell: EndpointState },
  { head: 'Do', cell: Switch },
];

const toWords = (kinds: readonly string[]): string =>
  kinds.length === NOTICE_KINDS.length ? 'everything' : kinds.join(', ');

function EndpointState({ disabledAt, disabledBy, failures, failingSince }: Endpoint): VNode {
  if (disabledAt !== null) {
    return (
      <>
        <Badge tone="bad">off</Badge> {disabledBy && DISABLER_WORDS[disabledBy]}, <When at={disabledAt} />
      </>
    );
  }
  if (failingSince === null) return <Badge tone="good">on</Badge>;
  return (
    <>
      <Badge tone="warn">failing</Badge> {failures} times since <When at={failingSince} />
    </>
  );
}

function Switch({ id, disabledAt }: Endpoint): VNode {
  const isOff = disabledAt !== null;
  return (
    <ActionForm
      of={isOff ? switchOn : switchOff}
      params={{ id }}
      label={isOff ? 'Switch on' : 'Switch off'}
      hint={
        isOff
          ? 'First goes what was found before and not given up. What came up meanwhile is not made up for.'
          : 'Nothing is sent to it until somebody switches it on.'
      }
      reason="required"
    />
  );
}

const DELIVERY_COLUMNS: readonly Column<Delivery>[] = [
  {
    head: 'Message',
    cell: ({ id, type, count }) => (
      <a href={hrefOf(deliveryPage, { id })}>
        {type}, {count}
      </a>
    ),
  },
  { head: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { head: 'Tries', isNumber: true, cell: ({ attempts }) => attempts },
  { head: 'Last trouble', cell: (delivery) => <span class="sentence">{toFailure(delivery)}</span> },
  { head: 'Made', cell: ({ createdAt }) => <When at={createdAt} /> },
];

const NOTICE_COLUMNS: readonly Column<Notice>[] = [
  { head: 'What', cell: ({ kind }) => kind },
  { head: 'Says', cell: ({ sentence }) => <span class="sentence">{sentence}</span> },
  { head: 'Since', cell: ({ since }) => <When at={since} /> },
];
