/** An engine that builds for a test, without a network, and what is there afterwards. */
import type { BuildEvent } from '../../src/engine-api/build.ts';
import { build, type BuildOptions, type ContextFiles } from './build-request.ts';
import { RunningEngine } from './running-engine.ts';

/** Of a query. */
export const offline = { networkmode: 'none' };

interface Inspected {
  readonly Id: string;
  readonly Config: Readonly<Record<string, unknown>>;
  readonly RootFS: { readonly Layers: readonly string[] };
}

export class Builder implements AsyncDisposable {
  readonly engine: RunningEngine;

  private constructor(engine: RunningEngine) {
    this.engine = engine;
  }

  static async start(): Promise<Builder> {
    return new Builder(await RunningEngine.start());
  }

  /** A Dockerfile with files beside it. */
  build(
    dockerfile: string,
    files: ContextFiles = {},
    { query, ...options }: BuildOptions = {},
  ): Promise<readonly BuildEvent[]> {
    const context = { Dockerfile: dockerfile, ...files };
    return build(this.engine, context, { query: { ...offline, ...query }, ...options });
  }

  /** What a command prints in a container of the image. */
  async printed(image: string, command: readonly string[]): Promise<string> {
    const id = await this.engine.run(command, { Image: image });
    await this.engine.wait(id);
    const logs = await this.engine.fetch('GET', `/containers/${id}/logs?stdout=1`);
    const frames = Buffer.from(await logs.arrayBuffer());
    let text = '';
    for (let at = 0; at < frames.length;) {
      const length = frames.readUInt32BE(at + 4);
      text += frames.toString('utf8', at + 8, at + 8 + length);
      at += 8 + length;
    }
    return text;
  }

  async inspect(image: string): Promise<Inspected> {
    return (await this.engine.call('GET', `/images/${image}/json`)).body as unknown as Inspected;
  }

  async containerCount(): Promise<number> {
    const { body } = await this.engine.call('GET', '/containers/json?all=1');
    return (body as unknown as unknown[]).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}

export function failureOf(events: readonly BuildEvent[]): Extract<BuildEvent, { type: 'failed' }> {
  const last = events.at(-1);
  if (last?.type === 'failed') return last;
  throw new TypeError(JSON.stringify(events));
}
