import { z } from 'zod';
import { printEndpoint } from '../redis/endpoint.ts';
import { type Facts, Untold } from './facts.ts';
import { type Rule, SEVERITIES } from './rule.ts';

const reportSchema = z.object({
  schema: z.literal('ttlscope.doctor/1'),
  examinedAt: z.iso.datetime().describe('By the clock of this machine'),
  server: z.object({
    endpoint: z.string().describe('Without the password'),
    engine: z.string(),
    version: z.string(),
    role: z.string(),
  }),
  watchedSeconds: z.number().describe('Between the two looks at INFO, by which growth is judged'),
  findings: z
    .array(
      z.object({
        rule: z.string(),
        severity: z.enum(SEVERITIES),
        title: z.string(),
        evidence: z.string().describe("The server's figures that show it"),
        remedy: z.string(),
        commands: z.array(z.string()).describe('To be typed in a shell'),
        source: z.url().nullable().describe('Where more can be read'),
      }),
    )
    .describe('The gravest first'),
  notExamined: z
    .array(
      z.object({
        rule: z.string(),
        question: z.string(),
        reason: z.string(),
        commands: z.array(z.string()).describe('To be typed by an administrator, so that it can be'),
      }),
    )
    .describe('What the server does not tell to this account: neither well nor ill'),
});

export type DoctorReport = z.infer<typeof reportSchema>;

export function doctorJsonSchema(): unknown {
  return z.toJSONSchema(reportSchema);
}

/** Puts every rule to the facts. One that the server leaves in the dark is listed, and passes for nothing. */
export function diagnose(facts: Facts, rules: readonly Rule[]): DoctorReport {
  const findings: DoctorReport['findings'] = [];
  const notExamined: DoctorReport['notExamined'] = [];
  for (const { id, question, examine } of rules) {
    try {
      for (const { commands = [], source = null, ...finding } of examine(facts)) {
        findings.push({ rule: id, ...finding, commands: [...commands], source });
      }
    } catch (error) {
      if (!(error instanceof Untold)) throw error;
      notExamined.push({ rule: id, question, reason: error.message, commands: [...error.commands] });
    }
  }
  findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return {
    schema: 'ttlscope.doctor/1',
    examinedAt: new Date().toISOString(),
    server: {
      endpoint: printEndpoint(facts.endpoint),
      engine: facts.engine,
      version: facts.version,
      role: facts.now.get('role') ?? 'unknown',
    },
    watchedSeconds: facts.seconds,
    findings,
    notExamined,
  };
}
