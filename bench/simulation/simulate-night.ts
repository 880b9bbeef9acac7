import { begin, summarise, type Event, type Night, type NightInput, type SimulatedNight } from './night-state.js';
import { LEAST_REST_MS, takeStep } from './pass-step.js';
import { beginCalls, endOneCall, endWhenDry, goOn, hear, takeSlots, tick } from './sender.js';

/**
 * A night by discrete events: the pass picks courses and wakes their senders, these take what their platforms' rules allow,
 * machines do one piece after the other. It makes no call, and the same seed gives the same night.
 */
export function simulateNight(input: NightInput): SimulatedNight {
  const night = begin(input, LEAST_REST_MS);
  night.events.push(0, { kind: 'step' });
  for (let next = night.events.pop(); next && night.endedAtMs === null; next = night.events.pop()) {
    happen(night, next.atMs, next.event);
  }
  return summarise(night);
}

function happen(night: Night, nowMs: number, event: Event): void {
  if (event.kind === 'step') return takeStep(night, nowMs);
  const { place } = event;
  switch (event.kind) {
    case 'woken':
      return hear(night, nowMs, place);
    case 'queued':
      night.waiting.push(place);
      return takeSlots(night, nowMs);
    case 'timer':
      if (place.sender?.timer === event.timer) goOn(night, nowMs, place);
      return;
    case 'tick':
      return tick(night, nowMs, place, event.batch);
    case 'dry':
      return endWhenDry(night, nowMs, place, event.batch);
    case 'look':
      return beginCalls(night, nowMs, place);
    case 'ended':
      return endOneCall(night, nowMs, event);
  }
}
