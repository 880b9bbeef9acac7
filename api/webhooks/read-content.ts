import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ProblemError } from '../problems.js';

const inflate = promisify(gunzip);

/**
 * What the bytes of an event hold once their encoding is taken off, at most `maxBytes`. For after the signature, which is of the
 * bytes as sent: nothing is inflated for a stranger. Throws a problem by name for whatever could not be kept as it was meant.
 */
export async function readContent(sent: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (sent.length > maxBytes) throw tooLarge(maxBytes);
  if (name === '' || name === 'identity') return sent;
  if (name !== 'gzip' && name !== 'x-gzip') {
    throw new ProblemError('unsupported-media-type', 'Of content encodings only gzip is taken.');
  }
  try {
    return await inflate(sent, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw new ProblemError('unsupported-media-type', 'The body is not the gzip that its Content-Encoding says.');
  }
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError('body-too-large', `This source takes ${maxBytes} bytes at most, inflated too.`);
}
