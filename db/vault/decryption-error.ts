/**
 * - `keyMissing`: what the data key is wrapped under is not to be had.
 * - `keyWrong`: what is had under that name does not unwrap it.
 * - `dataKeyGone`: the data key was deleted.
 * - `altered`: the value, or the row that it is in, is not what was encrypted.
 */
export type DecryptionFault = 'keyMissing' | 'keyWrong' | 'dataKeyGone' | 'altered';

/** Something is stored and cannot be read: a fault, and never the same as nothing being there. Shows names of keys only. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
  readonly fault: DecryptionFault;
  /** What the data key is wrapped under; of a value, the uuid of its data key. */
  readonly keyId: string;

  constructor(fault: DecryptionFault, keyId: string, options?: { cause: unknown }) {
    super(SENTENCES[fault](keyId), options);
    this.fault = fault;
    this.keyId = keyId;
  }
}

const SENTENCES: Readonly<Record<DecryptionFault, (keyId: string) => string>> = {
  keyMissing: (keyId) => `A data key is wrapped under "${keyId}", which is not in ENCRYPTION_KEYS.`,
  keyWrong: (keyId) => `A data key is wrapped under another key than the one that ENCRYPTION_KEYS calls "${keyId}".`,
  dataKeyGone: (keyId) => `The data key ${keyId} of a value is gone.`,
  altered: (keyId) => `A value under the data key ${keyId} was altered, or stands in another row than its own.`,
};
