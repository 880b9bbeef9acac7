/** Reads our documents as GitHub does, as far as they go: blocks of code, links, headings with their anchors. */
import { readRepositoryFile } from '../helpers/repository.js';
import { trackedFiles } from '../repository/tracked-files.js';

/** Each document that git keeps; none in a copy without its history. */
export const documents = (trackedFiles() ?? []).filter((name) => name.endsWith('.md'));
export const withoutHistory = { skip: documents.length === 0 && 'no git history here' };

export interface Block {
  /** What stands behind the fence: `sh`. */
  language: string;
  text: string;
  line: number;
}

const FENCE = /^( *)(```+)([^\n`]*)\n(.*?)^ *\2 *$/gms;

export function blocksOf(document: string): Block[] {
  const whole = readRepositoryFile(document);
  return [...whole.matchAll(FENCE)].map(({ 1: indent = '', 3: language = '', 4: text = '', index }) => ({
    language: language.trim(),
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    line: whole.slice(0, index).split('\n').length,
  }));
}

/** Without code, comments and what stands between backticks, where nothing is a link. */
const proseOf = (document: string): string =>
  readRepositoryFile(document)
    .replaceAll(FENCE, '')
    .replaceAll(/<!--.*?-->/gs, '');

/** Where the links and pictures of a document lead. */
export function linksOf(document: string): string[] {
  const prose = proseOf(document).replaceAll(/`[^`\n]+`/g, 'code');
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)/g), ...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)].map(
    ([, link = '']) => link,
  );
}

/** The anchors of its headings, each as often as GitHub counts it. */
export function anchorsOf(document: string): Set<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  for (const [, heading = ''] of proseOf(document).matchAll(/^#{1,6} (.*)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/(^|\W)_([^_]+)_(?=\W|$)/g, '$1$2');
    const anchor = text
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return anchors;
}
