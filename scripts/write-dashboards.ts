/** `npm run dashboards`: writes the dashboards as JSON, in the Classic model, beside their sources. */
import { writeFileSync } from 'node:fs';
import { DASHBOARDS, renderDashboard } from '../dashboards/index.ts';

for (const [name, build] of Object.entries(DASHBOARDS)) {
  writeFileSync(new URL(`../dashboards/${name}.json`, import.meta.url), renderDashboard(build()));
}
