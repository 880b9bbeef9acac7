import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { toProblem, type ProblemName } from './problems.js';

/** By the code of Node's parser, what is wrong with bytes that never became a request. */
const BY_CODE: Readonly<Record<string, readonly [ProblemName, string]>> = {
  HPE_HEADER_OVERFLOW: ['head-too-large', 'Address and headers have 16 kB together.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['head-too-slow', 'The head of the request did not come in time.'],
};
const MALFORMED = ['invalid-request', 'This is no HTTP request.'] as const;

/** Answers what Node could not read as a request, and ends the connection: nobody knows where the next one would begin. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) return void socket.destroy(error);
  const problem = toProblem(...(BY_CODE[error.code ?? ''] ?? MALFORMED));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
