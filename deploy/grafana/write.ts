/** `node --import tsx deploy/grafana/write.ts`: writes the dashboard anew. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildDashboard } from './dashboard.js';

writeFileSync(path.join(import.meta.dirname, 'passback.json'), buildDashboard());
