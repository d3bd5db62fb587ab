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
import type { Facts } from '../remote-cache/facts.ts';
import type { StageState } from '../state.ts';
import type { SourceFiles, StepContext, StepInput } from './step-context.ts';

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
  facts: Facts,
  { step, instruction: { mounts }, state }: StepInput<Run>,
): Promise<PlannedMount[]> {
  const lookup = (name: string): string | undefined => state.environment.get(name);
  const planned: PlannedMount[] = [];
  let agents = 0;
  for (const text of mounts) {
    const mount = readMount(text, lookup, context.plan.escape);
    const place = { step, state, agent: mount.type === 'ssh' ? agents++ : 0 };
    planned.push(await plan(context, facts, mount, place));
  }
  return planned;
}

interface Place {
  readonly step: Step;
  readonly state: StageState;
  /** Counted from 0. */
  readonly agent: number;
}

async function plan(
  context: StepContext,
  facts: Facts,
  mount: Mount,
  { step, state, agent }: Place,
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
    key: { kind, target, readonly, content: await contentOf(context, facts, origin) },
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
  if (!from) return { tree: async () => context.tree, path };
  return { ...(await context.sourceFiles(step, from)), path };
}

/** For the key: a whole root is its layers, anything else what is in it. */
async function contentOf(context: StepContext, facts: Facts, origin: MountOrigin): Promise<Digest> {
  const { layers, path } = origin;
  if (layers && path === '/') return digestOf(nameOf(origin));
  const ask = async (): Promise<Digest> => {
    const { self } = context.deps;
    const tree = await origin.tree();
    const source = { kind: 'tree', tree, path, unpack: false, isLiteral: true } as const;
    return await digestSources({
      sources: [source],
      excludes: [],
      parents: false,
      self,
      signal: context.signal,
    });
  };
  return layers ? await facts.of(['mount', layers.at(-1)?.chainId, path], ask) : await ask();
}

function nameOf({ layers, path }: MountOrigin): string {
  return JSON.stringify(['mount', layers?.at(-1)?.chainId, path]);
}
