import { parseArgs } from 'node:util';

/** Reads a whole number from a flag. @throws Error that names the flag */
export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${flag}: give a whole number from ${least} up, not "${text}"`);
}

/** The same for several with commas between. */
export function wholeNumbers(flag: string, text: string, least: number): number[] {
  return text.split(',').map((part) => wholeNumber(flag, part, least));
}

/** `--scores`, `--courses` and `--runs`, each from 1 up. @throws Error that names the flag */
export function readLoad(
  args: readonly string[],
  defaults: Readonly<Record<'scores' | 'courses' | 'runs', string>>,
): { scores: number; courses: number; runs: number } {
  const flag = (name: keyof typeof defaults): { type: 'string'; default: string } => ({
    type: 'string',
    default: defaults[name],
  });
  const options = { scores: flag('scores'), courses: flag('courses'), runs: flag('runs') };
  const { values } = parseArgs({ args: [...args], options });
  return {
    scores: wholeNumber('--scores', values.scores, 1),
    courses: wholeNumber('--courses', values.courses, 1),
    runs: wholeNumber('--runs', values.runs, 1),
  };
}
