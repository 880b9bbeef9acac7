/** A key as shown to people: never the key itself, of which we hold only a hash. */
export interface ApiKey {
  id: string;
  name: string;
  /** The last characters of the key, to tell keys apart. */
  hint: string;
  scopes: string[];
  /** Its reach (domain/reach.ts); null: all. */
  platforms: string[] | null;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** When it ends by itself; null: never. */
  expiresAt: Date | null;
  /** When it got its present secret, where that is not its first. */
  rotatedAt: Date | null;
  revokedAt: Date | null;
  /** The key whose doing all of these are that it has made, one after the other; its own id where that is itself. */
  lineage: string;
  /** The key that it was made with; null: it came with the configuration. */
  createdBy: string | null;
  /** What that one is called; null where the caller does not see it. */
  createdByName: string | null;
}

/** Whether the key `k` is taken now. */
export const KEY_IS_ALIVE = `k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;

/** The key `k` as people are shown it; its maker `m` by name where that holds. */
export const shownTo = (maker: string): string => `k.id, k.name, k.hint, k.scopes, k.platforms,
  k.created_at as "createdAt", k.last_used_at as "lastUsedAt", k.expires_at as "expiresAt", k.rotated_at as "rotatedAt",
  k.revoked_at as "revokedAt", coalesce(k.lineage, k.id) as lineage, k.created_by as "createdBy",
  (select m.name from api_keys m where m.id = k.created_by and ${maker}) as "createdByName"`;

/** The key with this id and all that were made with it, with these, and so on: a table `made` of their ids. */
export const withAllMadeBy = (id: string): string => `with recursive made as (
  select ${id} as id union select c.id from api_keys c join made on c.created_by = made.id)`;
