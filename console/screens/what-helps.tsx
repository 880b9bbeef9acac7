/** What the API says helps: its calls as buttons, and the lists that it names as links to the pages that show them. */
import Type from 'typebox';
import type { VNode } from 'preact';
import { ActionForm } from '../layout/action-form.js';
import { reasonIn, type Action, type Page, type Visit } from '../screen.js';

/** A call as the API names it; whoever makes it adds the reason. */
export interface HelpfulCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  path: string;
  body: object | null;
}

/** One thing that a person can do. `call` null: it is done elsewhere. */
interface Help {
  sentence: string;
  call: HelpfulCall | null;
}

const GONE = 'This helps no longer: it was done, or things have changed since.';

/**
 * Does what the API said would help. The form names the call, and only one that the API still names is made: what somebody
 * writes into a form is no way into the rest of it.
 */
export function helpOn(page: Page, options: HelpOptions): Action {
  const { path, listHelp, toBack } = options;
  return {
    ...{ path, scope: 'operate', page },
    async run(visit, fields) {
      const helpful = (await listHelp(visit)).find((call) => call !== null && toField(call) === fields.get('call'));
      const to = toBack(visit);
      if (!helpful || helpful.method === 'GET') return { to, say: GONE, isBad: true };
      const { method, body } = helpful;
      await visit.api.send(method, helpful.path, { ...body, reason: reasonIn(fields) }, Type.Unknown());
      return { to, say: 'That is done. What becomes of it shows here.' };
    },
  };
}

export interface HelpOptions {
  path: string;
  /** What helps now. */
  listHelp: (visit: Visit) => Promise<readonly (HelpfulCall | null)[]>;
  /** Where to go then. */
  toBack: (visit: Visit) => string;
}

const toField = ({ method, path, body }: HelpfulCall): string => JSON.stringify([method, path, body]);

export interface HelpButtonProps {
  of: Action;
  params?: Readonly<Record<string, string>>;
  call: HelpfulCall;
  label: string;
  hint?: string;
}

export function HelpButton({ of, params, call, label, hint }: HelpButtonProps): VNode {
  const fields = { call: toField(call) };
  return (
    <ActionForm
      {...{ of, label, fields }}
      {...(params && { params })}
      {...(hint !== undefined && { hint })}
      reason="required"
    />
  );
}

/** First what is done elsewhere, then the buttons. */
export function HelpList({ help, of, params }: HelpListProps): VNode | null {
  if (help.length === 0) return null;
  return (
    <div class="helps">
      {help.map(({ sentence, call }) => {
        if (call === null) return <p key={sentence}>{sentence}</p>;
        const label = sentence.replace(/\.$/, '');
        if (call.method !== 'GET') return <HelpButton key={sentence} {...{ of, params, call, label }} />;
        const href = pageOf(call.path)?.href;
        return href === undefined ? (
          <p key={sentence}>{sentence}</p>
        ) : (
          <a key={sentence} class="button" href={href}>
            {label}
          </a>
        );
      })}
    </div>
  );
}

export interface HelpListProps {
  help: readonly Help[];
  of: Action;
  params: Readonly<Record<string, string>>;
}

/** Pages that show what lists of the API hold, and take the same filters. */
const PAGES: Readonly<Record<string, { path: string; label: string }>> = {
  '/v1/scores': { path: '/scores', label: 'Look at the scores' },
  '/v1/contexts': { path: '/courses', label: 'Look at the courses' },
  '/v1/line-items': { path: '/columns', label: 'Look at the columns' },
  '/v1/results': { path: '/differences', label: 'Look at the differences' },
  '/v1/platforms': { path: '/platforms', label: 'Look at the platform' },
  '/v1/backfills': { path: '/backfills', label: 'Look at the backfills' },
  '/v1/webhook-events': { path: '/webhooks', label: 'Look at the events' },
  '/v1/webhook-sources': { path: '/webhooks/sources', label: 'Look at the sources' },
  '/v1/runs': { path: '/runs', label: 'Look at the runs' },
  '/v1/schedules': { path: '/runs', label: 'Look at the schedules' },
};

/** The page for an address of the API; undefined: none shows it. */
export function pageOf(address: string): { href: string; label: string } | undefined {
  const { pathname, search } = new URL(address, 'http://api.invalid');
  const story = /^\/v1\/scores\/([^/]+)\/story$/.exec(pathname)?.[1];
  if (story !== undefined) return { href: `/console/scores/${story}`, label: 'Look at the score' };
  const page = PAGES[/^\/v1\/[^/]+/.exec(pathname)?.[0] ?? ''];
  return page && { href: `/console${page.path}${search}`, label: page.label };
}

/** To what the API names in `see`. */
export function SeeLink({ see }: { see: string | null }): VNode | null {
  const page = see === null ? undefined : pageOf(see);
  if (!page) return null;
  return (
    <a class="button" href={page.href}>
      {page.label}
    </a>
  );
}
