/** From an image's configuration to what is told of it. It is somebody's input: no more of it than a page shows. */
import type { ImageConfig as TagImageConfig } from '../../hub-api/types.ts';
import type { ImageConfig } from '../../oci/image/image-config.ts';

const maxEntries = 500;
/** Of all texts together. */
const maxLength = 64 * 1024;
const nanoseconds = 1e9;

export function presentConfig({ config, author, created }: ImageConfig): TagImageConfig {
  const budget = new Budget();
  const run = config ?? {};
  const health = run.Healthcheck;
  return {
    entrypoint: budget.lines(run.Entrypoint),
    cmd: budget.lines(run.Cmd),
    working_dir: budget.text(run.WorkingDir),
    user: budget.text(run.User),
    stop_signal: budget.text(run.StopSignal),
    shell: budget.lines(run.Shell),
    ports: budget.lines(Object.keys(run.ExposedPorts ?? {})),
    volumes: budget.lines(Object.keys(run.Volumes ?? {})),
    health_check: health
      ? {
          test: budget.lines(health.Test),
          interval: seconds(health.Interval),
          timeout: seconds(health.Timeout),
          start_period: seconds(health.StartPeriod),
          retries: health.Retries ?? 0,
        }
      : null,
    author: budget.text(author),
    created: budget.text(created ?? undefined),
    env: budget.lines(run.Env),
    labels: budget.pairs(Object.entries(run.Labels ?? {})),
    on_build: budget.lines(run.OnBuild),
    is_cut: budget.isExceeded,
  };
}

function seconds(value: number | undefined): number {
  return (value ?? 0) / nanoseconds;
}

/** Gives texts out as long as there is room for them. */
class Budget {
  #left = maxLength;
  isExceeded = false;

  text(text = ''): string {
    const given = text.slice(0, this.#left);
    if (given.length < text.length) this.isExceeded = true;
    this.#left -= given.length;
    return given;
  }

  lines(lines: readonly string[] | null | undefined): string[] {
    return this.#some(lines ?? []).map((line) => this.text(line));
  }

  pairs(pairs: readonly (readonly [string, string])[]): { name: string; value: string }[] {
    return this.#some(pairs).map(([name, value]) => ({ name: this.text(name), value: this.text(value) }));
  }

  #some<T>(values: readonly T[]): readonly T[] {
    const room = this.#left > 0 ? maxEntries : 0;
    if (values.length > room) this.isExceeded = true;
    return values.slice(0, room);
  }
}
