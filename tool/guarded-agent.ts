import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isPublicAddress } from '../domain/public-address.js';

/** An address that notices must not go to: not public, or none that a certificate vouches for. */
export class AddressNotAllowedError extends Error {
  override readonly name = 'AddressNotAllowedError';
  readonly code = 'ADDRESS_NOT_ALLOWED';
  constructor() {
    super('This address is not one of the public internet, or not https.');
  }
}

export interface GuardOptions {
  /** For the connection, in milliseconds. */
  connectMs: number;
  /** Whether anything goes: for tests, and receivers within a private network. */
  mayBePrivate: boolean;
  /** What names stand for. Default: the system's. */
  lookup?: typeof lookUp;
}

/**
 * Connections to the public internet only, over TLS. A name is looked up when the connection is made, and what was looked
 * at is what is connected to: a name that changes its meaning in between gains nothing. One address among many that is not
 * allowed refuses all.
 */
export function createGuardedAgent({ connectMs, mayBePrivate, lookup = lookUp }: GuardOptions): Agent {
  if (mayBePrivate) return new Agent({ connect: { timeout: connectMs }, pipelining: 1 });
  const connect = buildConnector({ timeout: connectMs, lookup: onlyPublic(lookup) });
  return new Agent({
    pipelining: 1,
    connect: (options, callback) => {
      // Nothing is looked up for an address of digits.
      const isRefused = isIP(options.hostname) !== 0 && !isPublicAddress(options.hostname);
      if (options.protocol !== 'https:' || isRefused) {
        callback(new AddressNotAllowedError(), null);
        return;
      }
      connect(options, callback);
    },
  });
}

function onlyPublic(lookup: typeof lookUp): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? new AddressNotAllowedError(), '', 4);
      if (!addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new AddressNotAllowedError(), '', 4);
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
