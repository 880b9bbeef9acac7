import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientConfigProfile } from '@temporalio/envconfig';
import { ConfigError, type Environment } from './config.js';

const VARIABLES = {
  namespace: 'TEMPORAL_NAMESPACE',
  api_key: 'TEMPORAL_API_KEY',
  grpc_meta: 'TEMPORAL_GRPC_META_*',
  'tls.disabled': 'TEMPORAL_TLS',
  'tls.server_name': 'TEMPORAL_TLS_SERVER_NAME',
} as const;

/**
 * What the SDK would say only when it connects, again and again, or not at all: it leaves out a certificate without its key.
 * Says what to mend and by which name, and quotes nothing: any of it may be a key in the wrong place.
 * @throws {ConfigError}
 */
export function assertProfile(profile: ClientConfigProfile, env: Environment): void {
  const { namespace, apiKey, grpcMeta, tls } = profile;
  const problems: string[] = [];
  const check = (name: keyof typeof VARIABLES, isRight: boolean, wanted: string): void => {
    if (!isRight) problems.push(`${placeOf(name, VARIABLES[name], env)} must be ${wanted}`);
  };
  check('namespace', isText(namespace, /\S/), 'a name');
  check('api_key', isText(apiKey, /^[!-~]+$/), 'visible characters of ASCII, without blanks and line breaks');
  const meta: unknown[] = Object.values(grpcMeta ?? {});
  check('grpc_meta', meta.every((value) => isText(value, /^[ -~]*$/)), 'texts of ASCII, without line breaks'); // prettier-ignore
  check('tls.disabled', tls?.disabled === undefined || isFlag(tls.disabled), 'true or false');
  check('tls.server_name', isText(tls?.serverName, /^[!-~]+$/), 'the name of a host');
  // The SDK looks at nothing else then.
  if (tls && tls.disabled !== true) problems.push(...problemsOfTls(tls, env));
  if (problems.length > 0) throw new ConfigError(problems);
}

type Tls = NonNullable<ClientConfigProfile['tls']>;

function problemsOfTls(tls: Tls, env: Environment): string[] {
  const problems: string[] = [];
  const load = <T>(
    part: string,
    source: Tls['clientCert'],
    wanted: string,
    parse: (pem: string) => T,
  ): T | undefined => {
    if (!source) return undefined;
    const isPath = 'path' in source;
    const name = `${part}_${isPath ? 'path' : 'data'}`;
    const place = placeOf(`tls.${name}`, `TEMPORAL_TLS_${name.toUpperCase()}`, env);
    const pem = textOf(source);
    if (pem === undefined) {
      problems.push(`${place} must be ${isPath ? 'the path of a file that can be read' : wanted}`);
      return undefined;
    }
    try {
      return parse(pem);
    } catch {
      problems.push(`${place} must be ${isPath ? `the path of ${wanted}` : wanted}`);
      return undefined;
    }
  };
  load('server_ca_cert', tls.serverCACert, 'certificates in PEM', readCertificates);
  const certificates = load('client_cert', tls.clientCert, 'a certificate in PEM', readCertificates);
  const key = load('client_key', tls.clientKey, 'a private key in PEM that takes no passphrase', readKey);
  const [ofCertificate, ofKey] = ['client_cert', 'client_key'].map(
    (part) => `TEMPORAL_TLS_${part.toUpperCase()}_* (tls.${part}_* of the configuration file)`,
  );
  if ((tls.clientCert === undefined) !== (tls.clientKey === undefined)) {
    problems.push(`${ofCertificate} and ${ofKey} must be set both`);
  }
  if (certificates && key && certificates[0]?.checkPrivateKey(key) !== true) {
    problems.push(`${ofKey} must be the key of the first certificate of ${ofCertificate}`);
  }
  return problems;
}

function textOf(source: NonNullable<Tls['clientCert']>): string | undefined {
  if (!('path' in source)) return Buffer.from(source.data).toString();
  // What is read from TOML is not checked by anybody: a number would be read as an open file.
  const path: unknown = source.path;
  try {
    return typeof path === 'string' ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

function readCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('There is none.');
  return blocks.map((block) => new X509Certificate(block));
}

function readKey(pem: string): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: pem, format: 'pem' });
}

function isText(value: unknown, pattern: RegExp): boolean {
  return value === undefined || (typeof value === 'string' && pattern.test(value));
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** By the variable that was set, since it goes before the file. */
function placeOf(key: string, variable: string, env: Environment): string {
  const prefix = variable.replace('*', '');
  const isOfEnv =
    prefix === variable ? env[variable] !== undefined : Object.keys(env).some((name) => name.startsWith(prefix));
  return isOfEnv ? variable : `${key} of Temporal's configuration file`;
}
