import { parser } from '@prometheus-io/lezer-promql';

type Node = ReturnType<typeof parser.parse>['topNode'];

/** One vector that a query asks for. */
export interface Selector {
  metric: string;
  /** As they are written: `job=~"$job"`. */
  matchers: string[];
  /** What is in its brackets, Grafana's variables included; `null`: it has none. */
  range: string | null;
  /** The function that takes the range. */
  call: string | null;
}

/** Durations in place of those that Grafana fills in, which are none of PromQL's. */
const DURATIONS = { '11d': '$__rate_interval', '12d': '$__range', '13d': '$__interval' } as const;

/**
 * The selectors of a query, by Prometheus' own grammar.
 *
 * @returns `null` where it is not PromQL
 */
export function selectorsOf(expr: string): Selector[] | null {
  const filled = Object.entries(DURATIONS).reduce(
    (text, [duration, variable]) => text.replaceAll(variable, duration),
    expr,
  );
  const tree = parser.parse(filled);
  const textOf = ({ from, to }: Node): string => filled.slice(from, to);
  const selectors: Selector[] = [];
  let isValid = filled.trim() !== '';
  tree.iterate({
    enter({ type, node }) {
      if (type.isError) isValid = false;
      if (type.name !== 'VectorSelector') return;
      const ranged = node.parent?.name === 'MatrixSelector' ? node.parent : null;
      const range = ranged?.getChild('DurationExpr');
      const written = range ? textOf(range) : null;
      const name = node.getChild('Identifier');
      selectors.push({
        metric: name ? textOf(name) : '',
        matchers: (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map(textOf),
        range: written === null ? null : (DURATIONS[written as keyof typeof DURATIONS] ?? written),
        call: ranged && callOf(ranged, textOf),
      });
    },
  });
  return isValid ? selectors : null;
}

function callOf(ranged: Node, textOf: (node: Node) => string): string | null {
  let body = ranged.parent;
  while (body && body.name !== 'FunctionCallBody') body = body.parent;
  const name = body?.parent?.getChild('FunctionIdentifier');
  return name ? textOf(name) : null;
}
