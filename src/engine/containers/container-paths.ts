/** Where a container's files are: what must survive a reboot under the data directory, the rest under the run directory. */
import { join } from 'node:path';

export class ContainerPaths {
  /** The engine's data directory. */
  readonly data: string;
  readonly #run: string;

  /** @param data the engine's data directory. @param run the engine's runtime directory. */
  constructor(data: string, run: string) {
    this.data = data;
    this.#run = run;
  }

  /** hosts, hostname, resolv.conf and the log of a container. */
  state(id: string): string {
    return join(this.data, 'containers', id);
  }

  log(id: string): string {
    return join(this.state(id), 'container.log');
  }

  /** config.json, conmon's socket and fifos. */
  bundle(id: string): string {
    return join(this.#run, 'containers', id);
  }

  /** Where parts of volumes and images are mounted for the runtime to bind. */
  subpaths(id: string): string {
    return join(this.bundle(id), 'mounts');
  }

  attachSocket(id: string): string {
    return join(this.bundle(id), 'attach');
  }

  exec(execId: string): string {
    return join(this.#run, 'exec', execId);
  }

  /** Made once, at the engine's start. */
  get roots(): readonly string[] {
    return [
      join(this.data, 'containers'),
      join(this.#run, 'containers'),
      join(this.#run, 'exec'),
      this.exits,
      this.runtimeRoot,
    ];
  }

  /** conmon leaves exit codes here, one file a container. */
  get exits(): string {
    return join(this.#run, 'exits');
  }

  /** The runtime's own state. */
  get runtimeRoot(): string {
    return join(this.#run, 'runc');
  }
}
