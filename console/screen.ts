import type { ComponentChildren } from 'preact';
import type { Scope } from '../api/callers.js';
import type { Problem } from '../api/problems.js';
import type { ApiClient } from './api-client.js';
import type { SentFile } from './door/sent-form.js';
import type { SectionPath } from './layout/sections.js';

/** Somebody who is signed in looks at something, or does something. What a screen gets. */
export interface Visit {
  api: ApiClient;
  /** Part of the path: `id` of `/scores/:id`. */
  param: (name: string) => string;
  query: URLSearchParams;
  /** Whether the key allows it. The API decides; this is for what is shown. */
  can: (scope: Scope) => boolean;
  session: SessionFacts;
  now: Date;
  /** What was just asked for here and could not be done. */
  failed: Failed | null;
}

export interface SessionFacts {
  id: string;
  apiKey: string;
  keyName: string;
  scopes: readonly string[];
  /** Null: all. */
  platforms: readonly string[] | null;
  expiresAt: Date;
}

export interface Failed {
  action: Action;
  /** The path that the form was sent to: the same action may stand on a page several times. */
  path: string;
  problem: Problem;
  fields: URLSearchParams;
  /** Set by the form that says it. Where there is none, such as for who lacks the scope, the top of the page does. */
  isTold: boolean;
}

export interface Content {
  title: string;
  /** Which entry of the navigation is the current one. */
  section?: SectionPath;
  /** Its regions are fetched again after so many seconds. */
  refreshSeconds?: number;
  body: ComponentChildren;
}

/** What is read: `GET /console<path>`. */
export interface Page {
  path: string;
  load: (visit: Visit) => Promise<Content>;
}

/** What is done: `POST /console<path>`, by a form (`layout/action-form.tsx`). */
export interface Action {
  path: string;
  /** The scope of the API's route behind it: who lacks it sees no button. */
  scope: Scope;
  /** Where its form stands; shown again with the reason where it could not be done. Its params are params of the action too. */
  page: Page;
  run: (visit: Visit, fields: URLSearchParams, file: SentFile | null) => Promise<Done>;
  /** Its form holds a file, after all other fields. */
  takesFile?: true;
}

/** Where to go then, and what to say there; or what to show at once where nothing has a name that a URL may hold. */
export type Done = { to: string; say?: string; isBad?: boolean } | { show: Content };

/** A screen: pages, and what is done on them. */
export interface Screen {
  pages: readonly Page[];
  actions: readonly Action[];
}

/** The address of a page or action, with its params. */
export function hrefOf({ path }: Pick<Page, 'path'>, params: Readonly<Record<string, string>> = {}): string {
  const filled = path.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
  return `/console${filled === '/' ? '' : filled}`;
}

/** A moment, as the form has it: browsers give the minute, without a time zone, which is one of UTC here. */
export function momentIn(fields: URLSearchParams, name: string): string | undefined {
  const moment = fields.get(name)?.trim() ?? '';
  if (moment === '') return undefined;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(moment) ? `${moment}:00Z` : moment;
}

/** Why somebody does it, as the form has it; the API refuses none. */
export function reasonIn(fields: URLSearchParams): string {
  return fields.get('reason')?.trim() ?? '';
}
