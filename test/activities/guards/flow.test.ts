import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  beginCall,
  createFlow,
  endCall,
  mayBegin,
  takeGrant,
  type Flow,
  type Verdict,
} from '../../../activities/guards/flow.js';
import type { LaneGrant } from '../../../db/platforms/lanes.js';

const OK: Verdict = { kind: 'ok' };
const THROTTLED: Verdict = { kind: 'throttled', restMs: 1_000 };
const unreadable = (context: string): Verdict => ({ kind: 'unreadable', type: 'UnreadableAnswer', context });
const failed = (context: string): Verdict => ({ kind: 'failed', type: 'PlatformUnavailable', context });

function granted(change: Partial<LaneGrant> = {}): Flow {
  const flow = createFlow();
  const grant = { target: 8, starts: 1_000, isProbe: false, waitMs: 0, reason: null };
  takeGrant(flow, { ...grant, ...change }, flow.version);
  return flow;
}

const beginMany = (flow: Flow, count: number, context = 'a'): number[] =>
  Array.from({ length: count }, () => beginCall(flow, context));

test('a refusal for haste stops everything until a call that began later is answered', () => {
  const flow = granted();
  const [first = 0, second = 0] = beginMany(flow, 3);
  assert.deepEqual(endCall(flow, first, THROTTLED), []);
  assert.equal(mayBegin(flow), false);
  assert.deepEqual(endCall(flow, second, OK), []);
  assert.equal(mayBegin(flow), true, 'the platform took a call that began after the one it refused');
});

test('two refusals soon after another are chance, five of thirty are not', () => {
  const rested = [2, 5].map((refusals) => {
    const flow = granted();
    const effects = Array.from({ length: 30 }, (_, place) => {
      const [first = 0, later = 0] = beginMany(flow, 2);
      return [...endCall(flow, first, place < refusals ? THROTTLED : OK), ...endCall(flow, later, OK)];
    });
    return effects.flat().length > 0;
  });
  assert.deepEqual(rested, [false, true]);
});

test('a refusal for haste is the platform’s when calls that began later are refused too, or none is left', () => {
  const flow = granted();
  const [early = 0, first = 0, second = 0] = beginMany(flow, 3);
  endCall(flow, first, THROTTLED);
  assert.deepEqual(endCall(flow, second, { kind: 'throttled', restMs: 3_000 }), [{ kind: 'throttled', restMs: 3_000 }]);
  assert.deepEqual(flow.denial, { reason: 'PlatformRateLimited', waitMs: 3_000 });
  assert.deepEqual(endCall(flow, early, OK), []);
  assert.equal(mayBegin(flow), false, 'a call from before proves nothing');
});

test('many refusals among successes are a platform that is driven too hard', () => {
  const flow = granted({ target: 100 });
  for (const order of beginMany(flow, 40)) endCall(flow, order, OK);
  let effects: unknown[] = [];
  for (let round = 0; round < 8 && effects.length === 0; round += 1) {
    const [first = 0, second = 0] = beginMany(flow, 2);
    endCall(flow, first, THROTTLED);
    effects = endCall(flow, second, OK);
  }
  assert.deepEqual(effects, [{ kind: 'throttled', restMs: 1_000 }]);
});

test('five failures in a row of several courses open the breaker, and a success between them does not let them count', () => {
  const flow = granted();
  beginMany(flow, 1, 'a');
  for (const context of ['a', 'b', 'a', 'b']) {
    assert.deepEqual(endCall(flow, beginCall(flow, context), failed(context)), []);
  }
  endCall(flow, beginCall(flow, 'a'), OK);
  for (const context of ['a', 'b', 'a', 'b']) {
    assert.deepEqual(endCall(flow, beginCall(flow, context), failed(context)), []);
  }
  const effects = endCall(flow, beginCall(flow, 'a'), failed('a'));
  assert.deepEqual(effects, [{ kind: 'opened', type: 'PlatformUnavailable' }]);
  assert.equal(mayBegin(flow), false);
});

test('a course that fails alone rests alone, and is the platform where nothing else was tried', () => {
  const flow = granted();
  const alone = granted();
  endCall(flow, beginCall(flow, 'well'), OK);
  for (let count = 0; count < 4; count += 1) {
    endCall(flow, beginCall(flow, 'ill'), failed('ill'));
    endCall(alone, beginCall(alone, 'ill'), failed('ill'));
  }
  assert.deepEqual(endCall(flow, beginCall(flow, 'ill'), failed('ill')), [
    { kind: 'courseFails', context: 'ill', type: 'PlatformUnavailable' },
  ]);
  assert.equal(mayBegin(flow), true);
  assert.equal(endCall(alone, beginCall(alone, 'ill'), failed('ill'))[0]?.kind, 'opened');
});

test('a probe that succeeds tells so, and one that fails opens the breaker again', () => {
  const well = granted({ target: 1, starts: 1, isProbe: true });
  assert.deepEqual(endCall(well, beginCall(well, 'a'), OK), [{ kind: 'recovered' }]);
  const ill = granted({ target: 1, starts: 1, isProbe: true });
  assert.equal(endCall(ill, beginCall(ill, 'a'), failed('a'))[0]?.kind, 'opened');
});

