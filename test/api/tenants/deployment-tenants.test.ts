import { tryTenants } from './try-tenants.js';

/** Two institutions behind one registration: their keys are limited to deployments of the same platform. */
await tryTenants('deployment', { isQuick: true });
