import { collectDefaultMetrics, Registry } from 'prom-client';

/** The metrics of one worker process. Labels are kinds: no name, no student, no id of an LMS. */
export interface WorkerMetrics {
  text(): Promise<string>;
}

export function createWorkerMetrics(): WorkerMetrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return { text: () => register.metrics() };
}
