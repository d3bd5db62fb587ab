/**
 * How long it takes what clients ask for, and what of it failed. Names and labels that begin with `engine_daemon_` and `builder_` are
 * those of docker's daemon, which times what succeeded.
 * https://docs.docker.com/engine/daemon/prometheus/
 */
import { Counter, Histogram, type Registry } from 'prom-client';
import { DockerfileError } from '../../dockerfile/error.ts';
import { UnchangedError } from '../../lib/errors.ts';
import { containerActions, type EngineWatch, imageActions } from './engine-watch.ts';

/** Docker's words for why a build failed; its others are of what cannot be told apart here. */
const buildFailures = [
  'build_canceled',
  'dockerfile_syntax_error',
  'error_processing_commands_error',
] as const;
/** In seconds: Go's own, which dashboards for docker expect, and with minutes beside them. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const longBuckets = [...buckets, 30, 120, 600];

export class ActionMetrics implements EngineWatch {
  readonly #containers: Histogram<'action'>;
  readonly #images: Histogram<'action'>;
  readonly #failures: Counter<'object' | 'action'>;
  readonly #builds: Histogram;
  readonly #buildsTriggered: Counter;
  readonly #buildsFailed: Counter<'reason'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#containers = new Histogram({
      name: 'engine_daemon_container_actions_seconds',
      help: 'How long an action on a container took that succeeded.',
      labelNames: ['action'],
      buckets,
      registers,
    });
    this.#images = new Histogram({
      name: 'engine_daemon_image_actions_seconds',
      help: 'How long an action on an image took that succeeded.',
      labelNames: ['action'],
      buckets: longBuckets,
      registers,
    });
    this.#failures = new Counter({
      name: 'cais_engine_failed_actions_total',
      help: 'Actions that did not succeed, whoever is to blame.',
      labelNames: ['object', 'action'],
      registers,
    });
    this.#builds = new Histogram({
      name: 'cais_engine_build_seconds',
      help: 'How long a build took that gave an image.',
      buckets: longBuckets,
      registers,
    });
    this.#buildsTriggered = new Counter({
      name: 'builder_builds_triggered_total',
      help: 'Builds that were begun.',
      registers,
    });
    this.#buildsFailed = new Counter({
      name: 'builder_builds_failed_total',
      help: 'Builds that gave no image.',
      labelNames: ['reason'],
      registers,
    });
    this.#beginAtZero();
  }

  container<T>(action: (typeof containerActions)[number], work: () => Promise<T>): Promise<T> {
    return this.#timed('container', this.#containers, action, work);
  }

  image<T>(action: (typeof imageActions)[number], work: () => Promise<T>): Promise<T> {
    return this.#timed('image', this.#images, action, work);
  }

  async build<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const end = this.#builds.startTimer();
    this.#buildsTriggered.inc();
    try {
      const built = await work();
      end();
      return built;
    } catch (error) {
      this.#buildsFailed.inc({ reason: reasonOf(error, signal) });
      throw error;
    }
  }

  async #timed<T>(
    object: string,
    seconds: Histogram<'action'>,
    action: string,
    work: () => Promise<T>,
  ): Promise<T> {
    const begun = performance.now();
    try {
      const done = await work();
      seconds.observe({ action }, (performance.now() - begun) / 1000);
      return done;
    } catch (error) {
      if (!(error instanceof UnchangedError)) this.#failures.inc({ object, action });
      throw error;
    }
  }

  /** A series that begins with its first failure hides it: nothing has increased. */
  #beginAtZero(): void {
    for (const action of containerActions) {
      this.#containers.zero({ action });
      this.#failures.inc({ object: 'container', action }, 0);
    }
    for (const action of imageActions) {
      this.#images.zero({ action });
      this.#failures.inc({ object: 'image', action }, 0);
    }
    for (const reason of buildFailures) this.#buildsFailed.inc({ reason }, 0);
  }
}

function reasonOf(error: unknown, signal: AbortSignal): (typeof buildFailures)[number] {
  if (signal.aborted) return 'build_canceled';
  return error instanceof DockerfileError ? 'dockerfile_syntax_error' : 'error_processing_commands_error';
}
