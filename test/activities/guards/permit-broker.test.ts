import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Denial, PermitShare } from '../../../activities/guards/permit-share.js';
import { createRig, giveBackAll, settle, signal, watch } from './permit-rig.js';

test('lends what is wanted, and asks the database once for it', async (t) => {
  const rig = createRig(t);
  const share = await rig.share(3);
  assert.equal(share.size, 3);
  assert.deepEqual(rig.asked, [{ gate: 'g', holder: 9, want: 3, inFlight: 0, starts: 1_000_000, ttlMs: 30_000 }]);
  assert.equal(await share.mayBegin(signal), true);
});

test('serves those who wait in the order in which they came, and never lends more than was granted', async (t) => {
  const rig = createRig(t);
  const first = await rig.share(4);
  const waiting = [2, 1, 2].map((want) => watch(rig.open(want)));
  await rig.pass(100);
  const sizes = (): (number | undefined)[] => waiting.map(sizeOf);
  assert.deepEqual(sizes(), [undefined, undefined, undefined]);
  first.giveBack();
  await settle();
  assert.deepEqual(sizes(), [1, undefined, undefined]);
  first.giveBack();
  first.giveBack();
  await settle();
  assert.deepEqual(sizes(), [1, 1, 1]);
});

test('asks for all who wait together, and counts what is under way', async (t) => {
  const rig = createRig(t);
  await rig.share(4);
  void rig.open(2);
  void rig.open(3);
  await rig.pass(200);
  const { want, inFlight } = rig.asked.at(-1) ?? {};
  assert.deepEqual([want, inFlight], [9, 4]);
});

test('says that others wait for as long as they do', async (t) => {
  const rig = createRig(t);
  assert.equal(rig.broker.isContended('g'), false);
  const share = await rig.share(4);
  assert.equal(rig.broker.isContended('g'), false);
  void rig.open(1);
  assert.equal(rig.broker.isContended('g'), true);
  assert.equal(rig.broker.isContended('other'), false);
  share.giveBack();
  assert.equal(rig.broker.isContended('g'), false);
});

test('when the grant shrinks, as many senders end as are too many, and the others go on', async (t) => {
  const rig = createRig(t);
  const share = await rig.share(4);
  rig.state.cap = 2;
  await rig.pass(1_000);
  const answers: boolean[] = [];
  for (let sender = 0; sender < 4; sender += 1) {
    const mayBegin = await share.mayBegin(signal);
    answers.push(mayBegin);
    if (!mayBegin) share.giveBack();
  }
  assert.deepEqual(answers, [false, false, true, true]);
});

test('who waits in vain is told why when its patience ends, and is forgotten', async (t) => {
  const rig = createRig(t);
  rig.state.cap = 0;
  const waiting = watch(rig.open(1, 3_000));
  await rig.pass(2_900);
  assert.equal(waiting.value, undefined);
  await rig.pass(200);
  assert.deepEqual(waiting.value, { reason: 'permits', waitMs: 1_000 });
  assert.equal(rig.broker.isContended('g'), false);
});

test('begins no more calls than the rate allows, and goes on with the next grant', async (t) => {
  const rig = createRig(t);
  rig.state.starts = 2;
  const share = await rig.share(4);
  assert.deepEqual([await share.mayBegin(signal), await share.mayBegin(signal)], [true, true]);
  const waiting = [1, 2, 3].map(() => watch(share.mayBegin(signal)));
  const begun = (): number => waiting.filter(({ value }) => value === true).length;
  await rig.pass(900);
  assert.equal(begun(), 0);
  await rig.pass(200);
  assert.equal(begun(), 2);
  await rig.pass(1_000);
  assert.equal(begun(), 3);
});

test('a sender that waits for its turn ends when its signal does', async (t) => {
  const rig = createRig(t);
  rig.state.starts = 0;
  const share = await rig.share(1);
  const controller = new AbortController();
  const waiting = watch(share.mayBegin(controller.signal));
  controller.abort();
  await rig.pass(1_100);
  assert.equal(waiting.value, false);
  assert.equal(await share.mayBegin(AbortSignal.abort()), false);
});

test('renews once a second while calls are under way, gives back when none are, and then rests', async (t) => {
  const rig = createRig(t);
  const share = await rig.share(2);
  await rig.pass(5_000);
  assert.equal(rig.asked.length, 6);
  assert.deepEqual(rig.asked.at(-1)?.inFlight, 2);
  giveBackAll(share);
  await rig.pass(3_000);
  assert.equal(rig.asked.at(-1)?.want, 0);
  const asked = rig.asked.length;
  await rig.pass(10_000);
  assert.equal(rig.asked.length, asked);
});

test('a batch that had to begin with few senders gets more as soon as nobody else wants them', async (t) => {
  const rig = createRig(t);
  const first = await rig.share(3);
  const second = await rig.share(4);
  assert.equal(second.size, 1);
  assert.equal(second.more(), false);
  giveBackAll(first);
  await rig.pass(1_100);
  assert.deepEqual([second.more(), second.more(), second.more(), second.more()], [true, true, true, false]);
  assert.equal(second.size, 4);
});

test('permits are handed on in parts that are worth a batch, and in lesser ones only after a moment', async (t) => {
  const rig = createRig(t);
  rig.state.cap = 16;
  const first = await rig.share(16);
  const waiting = watch(rig.open(16));
  await rig.pass(100);
  for (let times = 0; times < 3; times += 1) first.giveBack();
  await settle();
  assert.equal(sizeOf(waiting), undefined);
  await rig.pass(100);
  assert.equal(sizeOf(waiting), 3);
});

test('a batch with more than its part gives the rest to one that waits, and no more than that', async (t) => {
  const rig = createRig(t);
  rig.state.cap = 8;
  const share = await rig.share(8);
  const waiting = watch(rig.open(8));
  await rig.pass(100);
  // All senders come back in the same turn, before any permit is given back.
  const answers = await Promise.all(Array.from({ length: 8 }, () => share.mayBegin(signal)));
  assert.equal(answers.filter((mayBegin) => !mayBegin).length, 6);
  for (const mayBegin of answers) if (!mayBegin) share.giveBack();
  await settle();
  assert.ok((sizeOf(waiting) ?? 0) >= 2);
  assert.equal(await share.mayBegin(signal), true);
});

test('a batch that wants nothing is a fault of ours', async (t) => {
  await assert.rejects(createRig(t).open(0), RangeError);
});

function sizeOf({ value }: { value: PermitShare | Denial | undefined }): number | undefined {
  return value && 'size' in value ? value.size : undefined;
}
