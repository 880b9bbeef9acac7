import type { ExplainPersonBody, Help, PersonStory, Story } from '../passback-client.js';
import type { Output } from '../output.js';
import type { Program } from '../program.js';
import type { Start, Tools } from '../tools.js';
import { UsageError } from '../usage-error.js';
import { nameOfColumn, toPoints } from '../words.js';

const EXAMPLES = `
Examples:
  $ passback explain --platform moodle-1 --course chem-7 --student ada
  $ passback explain --platform moodle-1 --course chem-7 --student ada --resource-id quiz-3
  $ passback explain 6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10       the whole story of one score`;

export function addExplain(program: Program, start: Start): void {
  program
    .command('explain')
    .description("why is this student's grade not in the gradebook?")
    .argument('[score]', 'our id of one score, for its whole story')
    .option('--platform <id>', 'platformId')
    .option('--deployment <id>', 'deploymentId, where the platform has several')
    .option('--course <id>', 'contextId')
    .option('--student <id>', 'userId')
    .option('--column <id>', "only this column, by the LMS's id")
    .option('--resource-link <id>', 'only the column of this placed activity')
    .option('--resource-id <id>', 'only the column with this resourceId')
    .option('--tag <tag>', 'and this tag')
    .addHelpText('after', EXAMPLES)
    .action((score, options) =>
      start((tools) => (score === undefined ? explain(tools, toBody(options)) : tellStory(tools, score))),
    );
}

interface Named {
  platform?: string | undefined;
  deployment?: string | undefined;
  course?: string | undefined;
  student?: string | undefined;
  column?: string | undefined;
  resourceLink?: string | undefined;
  resourceId?: string | undefined;
  tag?: string | undefined;
}

function toBody({
  platform,
  deployment,
  course,
  student,
  column,
  resourceLink,
  resourceId,
  tag,
}: Named): ExplainPersonBody {
  if (platform === undefined || course === undefined || student === undefined) {
    throw new UsageError('Name --platform, --course and --student, or give our id of a score.');
  }
  const lineItem = {
    ...(column !== undefined && { id: column }),
    ...(resourceLink !== undefined && { resourceLinkId: resourceLink }),
    ...(resourceId !== undefined && { resourceId }),
    ...(tag !== undefined && { tag }),
  };
  return {
    ...{ platformId: platform, contextId: course, userId: student },
    ...(deployment !== undefined && { deploymentId: deployment }),
    ...(Object.keys(lineItem).length > 0 && { lineItem }),
  };
}

async function explain(tools: Tools, body: ExplainPersonBody): Promise<void> {
  const { out } = tools;
  const story = await tools.client().explainPerson({ body });
  if (out.isJson) return out.json(story);
  await out.line({ text: story.verdict, style: 'bold' });
  for (const { sentence, help } of story.findings) {
    await out.line(sentence);
    await sayHelp(out, help);
  }
  for (const score of story.scores) await sayScore(out, score);
  if (story.hasMore) await out.line('There are more columns than these: name one.');
}

async function sayScore(out: Output, score: PersonStory['scores'][number]): Promise<void> {
  const { id, lineItem, verdict, tool, gradebook, waitingFor, help } = score;
  await out.line();
  await out.line({ text: nameOfColumn(lineItem), style: 'bold' }, `  ${verdict}`);
  await out.line(`  The tool has ${toPoints(tool)}, since ${tool.changedAt}.`);
  if (gradebook) await out.line(`  The gradebook was given ${toPoints(gradebook)}${sayAt(gradebook.at)}.`);
  if (waitingFor) await out.line(`  ${waitingFor.sentence} ${waitingFor.advice}`);
  await sayHelp(out, help);
  await out.line({ text: `  passback explain ${id}`, style: 'dim' });
}

const sayAt = (at: string | null): string => (at === null ? '' : ` at ${at}`);

/** What a person can do, with the call that does it. */
async function sayHelp(out: Output, help: readonly Help[]): Promise<void> {
  for (const { sentence, call } of help) {
    const how =
      call === null ? '' : `  (${call.method} ${call.path}${call.body ? ` ${JSON.stringify(call.body)}` : ''})`;
    await out.line({ text: '  → ', style: 'green' }, sentence, { text: how, style: 'dim' });
  }
}

async function tellStory(tools: Tools, id: string): Promise<void> {
  const { out } = tools;
  const story: Story = await tools.client().getStoryOfScore({ id });
  if (out.isJson) return out.json(story);
  await out.line({ text: story.verdict, style: 'bold' });
  for (const { at, sentence } of story.timeline) await out.line({ text: `  ${at}  `, style: 'dim' }, sentence);
  if (story.waitingFor) await out.line(`${story.waitingFor.sentence} ${story.waitingFor.advice}`);
  await out.line(`${story.next.sentence}${sayAt(story.next.at)}`);
  await sayHelp(out, story.help);
  await out.line();
  await out.line({ text: 'For the student', style: 'bold' });
  await out.line(story.forStudent);
  await out.line();
  await out.line({ text: 'For the administrator of the LMS', style: 'bold' });
  await out.line(story.forAdministrator.text);
}
