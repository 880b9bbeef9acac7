/** What a delivery of notices is told; importable by a client too. */
import { defineSignal } from '@temporalio/workflow';

export interface DeliverNoticesInput {
  /** Our uuid. */
  endpoint: string;
}

/** There is something to send; or it is to be sent at once, whatever rests. */
export const lookSignal = defineSignal('look');
