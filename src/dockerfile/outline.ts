/** What a Dockerfile offers: its targets, and what a build of one of them may be given. Pure; for `cais build --call`. */
import { InvalidError } from '../lib/errors.ts';
import type { Dockerfile, Instruction, Stage } from './instruction.ts';
import { type Mount, mountSource, readMount } from './mount.ts';
import { withSuggestion } from './suggest.ts';

export interface Target {
  /** As written; a stage without AS has its number. */
  readonly name: string;
  /** The comment above its FROM that begins with its name, without it. */
  readonly description: string;
  /** What a build makes that names none. */
  readonly isDefault: boolean;
}

interface OutlineArgument {
  readonly name: string;
  /** As written; undefined without one. */
  readonly value: string | undefined;
  readonly description: string;
}

interface OutlineMount {
  readonly id: string;
  /** True where one step at least cannot do without. */
  readonly required: boolean;
}

export interface Outline {
  readonly target: Target;
  readonly arguments: readonly OutlineArgument[];
  readonly secrets: readonly OutlineMount[];
  readonly ssh: readonly OutlineMount[];
}

export function targetsOf({ stages }: Dockerfile): Target[] {
  return stages.map(({ from }, number) => {
    const name = from.name ?? String(number);
    return { name, description: describe(from.comments, name), isDefault: number === stages.length - 1 };
  });
}

/** Of the target's own stage and those it takes from. @param target '' for the last. @throws InvalidError */
export function outlineOf(file: Dockerfile, target: string): Outline {
  const { stages, globals, escape } = file;
  const number = target === '' ? stages.length - 1 : stageNumber(stages, target);
  const about = targetsOf(file)[number ?? -1];
  if (number === undefined || !about) {
    const names = stages.flatMap(({ name }) => name ?? []);
    throw new InvalidError(
      withSuggestion(`target stage ${JSON.stringify(target)} could not be found`, target, names),
    );
  }
  const needed = neededStages(stages, number);
  const instructions = [
    ...globals,
    ...stages.filter((_, at) => needed.has(at)).flatMap((one) => one.instructions),
  ];
  const mounts = instructions
    .flatMap((one) => (one.kind === 'RUN' ? one.mounts : []))
    .map((text) =>
      // What a variable would say is not known here.
      readMount(text, () => '', escape),
    );
  return {
    target: about,
    arguments: argumentsOf(instructions),
    secrets: named(mounts, 'secret'),
    ssh: named(mounts, 'ssh'),
  };
}

/** The first that has a value counts: an ARG of a stage without one takes up that of the whole file. */
function argumentsOf(instructions: readonly Instruction[]): OutlineArgument[] {
  const found = new Map<string, OutlineArgument>();
  for (const instruction of instructions) {
    if (instruction.kind !== 'ARG') continue;
    for (const { name, value } of instruction.arguments) {
      const before = found.get(name);
      found.set(name, {
        name,
        value: before?.value ?? value,
        description: before?.description || describe(instruction.comments, name),
      });
    }
  }
  return [...found.values()];
}

function named(mounts: readonly Mount[], type: 'secret' | 'ssh'): OutlineMount[] {
  const found = new Map<string, boolean>();
  for (const mount of mounts) {
    if (mount.type !== type) continue;
    const id = mount.id ?? (type === 'ssh' ? 'default' : (mount.target?.split('/').at(-1) ?? ''));
    found.set(id, mount.required || found.get(id) === true);
  }
  return [...found].map(([id, required]) => ({ id, required }));
}

function neededStages(stages: readonly Stage[], goal: number): ReadonlySet<number> {
  const needed = new Set<number>();
  const open = [goal];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (needed.has(number)) continue;
    needed.add(number);
    const stage = stages[number];
    if (!stage) continue;
    // Only what stands above it can be meant.
    const above = stages.slice(0, number);
    for (const name of sourcesOf(stage)) {
      const source = stageNumber(above, name);
      if (source !== undefined) open.push(source);
    }
  }
  return needed;
}

function sourcesOf({ from, instructions }: Stage): string[] {
  const taken = instructions.flatMap((one) => {
    if (one.kind === 'COPY') return one.from ?? [];
    return one.kind === 'RUN' ? one.mounts.flatMap((text) => mountSource(text) ?? []) : [];
  });
  return [from.image, ...taken];
}

/** By its name, the last one of it, or by its number. */
function stageNumber(stages: readonly Stage[], name: string): number | undefined {
  const at = stages.findLastIndex((stage) => stage.name === name.toLowerCase());
  if (at >= 0) return at;
  return /^\d+$/.test(name) && Number(name) < stages.length ? Number(name) : undefined;
}

/** BuildKit's way of documenting: `# NAME says what it is`. */
function describe(comments: readonly string[], name: string): string {
  for (const comment of comments) {
    const text = comment.trim();
    if (text.toLowerCase().startsWith(`${name.toLowerCase()} `)) return text.slice(name.length + 1).trim();
  }
  return '';
}
