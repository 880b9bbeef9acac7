import { ConfigError } from './config.js';

/** The two settings of something that listens, and their values. */
export interface Listening {
  readonly names: { readonly host: string; readonly port: string };
  readonly host: string;
  readonly port: number;
}

/** Why nothing can listen there, by the setting that would mend it; other errors as they are. */
export function toListenError(error: unknown, { names, host, port }: Listening): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const at = `${host}:${port}`;
  const problems = new Map<unknown, string>([
    ['EADDRINUSE', `${names.port} must be a free port: something else listens on ${at} already`],
    ['EACCES', `${names.port} must be a port that this user may listen on, which ${at} is not`],
    ['EADDRNOTAVAIL', `${names.host} must be an address of this machine, which ${host} is not`],
    ['ENOTFOUND', `${names.host} must be an address or a name that is known here, which ${host} is not`],
  ]);
  const problem = problems.get(code);
  return problem === undefined ? error : new ConfigError([problem]);
}
