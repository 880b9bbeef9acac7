import type { FastifyInstance } from 'fastify';
import type { Answers } from './answers.js';
import { ApiProblem } from './api-client.js';
import { setNotice } from './door/cookies.js';
import { readForm } from './door/sent-form.js';
import type { Action, Page, Screen } from './screen.js';

const HIDDEN = { schema: { hide: true } } as const;
const ACTS = { ...HIDDEN, config: { deed: { exempt: 'Asks the API, which keeps what it does.' } } };

/** Pages become GETs; actions become POSTs that end in a redirect, or in their page with the reason why not. */
export async function registerScreens(
  app: FastifyInstance,
  screens: readonly Screen[],
  answers: Answers,
): Promise<void> {
  const actions = screens.flatMap((screen) => screen.actions);
  for (const page of screens.flatMap(({ pages }) => pages)) registerPage(app, page, answers);
  for (const action of actions.filter(({ takesFile }) => !takesFile)) registerAction(app, action, answers);
  // No other action takes a body without a limit.
  await app.register(async (door) => {
    door.addContentTypeParser('multipart/form-data', async (_request: unknown, payload: unknown) => payload);
    for (const action of actions.filter(({ takesFile }) => takesFile)) registerAction(door, action, answers);
  });
}

function registerPage(app: FastifyInstance, page: Page, { show, visitOf }: Answers): void {
  app.get(page.path, HIDDEN, async (request, reply) =>
    show(request, reply, await page.load(visitOf(request)), { status: 200 }),
  );
}

function registerAction(app: FastifyInstance, action: Action, { show, visitOf }: Answers): void {
  app.post(action.path, ACTS, async (request, reply) => {
    const { fields, file, close } = await readForm(request);
    try {
      const visit = visitOf(request, { once: fields.get('once') ?? undefined });
      // Before the answer, which ends the wait for what nobody has read.
      const done = await action.run(visit, fields, file).finally(close);
      if ('show' in done) return await show(request, reply, done.show, { status: 200 });
      if (done.say !== undefined) setNotice(request, reply, { say: done.say, isBad: done.isBad ?? false });
      return await reply.redirect(done.to, 303);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.status === 401) throw error;
      const [path = ''] = request.url.split('?', 1);
      const failed = { action, path, problem: error.problem, fields, isTold: false };
      const content = await action.page.load(visitOf(request, { failed }));
      return show(request, reply, content, { status: error.problem.status, failed });
    }
  });
}
