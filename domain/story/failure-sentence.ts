import { failureOf, isFailureType } from '../failure.js';

/** A type that a newer release stored is told by its name. */
export function sentenceOfFailure(type: string): string {
  return isFailureType(type) ? failureOf(type).sentence : `The reason is ${type}.`;
}
