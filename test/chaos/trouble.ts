import type { SandboxControl } from '../../sandbox/control-client.js';
import type { FaultAction, FaultRule, RouteName } from '../../sandbox/types.js';

/**
 * What goes wrong with calls, and how often: each of it passes by itself, since all scores must arrive. What throttles
 * comes a few times only: an LMS that asked for fewer calls is left alone for half a minute.
 */
const TROUBLE: readonly [route: RouteName, chance: number, action: FaultAction, times?: number][] = [
  ['submitScore', 0.006, { kind: 'drop' }],
  ['submitScore', 0.006, { kind: 'applyThenDrop' }],
  ['submitScore', 0.003, { kind: 'hang' }],
  ['submitScore', 0.003, { kind: 'applyThenHang' }],
  ['submitScore', 0.01, { kind: 'slow', delayMs: 1_200 }],
  ['submitScore', 0.004, { kind: 'truncated' }],
  ['submitScore', 0.004, { kind: 'wrongContentType' }],
  ['submitScore', 0.004, { kind: 'html', status: 502 }],
  ['submitScore', 0.002, { kind: 'lmsStatus', status: 429, headers: { 'retry-after': '1' } }, 2],
  ['results', 0.02, { kind: 'drop' }],
  ['results', 0.02, { kind: 'slow', delayMs: 1_200 }],
  ['results', 0.02, { kind: 'truncated' }],
  ['results', 0.01, { kind: 'html', status: 502 }],
  ['lineItems', 0.1, { kind: 'truncated' }],
  ['createLineItem', 1, { kind: 'applyThenDrop' }, 1],
  ['createLineItem', 0.2, { kind: 'drop' }, 2],
];

/** Lets calls take a moment, and some of them go wrong by the seed. `clearFaults` of the sandbox ends it. */
export async function beginTrouble(control: SandboxControl, seed: number): Promise<void> {
  await control.setLatency([{ fixedMs: 4, jitterMs: 20 }]);
  for (const [place, [route, probability, action, times]] of TROUBLE.entries()) {
    const rule: FaultRule = { match: { route }, probability, seed: seed * 100 + place, action };
    await control.addFault(times === undefined ? rule : { ...rule, times });
  }
}
