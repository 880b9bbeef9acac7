import fastifyHelmet from '@fastify/helmet';
import fastifySwagger from '@fastify/swagger';
import fastifyPlugin from 'fastify-plugin';
import { problemCatalogue } from '../problems.js';
import { describeRoute, finishDescription } from './describe-route.js';
import { referencePlugin } from './reference.js';

const DESCRIPTION = `Durable grade passback from LTI tools to LMS gradebooks through LTIAAS.

Record every launch (\`POST /v1/launches\`), hand in scores (\`POST /v1/scores\`), and ask what became of them
(\`GET /v1/scores/{id}\`). A query or body with a name that is not described here is refused with \`invalid-request\`, which
names it and the nearest known one. Every POST takes an \`Idempotency-Key\`, but one that streams lines, which refuses it,
and events, which have ids. Lists are paged by cursor.

Errors are problems (RFC 9457). Their \`type\` is stable: \`urn:passback:problem:\` and a name of these.

| Problem | Status | Meaning |
| --- | --- | --- |
${listProblems()}`;

/** Security headers, `/openapi.json`, and documentation at `/docs`. */
export const openapiPlugin = fastifyPlugin(
  async (app) => {
    await app.register(fastifySwagger, {
      transform: describeRoute,
      transformObject: (document) => {
        if (!('openapiObject' in document)) throw new Error('This is no OpenAPI document.');
        return finishDescription(document.openapiObject);
      },
      openapi: {
        openapi: '3.1.0',
        info: { title: 'Passback', version: '1', description: DESCRIPTION },
        components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
        security: [{ apiKey: [] }],
      },
    });
    await app.register(fastifyHelmet, {
      // Answers need nothing; what is a page says what that needs.
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
      },
    });
    await app.register(referencePlugin);
    app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
    app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'));
  },
  { name: 'openapi' },
);

function listProblems(): string {
  return Object.entries(problemCatalogue)
    .map(([name, { status, title }]) => `| \`${name}\` | ${status} | ${title} |`)
    .join('\n');
}
