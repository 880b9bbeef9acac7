import type { Static } from 'typebox';
import type { Parked } from '../../db/courses/parking.js';
import type { ParkedSchema } from '../schemas/context.js';
import { factsOf } from '../../domain/finding-words.js';

/** Why something is set aside, in words; null when it is not. */
export function toParked(parked: Parked | null): Static<typeof ParkedSchema> {
  if (!parked) return null;
  const { sentence, advice } = factsOf(parked.type);
  return { ...parked, sentence, advice };
}
