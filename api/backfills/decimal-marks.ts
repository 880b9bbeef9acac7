import { ItemFault } from '../../domain/item-fault.js';

/** The marks for decimals that the numbers of a file use. */
export interface DecimalMarks {
  see(cell: string): void;
  /** What is no number stays a text, which the item's own check refuses by name. @throws {ItemFault} where it is not certain. */
  toNumber(cell: string, column: string): number | string;
}

/** `1,250` may be more than a thousand, or a little more than one. */
const MAY_BE_THOUSANDS = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/;
const WITH_COMMA = /^[+-]?\d*,\d+$/;
const WITH_POINT = /^[+-]?\d*\.\d+$/;
const NUMBER = /^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

export function createDecimalMarks(): DecimalMarks {
  let hasCommas = false;
  let hasPoints = false;
  return {
    see(cell) {
      if (WITH_COMMA.test(cell)) hasCommas = true;
      else if (WITH_POINT.test(cell) && !MAY_BE_THOUSANDS.test(cell)) hasPoints = true;
    },
    toNumber(cell, column) {
      if (MAY_BE_THOUSANDS.test(cell) && (hasCommas || cell.includes(','))) {
        const detail = `${column} can be thousands or decimals: write it without marks, or with another number of decimals.`;
        throw new ItemFault('invalid-score', detail, `/${column}`);
      }
      if (!WITH_COMMA.test(cell)) return NUMBER.test(cell) ? Number(cell) : cell;
      if (!hasPoints) return Number(cell.replace(',', '.'));
      const detail = `${column} has a comma for decimals, and other numbers of the file have points.`;
      throw new ItemFault('invalid-score', detail, `/${column}`);
    },
  };
}
