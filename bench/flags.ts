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
