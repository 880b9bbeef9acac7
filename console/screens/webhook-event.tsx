import type { VNode } from 'preact';
import { EventSchema } from '../../api/schemas/webhook-event.js';
import { at, toQuery } from '../api-client.js';
import { ActionForm } from '../layout/action-form.js';
import { Fact, Facts, Region, When } from '../layout/parts.js';
import { hrefOf, reasonIn, type Action, type Page, type Screen } from '../screen.js';
import { EventBadge, EventFacts, ReasonFacts, sentenceOf, type WebhookEvent } from './webhook-words.js';

const eventPage: Page = {
  path: '/webhooks/events/:id',
  async load({ api, param }) {
    const event = await api.get(at`/v1/webhook-events/${param('id')}`, EventSchema);
    const { id, eventId, state, reason, score, facts, replayable } = event;
    return {
      title: `Event ${eventId}`,
      section: '/webhooks',
      refreshSeconds: 5,
      body: (
        <>
          <h1>
            {eventId} <span class="muted">of {event.source}</span>
          </h1>
          <Region id="verdict" isLive>
            <p class="lead">
              <EventBadge state={state} /> {sentenceOf({ state, reason, outcome: score?.outcome ?? null })}
            </p>
          </Region>
          <Region id="why">
            <ReasonFacts reason={reason} />
          </Region>
          <Region id="actions">
            {replayable ? (
              <div class="actions">
                <ActionForm of={replay} params={{ id }} label="Replay" hint={REPLAY_HINT} reason="required" />
              </div>
            ) : (
              <p class="muted">Its body is no longer kept, so it cannot be replayed: have it sent again.</p>
            )}
          </Region>
          <h2>What became of it</h2>
          <Region id="became">
            <Became event={event} />
          </Region>
          <h2>What it says</h2>
          <Region id="said">
            <EventFacts facts={facts} />
          </Region>
        </>
      ),
    };
  },
};

const REPLAY_HINT = 'Looks at it again with the mapping of now. No grade is changed twice.';

const replay: Action = {
  path: '/webhooks/events/:id/replay',
  scope: 'operate',
  page: eventPage,
  async run({ api, param }, fields) {
    const id = param('id');
    const body = { reason: reasonIn(fields) };
    const { state, reason, score } = await api.send('POST', at`/v1/webhook-events/${id}/replay`, body, EventSchema);
    const say = `It was looked at again. ${sentenceOf({ state, reason, outcome: score?.outcome ?? null })}`;
    return { to: hrefOf(eventPage, { id }), say, isBad: state === 'invalid' };
  },
};

export const webhookEventScreen: Screen = { pages: [eventPage], actions: [replay] };

function Became({ event }: { event: WebhookEvent }): VNode {
  const { id, score, partOf, state, stateSince, lookAt, receivedAt, repeats, differing } = event;
  return (
    <Facts>
      <Fact name="Received">
        <When at={receivedAt} />
      </Fact>
      <Fact name="So since">
        <When at={stateSince} />
      </Fact>
      {lookAt !== null && (
        <Fact name="Looked at again">
          <When at={lookAt} />
        </Fact>
      )}
      {score && (
        <Fact name="Score">
          <a href={hrefOf({ path: '/scores/:id' }, { id: score.id })}>revision {score.revision} of a score</a>
        </Fact>
      )}
      {partOf !== null && (
        <Fact name="Part of">
          <a href={hrefOf(eventPage, { id: partOf })}>an event with several</a>
        </Fact>
      )}
      {state === 'split' && (
        <Fact name="Its events">
          <a href={`/console/webhooks${toQuery({ partOf: id })}`}>each by itself</a>
        </Fact>
      )}
      {repeats > 0 && (
        <Fact name="Came again">
          {repeats === 1 ? 'once' : `${repeats} times`}
          {differing > 0 && `, ${differing} with another body, of which nothing was taken`}
        </Fact>
      )}
    </Facts>
  );
}
