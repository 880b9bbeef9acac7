/** A quiz that grades itself: launched through LTIAAS, its grades in the gradebook through Passback. */
import { createClient } from '@passback/client';
import express from 'express';

const { PASSBACK_URL = '', PASSBACK_API_KEY = '', LTIAAS_URL = '', LTIAAS_API_KEY = '', PORT = '8081' } = process.env;
const passback = createClient({ url: PASSBACK_URL, apiKey: PASSBACK_API_KEY });
const lineItem = { resourceId: 'quiz-3', label: 'Quiz 3', scoreMaximum: 10 };
const app = express();
app.use(express.urlencoded({ extended: false }));

// The ltik in the address is the session: LTIAAS says each time who that is, and nobody answers for others.
app.use(async (request, response, next) => {
  const headers = { authorization: `LTIK-AUTH-V2 ${LTIAAS_API_KEY}:${encodeURIComponent(String(request.query.ltik))}` };
  const answer = await fetch(`${LTIAAS_URL}/api/idtoken`, { headers, signal: AbortSignal.timeout(10_000) });
  if (answer.status === 401) return response.status(401).send('Please open the activity in your course again.');
  if (!answer.ok) throw new Error(`LTIAAS answered ${answer.status}`);
  response.locals.idToken = await answer.json();
  next();
});

// A launch brings the key by which grades go later. If Passback is away, the student comes in all the same.
app.get('/', async (request, response) => {
  const { idToken } = response.locals;
  const signal = AbortSignal.timeout(3_000);
  await passback.recordLaunch({ body: { idToken } }, { signal }).catch(({ message }) => console.error(message));
  response.send('<form method="post">6 × 7 = <input name="answer" autofocus> <button>Hand in</button></form>');
});

app.post('/', async (request, response) => {
  const { user, platform, launch } = response.locals.idToken;
  const scoreGiven = request.body?.answer === '42' ? 10 : 0;
  const { scores } = await passback.handInScores({
    body: {
      ...{ platformId: platform.id, contextId: launch.context.id, userId: user.id, lineItem },
      ...{ scoreGiven, scoreMaximum: 10, changedAt: new Date().toISOString() },
    },
  });
  if (scores[0]?.outcome === 'invalid') throw new Error(scores[0].problem?.detail);
  response.send(`${scoreGiven} of 10 points. Your grade is on its way into the gradebook.`);
});

app.use((error, request, response, next) => {
  console.error(error.message);
  if (response.headersSent) return next(error);
  response.status(503).send('This did not work. Please open the activity in your course again in a minute.');
});
app.listen(Number(PORT), '127.0.0.1', () => console.log(`The quiz is at http://127.0.0.1:${PORT}/`));
