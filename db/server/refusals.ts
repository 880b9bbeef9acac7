/** What PostgreSQL, or a pooler before it, says no to for as long as nobody changes the address, the role or the rights. */
const REFUSED = new Map([
  ['28P01', 'a password that it takes'],
  ['28000', 'a role that may connect'],
  ['3D000', 'a database that is there'],
  ['42501', 'a role that may do what Passback does'],
]);
/** Raised by the migration that makes data keys; its message would quote all of that. */
const FORMERLY_ENCRYPTED = 'PB001';
const UNTRUSTED =
  /^(CERT_.+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.+|ERR_TLS_CERT_ALTNAME_INVALID)$/;

/** What the address of the database must have, where the error says that no waiting helps; else undefined. Has no secret. */
export function findRefusal(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === FORMERLY_ENCRYPTED) {
    return 'must name an empty database: this one holds secrets that a former release encrypted otherwise (npm start -- --reset empties its own)';
  }
  const wanted = REFUSED.get(code) ?? wantedFromConnecting(error, code);
  return wanted === undefined ? undefined : `must name ${wanted}: ${error.message}`;
}

function wantedFromConnecting(error: Error, code: string): string | undefined {
  if (error.message.startsWith('SASL')) return 'a password';
  if (UNTRUSTED.test(code)) return 'a server whose certificate is trusted here';
  return error.message.startsWith('The server does not support SSL') ? 'a server that has TLS' : undefined;
}
