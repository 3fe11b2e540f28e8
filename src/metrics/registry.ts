import { type OpenMetricsContentType, Registry, type RegistryContentType } from 'prom-client';
import { DEFINITIONS, type Definition, type MetricName } from './definitions.ts';
import type { RunView } from './run-view.ts';
import { SAMPLES, type Sample } from './samples.ts';

interface RenderedSample {
  labels: Sample['labels'];
  value: number;
  metricName?: string;
}

/** A metric that is read and never set: what it says comes from the run's view when it is asked. */
class ReadOnlyMetric {
  /** The OpenMetrics registry takes `_total` off it, for good. */
  name: string;
  readonly help: string;
  readonly type: Definition['type'];
  readonly aggregator = 'omit';
  readonly #read: () => Sample[];

  constructor({ name, help, type }: Definition, read: () => Sample[]) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.#read = read;
  }

  get(): { name: string; help: string; type: string; aggregator: string; values: RenderedSample[] } {
    const { name, help, type, aggregator } = this;
    const values = this.#read().map(({ labels, value, suffix }) =>
      suffix === undefined ? { labels, value } : { labels, value, metricName: `${name}${suffix}` },
    );
    return { name, help, type, aggregator, values };
  }
}

/** The metrics of a run in both formats. */
export class RunMetrics {
  /** The run's name. */
  readonly run: string;
  readonly text: Registry;
  readonly openMetrics: Registry<OpenMetricsContentType>;

  constructor(view: RunView) {
    this.run = view.feed.run;
    this.text = filled(new Registry(), view);
    const openMetrics = new Registry<OpenMetricsContentType>();
    openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    this.openMetrics = filled(openMetrics, view);
  }
}

/** Each registry has metrics of its own: the one of OpenMetrics renames those that it renders. */
function filled<ContentType extends RegistryContentType>(
  registry: Registry<ContentType>,
  view: RunView,
): Registry<ContentType> {
  const { run, server } = view.feed;
  registry.setDefaultLabels({ run, scenario: view.shown.scenario, policy: server.policy });
  for (const [name, definition] of Object.entries(DEFINITIONS) as [MetricName, Definition][]) {
    const metric = new ReadOnlyMetric(definition, () => SAMPLES[name](view));
    // prom-client's type asks for its own classes; its registry, for no more than this.
    registry.registerMetric(metric as never);
  }
  return registry;
}
