import { context, SpanKind, SpanStatusCode, trace, type SpanContext } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { NewSpan, Span, Traces } from './traces.js';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const KINDS = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER } as const;
/** A collector that is away keeps no process from ending for longer than this, in milliseconds. */
const STOP_MS = 3_000;

/** Sends spans to where `OTEL_EXPORTER_OTLP_ENDPOINT` says, as JSON over HTTP, in batches behind the work. */
export function createOtlpTraces(service: string): Traces {
  const named = resourceFromAttributes({ 'service.name': service });
  const provider = new NodeTracerProvider({
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  const tracer = provider.getTracer('passback');
  return {
    begin({ name, kind, causes, attributes }: NewSpan): Span {
      const [parent, ...others] = causes.map(toSpanContext).filter((cause) => cause !== undefined);
      const root = context.active();
      const span = tracer.startSpan(
        name,
        { kind: KINDS[kind], attributes, links: others.map((cause) => ({ context: cause })) },
        parent ? trace.setSpanContext(root, parent) : root,
      );
      return {
        traceparent: toTraceparent(span.spanContext()),
        within: (work) => context.with(trace.setSpan(context.active(), span), work),
        end(more = {}, failure) {
          span.setAttributes(more);
          // Without words: those of errors quote rows and answers.
          if (failure !== undefined) span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    observeCall({ operation, end, durationMs }) {
      if (!trace.getActiveSpan()) return;
      const [method = '', template = ''] = operation.split(' ');
      const now = Date.now();
      const attributes = {
        ...{ 'http.request.method': method, 'url.template': template },
        ...(typeof end === 'number' ? { 'http.response.status_code': end } : { 'error.type': end }),
      };
      const span = tracer.startSpan(operation, { kind: SpanKind.CLIENT, startTime: now - durationMs, attributes });
      if (typeof end === 'string' || end >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(now);
    },
    async stop() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function toSpanContext(traceparent: string): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent) ?? [];
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return trace.isSpanContextValid(found) ? found : undefined;
}
