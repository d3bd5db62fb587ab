/** WORKDIR: the directory is there afterwards, and belongs to the user that the next commands run as. */
import { chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Workdir } from '../../../dockerfile/instruction.ts';
import { applyInstruction } from '../../../dockerfile/apply.ts';
import { errnoOf, InvalidError } from '../../../lib/errors.ts';
import { resolveInRoot } from '../../containers/spec/root-path.ts';
import { adoptLayer } from '../../images/adopt-layer.ts';
import { cacheKey } from '../cache-key.ts';
import type { Owner } from '../files/file-source.ts';
import { configWords, historyEntry } from '../history.ts';
import { openRoot } from '../layer-roots.ts';
import { type Facts, withFacts } from '../remote-cache/facts.ts';
import type { StageState } from '../state.ts';
import { solveLayer, withLayer } from './layer-step.ts';
import { ownerIn } from './owner-in.ts';
import { rootsOf, type StepContext, type StepInput, type StepOutput } from './step-context.ts';

export async function workdirStep(context: StepContext, input: StepInput<Workdir>): Promise<StepOutput> {
  return await withFacts(context, (facts) => solveWorkdir(context, input, facts));
}

async function solveWorkdir(
  context: StepContext,
  input: StepInput<Workdir>,
  facts: Facts,
): Promise<StepOutput | undefined> {
  const { step, instruction, state } = input;
  const config = applyInstruction(state.config, instruction);
  const words = configWords(instruction, config) ?? '';
  const path = config.WorkingDir ?? '/';
  if (path === '/') {
    const history = [...state.history, historyEntry(words, { hasLayer: false })];
    return { isCached: true, state: { ...state, config, history } };
  }
  const owner = await ownerOf(context, facts, state);
  const key = cacheKey({
    kind: 'workdir',
    below: state.layers.at(-1)?.chainId,
    path,
    owner: [owner.uid, owner.gid],
    epoch: context.epoch,
  });
  const layer = await solveLayer(context, step, state, {
    key,
    isGuess: facts.isGuess,
    kind: 'regular',
    description: step.name ?? words,
    make: async (_tell, signal) => {
      await using root = await openRoot(rootsOf(context), state.layers, { isBare: false }, signal);
      if (!makeDirectory(root.path, path, owner)) return undefined;
      await root.release();
      return await adoptLayer(context.deps.images, root.id, { epoch: context.epoch });
    },
  });
  if (!layer) return undefined;
  return { isCached: layer.isCached, state: withLayer(state, layer.result, words, config) };
}

async function ownerOf(context: StepContext, facts: Facts, { config, layers }: StageState): Promise<Owner> {
  const user = config.User ?? '';
  if (user === '' || user === '0' || user === 'root') return { uid: 0, gid: 0 };
  return await ownerIn(context, facts, user, layers);
}

/** @returns false where it is there already. @throws InvalidError where a file is in the way. */
function makeDirectory(root: string, path: string, { uid, gid }: Owner): boolean {
  const missing: string[] = [];
  // Nothing runs in this root: what its links lead to now, they lead to afterwards.
  for (let at = resolveInRoot(root, path); at.startsWith(`${root}/`) && !isThere(at); at = dirname(at)) {
    missing.unshift(at);
  }
  try {
    for (const directory of missing) {
      mkdirSync(directory, { mode: 0o755 });
      chownSync(directory, uid, gid);
    }
    if (missing.length > 0) return true;
    if (statSync(resolveInRoot(root, path)).isDirectory()) return false;
  } catch (error) {
    if (errnoOf(error) !== 'ENOTDIR') throw error;
  }
  throw new InvalidError(`cannot make the working directory ${path}: not a directory`);
}

function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
