/** Once, by whoever has a key with the scope `admin`: says to Passback how the grader signs, and where in its events the facts are. */
import { createClient, isProblem } from '@passback/client';

const { PASSBACK_URL = '', PASSBACK_API_KEY = '', GRADER_SECRET = '' } = process.env;
const passback = createClient({ url: PASSBACK_URL, apiKey: PASSBACK_API_KEY });
try {
  await passback.createWebhookSource({
    body: {
      name: 'essay-grader',
      verification: { scheme: 'standardWebhooks' },
      secret: GRADER_SECRET,
      mapping: {
        type: { pointer: '/type', in: ['submission.graded'] },
        reference: '/data/submission',
        score: '/data/points',
        maximum: '/data/outOf',
        comment: '/data/feedback',
        time: '/data/gradedAt',
      },
      reason: 'the essay grader of the examples',
    },
  });
  console.log('Passback takes events of essay-grader.');
} catch (error) {
  if (!isProblem(error, 'urn:passback:problem:webhook-source-exists')) throw error;
  console.log('Passback knows essay-grader already.');
}
