import type { keys } from './keys.js';
import type { EncryptionKey } from './parse.js';
import type { Secret } from './secret.js';

export interface ClockTime {
  readonly hour: number;
  readonly minute: number;
}

/** What migrating needs. */
export interface MigrateConfig {
  readonly database: { readonly url: Secret; readonly poolMax: number; readonly migrateOnStart: boolean };
  readonly log: { readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent' };
}

/** The settings of the API and of workers, by owner. Durations are in milliseconds. */
export interface Config extends MigrateConfig {
  readonly encryption: { readonly keys: readonly EncryptionKey[] };
  readonly ltiaas: { readonly url: string; readonly apiKey: Secret; readonly timeoutMs: number };
  /** The address only for showing: connections are made by `loadTemporalConnection`. */
  readonly temporal: {
    readonly address: string | undefined;
    readonly namespace: string;
    readonly uiUrl: string | undefined;
    /** '' where the installation has its namespace to itself. */
    readonly prefix: string;
    /** None: nothing is encrypted. */
    readonly codecKeys: readonly EncryptionKey[];
  };
  /** For Prometheus. Without a port there are none. */
  readonly metrics: { readonly host: string } & Readonly<Record<'port' | 'temporalPort', number | undefined>>;
  readonly api: {
    readonly host: string;
    readonly port: number;
    readonly trustProxy: boolean | number | string;
    /** 0 is no limit. */
    readonly rateLimitPerMinute: number;
    readonly bodyLimitBytes: number;
    readonly spoolLimitBytes: number;
    readonly headersTimeoutMs: number;
    readonly bodyTimeoutMs: number;
    /** Bytes per second; 0 is any. */
    readonly streamLeastRate: number;
    readonly maxConnections: number;
    readonly shutdownDelayMs: number;
    readonly bootstrapKey: Secret | undefined;
  };
  readonly worker: {
    readonly role: 'all' | 'workflows' | 'submit';
    /** Undefined: unversioned. */
    readonly version: { readonly deploymentName: string; readonly buildId: string } | undefined;
    readonly healthHost: string;
    readonly healthPort: number;
    readonly shutdownGraceMs: number;
    readonly bundlePath: string | undefined;
    readonly maxConcurrentBatches: number;
    readonly sweepIntervalMs: number;
  };
  readonly submit: { readonly concurrency: number; readonly laneDurationMs: number; readonly lingerMs: number };
  /** Overrides of what the LMS product would set. */
  readonly platform: { readonly inFlightMax: number | undefined; readonly ratePerSecond: number | undefined };
  /** Of courses that are launched for the first time. */
  readonly gradePolicy: 'toolWins' | 'humanWins' | 'ask';
  readonly roster: { readonly storeNames: boolean };
  /** Evidence of calls. */
  readonly retention: ReturnType<typeof keys.RETENTION.parse> & { readonly attempts: number };
  /** Times of day on the clock of one zone. */
  readonly schedules: {
    readonly timeZone: string;
    readonly nightlyAt: ClockTime;
    readonly nightlyLimitMs: number;
    readonly rosterAt: ClockTime;
    readonly reconcileAt: ClockTime;
    readonly resendsDrift: boolean;
  };
  /** Both or neither. */
  readonly scoreSource: { readonly url: string | undefined; readonly secret: Secret<Uint8Array> | undefined };
  /** Beyond these a backfill is approved by somebody else: scores, and percent of a maximum. */
  readonly backfill: { readonly approvalScores: number; readonly approvalDrop: number };
  readonly notices: { readonly mayBePrivate: boolean };
}
