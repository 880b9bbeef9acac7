/** The environment as a user has it who has set nothing. */
export function bareEnv(): NodeJS.ProcessEnv {
  const ours = /^(TEMPORAL_ADDRESS|DATABASE_URL|LTIAAS_|ENCRYPTION_KEYS|BOOTSTRAP_|HOST$|PORT$|WORKER_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
