/** One step of the schema. After the first release the rules of docs/upgrading.md hold, which a test checks. */
export interface Migration {
  /** Stored in the database: never renamed. */
  name: string;
  sql: string;
  /** It builds indexes without stopping writers, so it stands outside of any transaction and must bear being begun again. */
  isConcurrent?: true;
  /** It takes away what nothing has used from this release on, which is out already; older ones may not start any more. */
  contracts?: string;
}
