import { parse } from 'libpg-query';
import type { Migration } from '../../db/migrations/migration.js';

/** A node of PostgreSQL's own syntax tree: its kind, with its fields. */
type Node = Readonly<Record<string, unknown>>;

/** Dropped when the functions are installed, and gone since before the first release. */
const LONG_GONE = ['change_accepted', 'insert_scores', 'hold_lane', 'take_turn'];

/** Whoever still runs the release before must not miss what these take away. */
const TAKING_AWAY: Readonly<Record<string, string>> = {
  AT_DropColumn: 'drops a column',
  AT_AlterColumnType: "changes a column's type",
  AT_SetNotNull: 'refuses rows that the release before writes',
};

/** What a migration does that an upgrade under load, or the way back, does not bear; in words, empty when it is right. */
export async function faultsOf({ sql, isConcurrent, contracts }: Migration): Promise<string[]> {
  const statements = await statementsOf(sql);
  const made = new Set(statements.flatMap(([kind, node]) => (kind === 'CreateStmt' ? [tableOf(node)] : [])));
  const faults: string[] = [];
  const takesAway = (what: string): void => {
    if (contracts === undefined)
      faults.push(`${what}, and does not say since which release nothing uses it (contracts)`);
  };
  for (const [place, [kind, node]] of statements.entries()) {
    const isOld = !made.has(tableOf(node));
    if (isConcurrent && kind !== 'IndexStmt' && kind !== 'DropStmt')
      faults.push(`${kind} stands outside of a transaction`);
    if (kind === 'IndexStmt' && isOld) faults.push(...indexFaults(node, statements[place - 1], isConcurrent));
    if (kind === 'RenameStmt') takesAway('renames');
    if (kind === 'TruncateStmt') takesAway('empties a table');
    if (kind === 'DropStmt' && isLoss(node)) takesAway('drops');
    if (kind === 'DoStmt') faults.push('holds a program, which no rule can look into');
    if (kind === 'LockStmt') faults.push('locks a table for its whole length');
    if ((kind === 'UpdateStmt' || kind === 'DeleteStmt') && isOld) {
      faults.push('changes rows of a table that is in use: a workflow does that in pages');
    }
    if (kind === 'AlterTableStmt' && isOld) {
      for (const command of nodesIn(node, 'AlterTableCmd')) faults.push(...commandFaults(command, takesAway));
    }
  }
  return faults;
}

async function statementsOf(sql: string): Promise<[kind: string, node: Node][]> {
  const { stmts = [] } = await parse(sql);
  return stmts.flatMap(({ stmt }) => (isNode(stmt) ? Object.entries(stmt).filter(isEntry) : []));
}

function indexFaults(index: Node, before: [string, Node] | undefined, isConcurrent: true | undefined): string[] {
  if (index['concurrent'] !== true || !isConcurrent) {
    return ['builds an index while nobody may write: concurrently, in a migration that isConcurrent'];
  }
  const [kind, dropped] = before ?? [];
  const isBegunAnew = kind === 'DropStmt' && JSON.stringify(dropped).includes(`"${String(index['idxname'])}"`);
  return isBegunAnew ? [] : ['leaves a half-built index where it is begun again: drop it if it exists, just before'];
}

function isLoss({ removeType, objects }: Node): boolean {
  if (removeType === 'OBJECT_INDEX') return false;
  const names = JSON.stringify(objects);
  return removeType !== 'OBJECT_FUNCTION' || !LONG_GONE.some((name) => names.includes(`"${name}"`));
}

function commandFaults(command: Node, takesAway: (what: string) => void): string[] {
  const { subtype, def } = command;
  const lost = TAKING_AWAY[String(subtype)];
  if (lost !== undefined) takesAway(lost);
  if (subtype === 'AT_AddColumn') return columnFaults(def);
  if (subtype !== 'AT_AddConstraint') return [];
  const [{ contype, skip_validation: isUnchecked, indexname } = {}] = nodesIn(def, 'Constraint');
  if (contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY') {
    return indexname === undefined ? ['builds the index of a constraint while nobody may write: using index'] : [];
  }
  return isUnchecked === true ? [] : ['checks all rows while nobody may write: not valid, and validate later'];
}

function columnFaults(def: unknown): string[] {
  const constraints = nodesIn(def, 'Constraint');
  const value = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT');
  const isNeeded = constraints.some(({ contype }) => contype === 'CONSTR_NOTNULL');
  if (isNeeded && !value) return ['adds a column that the release before does not fill: give it a default'];
  const functions = nodesIn(value, 'FuncCall').map(({ funcname }) => JSON.stringify(funcname));
  return functions.some((name) => !name.includes('"now"')) ? ['writes a whole table anew for a default'] : [];
}

function tableOf({ relation, relname }: Node): string {
  return String(isNode(relation) ? relation['relname'] : relname);
}

/** Of this kind, wherever they are below. */
function nodesIn(tree: unknown, kind: string): Node[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, below]) => [
    ...(name === kind && isNode(below) ? [below] : []),
    ...nodesIn(below, kind),
  ]);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function isEntry(entry: [string, unknown]): entry is [string, Node] {
  return isNode(entry[1]);
}
