/** One row as an object, or why it cannot be one. */
export type CsvRow = { value: Record<string, string> } | { problem: string };

/**
 * Reads CSV whose first line names the columns. Empty cells are left out; a row with too many or too few cells is a
 * problem of its own. https://www.rfc-editor.org/rfc/rfc4180
 */
export function readCsv(text: string): CsvRow[] {
  const [header, ...rows] = splitRows(text.replace(/^\uFEFF/, ''));
  if (!header) return [];
  const names = header.map((name) => name.trim());
  return rows.map((cells) => {
    if (cells.length !== names.length) return { problem: `It has ${cells.length} cells, the header ${names.length}.` };
    const members = names.map((name, index): [string, string] => [name, cells[index] ?? '']);
    return { value: Object.fromEntries(members.filter(([, cell]) => cell !== '')) };
  });
}

/** A cell is quoted (a quote inside is doubled) or plain, and ends at a comma, a line end, or the text's end. */
function splitRows(text: string): string[][] {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  const rows: string[][] = [];
  let row: string[] = [];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (!match) {
      rows.push([...row, 'a quote that stands wrong makes the rest unreadable', '']);
      return rows;
    }
    const [, quoted, plain = '', end] = match;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',' && cell.lastIndex < text.length) continue;
    if (end === ',') row.push('');
    const isBlank = row.length === 1 && row[0] === '' && at === cell.lastIndex - (end?.length ?? 0);
    if (!isBlank) rows.push(row);
    row = [];
  }
  return rows;
}
