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
  /** The list that has what it counts. */
  see: string | null;
  /** What puts it right, as far as a call can; whoever makes it adds the `reason`. */
  call: { method: 'POST' | 'PUT' | 'PATCH'; path: string; body: Readonly<Record<string, unknown>> } | null;
}
