/** Bytes of events under way in one process: some dozens of the longest. */
const MOST_BYTES = 64_000_000;
/** After so long, in milliseconds, a body that is still coming makes room for others. */
const PATIENCE_MS = 5_000;

/** Memory for bodies that are read before anybody knows who sent them. */
export interface BodyRoom {
  /**
   * Takes room for a body that begins to come. Where there is none, bodies that have been coming for long are given up, the oldest
   * first; undefined: that makes no room either.
   */
  enter(bytes: number, giveUp: () => void): Place | undefined;
}

export interface Place {
  /** The body is whole, and so long: nobody gives it up any more. */
  arrive(bytes: number): void;
  /** Gives the room back. Repeating is safe. */
  leave(): void;
}

export function createBodyRoom({
  mostBytes = MOST_BYTES,
  now = () => performance.now(),
}: { mostBytes?: number; now?: () => number } = {}): BodyRoom {
  /** In the order of their coming. */
  const coming = new Set<{ since: number; leave: () => void; giveUp: () => void }>();
  let taken = 0;
  return {
    enter(bytes, giveUp) {
      for (const body of coming) {
        if (taken + bytes <= mostBytes || now() - body.since < PATIENCE_MS) break;
        body.leave();
        body.giveUp();
      }
      if (taken + bytes > mostBytes) return undefined;
      let mine = bytes;
      taken += mine;
      const leave = (): void => {
        taken -= mine;
        mine = 0;
        coming.delete(body);
      };
      const body = { since: now(), leave, giveUp };
      coming.add(body);
      return {
        leave,
        arrive(whole) {
          if (!coming.delete(body)) return;
          taken += whole - mine;
          mine = whole;
        },
      };
    },
  };
}
