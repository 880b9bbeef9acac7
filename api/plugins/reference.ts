import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyApiReferenceOptions } from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

/** What browsers run. Of the package only this file is used: to import it costs every process 130 ms and 15 MB. */
const BUNDLE = fileURLToPath(new URL('js/standalone.js', import.meta.resolve('@scalar/fastify-api-reference')));
const AT = '/docs/scalar.js';

/** Whatever would call another host is off; the content policy refuses the rest. */
const CONFIGURATION: NonNullable<FastifyApiReferenceOptions['configuration']> = {
  url: '/openapi.json',
  agent: { disabled: true },
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  documentDownloadType: 'direct',
};

const START = `Scalar.createApiReference('#reference', ${JSON.stringify(CONFIGURATION)})`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Passback</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="reference"></div>
<script src="${AT}"></script>
<script>${START}</script>
</body>
</html>
`;

const POLICY = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash('sha256').update(START).digest('base64')}'`,
  "style-src 'unsafe-inline'",
  ...["img-src 'self' data:", "connect-src 'self'", "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'"],
].join('; ');

/** The reference at `/docs`: one page, and one script of 1 MB, which is read and packed when it is first asked for. */
export async function referencePlugin(app: FastifyInstance): Promise<void> {
  let packing: ReturnType<typeof packBundle> | undefined;

  for (const url of ['/docs', '/docs/']) {
    app.get(url, { schema: { hide: true } }, async (_request, reply) =>
      reply.headers({ 'content-security-policy': POLICY, 'content-type': 'text/html; charset=utf-8' }).send(PAGE),
    );
  }
  app.get(AT, { schema: { hide: true } }, async (request, reply) => {
    reply.headers({ 'content-type': 'text/javascript; charset=utf-8', vary: 'accept-encoding' });
    if (!request.headers['accept-encoding']?.includes('gzip')) return reply.send(createReadStream(BUNDLE));
    const { body, etag } = await (packing ??= packBundle());
    reply.headers({ etag, 'cache-control': 'no-cache' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.header('content-encoding', 'gzip').send(body);
  });
}

async function packBundle(): Promise<{ body: Buffer; etag: string }> {
  const body = await promisify(gzip)(await readFile(BUNDLE));
  return { body, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"` };
}
