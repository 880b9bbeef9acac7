import { NoAnswerError } from './passback-client.js';
import { UsageError } from './usage-error.js';

/** The sandbox's control API, which is no part of Passback's: paths are those below `/_sandbox`. */
export type CallSandbox = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
) => Promise<unknown>;

export function createSandboxControl(url: string): CallSandbox {
  return async (method, path, body) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/_sandbox${path}`, { method, redirect: 'manual', ...(body && json) });
      text = await response.text();
    } catch (cause) {
      throw new NoAnswerError('The sandbox does not answer.', { cause });
    }
    const said = parse(text);
    if (response.ok && (said !== undefined || text === '')) return said;
    if (response.status < 500 && said !== undefined) throw new UsageError(`The sandbox refuses it: ${messageOf(said)}`);
    throw new NoAnswerError('Something that is not the sandbox answered.', { status: response.status });
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageOf(said: unknown): string {
  if (typeof said !== 'object' || said === null) return String(said);
  const message: unknown = 'message' in said ? said.message : 'error' in said ? said.error : undefined;
  return typeof message === 'string' ? message : JSON.stringify(said);
}
