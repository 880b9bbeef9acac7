/** A data key as it is stored. */
export interface WrappedKey {
  /** The name of the key that it is wrapped under. */
  wrappedBy: string;
  wrapped: Buffer;
}

/**
 * Wraps data keys. The one place that a KMS has to fill: everything else here works with data keys. `boundTo` is what a KMS
 * calls encryption context or additional authenticated data: it is not secret, and unwrapping must fail under another.
 */
export interface KeyWrap {
  /** The name of the key that wraps from now on; at most 200 characters. It is stored, and shown to operators. */
  readonly current: string;
  /** @param dataKey 32 bytes */
  wrap(dataKey: Uint8Array, boundTo: string): Promise<WrappedKey>;
  /**
   * @throws {DecryptionError} `keyMissing` or `keyWrong`
   * @throws any other error when it cannot be asked now: that is tried again, and not remembered
   */
  unwrap(key: WrappedKey, boundTo: string): Promise<Uint8Array>;
}
