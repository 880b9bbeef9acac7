/** What the backend of a tool does with an essay: hands it to the grader, and says to Passback whose grade the id stands for. */
import { createClient } from '@passback/client';

const { PASSBACK_URL = '', PASSBACK_API_KEY = '', LTIAAS_URL, LTIAAS_API_KEY, LTIK } = process.env;
const { GRADER_URL = 'http://127.0.0.1:8082/submissions' } = process.env;
const [, , essay = ''] = process.argv;
const passback = createClient({ url: PASSBACK_URL, apiKey: PASSBACK_API_KEY });

async function read(url, options) {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

// As at a launch.
const headers = { authorization: `LTIK-AUTH-V2 ${LTIAAS_API_KEY}:${LTIK}` };
const idToken = await read(`${LTIAAS_URL}/api/idtoken`, { headers });
const { user, platform, launch } = idToken;
await passback.recordLaunch({ body: { idToken } });

const { id } = await read(GRADER_URL, { method: 'POST', body: essay });
// However fast the grader was: an event that comes before its reference waits for it.
await passback.tieReference({
  ...{ source: 'essay-grader', reference: id },
  body: {
    ...{ platformId: platform.id, contextId: launch.context.id, userId: user.id },
    lineItem: { resourceId: 'essay', label: 'Essay', scoreMaximum: 20 },
  },
});
console.log(`handed in as ${id}`);
