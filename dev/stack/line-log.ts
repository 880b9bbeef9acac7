import { closeSync, writeSync } from 'node:fs';
import { openLog } from '../machine/log-file.js';

/** A function that appends lines to a log, each with a line break. The log is opened anew for each 10,000 lines. */
export function writeLinesTo(file: string): (line: string) => void {
  let handle = openLog(file);
  let lines = 0;
  return (line) => {
    lines += 1;
    if (lines % 10_000 === 0) {
      closeSync(handle);
      handle = openLog(file);
    }
    writeSync(handle, `${line}\n`);
  };
}
