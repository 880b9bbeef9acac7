import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createSandboxControl } from '../sandbox/control-client.js';
import { createApiCall, withPatience } from './api-call.js';
import { createPrint, defaultDataDir, printLinks, runMain } from './run-stack.js';
import { planSeed } from './seed/plan.js';
import { handIn, launchCourses, type SeedCounts } from './seed/sow.js';
import { findRunningStack, type RunningStack } from './stack/running.js';

const usage = `npm run seed [-- options]
  Launches courses of five LMSes in the sandbox of the running stack, and hands in one score for each student.
  --courses N     default 20
  --students N    in each course, default 30
  --seed S        the same courses, people and scores as in another run with S. While the sandbox remembers them, they
                  are unchanged; once it was restarted, take another seed: the database still holds them for delivered.
                  Default: one that was never used
  --data-dir D    the stack's folder, where it is not .passback
  --help`;

const print = createPrint();

function readOptions() {
  const { values } = parseArgs({
    options: {
      courses: { type: 'string', default: '20' },
      students: { type: 'string', default: '30' },
      seed: { type: 'string', default: randomBytes(3).toString('hex') },
      'data-dir': { type: 'string', default: defaultDataDir },
      help: { type: 'boolean', default: false },
    },
  });
  if (!/^[\w-]{1,40}$/.test(values.seed)) throw new Error('--seed takes letters, digits, _ and -, at most 40.');
  return {
    ...values,
    dataDir: path.resolve(values['data-dir']),
    courses: toCount('--courses', values.courses),
    students: toCount('--students', values.students),
  };
}

function toCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`${name} takes a whole number above 0, not ${text}.`);
}

function printWhereToLook({ apiUrl, sandboxUrl, temporalUiUrl }: RunningStack, firstCourse: string): void {
  printLinks([
    ['workflows', temporalUiUrl],
    ['gradebooks', sandboxUrl],
    ['one of them', `${sandboxUrl}/gradebook/${firstCourse}`],
    ['trouble', `${apiUrl}/console, with the API key`],
    ['states', 'npm run psql -- -c "select state, count(*) from scores group by state"'],
  ]);
}

function describe({ accepted, unchanged, superseded, invalid }: SeedCounts): string {
  const rest = Object.entries({ unchanged, superseded, invalid }).filter(([, count]) => count > 0);
  return [`${accepted} scores accepted`, ...rest.map(([name, count]) => `${count} ${name}`)].join(', ');
}

async function main(): Promise<number> {
  const { help, dataDir, seed, courses, students } = readOptions();
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const stack = findRunningStack(dataDir, process.env);
  const { apiUrl, apiKey, sandboxUrl } = stack;
  if (sandboxUrl === undefined) throw new Error('LTIAAS_URL is set, and the seed is for the sandbox only.');
  const plan = planSeed({ seed, courses, students });
  const doors = { control: createSandboxControl(sandboxUrl), call: withPatience(createApiCall(apiUrl, apiKey)), print };
  print(`seed ${seed}: ${courses} courses on ${plan.platforms.length} LMSes, ${students} students in each`);
  await launchCourses(plan, doors);
  const counts = await handIn(plan, doors);
  print(`${describe(counts)}; Passback carries them to the gradebooks from here`);
  printWhereToLook(stack, plan.courses[0]?.contextId ?? '');
  return counts.invalid === 0 ? 0 : 1;
}

runMain(main, print);
