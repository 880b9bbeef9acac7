/** Bodies that are no JSON: files, and lines of JSON. */
import { toLines, type Items } from './lines.js';

export type UploadContent = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

/** Made by {@link csv}, {@link ndjson}, {@link ndjsonFile} and {@link rawJson}. */
export class Upload {
  readonly contentType: string;
  readonly content: UploadContent;

  constructor(contentType: string, content: UploadContent) {
    this.contentType = contentType;
    this.content = content;
  }

  /** It is gone when it has been sent: there is no second try. */
  get isOneShot(): boolean {
    return this.content instanceof ReadableStream;
  }
}

/** A file of comma-separated values. A stream is sent as it comes, once; browsers want the others. */
export function csv(content: UploadContent): Upload {
  return new Upload('text/csv', content);
}

/** Lines of JSON that are written already, as a file holds them. A stream is sent as it comes, once; browsers want the others. */
export function ndjsonFile(content: UploadContent): Upload {
  return new Upload('application/x-ndjson', content);
}

/** Lines of JSON: a list is sent whole, and again if need be; what comes bit by bit is streamed, once. */
export function ndjson(items: Items<unknown>): Upload {
  if (Array.isArray(items)) return new Upload('application/x-ndjson', toText(items));
  const lines = toLines(items);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: async () => void (await lines.return()),
  });
  return new Upload('application/x-ndjson', stream);
}

/** JSON that stays byte for byte as it is, since it has been signed. */
export function rawJson(text: string): Upload {
  return new Upload('application/json', text);
}

function toText(items: readonly unknown[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}
