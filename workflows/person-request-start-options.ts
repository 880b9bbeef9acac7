import type { PersonRequestInput } from './person-request-messages.js';
import { carryOnOptions, type CarryOnOptions } from './carry-on-options.js';
import { personRequestWorkflowId } from './names.js';

export function personRequestStartOptions(request: string): CarryOnOptions<PersonRequestInput> {
  return carryOnOptions({
    workflowId: personRequestWorkflowId(request),
    input: { request },
    summary: 'Export or erase what is kept of one person',
    fairnessKey: 'person-requests',
  });
}