test('a course whose answers cannot be read rests alone, also where nothing else was tried', () => {
  const flow = granted();
  for (let count = 0; count < 4; count += 1) {
    assert.deepEqual(endCall(flow, beginCall(flow, 'ill'), unreadable('ill')), []);
  }
  const effects = endCall(flow, beginCall(flow, 'ill'), unreadable('ill'));
  assert.deepEqual(effects, [{ kind: 'courseFails', context: 'ill', type: 'UnreadableAnswer' }]);
  assert.equal(mayBegin(flow), true);
});

test('what one course’s answers say adds nothing to the trouble of others', () => {
  const flow = granted();
  for (let count = 0; count < 4; count += 1) endCall(flow, beginCall(flow, 'ill'), unreadable('ill'));
  assert.deepEqual(endCall(flow, beginCall(flow, 'a'), failed('a')), []);
  assert.equal(mayBegin(flow), true);
});

test('five courses in a row whose answers cannot be read are the platform', () => {
  const flow = granted();
  const effects = ['a', 'b', 'c', 'd', 'e'].flatMap((id) => endCall(flow, beginCall(flow, id), unreadable(id)));
  assert.deepEqual(effects, [{ kind: 'opened', type: 'UnreadableAnswer' }]);
});

test('a probe whose answer cannot be read proves nothing: another call takes its place', () => {
  const flow = granted({ target: 1, starts: 1, isProbe: true });
  assert.deepEqual(endCall(flow, beginCall(flow, 'ill'), unreadable('ill')), [{ kind: 'unproven' }]);
  assert.equal(flow.denial, null);
  takeGrant(flow, { target: 1, starts: 1, isProbe: true, waitMs: 0, reason: null }, flow.version);
  assert.deepEqual(endCall(flow, beginCall(flow, 'well'), OK), [{ kind: 'recovered' }]);
});

test('a probe that is still under way when the limits are asked for anew keeps its meaning', () => {
  // What PostgreSQL grants while a probe is under way, to its own sender too.
  const denied = { target: 0, starts: 0, isProbe: false, waitMs: 29_500, reason: 'PlatformUnavailable' };
  const ends = [OK, failed('a')].map((verdict) => {
    const flow = granted({ target: 1, starts: 1, isProbe: true });
    const probe = beginCall(flow, 'a');
    takeGrant(flow, denied, flow.version);
    assert.equal(mayBegin(flow), false);
    return endCall(flow, probe, verdict)[0]?.kind;
  });
  assert.deepEqual(ends, ['recovered', 'opened']);
});

test('what was granted to a question from before a denial does not undo it', () => {
  const flow = granted();
  const version = flow.version;
  const [first = 0] = beginMany(flow, 1);
  endCall(flow, first, THROTTLED);
  assert.equal(mayBegin(flow), false);
  takeGrant(flow, { target: 8, starts: 10, isProbe: false, waitMs: 0, reason: null }, version);
  assert.equal(mayBegin(flow), false);
  takeGrant(flow, { target: 8, starts: 10, isProbe: false, waitMs: 0, reason: null }, flow.version);
  assert.equal(mayBegin(flow), true);
});

test('whatever happens, no more calls are under way than was granted, and none begins while it is denied', () => {
  const verdict = fc.oneof(
    ...[OK, THROTTLED, failed('a'), failed('b'), unreadable('a'), unreadable('b'), { kind: 'neutral' } as const].map(
      (each) => fc.constant<Verdict>(each),
    ),
    fc.constant<Verdict>({ kind: 'closed', type: 'ApiKeyRejected' }),
  );
  const step = fc.oneof(
    fc.record({ do: fc.constant('begin' as const), context: fc.constantFrom('a', 'b') }),
    fc.record({ do: fc.constant('end' as const), which: fc.nat(), verdict }),
    fc.record({ do: fc.constant('grant' as const), target: fc.nat(6), starts: fc.nat(10) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const flow = createFlow();
      let most = 0;
      for (const each of steps) {
        if (each.do === 'grant') {
          const { target, starts } = each;
          takeGrant(flow, { target, starts, isProbe: false, waitMs: 0, reason: null }, flow.version);
          most = Math.max(flow.calls.size, target);
        } else if (each.do === 'begin') {
          if (!mayBegin(flow)) continue;
          assert.ok(flow.denial === null && flow.door === null && flow.starts > 0);
          beginCall(flow, each.context);
          assert.ok(flow.calls.size <= most);
        } else {
          const calls = [...flow.calls];
          const order = calls[each.which % Math.max(calls.length, 1)];
          if (order !== undefined) endCall(flow, order, each.verdict);
        }
        // A door is closed only while a later call may still prove it wrong.
        const { door } = flow;
        if (door) assert.ok([...flow.calls].some((order) => order > door.order));
      }
    }),
  );
});
