import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';

const TYPES = {
  'console.css': 'text/css; charset=utf-8',
  'console.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;
const FOREVER = 'public, max-age=31536000, immutable';

const load = (name: keyof typeof TYPES): { body: Buffer; href: string } => {
  const body = readFileSync(path.join(import.meta.dirname, 'assets', name));
  const version = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { body, href: `/console/assets/${version}/${name}` };
};

export type Assets = Readonly<Record<keyof typeof TYPES, string>>;

/** Serves what pages load, under addresses that change with the content, and says what those are. */
export function serveAssets(app: FastifyInstance): Assets {
  const serve = (name: keyof typeof TYPES): string => {
    const { body, href } = load(name);
    app.get(
      href.slice('/console'.length),
      { schema: { hide: true }, config: { isPublic: true } },
      async (_request, reply) => reply.headers({ 'content-type': TYPES[name], 'cache-control': FOREVER }).send(body),
    );
    return href;
  };
  return { 'console.css': serve('console.css'), 'console.js': serve('console.js'), 'icon.svg': serve('icon.svg') };
}
