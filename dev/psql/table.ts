import Type from 'typebox';
import { Compile } from 'typebox/compile';

/** What we use of one result of `pg`, which gives one, or a list where a text held several statements. */
const Result = Compile(
  Type.Object({
    command: Type.Union([Type.String(), Type.Null()]),
    rowCount: Type.Union([Type.Integer(), Type.Null()]),
    fields: Type.Array(Type.Object({ name: Type.String() })),
    rows: Type.Array(Type.Array(Type.Union([Type.String(), Type.Null()]))),
  }),
);

/** The result of one statement as psql shows it: a table, or the statement's tag. */
export function toTable(answer: unknown): string {
  const { command, rowCount, fields, rows } = Result.Parse(answer);
  if (fields.length === 0) return `${[command, rowCount].filter((part) => part !== null).join(' ')}\n`;
  const cells = [fields.map(({ name }) => name), ...rows.map((row) => row.map((value) => value ?? ''))];
  const widths = fields.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [head = '', ...lines] = cells.map((row) =>
    row
      .map((value, column) => ` ${value.padEnd(widths[column] ?? 0)} `)
      .join('|')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  return [head, rule, ...lines, `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`, '', ''].join('\n');
}
