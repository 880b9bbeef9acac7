import type { RevealedSource, WebhookSources } from '../../db/webhooks/webhook-sources.js';

const DEFAULT_CACHE_MS = 5_000;

/**
 * All sources, read at once and remembered for a while: looking up a name that is none costs as much as any other, and
 * asks nobody.
 */
export interface SourceCache {
  find(name: string): Promise<RevealedSource | undefined>;
  /** After a change in this process; others notice when their time is over. */
  forget(): void;
}

export function createSourceCache(
  sources: Pick<WebhookSources, 'reveal'>,
  {
    now,
    cacheMs = DEFAULT_CACHE_MS,
    onUnreadable,
  }: {
    now: () => Date;
    cacheMs?: number | undefined;
    /** Told of sources with secrets that cannot be decrypted, at each reading. */
    onUnreadable: (source: string) => void;
  },
): SourceCache {
  let cached: { byName: Promise<Map<string, RevealedSource>>; until: number } | undefined;

  const read = async (): Promise<Map<string, RevealedSource>> => {
    const opened = await sources.reveal();
    for (const { name, unreadable } of opened) if (unreadable > 0) onUnreadable(name);
    return new Map(opened.map((source) => [source.name, source]));
  };

  return {
    async find(name) {
      if (!cached || cached.until <= now().getTime()) {
        const mine = { byName: read(), until: now().getTime() + cacheMs };
        cached = mine;
        // What could not be read is not remembered.
        mine.byName.catch(() => {
          if (cached === mine) cached = undefined;
        });
      }
      return (await cached.byName).get(name);
    },
    forget: () => (cached = undefined),
  };
}
