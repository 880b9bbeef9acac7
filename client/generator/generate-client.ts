import { readOperations, type DescribedOperation } from './read-operations.js';
import { toNode, within, type Node } from './schema.js';
import { writeComment, writeMembers, writeType } from './write-type.js';

const HEAD =
  '/** Written from /openapi.json by test/client/generated.test.ts, which says how: not to be changed by hand. */\n';
const FROM_PROBLEM = "import type { Problem } from '../problem.js';\n";
/** One member of it says which of them it is: `problem.ts` makes the union. */
const PROBLEM = 'Problem';
const PLAIN_PROBLEM = 'PlainProblem';
const REFERENCE = /^\w+$/;

export interface GeneratedClient {
  /** By their paths within `client/`; to be formatted. */
  files: Readonly<Record<string, string>>;
}

/** The files of the client that the document makes. */
export function generateClient(document: unknown): GeneratedClient {
  const operations = readOperations(document).toSorted((one, other) => (one.id < other.id ? -1 : 1));
  return {
    files: {
      'generated/operations.ts': writeTable(operations),
      'generated/calls.ts': writeCalls(operations),
      'generated/schemas.ts': writeSchemas(within(document, 'components', 'schemas')),
      'generated/problem-statuses.ts': writeStatuses(within(document, 'x-problems')),
    },
  };
}

function writeTable(operations: readonly DescribedOperation[]): string {
  const rows = operations.map(({ id, operation }) => `  ${id}: ${JSON.stringify(operation)},`);
  return `${HEAD}import type { Operation } from '../operation.js';\n
export const OPERATIONS = {\n${rows.join('\n')}\n} as const satisfies Readonly<Record<string, Operation>>;\n`;
}

function writeSchemas(schemas: Node): string {
  const types = Object.entries(schemas).map(([name, schema]) => {
    const node = toNode(schema);
    const comment = writeComment(node['description']);
    const written = name === PROBLEM ? PLAIN_PROBLEM : name;
    return node['type'] === 'object' && 'properties' in node
      ? `${comment}export interface ${written} { ${writeMembers(node, keepName)} }`
      : `${comment}export type ${written} = ${writeType(node, keepName)};`;
  });
  return `${HEAD}${FROM_PROBLEM}\n${types.join('\n\n')}\n`;
}

const keepName = (name: string): string => name;

function writeCalls(operations: readonly DescribedOperation[]): string {
  const used = new Set<string>();
  const rename = (name: string): string => {
    if (name !== PROBLEM) used.add(name);
    return name;
  };
  const calls = operations.map((described) => writeCall(described, rename));
  const names = [...used].filter((name) => REFERENCE.test(name)).toSorted();
  return `${HEAD}import type { Upload } from '../upload.js';
import type { ${names.join(', ')} } from './schemas.js';\n
/** What each operation takes and gives. */
export interface Calls {\n${calls.join('\n')}\n}\n`;
}

function writeCall(described: DescribedOperation, rename: (name: string) => string): string {
  const { id, summary, operation, parameters, body, answer, entry } = described;
  const type = body && writeType(body, rename);
  const bodies = operation.files ? `body: ${type} | Upload` : `body: ${type}`;
  const input = [writeMembers(parameters, rename), type === undefined ? '' : bodies].join(' ');
  const members = [
    `input: ${input.trim() === '' ? 'Record<never, never>' : `{ ${input} }`};`,
    `answer: ${answer ? writeType(answer, rename) : 'undefined'};`,
    ...(entry ? [`entry: ${writeType(entry, rename)};`] : []),
  ];
  return `${writeComment(`${summary}.`)}${id}: { ${members.join(' ')} };`;
}

function writeStatuses(problems: Node): string {
  const rows = Object.entries(problems).map(
    ([type, problem]) =>
      `${writeComment(toNode(problem)['title'])}${JSON.stringify(type)}: ${String(toNode(problem)['status'])};`,
  );
  return `${HEAD}/** The status of each type of problem. */\nexport interface ProblemStatuses {\n${rows.join('\n')}\n}\n`;
}
