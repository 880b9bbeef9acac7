/** Options that several commands have, and how their values are read. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Format } from './input/open-input.js';

export const reasonOption = (): Option<'--reason <why>', undefined, undefined, undefined, true> =>
  new Option('--reason <why>', 'kept in the audit trail; no names of students').makeOptionMandatory();

/** A list with commas between; of these words only, where some are named. */
export function toWords<Word extends string = string>(known?: readonly Word[]): (text: string) => Word[] {
  const isKnown = (word: string): word is Word => known === undefined || known.some((one) => one === word);
  return (text) =>
    text.split(',').map((part) => {
      const word = part.trim();
      if (word === '' || !isKnown(word)) throw new InvalidArgumentError(`It is none of ${(known ?? []).join(', ')}.`);
      return word;
    });
}

export function toNumber(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It is no number.');
  return Number(text);
}

export const formatOption = (): Option<'--format <format>', undefined, undefined, undefined, false, Format> =>
  new Option('--format <format>', 'of the file; default: by its ending').choices(['ndjson', 'csv']);

export function toCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is no whole number.');
  return Number(text);
}
