/**
 * A platform whose id reads like the entry of a deployment was taken for that deployment when two reaches were compared: of
 * an entry `<mark>5:<mark>1:aba` the platform is `<mark>1:ab`, which is how deployment `b` of platform `a` is written. As in
 * `is_reached`, no platform id that begins with the mark is reached as a whole.
 */
export const sql = `
create or replace function is_within_reach(inner_reach text[], reach text[]) returns boolean
language sql immutable parallel safe
as $$
  select reach is null or (inner_reach is not null and not exists (
    select from unnest(inner_reach) entry where entry <> all (reach)
      and (left(entry, 1) <> E'\\x1f' or left(platform_of_entry(entry), 1) = E'\\x1f'
        or platform_of_entry(entry) <> all (reach))))
$$;
`;
