import { failures, isFailureType, type FailureFacts } from '../../domain/failure.js';
import { DEFAULT_LIMITS, LMS_FAMILIES, limitByOf, type LmsFamily } from '../../domain/platform.js';
import { rules } from '../../ltiaas/classify-table.js';
import { families as played } from '../../sandbox/families/registry.js';
import { REACHES, toRow } from './answers.js';
import { notes } from './notes.js';

const MADE = 'Made by `npm run lms-guide`';

/** docs/lms.md: what each product asks for, what is done for it, and what its answers mean. Not formatted. */
export function writeGuide(): string {
  return `# LMS by LMS

For operators and support people, and for teachers who ask. ${MADE} from the failure table (\`ltiaas/rules/\`), the limits
(\`domain/platform.ts\`) and the notes beside that script.

One status means four things at four products, so an answer is judged by status, words and product together. What is broken waits,
and nothing more: one score, a column, a course or a platform. What each failure means and what helps: [failures.md](failures.md).

${table(
  ['Product', 'Calls at once', 'Begun a second', 'Shared by', 'In the sandbox'],
  LMS_FAMILIES.map((family) => [
    `[${notes[family].title}](#${anchor(notes[family].title)})`,
    ...limitsOf(family),
    Object.hasOwn(played, family) ? 'yes' : 'no',
  ]),
)}

These are limits to begin with. Where an LMS throttles, they are halved, and raised again slowly. \`PLATFORM_IN_FLIGHT\` and
\`PLATFORM_RATE\` change them for a product, \`PATCH /v1/platforms/{id}\` with \`limits\` for one platform. The product is guessed from
the launch; \`familySetBy\` of \`GET /v1/platforms/{id}\` says whether somebody has set it.

${LMS_FAMILIES.map(sectionOf).join('\n\n')}

## What holds everywhere

The first row that fits decides, whether of a product or of all: first where no answer came, then LTIAAS's codes, throttling, what
LMSes say in words, and at last the status alone. Words and codes of a product also count where the product is not known.

${answersOf((family) => family === undefined)}
`;
}

/** docs/failures.md: the failure catalogue. Not formatted. */
export function writeFailures(): string {
  const entries = Object.entries(failures).filter(([type]) => isFailureType(type));
  return `# Failures

${MADE} from the failure catalogue (\`domain/failure-catalogue.ts\`). These are the types that scores, attempts, things set aside,
breakers and runs carry: names that are never changed. As the \`type\` of a problem they are \`urn:passback:problem:…\`, in small
letters with dashes. Symptom by symptom: [runbook.md](runbook.md). Which answer of which LMS becomes which of them: [lms.md](lms.md).

${Object.entries(REACHES)
  .map(
    ([radius, words]) => `## What concerns ${words}

${entries
  .filter(([, facts]) => facts.radius === radius)
  .map(([type, facts]) => `### ${type}\n\n${facts.sentence} _${after(facts)}_\n\n**What helps**: ${facts.advice}`)
  .join('\n\n')}`,
  )
  .join('\n\n')}
`;
}

function after({ radius, retryable, parks, outcomeUnknown, keyRelated }: FailureFacts): string {
  if (outcomeUnknown) return 'The gradebook is read before anything is sent again.';
  if (keyRelated) return 'Another key of the course is tried; then it is set aside until a launch.';
  if (parks)
    return `${capital(REACHES[radius])} is set aside; ${radius === 'platform' ? 'its breaker is open' : 'its scores wait'}.`;
  if (retryable) return 'It is tried again by itself.';
  return radius === 'student' ? 'The score is kept, and not tried again as it is.' : 'It is not tried again by itself.';
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const anchor = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

function limitsOf(family: LmsFamily): string[] {
  const { inFlightMax, ratePerSecond } = DEFAULT_LIMITS[family];
  const sharedBy = limitByOf(family) === 'platform' ? 'all courses of the registration' : 'the courses of a deployment';
  return [String(inFlightMax), ratePerSecond === null ? 'no limit' : String(ratePerSecond), sharedBy];
}

function sectionOf(family: LmsFamily): string {
  const { title, code, url, does, know } = notes[family];
  const signs =
    code === undefined || url === undefined
      ? ''
      : `Recognized by the product code, such as \`${code}\`, or by an address such as \`${url}\`.\n\n`;
  const answers = answersOf((one) => one === family);
  return `## ${title}

${signs}**What Passback does for it**

${list(does)}

**What to know**

${list(know)}${answers === '' ? '' : `\n\n**What its answers mean**\n\n${answers}`}`;
}

function answersOf(isWanted: (family: LmsFamily | undefined) => boolean): string {
  const rows = rules.filter(({ family }) => isWanted(family)).map(toRow);
  return rows.length === 0 ? '' : table(['What comes', 'Is taken for', 'Concerns', 'Known from'], rows);
}

const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const toLine = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [toLine(head), toLine(head.map(() => '-')), ...rows.map(toLine)].join('\n');
}
