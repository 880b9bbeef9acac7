/** Traces of requests, activities and calls to LTIAAS, by OpenTelemetry: loaded only where somebody collects them. */
import type { LtiaasCall } from './ltiaas-calls.js';

/** Codes, counts and ids of ours. Never a path, a query, a name or an id of an LMS. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

export interface NewSpan {
  name: string;
  /** `server`: somebody asked us. `consumer`: work that somebody has asked for. */
  kind: 'server' | 'consumer';
  /** What caused it, as `traceparent` headers have it (https://www.w3.org/TR/trace-context): the first is its parent. */
  causes: readonly string[];
  attributes: Attributes;
}

export interface Span {
  /** For a `traceparent`: what is caused by this. */
  readonly traceparent: string;
  /** Does work within it: calls that are observed meanwhile belong to it. */
  within<T>(work: () => Promise<T>): Promise<T>;
  /** `failure`: its code; left out where all went well. */
  end(attributes?: Attributes, failure?: string): void;
}

export interface Traces {
  begin(span: NewSpan): Span;
  /** A call that is over, within the span at hand; outside of any it is not told. */
  observeCall(call: LtiaasCall): void;
  /** Hands over what is left, as far as somebody takes it. */
  stop(): Promise<void>;
}

/**
 * Starts them where OpenTelemetry's own variables ask for it, which its exporter reads itself; undefined where they do not:
 * then nothing is loaded. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @param env all of the process's environment
 */
export async function startTraces(
  env: Readonly<Record<string, string | undefined>>,
  service: string,
): Promise<Traces | undefined> {
  if (!areWanted(env)) return undefined;
  const { createOtlpTraces } = await import('./otlp-traces.js');
  return createOtlpTraces(service);
}

function areWanted(env: Readonly<Record<string, string | undefined>>): boolean {
  const valueOf = (name: string): string => env[name]?.trim() ?? '';
  if (valueOf('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false;
  const exporter = valueOf('OTEL_TRACES_EXPORTER');
  if (exporter === 'otlp') return true;
  const endpoint = valueOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') || valueOf('OTEL_EXPORTER_OTLP_ENDPOINT');
  return exporter === '' && endpoint !== '';
}
