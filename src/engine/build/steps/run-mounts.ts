/**
 * The mounts of a RUN: planned first (what they are says whether the step is in the cache), opened only where it runs.
 * Secrets and agents are named by their ids: what they hold is in no key.
 */
import { posix } from 'node:path';
import type { Run } from '../../../dockerfile/instruction.ts';
import { type Mount, readMount } from '../../../dockerfile/mount.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { type Digest, digestOf } from '../../../oci/image/digest.ts';
import { digestSources } from '../files/digest-sources.ts';
import type { Step } from '../plan/steps.ts';
import type { StageState } from '../state.ts';
import type { SourceFiles, StepContext } from './step-context.ts';

type KeyPart = { readonly [name: string]: string | number | boolean | undefined };

/** Where a bind's files, or a cache's first ones, come from. */
export interface MountOrigin extends SourceFiles {
  readonly path: string;
}

export type PlannedMount = { readonly target: string; readonly key: KeyPart } & (
  | { readonly kind: 'bind'; readonly origin: MountOrigin; readonly readonly: boolean }
  | { readonly kind: 'cache'; readonly mount: Mount; readonly origin: MountOrigin | undefined }
  | { readonly kind: 'tmpfs'; readonly mount: Mount }
  | { readonly kind: 'secret'; readonly mount: Mount; readonly id: string }
  | { readonly kind: 'ssh'; readonly mount: Mount; readonly id: string }
  | { readonly kind: 'script'; readonly content: string }
);

/** @throws InvalidError in BuildKit's words, NotFoundError for a source that is not there. */
export async function planMounts(
  context: StepContext,
  step: Step,
  { mounts }: Run,
  state: StageState,
): Promise<PlannedMount[]> {
  const lookup = (name: string): string | undefined => state.environment.get(name);
  const planned: PlannedMount[] = [];
  let agents = 0;
  for (const text of mounts) {
    const mount = readMount(text, lookup, context.plan.escape);
    planned.push(await plan(context, step, mount, state, mount.type === 'ssh' ? agents++ : 0));
  }
  return planned;
}

async function plan(
  context: StepContext,
  step: Step,
  mount: Mount,
  state: StageState,
  agent: number,
): Promise<PlannedMount> {
  const { type: kind, readOnly: readonly, uid, gid, mode } = mount;
  if (kind === 'secret') {
    const id = mount.source ?? mount.id ?? posix.basename(mount.target ?? '');
    const target = mount.target ?? (mount.env === undefined ? `/run/secrets/${posix.basename(id)}` : '');
    const key = { kind, id, target, env: mount.env, required: mount.required, uid, gid, mode };
    return { kind, mount, id, target: target && targetOf(target, state), key };
  }
  if (kind === 'ssh') {
    if (mount.source) throw new InvalidError('ssh does not support source');
    const id = mount.id ?? 'default';
    const target = targetOf(mount.target ?? `/run/buildkit/ssh_agent.${agent}`, state);
    return { kind, mount, id, target, key: { kind, id, target, required: mount.required, uid, gid, mode } };
  }
  const target = targetOf(mount.target ?? '', state);
  if (kind === 'tmpfs') return { kind, mount, target, key: { kind, target, size: mount.size, readonly } };
  if (kind === 'cache') {
    const origin = mount.from ? await originOf(context, step, mount) : undefined;
    const key = { kind, target, id: mount.id ?? target, readonly, from: origin && nameOf(origin) };
    return { kind, mount, origin, target, key };
  }
  const origin = await originOf(context, step, mount);
  return {
    kind,
    origin,
    readonly,
    target,
    key: { kind, target, readonly, content: await contentOf(context, origin) },
  };
}

/** @throws InvalidError for the root itself. */
function targetOf(target: string, { config }: StageState): string {
  const path = posix.resolve('/', config.WorkingDir ?? '', target);
  if (path === '/') throw new InvalidError(`invalid mount target ${JSON.stringify(target)}`);
  return path;
}

async function originOf(context: StepContext, step: Step, { from, source }: Mount): Promise<MountOrigin> {
  const path = posix.resolve('/', source ?? '');
  return from ? { ...(await context.sourceFiles(step, from)), path } : { tree: context.tree, path };
}

/** For the key: a whole root is its layers, anything else what is in it. */
async function contentOf(context: StepContext, origin: MountOrigin): Promise<Digest> {
  const { tree, layers, path } = origin;
  const question = digestOf(nameOf(origin));
  if (layers && path === '/') return question;
  const ask = async (): Promise<Digest> => {
    const { self } = context.deps;
    const source = { kind: 'tree', tree, path, unpack: false, isLiteral: true } as const;
    return await digestSources({
      sources: [source],
      excludes: [],
      parents: false,
      self,
      signal: context.signal,
    });
  };
  return layers ? await context.deps.sourceDigests.of(question, ask) : await ask();
}

function nameOf({ layers, path }: MountOrigin): string {
  return JSON.stringify(['mount', layers?.at(-1)?.chainId, path]);
}
