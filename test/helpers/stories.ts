/** Looks into a story, as the API tells it. */
import { at, textAt, type Json } from './app.js';

export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

export const kindsOf = (story: Json): string[] => listOf(at(story, 'timeline')).map((entry) => textAt(entry, 'kind'));

export const sentencesOf = (story: Json): string[] =>
  listOf(at(story, 'timeline')).map((entry) => textAt(entry, 'sentence'));
