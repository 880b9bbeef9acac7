import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A file that has no name from the beginning on, so that nothing of a student stays behind whatever ends the process. */
export async function openNamelessFile(): Promise<FileHandle> {
  const name = path.join(tmpdir(), `passback-${randomUUID()}`);
  const file = await open(name, 'wx+', 0o600);
  await unlink(name);
  return file;
}
