import { tryTenants } from './try-tenants.js';

await tryTenants('platform');
