import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { flag, ValueError, type Parse } from './parse.js';

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const HIGHEST_PORT = 65_535;
/** What proxy-addr, which Fastify uses, takes for networks by name. */
const NETWORKS = new Set(['loopback', 'linklocal', 'uniquelocal']);
/** A chain of more proxies is a slip of the pen; believing one hop too many lets callers choose their address. */
const MOST_HOPS = 20;
/** Names that no public server answers to, beside those without a dot: RFC 6761, 6762, 8375 and 9476, ICANN's .internal, Kubernetes. */
const PRIVATE_NAME = /^[^.]+$|(?:^|\.)(?:localhost|test|local|internal|lan|alt|home\.arpa|svc)$/i;
const PRIVATE_ADDRESSES = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE_ADDRESSES.addSubnet(network, prefix);
}
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
] as const) {
  PRIVATE_ADDRESSES.addSubnet(network, prefix, 'ipv6');
}
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** An address to listen on: of IP, or a name. */
export const host: Parse<string> = (value) => {
  if (isHost(value)) return value;
  throw new ValueError('must be an IP address or the name of a host, without scheme and port, such as "0.0.0.0"');
};

export const hostAndPort: Parse<string> = (value) => {
  const [, bracketed, name = '', port = ''] = /^(?:\[([^\]]+)\]|([^\s:/]+)):(\d{1,5})$/.exec(value) ?? [];
  const isKnown = bracketed === undefined ? isHost(name) : isIP(bracketed) === 6;
  if (isKnown && Number(port) >= 1 && Number(port) <= HIGHEST_PORT) return value;
  throw new ValueError(`must be host:port, the port from 1 to ${HIGHEST_PORT}, such as "temporal:7233"`);
};

/** Fastify's `trustProxy`: true, false, a number of hops, or addresses with commas between. */
export const trustProxy: Parse<boolean | number | string> = (value) => {
  if (/^\d+$/.test(value) && Number(value) <= MOST_HOPS) return Number(value);
  if (/^(true|false|yes|no|on|off)$/i.test(value)) return flag(value);
  const networks = value.split(',').map((entry) => entry.trim());
  if (networks.every(isNetwork)) return networks.join(',');
  throw new ValueError(
    `must be true, false, a number of hops up to ${MOST_HOPS}, or addresses with commas between, such as "10.0.0.0/8"`,
  );
};

/** An address of PostgreSQL that its driver can take apart. */
export const postgresUrl: Parse<string> = (value) => {
  const parsed = toUrl(value, 'postgres:', 'postgresql:');
  const { username, password, pathname, port, hash, searchParams } = parsed;
  if (hash || ![username, password, pathname].every(isDecodable)) {
    throw new ValueError('must have # and % within user name, password and database written as %23 and %25');
  }
  if (port === '0') throw new ValueError(`must have a port from 1 to ${HIGHEST_PORT}`);
  const sslMode = searchParams.get('sslmode');
  if (sslMode !== null && !SSL_MODES.includes(sslMode)) {
    throw new ValueError(`must have an sslmode of ${SSL_MODES.join(', ')}`);
  }
  return value;
};

/** An HTTP address without user name, query and fragment, and without a slash at its end. */
export const httpUrl: Parse<string> = (value) => {
  const parsed = toUrl(value, 'http:', 'https:');
  if (parsed.username || parsed.password || parsed.search || parsed.hash) {
    throw new ValueError('must be an address without user name, query and fragment');
  }
  return value.replace(/(?<!\/)\/+$/, '');
};

/** The same, to which keys are sent. */
export const accountUrl: Parse<string> = (value) => {
  const url = httpUrl(value);
  assertTls(new URL(url));
  return url;
};

/** An HTTP address that may have a query. A user name in it would not be sent, a fragment neither. */
export const endpointUrl: Parse<string> = (value) => {
  const parsed = toUrl(value, 'http:', 'https:');
  if (parsed.username || parsed.password || parsed.hash) {
    throw new ValueError('must be an address without user name and fragment');
  }
  assertTls(parsed);
  return value;
};

/** What is sent there carries keys or grades: over the internet nobody on the way may read them. */
function assertTls({ protocol, hostname }: URL): void {
  const name = hostname.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(name);
  const isPrivate =
    version === 0
      ? PRIVATE_NAME.test(name.replace(/\.$/, ''))
      : PRIVATE_ADDRESSES.check(name, version === 6 ? 'ipv6' : 'ipv4');
  if (protocol === 'https:' || isPrivate) return;
  throw new ValueError('must begin with https:// but on this machine and in a private network');
}

/** Stricter than WHATWG's, which takes `http:host` and drops line breaks. */
function toUrl(value: string, ...protocols: string[]): URL {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  const isWhole = protocols.some((protocol) => value.toLowerCase().startsWith(`${protocol}//`));
  if (parsed && isWhole && !/\s/.test(value)) return parsed;
  throw new ValueError(`must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
}

function isHost(value: string): boolean {
  if (isIP(value) !== 0) return true;
  // Digits alone would be an address with a slip in it, such as 127.0.0 or 300.1.1.1.
  if (/^[\d.]+$/.test(value)) return false;
  const name = domainToASCII(value.replace(/\.$/, ''));
  return name !== '' && name.length <= 253 && name.split('.').every((label) => LABEL.test(label));
}

function isNetwork(entry: string): boolean {
  if (NETWORKS.has(entry)) return true;
  const [address = '', range, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (range === undefined || (version === 4 && isIP(range) === 4)) return true;
  return /^\d{1,3}$/.test(range) && Number(range) >= 1 && Number(range) <= (version === 4 ? 32 : 128);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
