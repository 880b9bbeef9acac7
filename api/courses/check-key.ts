import { failureOf } from '../../domain/failure.js';
import type { Deps } from '../app.js';

export interface CheckStep {
  step: 'key' | 'lineItems' | 'roster';
  ok: boolean;
  sentence: string;
  advice: string | null;
  type: string | null;
}

/** A connection test must answer while somebody waits for it, however slow the LMS. */
const CHECK_TIMEOUT_MS = 20_000;

/** Tries a service key with reading calls only: nothing changes in the LMS. */
export async function checkKey(
  { store, ltiaas, classify }: Pick<Deps, 'store' | 'ltiaas' | 'classify'>,
  id: string,
): Promise<CheckStep[]> {
  const serviceKey = await store.serviceKeys.reveal(id).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'DecryptionError') return undefined;
    throw error;
  });
  if (serviceKey === undefined) {
    const type = 'ServiceKeyUnreadable';
    const { sentence, advice } = failureOf(type);
    return [{ step: 'key', ok: false, sentence, advice, type }];
  }
  const call = { serviceKey, signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) };
  const run = async (
    step: CheckStep['step'],
    operation: 'listLineItems' | 'listMemberships',
    read: () => Promise<string>,
  ): Promise<CheckStep> => {
    try {
      return { step, ok: true, sentence: await read(), advice: null, type: null };
    } catch (error) {
      const { type } = classify(error, operation);
      const { sentence, advice } = failureOf(type);
      return { step, ok: false, sentence, advice, type };
    }
  };
  return [
    { step: 'key', ok: true, sentence: 'The stored key can be read.', advice: null, type: null },
    await run('lineItems', 'listLineItems', async () => {
      const found = await ltiaas.listLineItems(call);
      return `The LMS shows ${found.length} gradebook ${found.length === 1 ? 'column' : 'columns'} to the tool.`;
    }),
    await run('roster', 'listMemberships', async () => {
      for await (const page of ltiaas.membershipPages({ ...call, limit: 10 })) {
        return `The LMS gives the roster; its first page has ${page.members.length} people.`;
      }
      return 'The LMS gives the roster; it is empty.';
    }),
  ];
}
