import { type OpenMetricsContentType, Registry, type RegistryContentType } from 'prom-client';
import { DEFINITIONS, type Definition, type MetricName } from './definitions.ts';
import type { Moment, RunView } from './run-view.ts';
import { SAMPLES, type Sample } from './samples.ts';

interface RenderedSample {
  labels: Sample['labels'];
  /** prom-client renders the same object once. */
  sharedLabels: Sample['labels'];
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
  readonly #sharedLabels: Sample['labels'];
  readonly #read: () => Sample[];

  constructor({ name, help, type }: Definition, sharedLabels: Sample['labels'], read: () => Sample[]) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.#sharedLabels = sharedLabels;
    this.#read = read;
  }

  get(): { name: string; help: string; type: string; aggregator: string; values: RenderedSample[] } {
    const { name, help, type, aggregator } = this;
    const sharedLabels = this.#sharedLabels;
    const values = this.#read().map(({ labels, value, suffix }) =>
      suffix === undefined
        ? { labels, sharedLabels, value }
        : { labels, sharedLabels, value, metricName: `${name}${suffix}` },
    );
    return { name, help, type, aggregator, values };
  }
}

/** An exposition, with its content type. */
export interface Exposition {
  readonly text: string;
  readonly contentType: string;
}

/** The metrics of a run in both formats. Each registry has metrics of its own: that of OpenMetrics renames its. */
export class RunMetrics {
  /** The run's name. */
  readonly run: string;
  readonly text = new Registry();
  readonly openMetrics = new Registry<OpenMetricsContentType>();
  readonly #view: RunView;
  #moment: Moment;

  constructor(view: RunView) {
    this.run = view.feed.run;
    this.#view = view;
    this.#moment = view.moment();
    this.openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    this.#fill(this.text);
    this.#fill(this.openMetrics);
  }

  /** Both formats tell of this moment from now on. */
  look(): void {
    this.#moment = this.#view.moment();
  }

  async render(format: 'text' | 'openMetrics'): Promise<Exposition> {
    this.look();
    const registry = this[format];
    return { text: await registry.metrics(), contentType: registry.contentType };
  }

  #fill<ContentType extends RegistryContentType>(registry: Registry<ContentType>): void {
    const { shown, feed } = this.#view;
    const ofRun = { run: feed.run, scenario: shown.scenario, policy: feed.server.policy };
    for (const [name, definition] of Object.entries(DEFINITIONS) as [MetricName, Definition][]) {
      const metric = new ReadOnlyMetric(definition, ofRun, () => SAMPLES[name](this.#moment));
      // prom-client's type asks for its own classes; its registry, for no more than this.
      registry.registerMetric(metric as never);
    }
  }
}
