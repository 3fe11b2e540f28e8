import type { CohortForecast, Forecast } from '../forecast/forecast.ts';
import { formatBytes, formatCount } from './precision.ts';
import { sparkline } from './sparkline.ts';
import { renderTable, wrap } from './table.ts';

const COLUMNS = 80;

/** What a person reads of a run that is planned, at most 80 columns wide where names allow. */
export function renderPlan(forecast: Forecast, warnings: readonly string[]): string {
  const { name, seed, durationMs, cutoffMs, totals, peakServerBytes, harnessBytes } = forecast;
  const named = Object.entries(forecast.cohorts);
  const lines: [string, CohortForecast][] = named.length === 1 ? named : [...named, ['all', totals]];
  return [
    `${name}: ${seconds(durationMs)} of measurement, the cut-off ${seconds(cutoffMs)} after; seed ${seed}`,
    '',
    ...planned(lines),
    ...approximations(forecast),
    '',
    `Falling due, 0 to ${seconds(durationMs + cutoffMs)}`,
    ...dueLines(lines),
    '',
    'Memory',
    ...renderTable(
      ['', 'sessions', 'payloads', 'server'],
      lines.map(([cohort, { sessions, payloadBytes, serverBytes }]) => [
        cohort,
        formatCount(sessions),
        formatBytes(payloadBytes),
        formatBytes(serverBytes),
      ]),
      COLUMNS,
    ),
    ...wrap(
      `Server: as Redis 7.0 keeps strings, with every session still there; ${formatBytes(peakServerBytes)} at the peak, ${formatCount(totals.peakAlive)} sessions, if each is deleted at its deadline. Harness: ${formatBytes(harnessBytes)} for the sessions.`,
      COLUMNS,
    ),
    ...(warnings.length === 0 ? [] : ['', 'Warnings', ...warnings.flatMap((text) => wrap(`- ${text}`, COLUMNS, '  '))]),
  ].join('\n');
}

function planned(lines: readonly [string, CohortForecast][]): string[] {
  const header = ['cohort', 'sessions', 'arrive/s', 'requests', 'requests/s', 'fall due', 'log out', 'live on'];
  const shown = (count: number): string => (count === 0 ? '-' : formatCount(count));
  const rows = lines.map(([name, each]) => [
    name,
    formatCount(each.sessions),
    shown(each.peakArrivalsPerSecond),
    shown(each.requests),
    shown(each.peakRequestsPerSecond),
    shown(each.due),
    shown(each.loggedOut),
    shown(each.alive),
  ]);
  const used = header.map((_, column) => column < 2 || rows.some((cells) => cells[column] !== '-'));
  const kept = (cells: readonly string[]): string[] => cells.filter((_, column) => used[column]);
  return renderTable(kept(header), rows.map(kept), COLUMNS);
}

function approximations({ cohorts }: Forecast): string[] {
  const text = ['Rates are those of the busiest second.'];
  const visited = Object.values(cohorts).filter(({ simulated }) => simulated !== null);
  if (visited.length > 0) {
    const [simulated, sessions] = visited.reduce(
      ([some, all], each) => [some + each.simulated!, all + each.sessions],
      [0, 0],
    );
    const which =
      simulated === sessions ? 'All visits' : `${formatCount(simulated)} of ${formatCount(sessions)} visits`;
    text.push(
      `${which} were simulated, with a server that answers at once and deletes at the deadline; a session falls due at the last of its deadlines.`,
    );
  }
  return wrap(text.join(' '), COLUMNS);
}

function dueLines(lines: readonly [string, CohortForecast][]): string[] {
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, { dueOverTime, due, peakDuePerSecond }]) => {
    const rate = due === 0 ? '' : `, ${formatCount(peakDuePerSecond)}/s`;
    return `${name.padEnd(width)} │${sparkline(dueOverTime)}│ ${formatCount(due)}${rate}`;
  });
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(6)).toLocaleString('en-US')} s`;
}
