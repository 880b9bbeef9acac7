import type { FastifyInstance } from 'fastify';
import type { VNode } from 'preact';
import type { Answers } from '../answers.js';
import { Notice } from '../layout/notice.js';
import type { Content } from '../screen.js';
import type { Visitors } from '../visitor.js';
import { toReturnPath } from './return-path.js';

export interface SignInOptions {
  visitors: Visitors;
  show: Answers['show'];
}

const PUBLIC = { schema: { hide: true }, config: { isPublic: true } } as const;
/** The words of the API for the same key. */
const WRONG = 'No valid API key.';
const UNREADING = 'This key may not read. The console needs a key with the scope “read”.';

/** An API key is asked for once, and not kept: what the browser gets for it is a session that ends. */
export function registerSignIn(app: FastifyInstance, { visitors, show }: SignInOptions): void {
  app.get('/sign-in', PUBLIC, async (request, reply) => {
    const query = new URLSearchParams(request.url.split('?', 2)[1]);
    const to = toReturnPath(query.get('to'));
    if (request.visitor) return reply.redirect(to, 303);
    const said = query.has('out') ? 'You are signed out.' : query.has('lost') ? LOST : null;
    return show(request, reply, toContent({ to, said }), { status: 200 });
  });

  app.post('/sign-in', PUBLIC, async (request, reply) => {
    const fields = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const to = toReturnPath(fields.get('to'));
    const caller = await visitors.findKey((fields.get('key') ?? '').trim(), request);
    if (!caller) return show(request, reply, toContent({ to, wrong: WRONG }), { status: 401 });
    const mayRead = caller.scopes.includes('read') || caller.scopes.includes('admin');
    if (!mayRead) return show(request, reply, toContent({ to, wrong: UNREADING }), { status: 403 });
    // Nobody goes on in a session that somebody else may have given them.
    if (request.visitor) await visitors.signOut(request.visitor, request, reply);
    await visitors.signIn(caller, request, reply);
    return reply.redirect(to, 303);
  });

  app.post('/sign-out', PUBLIC, async (request, reply) => {
    if (request.visitor) await visitors.signOut(request.visitor, request, reply);
    return reply.redirect('/console/sign-in?out=1', 303);
  });
}

const LOST = 'You were signed out, so nothing was done. Sign in, and do it again.';

interface SignInProps {
  to: string;
  said?: string | null;
  wrong?: string;
}

const toContent = (props: SignInProps): Content => ({ title: 'Sign in', body: <SignIn {...props} /> });

function SignIn({ to, said, wrong }: SignInProps): VNode {
  return (
    <section class="sign-in card">
      <h1>Sign in</h1>
      {said && <Notice kind="info">{said}</Notice>}
      <form method="post" action="/console/sign-in">
        <input type="hidden" name="to" value={to} />
        {/* Password managers want a name with each secret. */}
        <input type="text" name="username" value="Passback" autocomplete="username" hidden />
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          required
          autofocus
          autocomplete="current-password"
          spellcheck={false}
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong === undefined ? 'key-hint' : 'key-wrong'}
        />
        {wrong !== undefined && (
          <p class="wrong" id="key-wrong" role="alert">
            {wrong}
          </p>
        )}
        <p class="hint" id="key-hint">
          The key is not kept: you get a session that ends after twelve hours, or one without doing anything.
        </p>
        <button class="primary">Sign in</button>
      </form>
    </section>
  );
}
