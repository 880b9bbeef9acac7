import { distance } from 'fastest-levenshtein';

/** Two slips; in short names fewer, or every name would resemble every other. */
const MOST_SLIPS = 2;
const LETTERS_PER_SLIP = 3;
const SHOWN_LENGTH = 60;

/** The one of `known` that was probably meant: by case, by `_` or `-`, or by a slip of the keys. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const meant = toPlain(name);
  const slipsIn = Math.min(MOST_SLIPS, Math.floor(meant.length / LETTERS_PER_SLIP));
  let nearest: string | undefined;
  let fewest = slipsIn;
  for (const candidate of known) {
    const plain = toPlain(candidate);
    // The distance is at least the difference in length: names of foreign length are not even compared.
    if (Math.abs(plain.length - meant.length) > fewest) continue;
    const slips = distance(plain, meant);
    if (slips < fewest || (slips === fewest && nearest === undefined)) [nearest, fewest] = [candidate, slips];
  }
  return nearest;
}

/** Says that `place` ("The query") knows no such name, and which one was probably meant. */
export function unknownName(place: string, name: string, known: readonly string[]): string {
  const shown = JSON.stringify(name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name);
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `${place} knows no ${shown}: did you mean "${nearest}"?`;
  return `${place} knows no ${shown}: ${known.length > 0 ? `it takes ${known.join(', ')}` : 'it takes nothing'}.`;
}

function toPlain(name: string): string {
  return name.slice(0, SHOWN_LENGTH).replaceAll(/[_-]/g, '').toLowerCase();
}
