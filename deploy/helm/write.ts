/** `node --import tsx deploy/helm/write.ts`: gives the chart its copies of alerts and dashboard; a chart holds all that it needs. */
import { copyFileSync } from 'node:fs';
import path from 'node:path';

const deploy = path.join(import.meta.dirname, '..');
const files = path.join(import.meta.dirname, 'passback', 'files');

copyFileSync(path.join(deploy, 'prometheus', 'rules.yml'), path.join(files, 'rules.yml'));
copyFileSync(path.join(deploy, 'grafana', 'passback.json'), path.join(files, 'dashboard.json'));
