/** Why there are no permits now, and when to ask again. */
export interface Denial {
  reason: string;
  waitMs: number;
}

/** Some of a gate's permits, lent to one batch. Each sender holds one and gives it back when it ends. */
export interface PermitShare {
  /** Permits that this share was lent in all. */
  readonly size: number;
  /** Set when the platform allows no calls any more: begin none, and end. */
  denial(): Denial | null;
  /**
   * Waits for leave to begin one call; false means that the sender shall end: the permits were needed elsewhere, the
   * platform allows no calls any more, or the wait was cut short by the signal.
   */
  mayBegin(signal: AbortSignal): Promise<boolean>;
  /** Lends one permit more, for one sender more, where the batch wanted more, one lies free and nobody waits. */
  more(): boolean;
  /** Gives one permit back; call it once for each sender. */
  giveBack(): void;
}
