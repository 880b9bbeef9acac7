import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** Options that every command has. */
export type GlobalOptions = Readonly<{
  url?: string | undefined;
  apiKeyFile?: string | undefined;
  json?: true | undefined;
  quiet?: true | undefined;
}>;

/** Where Passback is, without a slash at the end. */
export function readUrl({ url }: GlobalOptions, env: Env): string {
  const [name, text] = url === undefined ? ['PASSBACK_URL', env['PASSBACK_URL']] : ['--url', url];
  if (!text) throw new UsageError('PASSBACK_URL is not set: give the address of Passback there, or by --url.');
  return toHttpUrl(name, text);
}

/** @throws {UsageError} for what is no address of HTTP, or has a password in it */
export function toHttpUrl(name: string, text: string): string {
  if (!URL.canParse(text)) throw new UsageError(`${name} is no address: it begins with https:// or http://.`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UsageError(`${name} must begin with https:// or http://.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(`${name} holds a user or a password, which the process list and logs would show.`);
  }
  if (url.search !== '' || url.hash !== '') throw new UsageError(`${name} must have neither ? nor #.`);
  return url.href.replace(/\/$/, '');
}

/** Undefined: none is given. No option takes the key itself, since everybody on the machine can read the process list. */
export function readApiKey({ apiKeyFile }: GlobalOptions, env: Env): string | undefined {
  const file = apiKeyFile ?? (env['PASSBACK_API_KEY'] ? undefined : env['PASSBACK_API_KEY_FILE']);
  if (!file) return env['PASSBACK_API_KEY'] ? assertHeader('PASSBACK_API_KEY', env['PASSBACK_API_KEY']) : undefined;
  return assertHeader(`The file ${file}`, readSecretFile(file));
}

/** The text of a file without the line end that editors add. */
export function readSecretFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${codeOf(error)}.`);
  }
}

function assertHeader(where: string, key: string): string {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UsageError(`${where} holds no API key: it has spaces, or is empty.`);
  return key;
}

/** Such as ENOENT. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
