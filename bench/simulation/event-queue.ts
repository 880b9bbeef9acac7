/** What happens next, by time: a binary heap over plain arrays, since a night has tens of millions of events. */
export interface EventQueue<Event> {
  push(atMs: number, event: Event): void;
  /** The earliest; of several at one moment, any. Undefined when nothing is to come. */
  pop(): { atMs: number; event: Event } | undefined;
}

export function createEventQueue<Event>(): EventQueue<Event> {
  const entries: { atMs: number; event: Event }[] = [];
  const isBefore = (one: number, other: number): boolean =>
    (entries[one]?.atMs ?? Infinity) < (entries[other]?.atMs ?? Infinity);
  const swap = (one: number, other: number): void => {
    const [first, second] = [entries[one], entries[other]];
    if (!first || !second) return;
    entries[one] = second;
    entries[other] = first;
  };
  return {
    push(atMs, event) {
      let place = entries.push({ atMs, event }) - 1;
      for (let above = (place - 1) >> 1; place > 0 && isBefore(place, above); above = (place - 1) >> 1) {
        swap(place, above);
        place = above;
      }
    },
    pop() {
      const first = entries[0];
      const last = entries.pop();
      if (!first || !last || entries.length === 0) return first;
      entries[0] = last;
      for (let place = 0; ;) {
        const [left, right] = [2 * place + 1, 2 * place + 2];
        const least = isBefore(right, left) ? right : left;
        if (!isBefore(least, place)) return first;
        swap(place, least);
        place = least;
      }
    },
  };
}
