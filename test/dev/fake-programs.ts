import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import type { Cleanup } from './temp-folder.js';

/** What Temporal's CLI says of itself, as a shell script. */
export const temporalScript = '#!/bin/sh\necho "temporal version 9.9.9 (Server 9.9.9, UI 9.9.9)"\n';

/** Writes an executable script and gives its path. */
export function writeProgram(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, script, { mode: 0o755 });
  return file;
}

/**
 * A `go` whose install takes `seconds`, reports as the real one does, appends a line to `log`, notes its pid in
 * `<log>.pid`, and leaves a Temporal CLI in GOBIN.
 */
export function writeFakeGo(folder: string, log: string, seconds: string): string {
  const program = temporalScript.replaceAll('"', '\\"');
  const script = `#!/bin/sh
echo "$@" >> '${log}'
echo $$ > '${log}.pid'
case "$1" in
  mod) exit 0 ;;
  get) echo "go: downloading example.com/part v1.0.0" >&2; exit 0 ;;
  list) printf 'bufio\\nexample.com/part\\nexample.com/main\\n'; exit 0 ;;
esac
echo example.com/part >&2
sleep ${seconds}
printf '%b' "${program.replaceAll('\n', '\\n')}" > "$GOBIN/temporal"
chmod +x "$GOBIN/temporal"
`;
  return writeProgram(folder, 'go', script);
}

/** A place to download from: answers as temporal.download does, with an archive of the given program. */
export async function serveDownload(
  t: Cleanup,
  folder: string,
  script: string,
): Promise<{ url: string; asked: string[] }> {
  writeProgram(folder, 'temporal', script);
  const archive = spawnSync('tar', ['-czf', '-', '-C', folder, 'temporal']).stdout;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const host = `http://${request.headers.host ?? ''}`;
    if (request.url === '/archive.tar.gz') response.end(archive);
    else response.end(JSON.stringify({ archiveUrl: `${host}/archive.tar.gz`, fileToExtract: 'temporal' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the download place has no address');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}
