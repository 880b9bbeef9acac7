import { tryTenants } from './try-tenants.js';

/** Two institutions behind one registration. */
await tryTenants('deployment');
