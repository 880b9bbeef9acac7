import { PassThrough, Readable, finished } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import { ApiProblem } from '../api-client.js';

/** A file that comes with a form. It is read as it comes, and ends with an error where it did not come whole. */
export interface SentFile {
  name: string;
  bytes: Readable;
}

export interface SentForm {
  /** Those that stand before the file. */
  fields: URLSearchParams;
  file: SentFile | null;
  /** Lets go of what nobody has read, so that the answer gets through. */
  close: () => void;
}

/** Sizes in bytes. A file is of any size: it is nowhere kept whole. */
const LIMITS = { fields: 20, fieldSize: 10_000, files: 1, parts: 21, headerPairs: 20, headerSize: 8_000 };

/** @throws {ApiProblem} for what no page of ours has sent */
export async function readForm({ body, headers }: Pick<FastifyRequest, 'body' | 'headers'>): Promise<SentForm> {
  if (body instanceof Readable) return readMultipart(body, headers['content-type'] ?? '');
  const fields = body instanceof URLSearchParams ? body : new URLSearchParams();
  return { fields, file: null, close: () => undefined };
}

/** Comes back as soon as the file begins. https://www.rfc-editor.org/rfc/rfc7578 */
async function readMultipart(body: Readable, type: string): Promise<SentForm> {
  const parser = createParser(type);
  const fields = new URLSearchParams();
  const close = (): void => {
    body.unpipe(parser);
    body.resume();
  };
  return new Promise((resolve, reject) => {
    let bytes: PassThrough | undefined;
    const breakOff = (): void => {
      if (bytes) bytes.destroy(brokenOff());
      else reject(unreadable());
    };
    parser.on('field', (name: string | undefined, value: string) => {
      if (name !== undefined) fields.append(name, value);
    });
    parser.on('file', (_field: string | undefined, stream: BusboyFileStream, name: string | undefined) => {
      bytes = new PassThrough();
      // Whoever reads it hears of its error; where nobody does, there is nobody to tell.
      bytes.on('error', () => undefined);
      stream.on('error', breakOff);
      stream.pipe(bytes);
      // Read from when somebody reads it, so that an error before then is not missed.
      const lazy = Readable.from(bytes, { objectMode: false });
      resolve({ fields, file: { name: name ?? '', bytes: lazy }, close });
    });
    parser.on('error', breakOff);
    parser.on('finish', () => resolve({ fields, file: null, close }));
    finished(body, { writable: false }, (error) => {
      if (error) breakOff();
    });
    body.pipe(parser);
  });
}

function createParser(type: string): BusboyInstance {
  try {
    return new Busboy({ headers: { 'content-type': type }, limits: LIMITS });
  } catch {
    throw unreadable();
  }
}

/** Named as Node names a connection that ended too early, which is what the API takes it for. */
function brokenOff(): Error {
  return Object.assign(new Error('The form broke off before its end.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
}

function unreadable(): ApiProblem {
  return new ApiProblem({
    type: 'about:blank',
    title: 'This form cannot be read.',
    status: 400,
    detail: 'Nothing was done. Open the page in the console again, and send the form there.',
  });
}
