/** What a person request's workflow is told and answers; importable by a client too. */
import { defineQuery } from '@temporalio/workflow';
import type { PersonProgress } from '../domain/person-request.js';

export interface PersonRequestInput {
  /** Our uuid of the request. Whose it is, PostgreSQL knows. */
  request: string;
  carried?: PersonProgress;
}

export const personProgressQuery = defineQuery<PersonProgress | null>('progress');
