import { format } from 'prettier';
import { writeFailures, writeGuide } from './guide.js';

/** Each document that is generated here, by its name in docs/, as it is kept. `options` are those of prettier. */
export async function makeDocuments(options: object): Promise<Record<string, string>> {
  const toText = (text: string): Promise<string> => format(text, { ...options, parser: 'markdown' });
  return { 'lms.md': await toText(writeGuide()), 'failures.md': await toText(writeFailures()) };
}
