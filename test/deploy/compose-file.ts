import { readRepositoryFile } from '../helpers/repository.js';

/** One service of docker-compose.yml: its lines, and the variables that it or the anchors it merges set. */
export interface ComposeService {
  name: string;
  lines: string[];
  variables: Map<string, string>;
}

/**
 * Reads the services of docker-compose.yml as it is laid out (two spaces a level), which is all that these tests need;
 * that it is a valid compose file is for the schema to say.
 */
export function readServices(): ComposeService[] {
  const blocks = readRepositoryFile('docker-compose.yml').split(/^(?=\S)/m);
  const shared = variablesOf(blocks.find((block) => block.startsWith('x-environment:')) ?? '', 2);
  const services = blocks.find((block) => block.startsWith('services:')) ?? '';
  return services
    .split(/^(?= {2}[\w-]+:$)/m)
    .slice(1)
    .map((block) => {
      const environment = /^ {4}environment:( \*environment)?\n((?: {6}.*\n)*)/m.exec(block);
      const own = variablesOf(environment?.[2] ?? '', 6);
      const merges = environment?.[1] !== undefined || environment?.[2]?.includes('<<: *environment') === true;
      const variables = new Map([...(merges ? shared : []), ...own]);
      return { name: block.trim().split(':', 1)[0] ?? '', lines: block.split('\n'), variables };
    });
}

function variablesOf(block: string, indent: number): Map<string, string> {
  const pattern = new RegExp(`^ {${indent}}([A-Z][A-Z0-9_]*):(.*)$`, 'gm');
  return new Map([...block.matchAll(pattern)].map(([, name = '', value = '']) => [name, value.trim()]));
}
