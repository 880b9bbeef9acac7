const WIDTH = 30;

export interface ProgressRow {
  label: string;
  done: number;
  total: number;
  note: string;
}

export interface ProgressDisplay {
  show(rows: readonly ProgressRow[]): void;
  /** Leaves the last state standing. */
  end(rows: readonly ProgressRow[]): void;
}

/** A bar for each course on a terminal, drawn in place; one line a second with the total elsewhere. */
export function createProgress(
  output: NodeJS.WriteStream,
  print: (text: string) => void,
  now: () => number,
): ProgressDisplay {
  let drawn = 0;
  let lastAtMs = -Infinity;
  const draw = (rows: readonly ProgressRow[]): void => {
    if (drawn > 0) output.write(`\u001b[${drawn}A`);
    for (const row of rows) output.write(`\u001b[2K${toBar(row)}\n`);
    drawn = rows.length;
  };
  return {
    show(rows) {
      if (output.isTTY) return draw(rows);
      if (now() - lastAtMs < 1_000) return;
      lastAtMs = now();
      print(toTotal(rows));
    },
    end(rows) {
      if (output.isTTY) return draw(rows);
      for (const row of rows) print(toBar(row));
    },
  };
}

function toBar({ label, done, total, note }: ProgressRow): string {
  const filled = total === 0 ? 0 : Math.round((done / total) * WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
  return `  ${label.padEnd(38)} ${bar} ${String(done).padStart(4)}/${total} ${note}`.trimEnd();
}

function toTotal(rows: readonly ProgressRow[]): string {
  const sum = (pick: (row: ProgressRow) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  return `in the gradebooks: ${sum((row) => row.done)} of ${sum((row) => row.total)}`;
}
