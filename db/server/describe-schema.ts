import { queryRows, type Database } from './knex.js';

/**
 * The tables, indexes and functions of the public schema as text in a stable order, the same on PostgreSQL 15 and 18. It
 * is read by people and compared by a test; it is no script, since it leaves out what a migration needs beside it. Of
 * partitions only the default one is named: the others are like their table, and come and go with time.
 */
export async function describeSchema(db: Database): Promise<string> {
  const tables = await queryRows<{ name: string; options: string | null; partitioning: string | null }>(db, TABLES);
  const columns = groupByTable(await queryRows<Line>(db, COLUMNS));
  const constraints = groupByTable(await queryRows<Line>(db, CONSTRAINTS));
  const indexes = groupByTable(await queryRows<Line>(db, INDEXES));
  const partitions = groupByTable(await queryRows<Line>(db, DEFAULT_PARTITIONS));
  const described = tables.map(({ name, options, partitioning }) => {
    const inside = [...(columns.get(name) ?? []), ...(constraints.get(name) ?? [])];
    const table = `create table ${name} (\n${inside.map((line) => `  ${line}`).join(',\n')}\n)`;
    const ofTable = [...(indexes.get(name) ?? []), ...(partitions.get(name) ?? [])]
      .map((line) => `${line};\n`)
      .join('');
    const by = partitioning === null ? '' : ` partition by ${partitioning}`;
    return `${table}${by}${options === null ? '' : ` with (${options})`};\n${ofTable}`;
  });
  const functions = await queryRows<{ line: string }>(db, FUNCTIONS);
  return [...described, ...functions.map(({ line }) => `${line.trimEnd()};\n`)].join('\n');
}

interface Line {
  table: string;
  line: string;
}

function groupByTable(lines: readonly Line[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { table, line } of lines) groups.set(table, [...(groups.get(table) ?? []), line]);
  return groups;
}

/** What is no partition of another. */
const IS_TABLE = `c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`;

const TABLES = `
select c.relname as name, array_to_string(c.reloptions, ', ') as options, pg_get_partkeydef(c.oid) as partitioning
from pg_class c where ${IS_TABLE} order by c.relname collate "C"`;

const DEFAULT_PARTITIONS = `
select c.relname as table, 'create table ' || d.relname || ' partition of ' || c.relname || ' default' as line
from pg_partitioned_table p join pg_class c on c.oid = p.partrelid join pg_class d on d.oid = p.partdefid
where ${IS_TABLE} order by c.relname collate "C"`;

const COLUMNS = `
select c.relname as table, concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
  case when a.attnotnull then 'not null' end,
  case when a.attidentity <> '' then 'generated ' || case a.attidentity when 'a' then 'always' else 'by default' end || ' as identity' end,
  case when d.oid is not null then 'default ' || pg_get_expr(d.adbin, d.adrelid) end) as line
from pg_attribute a
join pg_class c on c.oid = a.attrelid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where ${IS_TABLE} and a.attnum > 0 and not a.attisdropped
order by c.relname collate "C", a.attnum`;

/** From PostgreSQL 18 on, that a column is not null is a constraint with a row of its own; it is told with the column. */
const CONSTRAINTS = `
select c.relname as table, 'constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid) as line
from pg_constraint k join pg_class c on c.oid = k.conrelid
where ${IS_TABLE} and k.contype <> 'n'
order by c.relname collate "C", position(k.contype::text in 'pufcx'), k.conname collate "C"`;

/** Without the indexes that a constraint makes. */
const INDEXES = `
select c.relname as table, pg_get_indexdef(i.indexrelid) as line
from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
where ${IS_TABLE}
  and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
order by c.relname collate "C", x.relname collate "C"`;

const FUNCTIONS = `
select pg_get_functiondef(p.oid) as line
from pg_proc p where p.pronamespace = 'public'::regnamespace
  and not exists (select 1 from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e')
order by p.proname collate "C", p.oid`;
