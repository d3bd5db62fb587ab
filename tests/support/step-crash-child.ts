/** `bun step-crash-child.ts DIRECTORY`: an engine there whose builds go on until it is killed. Says `begun` with each step. */
import { adoptRun, runInState } from '../../src/engine/build/steps/run-container.ts';
import { digestOf } from '../../src/oci/image/digest.ts';
import { StepEngine } from './step-engine.ts';

const engine = await StepEngine.at(process.argv[2] ?? '');
const { deps, busybox } = engine;

async function build(name: string): Promise<void> {
  let { chainId } = busybox;
  let layers = deps.images.resolve('busybox').layers;
  for (let step = 0; ; step++) {
    process.stdout.write('begun\n');
    const { containerId } = await runInState(deps, {
      state: { ...busybox, chainId },
      command: ['sh', '-c', `echo ${name} ${step} >/file; mkdir -p /d/${step}; rm -rf /bin/${step}`],
      environment: [],
      secretEnvironment: [],
      hostname: 'builder',
      hostConfig: { NetworkMode: 'none' },
      onOutput: () => undefined,
      signal: new AbortController().signal,
    });
    using layer = await adoptRun(deps, containerId, { epoch: 0 });
    if (!layer) throw new TypeError('a file was written');
    layers = [...layers, layer];
    ({ chainId } = layer);
    deps.buildCache.put(digestOf(`${name} ${step} ${process.pid}`), {
      layers,
      hasLayer: true,
      kind: 'regular',
      description: name,
      createdAt: new Date().toISOString(),
    });
  }
}

await Promise.all([build('one'), build('two')]);
