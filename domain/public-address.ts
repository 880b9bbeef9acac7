import ipaddr from 'ipaddr.js';

/** All unicast addresses of IPv6 that are given out for use on the internet. */
const GIVEN_OUT = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP address is one of the public internet: not of this machine, a private network, a link (where clouds keep
 * their metadata), nor one that hides another address, such as an IPv4 address behind a translator.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GIVEN_OUT);
}

/** The IP address that stands in the place of a host name in an address, or undefined: it is a name. */
export function literalAddressOf({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(bare) ? bare : undefined;
}
