import { collectDefaultMetrics, register } from 'prom-client';

collectDefaultMetrics();

/** The process's metrics as Prometheus text. */
export function collectMetrics(): Promise<string> {
  return register.metrics();
}
