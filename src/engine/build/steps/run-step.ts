/** RUN: a command in a container of its own; what it changes is the layer. */
import { shellOf } from '../../../dockerfile/apply.ts';
import type { Run } from '../../../dockerfile/instruction.ts';
import { runCommand } from '../../../dockerfile/run-command.ts';
import type { HostConfig } from '../../../engine-api/types.ts';
import { DeniedError, UnsupportedError } from '../../../lib/errors.ts';
import { digestOf } from '../../../oci/image/digest.ts';
import { formatPlatform, hostPlatform, matchesPlatform, type Platform } from '../../../oci/image/platform.ts';
import type { AdoptedLayer } from '../../images/adopt-layer.ts';
import { cacheKey } from '../cache-key.ts';
import { CommandError } from '../failure.ts';
import { runWords } from '../history.ts';
import { proxyVariables } from '../../../dockerfile/predefined.ts';
import { type Facts, withFacts } from '../remote-cache/facts.ts';
import type { StageState } from '../state.ts';
import { solveLayer, type TellNews, withLayer } from './layer-step.ts';
import { adoptRun, discardRun, runInState } from './run-container.ts';
import { openMounts } from './open-mounts.ts';
import { planMounts, type PlannedMount } from './run-mounts.ts';
import type { StepContext, StepInput, StepOutput } from './step-context.ts';
import { TextOutput } from './text-output.ts';

/** BuildKit's, which is the same everywhere. */
const defaultHostname = 'buildkitsandbox';

interface Command {
  readonly argv: readonly string[];
  readonly mounts: readonly PlannedMount[];
  readonly network: string | undefined;
  readonly isInsecure: boolean;
}

export async function runStep(context: StepContext, input: StepInput<Run>): Promise<StepOutput> {
  return await withFacts(context, (facts) => solveRun(context, input, facts));
}

async function solveRun(
  context: StepContext,
  input: StepInput<Run>,
  facts: Facts,
): Promise<StepOutput | undefined> {
  const { step, instruction, state } = input;
  const command = await planCommand(context, input, facts);
  noteSources(context, command);
  const { argv, mounts, network, isInsecure } = command;
  const layer = await solveLayer(context, step, state, {
    isGuess: facts.isGuess,
    key: cacheKey({
      kind: 'run',
      below: state.layers.at(-1)?.chainId,
      argv,
      environment: [...environmentOf(state)].toSorted(),
      user: state.config.User,
      directory: state.config.WorkingDir,
      mounts: mounts.map(({ key }) => key),
      network,
      isInsecure,
      platform: formatPlatform(state.platform),
      epoch: context.epoch,
    }),
    kind: 'regular',
    description: step.name ?? instruction.text,
    make: (tell, signal) => run(context, state, command, tell, signal),
  });
  if (!layer) return undefined;
  const { result, isCached } = layer;
  return { isCached, state: withLayer(state, result, runWords(argv, state.declared)) };
}

/** For the provenance. */
function noteSources({ sources }: StepContext, { mounts, network }: Command): void {
  if (network !== 'none') sources.usesNetwork = true;
  for (const mount of mounts) {
    if (mount.kind !== 'secret' && mount.kind !== 'ssh') continue;
    sources.addLent(mount.kind, mount.id, mount.mount.required);
  }
}

async function planCommand(
  context: StepContext,
  { step, instruction, state }: StepInput<Run>,
  facts: Facts,
): Promise<Command> {
  if (instruction.devices.length > 0)
    throw new UnsupportedError('RUN --device is not supported: cais has no CDI devices');
  const isInsecure = instruction.security === 'insecure';
  if (isInsecure && !context.request.entitlements.has('security.insecure')) {
    throw new DeniedError('security.insecure is not allowed');
  }
  const command = runCommand(instruction);
  const shell = shellOf(state.config);
  const mounts = await planMounts(context, facts, { step, instruction, state });
  const network = instruction.network === 'default' ? undefined : instruction.network;
  if (command.form === 'exec') return { argv: command.words, mounts, network, isInsecure };
  if (command.form === 'shell') return { argv: [...shell, command.text], mounts, network, isInsecure };
  const target = `/dev/pipes/${command.name}`;
  const script = { kind: 'script', target, content: command.content } as const;
  return {
    argv: [...shell, target],
    mounts: [...mounts, { ...script, key: { kind: 'script', target, content: command.content } }],
    network,
    isInsecure,
  };
}

async function run(
  context: StepContext,
  state: StageState,
  command: Command,
  tell: TellNews,
  signal: AbortSignal,
): Promise<AdoptedLayer | undefined> {
  const { deps, epoch, request } = context;
  const { argv } = command;
  await using mounts = await openMounts(context, command.mounts, signal);
  const output = new TextOutput(tell);
  const over = new Promise<void>((resolve) => {
    context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const { exitCode, containerId } = await runInState(deps, {
    state: {
      imageId: state.base?.id ?? noImage,
      imageName: state.base?.id ?? '',
      chainId: state.layers.at(-1)?.chainId,
      config: state.config,
    },
    command: argv,
    environment: [...environmentOf(state), ...proxyVariables(request.given), ...mounts.environment],
    secretEnvironment: mounts.secretEnvironment,
    hostname: request.given.get('BUILDKIT_SANDBOX_HOSTNAME') || defaultHostname,
    hostConfig: hostConfigOf(context, command, mounts.mounts),
    onCreated: (id) => tell({ kind: 'container', id }),
    onOutput: (stream, bytes) => {
      output.write(stream, bytes);
      // Of a build that is over nobody reads: others may still wait for the step.
      const { room } = context.report;
      return room && Promise.race([room, over]);
    },
    signal,
  });
  output.end();
  try {
    if (exitCode !== 0 && output.isUnrunnable) refuseForeign(state.platform);
    if (exitCode !== 0) {
      const isWanted = request.keepsFailed && !context.signal.aborted;
      throw new CommandError(argv, exitCode, isWanted ? containerId : undefined);
    }
    return await adoptRun(deps, containerId, { epoch });
  } catch (error) {
    const isKept = error instanceof CommandError && error.container !== undefined;
    if (!isKept) await discardRun(deps, containerId);
    throw error;
  }
}

/** @throws UnsupportedError where the program is for another machine, and no handler runs it here. */
function refuseForeign(platform: Platform): void {
  if (matchesPlatform(hostPlatform(), platform)) return;
  const name = formatPlatform(platform);
  throw new UnsupportedError(
    `this host cannot run ${name}: /proc/sys/fs/binfmt_misc has no handler for its programs. ` +
      'Install one (Debian: qemu-user-static), or compile for it in a stage FROM --platform=$BUILDPLATFORM',
  );
}

/** What a container on no image says that it is of. */
const noImage = digestOf('');

function environmentOf({ environment }: StageState): string[] {
  return [...environment].map(([name, value]) => `${name}=${value}`);
}

function hostConfigOf(
  { request }: StepContext,
  { network, isInsecure }: Command,
  mounts: HostConfig['Mounts'],
): Partial<HostConfig> {
  return {
    ...request.hostConfig,
    ...(network !== undefined && { NetworkMode: network }),
    ...(isInsecure && { Privileged: true }),
    Mounts: mounts,
  };
}
