import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';

const SESSION = 'passback_console';
const NOTICE = 'passback_notice';
const NOTICE_SECONDS = 30;
/** Browsers drop cookies of more than 4 kB. */
const MOST_NOTICE = 500;

/** What the page after a redirect says: of the thing done, never of a student. */
const NoticeSchema = Type.Object({ say: Type.String(), isBad: Type.Boolean() });
export type Notice = Static<typeof NoticeSchema>;

type Headed = Pick<FastifyRequest, 'headers'>;

export function readSessionToken(request: Headed): string | undefined {
  return parseCookie(request.headers.cookie ?? '')[SESSION];
}

export function setSession(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
  set(request, reply, SESSION, token, { expires });
}

export function clearSession(request: FastifyRequest, reply: FastifyReply): void {
  set(request, reply, SESSION, '', { maxAge: 0 });
}

export function setNotice(request: FastifyRequest, reply: FastifyReply, { say, isBad }: Notice): void {
  const text = JSON.stringify({ say: say.slice(0, MOST_NOTICE), isBad });
  set(request, reply, NOTICE, Buffer.from(text).toString('base64url'), { maxAge: NOTICE_SECONDS });
}

/** Said once. */
export function takeNotice(request: FastifyRequest, reply: FastifyReply): Notice | null {
  const value = parseCookie(request.headers.cookie ?? '')[NOTICE];
  if (!value) return null;
  set(request, reply, NOTICE, '', { maxAge: 0 });
  try {
    const notice: unknown = JSON.parse(Buffer.from(value, 'base64url').toString());
    return Check(NoticeSchema, notice) ? notice : null;
  } catch {
    return null;
  }
}

function set(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  value: string,
  life: { expires: Date } | { maxAge: number },
): void {
  const secure = request.protocol === 'https';
  reply.header(
    'set-cookie',
    stringifySetCookie({ name, value, path: '/console', httpOnly: true, sameSite: 'strict', secure, ...life }),
  );
}
