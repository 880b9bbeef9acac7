import { isIPv6 } from 'node:net';

/** Keys that one address may have looked up in vain within a minute of the clock, and all addresses together. */
export const MOST_OF_ADDRESS = 20;
const MOST_OF_ALL = 1_000;
/** Addresses and keys that are remembered. */
const MOST_REMEMBERED = 10_000;
/** How long a key is known to be unknown, in milliseconds; the living ones are read again as often when many ask. */
const UNKNOWN_MS = 5_000;
const LIVING_MS = 1_000;

export interface UnknownKeys {
  /** Whether the key was looked up a moment ago, and was none. */
  has(hash: string): boolean;
  /** Whether this address, or all together, have looked up too many; then only living keys are looked up for it. */
  isSpent(address: string): boolean;
  /** Counts a look before it is made, for many may be under way at once; what is returned takes it back for a right key. */
  count(address: string): () => void;
  /** Counts what has not the shape of a key: nothing is looked up, so it is the address's failure alone. */
  countShapeless(address: string): void;
  add(hash: string): void;
  /** Whether a key with this hash is alive: read for all who ask, once a second. */
  isLiving(hash: string): Promise<boolean>;
}

/**
 * What wrong keys may cost: some statements a minute, however many come, and a little memory. An address is no reason to refuse a
 * right key, for a proxy or a school may stand behind it.
 */
export function createUnknownKeys({
  listHashes,
  now,
}: {
  /** Hashes of all living keys, in base64. */
  listHashes: () => Promise<string[]>;
  now: () => number;
}): UnknownKeys {
  const until = new Map<string, number>();
  let minute = 0;
  let ofAll = 0;
  const counts = new Map<string, number>();
  let living: { at: number; hashes: Promise<Set<string>> } | undefined;

  const turn = (): void => {
    const current = Math.floor(now() / 60_000);
    if (current === minute) return;
    minute = current;
    ofAll = 0;
    counts.clear();
  };
  return {
    has: (hash) => (until.get(hash) ?? 0) > now(),
    isSpent(address) {
      turn();
      return ofAll >= MOST_OF_ALL || (counts.get(networkOf(address)) ?? 0) >= MOST_OF_ADDRESS;
    },
    count(address) {
      turn();
      const counted = minute;
      const network = networkOf(address);
      const change = (by: number): void => {
        if (counted !== minute) return;
        ofAll += by;
        counts.set(network, (counts.get(network) ?? 0) + by);
      };
      change(1);
      return () => change(-1);
    },
    countShapeless(address) {
      turn();
      const network = networkOf(address);
      if (counts.size < MOST_REMEMBERED || counts.has(network)) counts.set(network, (counts.get(network) ?? 0) + 1);
    },
    add(hash) {
      if (until.size >= MOST_REMEMBERED) until.clear();
      until.set(hash, now() + UNKNOWN_MS);
    },
    async isLiving(hash) {
      if (!living || now() - living.at >= LIVING_MS) {
        const mine = { at: now(), hashes: listHashes().then((hashes) => new Set(hashes)) };
        mine.hashes.catch(() => {
          if (living === mine) living = undefined;
        });
        living = mine;
      }
      return (await living.hashes).has(hash);
    },
  };
}

/** One household or server has a whole /64 of IPv6. https://www.rfc-editor.org/rfc/rfc6177 */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('::');
  const given = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const gap = address.includes('::') ? Array.from({ length: 8 - given.length - after.length }, () => '0') : [];
  return [...given, ...gap, ...after].slice(0, 4).join(':');
}
