/** How the console says what became of messages to endpoints of notices. */
import type { VNode } from 'preact';
import type { DeliveryFailure, DeliveryState, Disabler } from '../../domain/notice.js';
import { Badge } from '../layout/parts.js';

export const STATE_WORDS: Readonly<Record<DeliveryState, { word: string; tone: 'calm' | 'good' | 'bad' }>> = {
  pending: { word: 'on its way', tone: 'calm' },
  delivered: { word: 'taken', tone: 'good' },
  failed: { word: 'given up', tone: 'bad' },
};

const FAILURE_WORDS: Readonly<Record<DeliveryFailure, string>> = {
  EndpointUnreachable: 'There was no answer.',
  EndpointTooSlow: 'The answer took too long.',
  EndpointRefused: 'It was refused.',
  EndpointRedirects: 'It points elsewhere, where no notice is sent.',
  EndpointGone: 'It says that it is gone for good.',
  AddressNotAllowed: 'Its address is not a public one.',
  SecretUnreadable: 'What it is kept with cannot be decrypted with the keys of now.',
};

export const DISABLER_WORDS: Readonly<Record<Disabler, string>> = {
  operator: 'by a person',
  failures: 'after days of failures',
  gone: 'since it said that it is gone',
};

export function StateBadge({ state }: { state: DeliveryState }): VNode {
  const { word, tone } = STATE_WORDS[state];
  return <Badge tone={tone}>{word}</Badge>;
}

interface LastTry {
  lastFailure: DeliveryFailure | null;
  lastStatus: number | null;
}

/** Empty where nothing went wrong. */
export function toFailure({ lastFailure, lastStatus }: LastTry): string {
  if (lastFailure === null) return '';
  return lastStatus === null ? FAILURE_WORDS[lastFailure] : `${FAILURE_WORDS[lastFailure]} HTTP ${lastStatus}`;
}
