import type { FastifyReply, FastifyRequest } from 'fastify';
import { createApiClient, type ApiClientOptions } from './api-client.js';
import type { Assets } from './assets.js';
import { takeNotice } from './door/cookies.js';
import { isLinkFromElsewhere } from './door/headers.js';
import { toSignIn } from './door/return-path.js';
import { renderBounce, renderPage } from './layout/document.js';
import type { Content, Failed, Visit } from './screen.js';
import { createSharedReads } from './shared-reads.js';
import type { Visitor } from './visitor.js';

export interface AnswersDeps extends Pick<ApiClientOptions, 'inject' | 'callers'> {
  assets: Assets;
  now: () => Date;
}

/** Turns requests into visits, and what screens say into pages. */
export interface Answers {
  /** `once` names what a form does, so that it is not done twice; `failed`: what could not be done. */
  visitOf: (request: FastifyRequest, sent?: { once?: string | undefined; failed?: Failed | undefined }) => Visit;
  show: (
    request: FastifyRequest,
    reply: FastifyReply,
    content: Content,
    answer: { status: number; failed?: Failed },
  ) => Promise<FastifyReply>;
  /** For who is signed out: leads to the sign-in and back. A page that refreshes itself says it in place. */
  sayGone: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
  /** Whether `assets/console.js` asks, to show the regions of a page as they are now. */
  isRefresh: (request: FastifyRequest) => boolean;
}

const HTML = 'text/html; charset=utf-8';

export function createAnswers({ inject, callers, assets, now }: AnswersDeps): Answers {
  const reads = createSharedReads({ now });
  const isRefresh = ({ headers }: FastifyRequest): boolean => headers['x-console-refresh'] !== undefined;

  const visitOf: Answers['visitOf'] = (request, { once, failed } = {}) => {
    const { session, caller } = visitorOf(request);
    return {
      api: createApiClient({
        ...{ inject, callers, caller, address: request.ip, once, reads, mayShare: isRefresh(request) },
      }),
      param: (name) => paramOf(request.params, name),
      query: new URLSearchParams(request.url.split('?', 2)[1]),
      can: (scope) => session.scopes.includes(scope) || session.scopes.includes('admin'),
      session,
      now: now(),
      failed: failed ?? null,
    };
  };
  return {
    visitOf,
    isRefresh,
    async show(request, reply, content, { status, failed }) {
      const isRead = request.method === 'GET';
      const html = renderPage({
        ...{ content, assets },
        visit: request.visitor && visitOf(request, { failed }),
        notice: isRefresh(request) ? null : takeNotice(request, reply),
        path: isRead ? request.url : '/console',
        isRepeatable: isRead && status === 200,
      });
      return reply.code(status).type(HTML).send(html);
    },
    async sayGone(request, reply) {
      if (isRefresh(request)) return reply.code(401).type('text/plain; charset=utf-8').send('Signed out.\n');
      if (isLinkFromElsewhere(request)) return reply.type(HTML).send(renderBounce(request.url));
      if (request.method === 'GET') return reply.redirect(toSignIn(request.url), 303);
      return reply.redirect('/console/sign-in?lost=1', 303);
    },
  };
}

function visitorOf({ visitor }: FastifyRequest): Visitor {
  if (!visitor) throw new Error('A page that needs somebody was opened to all.');
  return visitor;
}

function paramOf(params: unknown, name: string): string {
  const value: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
  if (typeof value !== 'string') throw new Error(`The path has no :${name}.`);
  return value;
}
