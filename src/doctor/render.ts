import { wrap } from '../report/table.ts';
import type { DoctorReport } from './report.ts';
import type { Severity } from './rule.ts';

const COLUMNS = 80;
const INDENT = '  ';

type Found = DoctorReport['findings'][number];

/** What a person reads of a report, at most 80 columns wide; commands can be copied as they are. */
export function renderReport(report: DoctorReport): string {
  const { findings, notExamined } = report;
  return [
    ...wrap(summary(report), COLUMNS),
    ...findings.flatMap((finding) => ['', ...findingLines(finding)]),
    ...notExaminedLines(notExamined),
  ].join('\n');
}

function summary({ server, findings, notExamined }: DoctorReport): string {
  const { endpoint, engine, version, role } = server;
  const count = (severity: Severity, one: string, many: string): string[] => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  };
  const counts = [
    ...count('error', 'error', 'errors'),
    ...count('warning', 'warning', 'warnings'),
    ...count('info', 'thing to know', 'things to know'),
  ];
  const rest = notExamined.length === 0 ? '' : `; ${notExamined.length} of the rules could not be examined`;
  return `${endpoint} (${engine} ${version}, ${role}): ${counts.length === 0 ? 'nothing found' : counts.join(', ')}${rest}`;
}

function findingLines({ rule, severity, title, evidence, remedy, commands, source }: Found): string[] {
  const paragraph = (text: string): string[] => wrap(text, COLUMNS - INDENT.length).map((line) => INDENT + line);
  return [
    ...wrap(`${severity.toUpperCase()} ${title} [${rule}]`, COLUMNS, INDENT),
    ...paragraph(evidence),
    ...paragraph(`Remedy: ${remedy}`),
    ...commands.flatMap(commandLines),
    ...(source === null ? [] : paragraph(source)),
  ];
}

/** By the reason, which many may have in common. */
function notExaminedLines(notExamined: DoctorReport['notExamined']): string[] {
  const reasons = [...new Set(notExamined.map(({ reason }) => reason))];
  return reasons.flatMap((reason) => {
    const rules = notExamined.filter((each) => each.reason === reason);
    const { commands } = rules[0]!;
    return [
      '',
      ...wrap(`Could not be examined: ${sentence(reason)}`, COLUMNS),
      ...rules.flatMap(({ rule, question }) => wrap(`- ${rule}: ${question}`, COLUMNS, INDENT)),
      ...(commands.length === 0 ? [] : [`${INDENT}As its administrator, type:`]),
      ...commands.flatMap(commandLines),
    ];
  });
}

/** A command over several lines where it is too long for one, as a shell takes it. */
function commandLines(command: string): string[] {
  const deep = INDENT.repeat(2);
  const lines: string[] = [];
  let line = deep;
  for (const word of command.match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? []) {
    const joined = line.trim() === '' ? line + word : `${line} ${word}`;
    if (joined.length <= COLUMNS - ' \\'.length || line.trim() === '') {
      line = joined;
    } else {
      lines.push(`${line} \\`);
      line = `${deep}${INDENT}${word}`;
    }
  }
  return [...lines, line];
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
