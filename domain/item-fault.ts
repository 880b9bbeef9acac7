/** What is wrong with an item that came from outside; also the names of the problems that the API answers with. */
export type ItemFaultName = 'invalid-score' | 'score-given-missing' | 'invalid-request';

/** Thrown while an item is read; becomes the item's own problem, so that the other items go on. */
export class ItemFault extends Error {
  override readonly name = 'ItemFault';
  readonly fault: ItemFaultName;
  /** Where in the item (RFC 6901). */
  readonly pointer: string;

  /** `detail` is read by the caller's people: it names members and rules, never a value. */
  constructor(fault: ItemFaultName, detail: string, pointer: string) {
    super(detail);
    this.fault = fault;
    this.pointer = pointer;
  }
}
