/** `npm run chart:tools`: builds what the tests of the Helm chart run, once for this user. */
import { findOrBuildChartTools } from './chart/chart-tools.js';

const tools = await findOrBuildChartTools({ env: process.env, onProgress: (text) => console.log(text) });
for (const tool of Object.values(tools)) console.log(tool);
