import { Argument } from '@commander-js/extra-typings';
import type { Piece } from '../output.js';
import { reasonOption, toNumber } from '../options.js';
import type { Calls, Schedule } from '../passback-client.js';
import type { Program } from '../program.js';
import type { Start, Tools } from '../tools.js';

const EXAMPLES = `
Examples:
  $ passback schedule list
  $ passback schedule trigger nightly-sync --reason "the LMS was down last night"
  $ passback schedule set nightly-sync --cron "30 2 * * *" --time-zone Europe/Zurich --reason "backups run at 2"`;

const nameArgument = (): Argument<'<name>', undefined, string> => new Argument('<name>', 'such as nightly-sync');

const DEEDS = [
  ['trigger', 'run it now, unless it runs already'],
  ['pause', 'keep it from beginning'],
  ['resume', 'let it begin again'],
] as const;

export function addSchedules(program: Program, start: Start): void {
  const schedules = program.command('schedule').description('what begins by the clock').addHelpText('after', EXAMPLES);
  schedules
    .command('list')
    .description('list schedules, with their next times')
    .action(() => start(list));
  schedules
    .command('show')
    .description('one schedule, with its last runs')
    .addArgument(nameArgument())
    .action((name) => start(async (tools) => tell(tools, await tools.client().getSchedule({ name }))));
  schedules
    .command('set')
    .description('set its time')
    .addArgument(nameArgument())
    .requiredOption('--cron <fields>', 'minute, hour, day of the month, month, day of the week')
    .requiredOption('--time-zone <zone>', 'such as Europe/Zurich')
    .option('--jitter <seconds>', 'it begins up to so much later', toNumber)
    .addOption(reasonOption())
    .action((name, { cron, timeZone, jitter, reason }) =>
      start(async (tools) => {
        const body = { cron, timeZone, reason, ...(jitter !== undefined && { jitterSeconds: jitter }) };
        await tell(tools, await tools.client().setSchedule({ name, body }));
      }),
    );
  for (const [deed, about] of DEEDS) {
    schedules
      .command(deed)
      .description(about)
      .addArgument(nameArgument())
      .addOption(reasonOption())
      .action((name, body) => start((tools) => act(tools, deed, { name, body })));
  }
}

async function act(
  tools: Tools,
  deed: (typeof DEEDS)[number][0],
  input: Calls['triggerSchedule']['input'],
): Promise<void> {
  const client = tools.client();
  const deeds = {
    trigger: () => client.triggerSchedule(input),
    pause: () => client.pauseSchedule(input),
    resume: () => client.unpauseSchedule(input),
  };
  await tell(tools, await deeds[deed]());
}

async function list(tools: Tools): Promise<void> {
  const { out } = tools;
  const { schedules } = await tools.client().listSchedules();
  if (out.isJson) return out.json({ schedules });
  const rows = schedules.map((schedule): Piece[] => [
    ...[schedule.name, timeOf(schedule), schedule.nextRuns[0] ?? 'never'],
    schedule.paused ? { text: 'paused', style: 'yellow' } : schedule.running.length > 0 ? 'running' : '',
  ]);
  await out.table(['NAME', 'TIME', 'NEXT', ''], rows);
}

const timeOf = ({ cron, everySeconds, timeZone }: Schedule): string =>
  cron === null ? (everySeconds === null ? 'several' : `every ${everySeconds} s`) : `${cron} ${timeZone}`;

async function tell({ out }: Tools, schedule: Schedule): Promise<void> {
  if (out.isJson) return out.json(schedule);
  const { name, paused, note, nextRuns, running, recent, url } = schedule;
  await out.line({ text: name, style: 'bold' }, `  ${timeOf(schedule)}`);
  if (paused) await out.line({ text: 'paused: ', style: 'yellow' }, paused.reason);
  if (note !== null) await out.line(note);
  for (const at of nextRuns) await out.line(`next   ${at}`);
  for (const { workflowId, url: link } of running) await out.line(`runs   ${link ?? workflowId}`);
  for (const { startedAt, workflowId, url: link } of recent)
    await out.line(`began  ${startedAt}  ${link ?? workflowId}`);
  if (url !== null) await out.line(url);
}
