import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createPermitLedger,
  lend,
  lendMore,
  noteAnswer,
  takeBack,
  troubleOf,
  tryBegin,
  type Loan,
} from '../../../activities/guards/permit-ledger.js';

const step = fc.oneof(
  fc.record({
    kind: fc.constant('note' as const),
    granted: fc.nat(40),
    starts: fc.nat(60),
    reason: fc.constantFrom(null, 'permits', 'rate', 'PlatformUnavailable'),
    afterMs: fc.nat(3_000),
  }),
  fc.record({ kind: fc.constant('lend' as const), want: fc.integer({ min: 1, max: 20 }), isAnyEnough: fc.boolean() }),
  fc.record({ kind: fc.constant('more' as const), which: fc.nat(), hasWaiters: fc.boolean() }),
  fc.record({ kind: fc.constant('begin' as const), which: fc.nat(), hasWaiters: fc.boolean() }),
  fc.record({ kind: fc.constant('back' as const), which: fc.nat() }),
);

test('the books hold, whatever batches and the platform do', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const ledger = createPermitLedger();
      const open: Loan[] = [];
      let nowMs = 0;
      let startsLeft = 0;
      for (const one of steps) {
        const loan = 'which' in one ? open[one.which % open.length] : undefined;
        const lentBefore = ledger.lent;
        if (one.kind === 'note') {
          nowMs += one.afterMs;
          // What may begin at most: the new leave, and what was left of the last.
          startsLeft += one.starts;
          noteAnswer(ledger, { granted: one.granted, starts: one.starts, waitMs: 0, reason: one.reason }, nowMs);
        } else if (one.kind === 'lend') {
          const lent = lend(ledger, one.want, one);
          if (lent) open.push(lent);
          assert.ok(lent === null || ledger.lent <= ledger.granted, 'no more is lent than there is');
        } else if (!loan) continue;
        else if (one.kind === 'more') {
          const isLent = lendMore(ledger, loan, one);
          assert.ok(!isLent || (ledger.lent <= ledger.granted && !one.hasWaiters && loan.held <= loan.want));
        } else if (one.kind === 'begin') {
          // A sender that was told to leave asks no more.
          if (loan.leaving >= loan.held) continue;
          const answer = tryBegin(ledger, loan, one);
          if (answer === 'begins') startsLeft -= 1;
          assert.ok(
            answer !== 'begins' || troubleOf(ledger) === null,
            'nothing begins while the platform is in trouble',
          );
        } else {
          takeBack(ledger, loan);
          assert.equal(ledger.lent, lentBefore - 1);
          if (loan.held === 0) open.splice(open.indexOf(loan), 1);
        }
        assert.equal(
          ledger.lent,
          open.reduce((sum, { held }) => sum + held, 0),
        );
        assert.ok(startsLeft >= 0, 'no call begins without leave');
        for (const { held, leaving } of open) assert.ok(held > 0 && leaving >= 0 && leaving <= held);
      }
    }),
    { numRuns: 500 },
  );
});

test('senders leave until no more are left than there are permits', () => {
  const ledger = createPermitLedger();
  noteAnswer(ledger, { granted: 6, starts: 100, waitMs: 0, reason: null }, 0);
  const loan = lend(ledger, 6, { isAnyEnough: true });
  assert.ok(loan);
  noteAnswer(ledger, { granted: 2, starts: 100, waitMs: 0, reason: null }, 1_000);
  const answers = Array.from({ length: 6 }, () => tryBegin(ledger, loan, { hasWaiters: false }));
  assert.deepEqual(answers, ['leaves', 'leaves', 'leaves', 'leaves', 'begins', 'begins']);
});
