import { toProblem, type Problem, type ProblemName } from '../problems.js';

/** Thrown while an item is read; becomes the item's own problem, so that the other items go on. */
export class ItemProblem extends Error {
  override readonly name = 'ItemProblem';
  readonly problem: Problem;

  constructor(name: ProblemName, detail: string, pointer: string) {
    super(detail);
    this.problem = toProblem(name, detail, { pointer });
  }
}
