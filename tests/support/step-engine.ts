/** An engine's stores and verbs in this process, with busybox and without an API: what tests of a build's parts start from. */
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineConfig, readEngineConfig } from '../../src/engine/config.ts';
import type { BuildState } from '../../src/engine/build/steps/run-container.ts';
import { recoverContainers } from '../../src/engine/containers/recover.ts';
import { Supervisor } from '../../src/engine/containers/supervise.ts';
import { collectLeftovers } from '../../src/engine/images/collect.ts';
import { type Dependencies, openStores } from '../../src/engine/open-stores.ts';
import { testSelf } from '../../src/hub/testing/test-self.ts';
import { createLog } from '../../src/lib/log.ts';
import { addBusyboxImage } from './busybox-image.ts';

export class StepEngine implements AsyncDisposable {
  readonly directory: string;
  readonly config: EngineConfig;
  #open: { readonly deps: Dependencies; readonly stack: AsyncDisposableStack } | undefined;

  private constructor(directory: string) {
    this.directory = directory;
    const run = join(directory, 'run');
    this.config = readEngineConfig(
      {
        data: join(directory, 'data'),
        run,
        configFile: '/dev/null',
        hosts: [`unix://${run}/engine.sock`],
        hub: 'http://127.0.0.1:9',
        self: testSelf,
        version: 'test',
      },
      {},
    );
  }

  static async start(): Promise<StepEngine> {
    const directory = await mkdtemp(join(tmpdir(), 'cais-steps-'));
    const { dataDirectory } = new StepEngine(directory).config;
    mkdirSync(dataDirectory, { recursive: true });
    await addBusyboxImage(dataDirectory);
    return await StepEngine.at(directory);
  }

  /** On what an earlier one left there. */
  static async at(directory: string): Promise<StepEngine> {
    const engine = new StepEngine(directory);
    await engine.open();
    return engine;
  }

  /** As a new engine over what the last one left. */
  async open(): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const deps = await openStores(this.config, createLog('test', 'error'), stack);
    const supervisor = stack.use(new Supervisor(deps));
    await recoverContainers(deps, supervisor);
    await deps.cacheMounts.recover();
    await collectLeftovers(deps.images);
    this.#open = { deps, stack: stack.move() };
  }

  async close(): Promise<void> {
    await this.#open?.stack.disposeAsync();
    this.#open = undefined;
  }

  get deps(): Dependencies {
    if (!this.#open) throw new TypeError('the engine is closed');
    return this.#open.deps;
  }

  /** FROM busybox. */
  get busybox(): BuildState {
    const { id, chainId, config } = this.deps.images.resolve('busybox');
    return { imageId: id, imageName: 'busybox', chainId, config: config.config ?? {} };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
