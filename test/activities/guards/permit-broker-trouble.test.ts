import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig, giveBackAll, settle, signal, watch } from './permit-rig.js';

test('trouble of the platform is told at once to all who wait and to all who send', async (t) => {
  const rig = createRig(t);
  const share = await rig.share(4);
  const waiting = [watch(rig.open(1)), watch(rig.open(2))];
  await settle();
  Object.assign(rig.state, { reason: 'PlatformUnavailable', waitMs: 15_000 });
  await rig.broker.refresh('g');
  const denial = { reason: 'PlatformUnavailable', waitMs: 15_000 };
  await settle();
  assert.deepEqual(
    waiting.map(({ value }) => value),
    [denial, denial],
  );
  assert.equal(await share.mayBegin(signal), false);
  assert.deepEqual(share.denial(), denial);
});

test('a platform that was resumed is asked anew for whoever comes next', async (t) => {
  const rig = createRig(t);
  const share = await rig.share(1);
  rig.state.reason = 'PlatformUnavailable';
  await rig.broker.refresh('g');
  rig.state.reason = null;
  assert.ok('size' in (await rig.open(1)));
  assert.equal(share.denial(), null);
});

test('a probe is one call, and more come only with the next grant', async (t) => {
  const rig = createRig(t);
  rig.answer = ({ want }) =>
    Promise.resolve({ granted: Math.min(want, 1), starts: 1, waitMs: 0, reason: 'PlatformUnavailable' });
  const share = await rig.share(4);
  assert.equal(share.size, 1);
  assert.equal(await share.mayBegin(signal), true);
  rig.answer = () => Promise.resolve({ granted: 1, starts: 0, waitMs: 20_000, reason: 'PlatformUnavailable' });
  await rig.pass(1_000);
  assert.equal(await share.mayBegin(signal), false);
});

test('a database that fails is told to who asked, and no permit is lost by it', async (t) => {
  const rig = createRig(t);
  rig.answer = () => Promise.reject(new Error('away'));
  await assert.rejects(rig.open(4), /away/);
  assert.equal(rig.broker.isContended('g'), false);
  rig.answer = undefined;
  assert.equal((await rig.share(4)).size, 4);
});

test('who was served while the question failed keeps its share, so that nothing is lost', async (t) => {
  const rig = createRig(t);
  const first = await rig.share(4);
  let fail: (error: Error) => void = () => undefined;
  rig.answer = () => new Promise((_resolve, reject) => (fail = reject));
  const second = watch(rig.open(4));
  await settle();
  giveBackAll(first);
  await settle();
  fail(new Error('away'));
  await settle();
  assert.equal(second.error, undefined);
  const share = second.value;
  assert.ok(share && 'size' in share);
  giveBackAll(share);
  rig.answer = undefined;
  await rig.pass(1_000);
  assert.equal((await rig.share(4)).size, 4);
});

test('patience ends even while the database does not answer', async (t) => {
  const rig = createRig(t);
  rig.answer = () => new Promise(() => undefined);
  const waiting = watch(rig.open(1, 3_000));
  await rig.pass(3_100);
  assert.deepEqual(waiting.value, { reason: 'permits', waitMs: 1_000 });
});

test('a database that fails while calls are under way is asked again', async (t) => {
  const rig = createRig(t);
  const share = await rig.share(2);
  rig.answer = () => Promise.reject(new Error('away'));
  await rig.pass(3_000);
  const asked = rig.asked.length;
  assert.ok(asked >= 3);
  rig.answer = undefined;
  await rig.pass(1_000);
  assert.equal(await share.mayBegin(signal), true);
});

test('without a session in the database nothing is lent', async (t) => {
  const rig = createRig(t);
  rig.state.holder = null;
  assert.deepEqual(await rig.open(1), { reason: 'DatabaseSessionLost', waitMs: 1_000 });
  assert.deepEqual(rig.asked, []);
});
