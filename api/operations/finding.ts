/** Something that an operator should know, and what to do about it. */
export interface Finding {
  type: string;
  severity: 'info' | 'warning' | 'critical';
  sentence: string;
  advice: string;
  count: number;
  /** Where: a platform id, a kind of failure, a task queue. Null: everywhere. */
  subject: string | null;
  since: Date | null;
}
