/**
 * The console: pages made on the server for those who run Passback. A client of the API in the same process.
 *
 * To add a screen:
 * 1. `screens/<name>.tsx` exports a `Screen` (screen.ts): pages, which read by `visit.api.get(at`/v1/…`, Schema)` and give a
 *    title and a body, and actions, which do one thing by `visit.api.send(…)` and say where to go then. Schemas are the
 *    API's own (api/schemas).
 * 2. List it in `screens/index.ts`, and in `layout/sections.ts` if it has a place in the navigation.
 * 3. Forms are `<ActionForm of={action} …>`: hidden from who lacks the scope, with the problem beside it where it failed.
 *    A file comes as it is sent (`takesFile`), and is handed on by `visit.api.upload`.
 *    What shall refresh stands in `<Region id=…>`, on a page with `refreshSeconds`. Names of students stand in no URL: what
 *    is asked for by them is a POST.
 * 4. Add what it shows to `insertConsoleCourse` and its paths to `listConsolePages` (test/helpers/console-course.ts): axe, widths and
 *    escapes are then tried on it, and every scope on every action.
 *
 * Nothing inline (no style, no onclick), no other host, and nothing that needs JavaScript but refreshing.
 */
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import type { Problem } from '../api/problems.js';
import { createAnswers, type AnswersDeps } from './answers.js';
import { ApiProblem } from './api-client.js';
import { serveAssets } from './assets.js';
import { guardAnswer, isFromOurPage } from './door/headers.js';
import { registerSignIn } from './door/sign-in.js';
import { problemContent } from './layout/problem-page.js';
import { registerScreens } from './register-screens.js';
import { SCREENS } from './screens/index.js';
import { createVisitors, type Visitor, type VisitorDeps } from './visitor.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Open to who is not signed in. Only the console asks. */
    isPublic?: boolean;
  }
  interface FastifyRequest {
    visitor: Visitor | null;
  }
}

export interface ConsoleOptions extends VisitorDeps, Pick<AnswersDeps, 'now'> {
  callers: VisitorDeps['callers'] & AnswersDeps['callers'];
  /** Says what went wrong, to people; logs what is for us. */
  explain: (error: FastifyError, request: FastifyRequest) => Problem;
}

/** A form holds a reason and a few names. */
const MOST_FORM_BYTES = 64_000;

const FOREIGN: Problem = {
  type: 'about:blank',
  title: 'This form was not sent by a page of the console.',
  status: 403,
  detail: 'Nothing was done. Open the page in the console, and send the form there.',
};

export async function consolePlugin(app: FastifyInstance, options: ConsoleOptions): Promise<void> {
  const { callers, now, explain } = options;
  const visitors = createVisitors(options);
  const answers = createAnswers({ inject: (asked) => app.inject(asked), callers, now, assets: serveAssets(app) });

  app.decorateRequest('visitor', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MOST_FORM_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );

  app.addHook('onRequest', async (request, reply) => {
    guardAnswer(reply);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead && !isFromOurPage(request)) {
      return answers.show(request, reply, problemContent(FOREIGN), { status: FOREIGN.status });
    }
    request.visitor = (await visitors.find(request, { isPerson: !answers.isRefresh(request) })) ?? null;
    if (!request.visitor && !request.routeOptions.config.isPublic) return answers.sayGone(request, reply);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // What failed before our own hook comes without it.
    guardAnswer(reply);
    const problem = error instanceof ApiProblem ? error.problem : explain(error, request);
    if (problem.status === 401) return answers.sayGone(request, reply);
    return answers.show(request, reply, problemContent(problem), { status: problem.status });
  });
  // For errors of addresses that there are not: they are told by the handler above.
  app.setNotFoundHandler(async () => undefined);

  registerSignIn(app, { visitors, show: answers.show });
  await registerScreens(app, SCREENS, answers);
}
