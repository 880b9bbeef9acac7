/** What one operation of the API takes and gives, as its document says: a row of `generated/operations.ts`. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` for each part that the input brings. */
  readonly path: string;
  readonly query: readonly string[];
  /** Statuses whose answer is no problem. */
  readonly answers: readonly number[];
  readonly hasBody?: boolean;
  /** Takes an `Idempotency-Key`. */
  readonly takesKey?: boolean;
  /** Content types, beside JSON, of files that it takes. */
  readonly files?: readonly string[];
  /** Takes the key with a file too. */
  readonly takesKeyWithFile?: boolean;
  /** Where in a page its entries are. */
  readonly entries?: string;
  /** Answers with server-sent events. */
  readonly hasEvents?: boolean;
}
