import { ConfigError, loadConfig, type Config, type Environment } from './config.js';
import { loadTemporalConnection, type TemporalConnection } from './temporal.js';

/** All that the API or a worker is told: our settings, and Temporal's own. @throws {ConfigError} that names every problem of both */
export function loadSettings(
  env: Environment,
  process: 'api' | 'worker',
): { config: Config; temporal: TemporalConnection } {
  const problems: string[] = [];
  const load = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const config = load(() => loadConfig(env, process));
  const temporal = load(() => loadTemporalConnection(env));
  if (config === undefined || temporal === undefined) throw new ConfigError(problems);
  return { config, temporal };
}
