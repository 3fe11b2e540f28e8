import { resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

const config = z.looseObject({
  rule_files: z.array(z.string()),
  scrape_configs: z.array(
    z.looseObject({
      job_name: z.string(),
      static_configs: z.array(z.looseObject({ targets: z.array(z.string()) })),
    }),
  ),
});

/**
 * docker/prometheus.yml for a Prometheus that does not run among containers: targets are where they are here, rule files are
 * named from the root, since the file lies elsewhere. A job is left out when a target of it is not there.
 *
 * @param text of docker/prometheus.yml
 * @param directory that it lies in
 * @param targets addresses here, by the names that the file has; `null`: not there
 * @throws {Error} for a target that nobody has named
 */
export function localConfig(text: string, directory: string, targets: Readonly<Record<string, string | null>>): string {
  const addressOf = (target: string): string | null => {
    const address = targets[target];
    if (address === undefined) throw new Error(`docker/prometheus.yml: nobody knows where ${target} is without Docker`);
    return address;
  };
  const { rule_files, scrape_configs, ...rest } = config.parse(parse(text));
  return stringify({
    ...rest,
    rule_files: rule_files.map((path) => resolve(directory, path)),
    scrape_configs: scrape_configs.flatMap((job) => {
      const addresses = job.static_configs.map((group) => ({ ...group, targets: group.targets.map(addressOf) }));
      const isThere = addresses.every((group) => group.targets.every((target) => target !== null));
      return isThere ? [{ ...job, static_configs: addresses }] : [];
    }),
  });
}
