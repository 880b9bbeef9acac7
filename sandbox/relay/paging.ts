import type { PageHabit } from '../families/family.js';

/** What a caller said about pages: a page's own URL from an earlier answer, which outranks the rest, or a limit. */
export interface PageRequest {
  url: string | undefined;
  limit: number | undefined;
  /** Kept in the page URLs, as an LMS does. */
  filters: Readonly<Record<string, string | undefined>>;
}

export interface Page<T> {
  rows: T[];
  /** This page's own URL. */
  id: string;
  links: { next?: string; prev?: string; first?: string; last?: string };
}

/** The parameters of a page URL, or undefined when the URL belongs to another list. */
export function readPageUrl(url: string, listUrl: string): URLSearchParams | undefined {
  if (!URL.canParse(url)) return undefined;
  const given = new URL(url);
  const own = new URL(listUrl);
  return given.origin === own.origin && given.pathname === own.pathname ? given.searchParams : undefined;
}

/** Cuts one page out of `rows`; pages count from 1. Links are there only if there is more than one page. */
export function cutPage<T>(rows: readonly T[], habit: PageHabit, listUrl: string, request: PageRequest): Page<T> {
  const given = request.url === undefined ? undefined : readPageUrl(request.url, listUrl);
  const limit = readInteger(given?.get('limit')) ?? (given === undefined ? request.limit : undefined);
  const size = Math.min(limit ?? habit.byDefault ?? rows.length, habit.most ?? Number.POSITIVE_INFINITY);
  const page = readInteger(given?.get('page')) ?? 1;
  const pages = size === 0 ? 1 : Math.ceil(rows.length / size);
  const toUrl = (number: number): string => pageUrl(listUrl, request.filters, number, limit);
  const start = (page - 1) * size;
  const links =
    !habit.links || pages <= 1
      ? {}
      : {
          ...(page < pages ? { next: toUrl(page + 1) } : {}),
          ...(page > 1 ? { prev: toUrl(page - 1) } : {}),
          first: toUrl(1),
          last: toUrl(pages),
        };
  return { rows: rows.slice(start, start + size), id: request.url ?? toUrl(page), links };
}

function readInteger(text: string | null | undefined): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

function pageUrl(
  listUrl: string,
  filters: Readonly<Record<string, string | undefined>>,
  page: number,
  limit: number | undefined,
): string {
  const url = new URL(listUrl);
  for (const [name, value] of Object.entries(filters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  url.searchParams.set('page', String(page));
  if (limit !== undefined) url.searchParams.set('limit', String(limit));
  return url.href;
}
