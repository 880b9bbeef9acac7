import { ConfigError, loadConfig, type Config, type Environment, type MigrateConfig } from './config.js';
import { keys } from './keys.js';
import { ValueError } from './parse.js';

/** What rotating keys needs: no LTIAAS, no Temporal. */
export type RotationConfig = MigrateConfig & Pick<Config, 'encryption'>;

/** @throws {ConfigError} that names every problem */
export function loadRotationConfig(env: Environment): RotationConfig {
  const text = env['ENCRYPTION_KEYS']?.trim() ?? '';
  const problems: string[] = [];
  const collect = <T>(load: () => T): T | undefined => {
    try {
      return load();
    } catch (error) {
      if (error instanceof ConfigError) problems.push(...error.problems);
      else if (error instanceof ValueError) problems.push(`ENCRYPTION_KEYS ${error.message}`);
      else throw error;
      return undefined;
    }
  };
  const config = collect(() => loadConfig(env, 'migrate'));
  if (text === '') problems.push('ENCRYPTION_KEYS is not set: give the new key first, and those before it behind');
  const ring = text === '' ? undefined : collect(() => keys.ENCRYPTION_KEYS.parse(text));
  if (config === undefined || ring === undefined) throw new ConfigError(problems);
  return { ...config, encryption: { keys: ring } };
}
