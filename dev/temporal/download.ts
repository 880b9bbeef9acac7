import { spawn } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { temporalCliVersion } from '../find-temporal.js';
import { withinTime } from '../machine/time-limit.js';

const vendorUrl = 'https://temporal.download';
/** The place answers in well under a second or, in a closed network, not at all. */
const lookUpMs = 15_000;
/** The archive has about 50 MB. */
const downloadMs = 300_000;

interface DownloadOptions {
  folder: string;
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
  downloadUrl?: string;
}

/**
 * Downloads the CLI's release for this system from the place that the Temporal SDKs use (sdk-core,
 * `ephemeral_server/mod.rs`): a JSON answer names an archive and the file in it.
 *
 * @returns the path of the program in `folder`
 */
export async function downloadTemporal(options: DownloadOptions): Promise<string> {
  const { folder, onProgress, downloadUrl = vendorUrl } = options;
  const system = new URLSearchParams({
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    platform: process.platform,
    format: 'tar.gz',
  });
  onProgress?.(`asking ${new URL(downloadUrl).host} for the Temporal CLI`);
  const info = await withinTime(lookUpMs, options.signal, async (signal) => {
    const answer = await get(`${downloadUrl}/cli/${temporalCliVersion}?${system.toString()}`, signal);
    return parseInfo(await answer.json());
  });
  const archive = path.join(folder, 'archive.tar.gz');
  onProgress?.('downloading the Temporal CLI');
  await withinTime(downloadMs, options.signal, async (signal) => {
    const { body } = await get(info.archiveUrl, signal);
    if (body === null) throw new Error(`${info.archiveUrl} answered nothing`);
    await pipeline(body, createWriteStream(archive), { signal });
  });
  await extract(archive, folder, info.fileToExtract);
  rmSync(archive);
  return path.join(folder, info.fileToExtract);
}

async function get(url: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new Error(`${new URL(url).host} can't be reached (${reason})`, { cause });
  }
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}

function parseInfo(info: unknown): { archiveUrl: string; fileToExtract: string } {
  if (typeof info === 'object' && info !== null && 'archiveUrl' in info && 'fileToExtract' in info) {
    const { archiveUrl, fileToExtract } = info;
    // A name that leads out of the folder would have tar write elsewhere.
    const isPlainName = typeof fileToExtract === 'string' && path.basename(fileToExtract) === fileToExtract;
    if (typeof archiveUrl === 'string' && isPlainName) return { archiveUrl, fileToExtract };
  }
  throw new Error('the download place gave an answer that names no archive');
}

function extract(archive: string, folder: string, file: string): Promise<void> {
  const child = spawn('tar', ['-xzf', archive, '-C', folder, '--', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar: ${complaint.trim()}`))));
  });
}
