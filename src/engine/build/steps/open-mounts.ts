/** The mounts of a RUN while it runs: directories mounted, secrets written to memory, sockets opened; all gone with it. */
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount as MountOptions } from '../../../dockerfile/mount.ts';
import type { Mount } from '../../../engine-api/types.ts';
import { InvalidError, NotFoundError } from '../../../lib/errors.ts';
import { resolveInRoot } from '../../containers/spec/root-path.ts';
import { copySources } from '../files/copy-sources.ts';
import { openRoot } from '../layer-roots.ts';
import { mountMemory } from '../memory.ts';
import type { MountOrigin, PlannedMount } from './run-mounts.ts';
import { openAgentSocket } from './agent-socket.ts';
import { rootsOf, type StepContext } from './step-context.ts';

export interface OpenMounts extends AsyncDisposable {
  readonly mounts: Mount[];
  readonly environment: readonly string[];
  /** To be kept from every record. */
  readonly secretEnvironment: readonly string[];
}

interface Opening {
  readonly context: StepContext;
  readonly signal: AbortSignal;
  readonly stack: AsyncDisposableStack;
  /** A directory in memory, made when it is first asked for. */
  readonly memory: () => string;
  readonly mounts: Mount[];
  readonly environment: string[];
  readonly secretEnvironment: string[];
}

/** @throws NotFoundError for what a mount needs and nobody gave. */
export async function openMounts(
  context: StepContext,
  planned: readonly PlannedMount[],
  signal: AbortSignal,
): Promise<OpenMounts> {
  await using stack = new AsyncDisposableStack();
  const opening: Opening = {
    context,
    signal,
    stack,
    memory: memoryDirectory(context, stack),
    mounts: [],
    environment: [],
    secretEnvironment: [],
  };
  for (const one of planned) await open(opening, one);
  const lifetime = stack.move();
  const { mounts, environment, secretEnvironment } = opening;
  return {
    mounts,
    environment,
    secretEnvironment,
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}

async function open(opening: Opening, planned: PlannedMount): Promise<void> {
  switch (planned.kind) {
    case 'bind':
      return await openBind(opening, planned);
    case 'cache':
      return await openCache(opening, planned);
    case 'secret':
      openSecret(opening, planned);
      return;
    case 'ssh':
      return await openAgent(opening, planned);
    case 'script': {
      const source = opening.memory();
      writeFileSync(join(source, 'script'), planned.content, { mode: 0o755 });
      chmodSync(join(source, 'script'), 0o755);
      bind(opening, join(source, 'script'), planned.target, true);
      return;
    }
    case 'tmpfs': {
      const { size, readOnly } = planned.mount;
      const options = size === undefined ? {} : { TmpfsOptions: { SizeBytes: size } };
      opening.mounts.push({ Type: 'tmpfs', Target: planned.target, ReadOnly: readOnly, ...options });
    }
  }
}

function bind({ mounts }: Opening, source: string, target: string, isReadonly: boolean): void {
  mounts.push({ Type: 'bind', Source: source, Target: target, ReadOnly: isReadonly });
}

/** What is written to it is nobody's: it goes to a copy, or to a layer that is dropped. */
async function openBind(
  opening: Opening,
  { origin, readonly, target }: Extract<PlannedMount, { kind: 'bind' }>,
): Promise<void> {
  const { context, signal, stack } = opening;
  const { layers, path } = origin;
  const tree = await origin.tree();
  const isAsItIs = readonly && (layers !== undefined || (tree.ignore ?? []).length === 0);
  if (isAsItIs) return bind(opening, sourceIn(tree.root, path), target, readonly);
  if (layers) {
    const root = stack.use(await openRoot(rootsOf(context), layers, { isBare: true }, signal));
    return bind(opening, sourceIn(root.path, path), target, readonly);
  }
  const root = stack.use(await openRoot(rootsOf(context), [], { isBare: true }, signal));
  await copyOrigin(opening, origin, root.path);
  bind(opening, join(root.path, 'copy'), target, readonly);
}

function sourceIn(root: string, path: string): string {
  const source = resolveInRoot(root, path);
  if (!existsSync(source)) throw new NotFoundError(`${JSON.stringify(path)}: not found`);
  return source;
}

async function copyOrigin(
  { context, signal }: Opening,
  origin: MountOrigin,
  root: string,
  destination = '/copy',
): Promise<void> {
  await copySources({
    sources: [{ kind: 'tree', tree: await origin.tree(), path: origin.path, unpack: false, isLiteral: true }],
    excludes: [],
    parents: false,
    root,
    destination,
    self: context.deps.self,
    signal,
  });
}

async function openCache(
  opening: Opening,
  { mount, origin, target }: Extract<PlannedMount, { kind: 'cache' }>,
): Promise<void> {
  const { context, signal, stack } = opening;
  const { source } = stack.use(
    await context.deps.cacheMounts.acquire({
      id: mount.id ?? target,
      sharing: mount.sharing ?? 'shared',
      uid: mount.uid ?? 0,
      gid: mount.gid ?? 0,
      mode: mount.mode ?? 0o755,
      from: origin ? JSON.stringify([origin.layers?.at(-1)?.chainId, origin.path]) : '',
      ...(origin && { fill: (directory: string) => copyOrigin(opening, origin, directory, '/') }),
      signal,
    }),
  );
  bind(opening, source, target, mount.readOnly);
}

function openSecret(
  opening: Opening,
  { mount, id, target }: Extract<PlannedMount, { kind: 'secret' }>,
): void {
  const value = opening.context.request.session?.secrets.get(id);
  if (value === undefined) {
    if (mount.required) throw new NotFoundError(`secret ${id}: not found`);
    return;
  }
  if (mount.env !== undefined) {
    opening.secretEnvironment.push(`${mount.env || id}=${new TextDecoder().decode(value)}`);
  }
  if (target === '') return;
  const file = join(opening.memory(), 'secret');
  writeFileSync(file, value, { mode: 0o400 });
  own(file, mount, 0o400);
  bind(opening, file, target, true);
}

async function openAgent(
  opening: Opening,
  { mount, id, target }: Extract<PlannedMount, { kind: 'ssh' }>,
): Promise<void> {
  const { session } = opening.context.request;
  if (!session?.agents.has(id)) {
    if (mount.required) throw new NotFoundError(`unset ssh forward key ${id}`);
    return;
  }
  const path = join(opening.memory(), 'agent');
  opening.stack.use(await openAgentSocket(path, session, id));
  own(path, mount, 0o600);
  bind(opening, path, target, true);
  opening.environment.push(`SSH_AUTH_SOCK=${target}`);
}

function own(path: string, { uid = 0, gid = 0, mode }: MountOptions, usual: number): void {
  if (mode !== undefined && (mode & ~0o7777) !== 0) throw new InvalidError(`invalid value ${mode} for mode`);
  chownSync(path, uid, gid);
  chmodSync(path, mode ?? usual);
}

/** Each call gives another directory; all are in one file system that never reaches a disk. */
function memoryDirectory(
  { deps: { buildRunDirectory } }: StepContext,
  stack: AsyncDisposableStack,
): () => string {
  let root: string | undefined;
  let count = 0;
  return () => {
    root ??= mountMemory(join(buildRunDirectory, crypto.randomUUID()), stack);
    count += 1;
    const directory = join(root, String(count));
    mkdirSync(directory, { mode: 0o711 });
    return directory;
  };
}
