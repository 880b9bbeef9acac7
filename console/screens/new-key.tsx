/** The form that makes an API key, and the one page that shows its secret. */
import { sayReach, type DeploymentName } from '../../domain/reach.js';
import type { Static } from 'typebox';
import type { VNode } from 'preact';
import type { Scope } from '../../api/callers.js';
import type { MadeApiKeySchema } from '../../api/schemas/api-key.js';
import { When } from '../layout/parts.js';
import { momentIn, reasonIn, type Content } from '../screen.js';

/** What who holds a key with it may do. */
const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  read: 'look at everything, ids of students included',
  'people:read': 'see names and e-mails of people, where they are kept',
  operate: 'retry, pause, start backfills, change schedules',
  approve: 'let backfills go that others have begun',
  'launches:write': 'record launches, for the tool',
  'scores:write': 'hand in scores, for the tool',
  admin: 'everything, keys included',
};

/** What the API is sent. */
export function toNewKey(fields: URLSearchParams): object {
  const platforms = linesOf(fields, 'platforms');
  const deployments = linesOf(fields, 'deployments').map(toDeployment);
  const expiresAt = momentIn(fields, 'expiresAt');
  return {
    name: fields.get('name')?.trim() ?? '',
    scopes: fields.getAll('scopes'),
    ...(platforms.length > 0 && { platforms }),
    ...(deployments.length > 0 && { deployments }),
    ...(expiresAt !== undefined && { expiresAt }),
    reason: reasonIn(fields),
  };
}

/** One a line, as they are: an id may hold anything else. */
function linesOf(fields: URLSearchParams, name: string): string[] {
  const lines = (fields.get(name) ?? '').split(/\r?\n/).map((line) => line.trim());
  return [...new Set(lines)].filter((line) => line !== '');
}

/** What stands behind the last blank is the deployment; without one the API says what is missing. */
function toDeployment(line: string): DeploymentName {
  const [, platformId = '', deploymentId = ''] = /^(.*)\s(\S+)$/.exec(line) ?? ['', line];
  return { platformId: platformId.trim(), deploymentId };
}

/** What is asked for a new key; as it was, where it could not be made. */
export function NewKey({ failed }: { failed: URLSearchParams | null }): VNode {
  const fields = failed ?? new URLSearchParams({ scopes: 'read' });
  return (
    <>
      <label>
        Name
        <input name="name" value={fields.get('name') ?? ''} required maxlength={200} autocomplete="off" />
      </label>
      <fieldset>
        <legend>It may</legend>
        {Object.entries(SCOPE_WORDS).map(([scope, words]) => (
          <label class="choice" key={scope}>
            <input type="checkbox" name="scopes" value={scope} checked={fields.getAll('scopes').includes(scope)} />
            <span>
              <code>{scope}</code>: {words}
            </span>
          </label>
        ))}
      </fieldset>
      <label>
        Only on these platforms, one a line (all you see, where there is none)
        <textarea name="platforms" rows={2} spellcheck={false}>
          {fields.get('platforms') ?? ''}
        </textarea>
      </label>
      <label>
        Only on these deployments, one a line: the platform, a blank, the deployment
        <textarea name="deployments" rows={2} spellcheck={false}>
          {fields.get('deployments') ?? ''}
        </textarea>
      </label>
      <label>
        Until, in UTC (empty: until somebody revokes it)
        <input name="expiresAt" type="datetime-local" value={fields.get('expiresAt') ?? ''} />
      </label>
    </>
  );
}

/** The one page that shows a key. It has no address of its own: whoever loads it again is told that it was made already. */
export function toShownOnce(made: Static<typeof MadeApiKeySchema>, allKeys: string): Content {
  const { name, key, scopes, expiresAt } = made;
  return {
    title: 'A new secret',
    body: (
      <>
        <h1>{name}</h1>
        <p>This is the key. It is shown here only, and kept nowhere: put it where it is needed now.</p>
        <p class="secret card">
          <code>{key}</code>
        </p>
        <p>
          It may: {scopes.join(', ')}. On: {sayReach(made)}.{' '}
          {expiresAt !== null && (
            <>
              It ends <When at={expiresAt} />.
            </>
          )}
        </p>
        <p>
          <a href={allKeys}>All API keys</a>
        </p>
      </>
    ),
  };
}
