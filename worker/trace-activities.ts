import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Traces } from '../metrics/traces.js';
import { toFailureFacts } from './failure-facts.js';

/**
 * A span for each attempt of an activity, caused by the requests that asked for it. Their traces come with the input, as
 * their ids do: interceptors of workflows would change histories. docs/decisions/0017
 */
export function traceActivities(traces: Traces): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const { activityType, attempt, taskQueue, workflowExecution } = info;
        const { workflowId, runId } = workflowExecution ?? {};
        const span = traces.begin({
          ...{ name: activityType, kind: 'consumer', causes: tracesOf(input.args) },
          attributes: {
            ...{ 'temporal.activity.type': activityType, 'temporal.activity.attempt': attempt },
            ...{ 'temporal.task_queue': taskQueue, 'temporal.workflow.id': workflowId, 'temporal.run.id': runId },
          },
        });
        try {
          const result = await span.within(() => next(input));
          span.end();
          return result;
        } catch (error) {
          span.end({}, String(toFailureFacts(error)['failure']));
          throw error;
        }
      },
    },
  });
}

function tracesOf([input]: readonly unknown[]): string[] {
  const causes: unknown = typeof input === 'object' && input !== null && 'causes' in input ? input.causes : [];
  if (!Array.isArray(causes)) return [];
  return causes.flatMap((cause: unknown) =>
    typeof cause === 'object' && cause !== null && 'trace' in cause && typeof cause.trace === 'string'
      ? [cause.trace]
      : [],
  );
}
