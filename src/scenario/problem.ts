/** One thing wrong with a scenario: where it is written, and what is allowed. */
export interface Problem {
  file: string;
  line: number | null;
  column: number | null;
  path: string;
  message: string;
}

/** Everything wrong with a scenario at once. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(printProblem).join('\n'));
    this.problems = problems;
  }
}

function printProblem({ file, line, column, path, message }: Problem): string {
  const place = line === null ? file : `${file}:${line}:${column}`;
  return path === '' ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}
